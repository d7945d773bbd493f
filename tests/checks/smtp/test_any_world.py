"""
Whatever a server does: every check comes to findings that can be put into words, and silence never becomes a pass.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runbook_lib.checks import gateway, lockdown, manual, route
from runbook_lib.checks.people import apply_people
from runbook_lib.knowledge.text import Catalogue
from runbook_lib.observations import Envelope, Problem, SmtpReply, Stage, TlsState, Trouble
from runbook_lib.results import Status

CHECKS = (*route.CHECKS, *gateway.CHECKS, *lockdown.CHECKS, *manual.CHECKS)
CATALOGUE = Catalogue("en")
TEXTS = (
    "5.7.51 TenantInboundAttribution",
    "IP not in whitelist for RCPT domain, closing connection.",
    "5.4.1 Recipient address rejected: Access denied.",
    "5.7.1 Relay access denied",
    "Open relay not allowed",
    "5.7.606 banned",
    "greylisted",
    "{where} {} %s \\x1b",
    "",
)
CODES = (220, 250, 354, 421, 451, 454, 530, 550, 554)
REPLIES = st.one_of(st.none(), st.builds("{} {}".format, st.sampled_from(CODES), st.sampled_from(TEXTS)))
PROBLEMS = st.builds(Problem, st.sampled_from(Trouble), st.sampled_from(Stage), st.sampled_from(["", "why {x}"]))
PLATFORMS = ("microsoft_365", "google_workspace", "on_premises", "hybrid", "hosted_exchange")


@st.composite
def _changes(draw: Any) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name in ("greeting", "ehlo", "starttls", "ehlo_tls"):
        if draw(st.booleans()):
            wire = draw(REPLIES)
            changes[name] = None if wire is None else SmtpReply(int(wire[:3]), (wire[4:],), ("control",) if draw(st.booleans()) else ())
    if draw(st.booleans()):
        causes = draw(st.lists(st.sampled_from(["expired", "untrusted", "incomplete_chain", "weak_key", "something_new"]), unique=True))
        version = draw(st.sampled_from([None, "TLSv1", "TLSv1.2", "TLSv1.3"]))
        changes["tls"] = draw(st.sampled_from([None, TlsState(version, None, verified=not causes, causes=tuple(causes))]))
    if draw(st.booleans()):
        changes["problem"] = draw(PROBLEMS)
    if draw(st.booleans()):
        changes["results"] = ()
    return changes


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_world_has_words(build: Any, data: Any) -> None:
    """
    No behaviour of a server, platform, phase or firewall leaves a check without a finding, without words, or with two for one subject.
    """
    draw = data.draw
    keys = {
        "platform": draw(st.sampled_from(PLATFORMS)),
        "phase": draw(st.sampled_from(["prepare", "cutover", "lockdown"])),
        "inbound_firewall": draw(st.sampled_from(["open", "gateway_only"])),
        "tls_policy": draw(st.sampled_from(["opportunistic", "strict"])),
        "test_recipient": draw(st.sampled_from(["erika@alder.example", None])),
        "send_test_message": draw(st.booleans()),
    }
    server = build.changed(**draw(_changes()))
    server.valid, server.unknown, server.foreign, server.neutral = (draw(REPLIES) for _ in range(4))
    server.problem = draw(st.one_of(st.none(), PROBLEMS.filter(lambda problem: problem.stage is Stage.CONNECT)))
    server.delivery = tuple(draw(REPLIES) or "" for _ in range(3)) if draw(st.booleans()) else None
    world = build.world(keys, default=server, controls=draw(st.sampled_from([True, False, None])))
    for check in CHECKS:
        world.judge(check)


@pytest.mark.parametrize("phase", ["prepare", "cutover", "lockdown"])
@pytest.mark.parametrize("trouble", [each for each in Trouble if each is not Trouble.REFUSED])
def test_silence_never_passes(build: Any, trouble: Trouble, phase: str) -> None:
    """
    Where no connection came to be and no control host answers, nothing about the dialogue passes or fails.
    """
    world = build.world({"phase": phase}, default=build.server(problem=Problem(trouble, Stage.CONNECT)), controls=None)
    found = [each for check in (*route.CHECKS[2:], *lockdown.CHECKS, *gateway.CHECKS) for each in world.judge(check).values()]

    assert {Status.UNKNOWN, Status.NOT_APPLICABLE} >= {each.status for each in found}
    assert all(each.cause for each in found)


def test_evidence_names_what_was_seen(build: Any) -> None:
    """
    Every finding about a dialogue names it as evidence, and the whole lot can be put through the people's additions.
    """
    world = build.world()
    case = world.case(*CHECKS)
    found = apply_people(case, [each for check in CHECKS for each in check.judge(case, check)])
    dialogue = next(key for key, seen in case.observations.items() if any(e is Envelope.FOREIGN for e in _envelopes(seen)))

    assert all(dialogue in each.evidence for each in found if each.subject == build.address and each.status is Status.PASS)
    assert len({each.name for each in found}) == len(found)


def _envelopes(seen: Any) -> list[Envelope]:
    return [each.envelope for each in getattr(seen.question, "transactions", ())]
