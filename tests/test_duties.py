"""
Every row of the procedure has its place: a notebook section, a check or a person's word, a customer that passes and one that fails.

``docs/duties.md`` is written from here: ``python tests/test_duties.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from runbook_lib.environment import Environment, Platform, load_environment
from runbook_lib.knowledge.check_ids import CHECKS, STEPS
from runbook_lib.knowledge.text import Catalogue
from runbook_lib.procedures import procedure
from runbook_lib.results import Status, Verdict
from runbook_lib.sandbox import Expectation, Scenario, names, scenario

PAGE = Path(__file__).resolve().parents[1] / "docs" / "duties.md"
RIGHT = frozenset({Status.PASS})
WRONG = frozenset({Status.FAIL, Status.WARN, Status.MANUAL, Status.UNKNOWN})
ROUTE = ("route.host", "route.resolves", "route.connect", "route.greeting", "route.starttls", "route.tls_version", "route.certificate")
WORDS = "words"
"""
A row that only tells something; nobody can pass or fail it.
"""
VERDICT = "verdict"
"""
The summary at the end.
"""
CONFIRMED = "confirmed: "
"""
What a person confirms under the name of a step.
"""
EVIDENCE: dict[str, tuple[str, ...]] = {
    "C0": ("present.gateway",),
    "C1": (f"{CONFIRMED}intake",),
    "C1a": (WORDS,),
    "C2": ("domain.validation", "domain.delegation"),
    "C3": (f"{CONFIRMED}ranges",),
    "C4": ("ranges.current", "allowlist.syntax", "allowlist.coverage", "allowlist.excess"),
    "C5": ("m365.accepted_domains", "google.allowlist", "exchange.receive_connector", "hosted.confirmation"),
    "C6": ROUTE,
    "C7": ("route.recipient", "route.unknown_recipient", "route.relay", "route.delivery", "gateway.test_connection"),
    "C7a": ("recipients.coverage",),
    "C7b": ("gateway.accepts",),
    "C8": ("gateway.delivery_policy",),
    "C9": (VERDICT,),
    "C9a": ("mx.ttl",),
    "C10": (
        "mx.present",
        "mx.target",
        "mx.gateway",
        "mx.consistency",
        "mx.propagation",
        "dane.tlsa",
        "dnssec.status",
        "tls_rpt.record",
        "spf.record",
        "dmarc.record",
    ),
    "C10a": (f"{CONFIRMED}mx", "mta_sts.policy"),
    "C11": ("lockdown.direct", "lockdown.scope", "senders.direct", "delivery.headers"),
    "C11a": ("lockdown.direct",),
    "C11b": (f"{CONFIRMED}summary",),
    "C12": (WORDS,),
    "M1": (
        "m365.connection_filter",
        "m365.bypass_rule",
        "m365.enhanced_filtering",
        "m365.inbound_connector",
        "m365.accepted_domains",
        "m365.direct_send",
    ),
    "M2": ("route.host",),
    "M3": ("route.resolves", "route.connect", "route.starttls"),
    "M4": ("route.recipient", "gateway.test_connection"),
    "M5": ("gateway.delivery_policy",),
    "G1": ("google.allowlist",),
    "G2": ("google.internal_route",),
    "G3": ("google.inbound_gateway", "google.gateway_options"),
    "G4": ("allowlist.syntax", "google.inbound_gateway"),
    "G5": ("route.recipient", "gateway.test_connection"),
    "G6": ("google.inbound_gateway",),
    "E1": ("exchange.firewall", "allowlist.coverage"),
    "E2": ("exchange.receive_connector", "exchange.relay_rights", "exchange.certificate"),
    "E3": ("exchange.hybrid",),
    "E4": ("hosted.confirmation",),
    "E5": ("route.recipient", "gateway.test_connection"),
}
"""
By what each row is known to be done.
"""


@dataclass(frozen=True)
class Customer:
    """
    One customer of the sandbox with its environment.
    """

    story: Scenario
    environment: Environment

    def shows(self, check: str, statuses: Iterable[Status]) -> bool:
        """
        True where its story expects the check to come out like that.
        """
        return any(self._is(expected, check, statuses) for expected in self.story.expect)

    @staticmethod
    def _is(expected: Expectation, check: str, statuses: Iterable[Status]) -> bool:
        return expected.check == check and expected.status in statuses


@cache
def customers() -> tuple[Customer, ...]:
    """
    All of them, in alphabetical order.
    """
    return tuple(Customer(scenario(name), load_environment(scenario(name).environment_file)) for name in names())


@cache
def rows() -> dict[str, tuple[str, set[Platform]]]:
    """
    Every row of the procedure with its step and the platforms that have it.
    """
    found: dict[str, tuple[str, set[Platform]]] = {}
    for platform in Platform:
        for step in procedure(platform).steps:
            for duty in step.duties:
                found.setdefault(duty.split(".")[0], (step.id, set()))[1].add(platform)
    return found


def example(row: str, statuses: frozenset[Status]) -> str:
    """
    A customer of one of the row's platforms that shows it right and is ready, or shows it wrong; ``""`` for none.
    """
    _, platforms = rows()[row]
    for evidence in EVIDENCE[row]:
        for customer in customers():
            if customer.environment.platform in platforms and _fits(customer, evidence, statuses):
                return customer.story.name
    return ""


def _fits(customer: Customer, evidence: str, statuses: frozenset[Status]) -> bool:
    right = statuses is RIGHT
    if right and customer.story.verdict is not Verdict.READY:
        return False
    if evidence == VERDICT:
        return right or customer.story.verdict is Verdict.NOT_READY
    if evidence.startswith(CONFIRMED):
        given = evidence.removeprefix(CONFIRMED) in customer.environment.attestations
        return given if right else not given and customer.story.verdict is Verdict.INCOMPLETE
    return customer.shows(evidence, statuses)


def _sections(row: str, catalogue: Catalogue) -> str:
    own = rows()[row][0]
    others = {CHECKS[check].step for check in EVIDENCE[row] if check in CHECKS} - {own}
    return ", ".join(catalogue.text(f"steps.{step}", "title") for step in (own, *(step for step in STEPS if step in others)))


def _known_by(row: str) -> str:
    told = {WORDS: "words only", VERDICT: "the verdict of the report"}
    parts = [
        f"confirmed by a person (`{each.removeprefix(CONFIRMED)}`)" if each.startswith(CONFIRMED) else told.get(each, f"`{each}`")
        for each in EVIDENCE[row]
    ]
    return ", ".join(parts)


def page() -> str:
    """
    The page as it has to be.
    """
    catalogue = Catalogue("en")
    lines = [
        "# Every duty, and where it is",
        "",
        "One line a row of the procedure: in which section of the notebook it stands, by which check or whose word it is known to be",
        "done, and which made-up customer of the sandbox shows it right and which wrong (`runbook check environments/NAME.yaml`).",
        "This page is written by `python tests/test_duties.py`, and the same test keeps it true.",
        "",
        "| row | duty | notebook section | known by | right | wrong |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows():
        title = catalogue.text(f"duties.{row}", "title")
        right, wrong = example(row, RIGHT) or "–", example(row, WRONG) or "–"
        lines.append(f"| {row} | {title} | {_sections(row, catalogue)} | {_known_by(row)} | {right} | {wrong} |")
    lines += [
        "",
        "Rows of words only tell what cannot be checked. C12 has a notebook and a command of its own: `troubleshooting.ipynb` and",
        "`runbook explain`.",
        "",
        "## Every check",
        "",
        "| check | notebook section | right | wrong |",
        "|---|---|---|---|",
    ]
    for check in CHECKS.values():
        right, wrong = (", ".join(_shown_by(check.id, statuses)[:3]) for statuses in (RIGHT, WRONG))
        lines.append(f"| `{check.id}` | {catalogue.text(f'steps.{check.step}', 'title')} | {right} | {wrong} |")
    return "\n".join(lines) + "\n"


def _shown_by(check: str, statuses: frozenset[Status]) -> list[str]:
    return [customer.story.name for customer in customers() if customer.shows(check, statuses)]


def test_every_row_is_accounted_for() -> None:
    """
    The rows of all notebooks are the rows of this table.
    """
    assert set(EVIDENCE) == set(rows())


def test_what_a_row_is_known_by_exists() -> None:
    """
    Every check named is one of the contract, and every check of the contract is named by a row.
    """
    named = {each for known in EVIDENCE.values() for each in known}
    steps = {each.removeprefix(CONFIRMED) for each in named if each.startswith(CONFIRMED)}
    checks = {each for each in named if not each.startswith(CONFIRMED)} - {WORDS, VERDICT}

    assert set(CHECKS) == checks
    assert steps <= set(STEPS)


@pytest.mark.parametrize("row", [row for row, known in EVIDENCE.items() if known != (WORDS,)])
def test_a_customer_shows_a_row_right_and_another_wrong(row: str) -> None:
    """
    For each row that can be passed or failed there is a customer of each kind.
    """
    assert example(row, RIGHT)
    assert example(row, WRONG)


@pytest.mark.parametrize("check", list(CHECKS))
def test_a_customer_passes_a_check_and_another_does_not(check: str) -> None:
    """
    The stories of the sandbox expect every check of the contract to pass with one customer and not with another.
    """
    assert _shown_by(check, RIGHT)
    assert _shown_by(check, WRONG)


def test_the_page_is_up_to_date() -> None:
    """
    The documentation says what the data say.
    """
    assert page() == PAGE.read_text(encoding="utf-8")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
