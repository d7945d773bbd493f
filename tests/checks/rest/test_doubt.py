"""
What a console's list that was read only in part takes away from other verdicts.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.checks.doubt import doubt
from runbook_lib.knowledge.text import Catalogue, Message
from runbook_lib.results import Finding, Status

WHOLE = "203.0.113.0/25\n198.51.100.0/24"
IN_PART = "203.0.113.0/25\n198.51.1O0.0/24"


def _finding(check: str, status: Status, *causes: str, message: str = "x") -> Finding:
    return Finding(check, "x", "tenant", status, Message(message), causes[0] if causes else None, causes)


@pytest.mark.parametrize(
    ("given", "doubted"),
    [
        (_finding("m365.inbound_connector", Status.PASS), True),
        (_finding("google.inbound_gateway", Status.PASS), True),
        (_finding("google.allowlist", Status.WARN, "excess"), True),
        (_finding("allowlist.excess", Status.WARN, "not_in_console"), True),
        (_finding("allowlist.excess", Status.WARN, "other_region"), False),
        (_finding("allowlist.excess", Status.PASS), False),
        (_finding("m365.inbound_connector", Status.FAIL, "missing"), False),
        (_finding("m365.inbound_connector", Status.NOT_APPLICABLE, "other_phase"), False),
        (_finding("present.gateway", Status.PASS, message="present.gateway.let_in"), True),
        (_finding("present.gateway", Status.PASS, message="present.gateway.none_named"), False),
        (_finding("mx.gateway", Status.PASS), False),
    ],
)
@pytest.mark.parametrize("console", [WHOLE, IN_PART])
def test_who_holds_what_was_read(desk: Any, console: str, given: Finding, *, doubted: bool) -> None:
    """
    Right, or too much, by half a list is not known; what is missing in spite of it stays missing. A whole list takes nothing away.
    """
    (found,) = doubt(desk.case(console_ranges=console), [given])

    if doubted and console == IN_PART:
        assert (Status.UNKNOWN, "console_faulty") == (found.status, found.cause)
        assert "198.51.1O0.0/24" in Catalogue("en").words(found.message).summary
    else:
        assert found == given
