"""
What a console's list that could not be read to its end takes away from other verdicts: who holds what was read does not hold every range,
and who holds more may be right.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..knowledge.text import Message
from ..observations import GivenText
from ..results import Finding, Status
from .case import Case
from .pasted import read_list
from .pasted_faults import cut
from .ranges import console_networks, console_text

_MOST_SHOWN = 20
_HELD_AGAINST_RANGES = frozenset(
    {
        *("m365.connection_filter", "m365.bypass_rule", "m365.enhanced_filtering", "m365.inbound_connector"),
        *("google.allowlist", "google.inbound_gateway"),
        *("exchange.receive_connector", "exchange.firewall", "exchange.hybrid"),
    }
)
_LET_IN = frozenset({"present.gateway.let_in", "present.gateway.google_let_in"})
_STRANGERS = frozenset({"excess", "not_in_console", "wider_than_needed", "not_the_gateway"})


def doubt(case: Case, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """
    Turn what was judged right, or called too much, by a console's list that was only read in part into what is not known.

    What is missing although it was read stays missing. `allowlist.coverage` says so itself.
    """
    unread = read_list(console_text(case.environment)).unread if console_networks(case.environment) else []
    if not unread:
        return tuple(findings)
    shown = [cut(text) for text in unread[:_MOST_SHOWN]]
    return tuple(_doubted(case, finding, shown) if _rests_on_it(finding) else finding for finding in findings)


def _rests_on_it(finding: Finding) -> bool:
    if finding.status is Status.WARN:
        return finding.check in {*_HELD_AGAINST_RANGES, "allowlist.excess"} and not _STRANGERS.isdisjoint(finding.causes)
    return finding.status is Status.PASS and (finding.check in _HELD_AGAINST_RANGES or finding.message.id in _LET_IN)


def _doubted(case: Case, finding: Finding, unread: list[str]) -> Finding:
    evidence = case.evidence(GivenText("console_ranges", "", ""))
    return replace(
        finding,
        status=Status.UNKNOWN,
        message=Message("common.console_faulty", {"unread": unread}),
        cause="console_faulty",
        causes=("console_faulty",),
        evidence=tuple(dict.fromkeys((*finding.evidence, *evidence))),
    )
