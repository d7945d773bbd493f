"""
One object in two files: the newer of the two counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runbook_lib.exports import Exports

Several = Callable[..., Exports]
OLD, NEW = "2026-10-01T10:00:00Z", "2026-11-10T10:00:00Z"


def _wrapped(value: dict[str, Any], at: str) -> dict[str, Any]:
    return {"exported_at": at, "Get-InboundConnector": [value]}


@pytest.mark.parametrize("turned", [False, True])
def test_by_when_it_was_changed(exports: Several, connector: dict[str, Any], *, turned: bool) -> None:
    """
    Whatever the order of the files, the state that was changed last is the one that holds.
    """
    old = {**connector, "WhenChangedUTC": OLD}
    new = {**connector, "Name": connector["Name"].upper(), "WhenChangedUTC": NEW, "RestrictDomainsToIPAddresses": False}
    files = ([new], [old]) if turned else ([old], [new])
    found = exports(*files).inbound_connectors

    assert found is not None
    assert [each.restrict_domains_to_ip_addresses for each in found] == [False]


def test_by_when_the_files_were_exported(exports: Several, connector: dict[str, Any]) -> None:
    """
    Without a date of its own an object is as old as its file.
    """
    bare = {key: value for key, value in connector.items() if key != "WhenChangedUTC"}
    found = exports(_wrapped(bare, NEW), _wrapped({**bare, "Enabled": False}, OLD)).inbound_connectors

    assert found is not None
    assert [each.enabled for each in found] == [True]


def test_both_stay_where_nothing_tells(exports: Several, connector: dict[str, Any]) -> None:
    """
    Nobody guesses which of two holds; and two objects in one file, or of different names, are two.
    """
    bare = {key: value for key, value in connector.items() if key != "WhenChangedUTC"}
    undated = exports([bare], [{**bare, "Enabled": False}]).inbound_connectors
    together = exports([{**connector, "WhenChangedUTC": OLD}, {**connector, "WhenChangedUTC": NEW}]).inbound_connectors
    apart = exports([{**connector, "WhenChangedUTC": OLD}], [{**connector, "Name": "Scanner", "WhenChangedUTC": NEW}]).inbound_connectors

    assert [2, 2, 2] == [len(found or ()) for found in (undated, together, apart)]
