"""
Exports as PowerShell writes them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runbook_lib.exports import Export, Exports, read_export


@pytest.fixture
def connector() -> dict[str, Any]:
    """
    One inbound connector with the keys that matter.
    """
    return {
        "Name": "Mimecast inbound",
        "Enabled": True,
        "ConnectorType": "Partner",
        "SenderIPAddresses": ["192.0.2.0/24", "198.51.100.0/24"],
        "SenderDomains": ["smtp:*;1"],
        "RequireTls": True,
        "RestrictDomainsToIPAddresses": True,
        "RestrictDomainsToCertificate": False,
        "TlsSenderCertificateName": None,
        "EFSkipLastIP": False,
        "EFSkipIPs": ["192.0.2.0/24"],
        "EFUsers": [],
        "WhenChangedUTC": "2026-11-23T16:00:00.0000000Z",
    }


@pytest.fixture
def read() -> Callable[..., Export]:
    """
    Read a value written as JSON, or bytes as they are.
    """

    def _read(value: Any, name: str = "export.json") -> Export:
        return read_export(name, value if isinstance(value, bytes) else json.dumps(value).encode())

    return _read


@pytest.fixture
def exports(read: Callable[..., Export]) -> Callable[..., Exports]:
    """
    Several values, each a file.
    """

    def _exports(*values: Any) -> Exports:
        return Exports(tuple(read(value, f"{number}.json") for number, value in enumerate(values)))

    return _exports


@pytest.fixture
def scubagear() -> Path:
    """
    The sample beside the repository's folder; the test is skipped where it is not there.
    """
    path = Path(__file__).resolve().parents[3] / "shared" / "samples" / "scubagear" / "ProviderSettingsExport.mail-flow.json"
    if not path.is_file():
        pytest.skip("The ScubaGear sample (../shared/samples/scubagear) is not beside this repository.")
    return path
