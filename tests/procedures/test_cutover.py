"""
The cut-over plan: times from authoritative answers, records to publish, and the way back.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from runbook_lib.environment import Phase
from runbook_lib.procedures.cutover import GIVE_UP, SLACK
from runbook_lib.procedures.recorded import FormerMx, OldMx, former_of

DAY = 86400
GATEWAY = ("10 eu-smtp-inbound-1.mimecast.com", "10 eu-smtp-inbound-2.mimecast.com")
BEFORE = FormerMx((OldMx(10, "mail.alder.example", 3600),), 3600, "2026-11-20T22:00:00+00:00", "seen")


def test_before_the_move(zone: Any) -> None:
    """
    What is seen now is the way back; what to publish and what to remove are whole records of a zone file.
    """
    (move,) = zone.plan().domains

    assert move.way_back == ("alder.example. 300 IN MX 10 mail.alder.example.", "alder.example. 300 IN MX 20 mx.alder.example.")
    assert move.remove == move.way_back
    assert move.publish == tuple(f"alder.example. 300 IN MX {each}." for each in GATEWAY)
    assert (move.moved, move.phase, move.former.at) == (False, Phase.PREPARE, "2026-11-24T22:00:00+00:00")


@pytest.mark.parametrize(("ttl", "kept", "longest"), [(300, 120, 300), (DAY, 600, DAY), (300, 80000, 80000), (None, 120, None)])
def test_times_come_from_the_domains_own_servers(zone: Any, ttl: int | None, kept: int, longest: int | None) -> None:
    """
    The old answer is kept for the authoritative TTL, or longer where a resolver still holds an older one; without an authoritative answer
    nothing is said. One that is short already is not to be lowered.
    """
    zone.ttl, zone.kept = ttl, kept
    plan = zone.plan()
    offsets = {each.id: each.offset for each in plan.milestones if each.id != "watch"}

    assert plan.domains[0].ttl == longest
    lowered = {} if longest == 300 else {"lower_ttl": -2 * DAY}
    assert offsets == {**lowered, "move": 0, "old_gone": longest, "lock": longest + SLACK if longest is not None else None}


@pytest.mark.parametrize("at", ["2026-11-20T22:00:00+00:00", "2026-11-20T22:00:00Z", "x", "", "9999-12-31T23:59:59Z"])
def test_a_domain_that_has_moved_is_held_for_its_old_ttl(zone: Any, at: str) -> None:
    """
    What was seen last may be kept for its TTL from then on; what an earlier result says in no date that can be read says nothing.
    """
    zone.mx = {"alder.example": GATEWAY}
    plan = zone.plan({"alder.example": FormerMx(BEFORE.records, 3600, at, "seen")}, phase="cutover")
    until = datetime(2026, 11, 20, 23, tzinfo=UTC) + timedelta(seconds=SLACK)

    assert plan.held == ({"alder.example": until} if at.startswith("2026") else {})


def test_lock_waits_for_the_slowest_domain(zone: Any) -> None:
    """
    The lock covers all domains, so the one with the longest TTL counts; one that is not known makes it unknown.
    """
    before = {"alder.example": BEFORE, "second.example": FormerMx((OldMx(5, "b.example", 7200),), 7200, "x", "seen")}
    zone.mx = {"alder.example": GATEWAY, "second.example": GATEWAY}
    keys = {"domains": ["alder.example", "second.example"], "phase": "cutover"}

    assert zone.plan(before, **keys).lock_after == 7200 + SLACK
    assert zone.plan({"alder.example": BEFORE}, **keys).lock_after is None


def test_after_the_move_the_earlier_run_tells(zone: Any) -> None:
    """
    After the move only an earlier result knows the old records; it is carried on from result to result.
    """
    first = zone.plan()
    document = json.loads(json.dumps({"environment": {"customer": "Alder"}, "cutover": first.to_json()}))
    zone.mx = {"alder.example": GATEWAY}
    second = zone.plan(former_of(document, "Alder"), phase="cutover")
    third = zone.plan(former_of({"environment": {"customer": "Alder"}, "cutover": second.to_json()}, "Alder"), phase="lockdown")

    assert (second.domains[0].moved, second.domains[0].remove) == (True, ())
    assert first.domains[0].way_back == second.domains[0].way_back == third.domains[0].way_back
    assert third.recorded == {"alder.example"}


def test_nothing_recorded(zone: Any) -> None:
    """
    After the move without any record the way back is not known, and no time is invented.
    """
    zone.mx = {"alder.example": GATEWAY}
    plan = zone.plan(phase="cutover")

    assert (plan.domains[0].former, plan.domains[0].way_back, plan.lock_after, plan.recorded) == (None, (), None, frozenset())
    assert {one.id: one.offset for one in plan.milestones if one.offset is None} == {"old_gone": None, "lock": None}


def test_half_moved(zone: Any) -> None:
    """
    What is left of the old records is both to be removed and the way back.
    """
    zone.mx = {"alder.example": (*GATEWAY, "20 mail.alder.example")}
    (move,) = zone.plan(phase="cutover").domains

    assert move.remove == move.way_back == ("alder.example. 300 IN MX 20 mail.alder.example.",)


def test_present_gateway(zone: Any) -> None:
    """
    A gateway in front is the way back where nothing better is known, and is cancelled last, when senders have given up their queues.
    """
    zone.mx = {"alder.example": GATEWAY}
    named = zone.plan(phase="cutover", present_gateway={"hosts": ["mx.old.example"]})
    seen = zone.plan({"alder.example": BEFORE}, phase="cutover", present_gateway={"hosts": ["mx.old.example"]})

    assert (named.domains[0].former.origin, named.domains[0].ttl) == ("named", None)
    assert named.domains[0].way_back == ("alder.example. 300 IN MX 10 mx.old.example.",)
    assert seen.milestones[-1].id == "cancel_old"
    assert seen.milestones[-1].offset == 3600 + GIVE_UP


def test_still_served(zone: Any) -> None:
    """
    After the move a public resolver that still gives the old answer says for how long.
    """
    zone.mx = {"alder.example": GATEWAY}
    zone.old = {"8.8.8.8": (("10 mail.alder.example",), 240)}
    plan = zone.plan(phase="cutover", propagation_resolvers=["8.8.8.8", "9.9.9.9"])

    assert plan.domains[0].still_served == 240


def test_a_resolver_that_still_holds_the_old_records_tells_the_way_back(zone: Any) -> None:
    """
    What a public resolver gives out of before the move is the way back, with its preference; a half new answer is not, and an earlier run
    goes before.
    """
    zone.mx = {"alder.example": GATEWAY}
    keys = {"phase": "cutover", "propagation_resolvers": ["8.8.8.8"]}
    zone.old = {"8.8.8.8": (("20 mail.alder.example",), 240)}
    plan = zone.plan(**keys)
    before = zone.plan({"alder.example": BEFORE}, **keys)
    zone.old = {"8.8.8.8": ((*GATEWAY, "20 mail.alder.example"), 240)}

    assert plan.domains[0].way_back == ("alder.example. 240 IN MX 20 mail.alder.example.",)
    assert (plan.recorded, plan.domains[0].ttl, plan.lock_after) == ({"alder.example"}, None, None)
    assert before.domains[0].former == BEFORE
    assert zone.plan(**keys).recorded == frozenset()


def test_what_a_resolver_still_holds_is_the_least_to_wait(zone: Any) -> None:
    """
    Where nobody knows the old TTL the lock cannot come before the resolver that still gives out the old records has let go of them.
    """
    zone.mx = {"alder.example": GATEWAY}
    zone.old = {"8.8.8.8": (("20 mail.alder.example",), 240)}
    keys = {"phase": "cutover", "propagation_resolvers": ["8.8.8.8"]}
    unknown = {one.id: one for one in zone.plan(**keys).milestones}
    known = {one.id: one for one in zone.plan({"alder.example": BEFORE}, **keys).milestones}

    assert unknown["old_gone"].offset is None
    assert unknown["lock"].not_before - unknown["old_gone"].not_before == timedelta(seconds=SLACK)
    assert unknown["old_gone"].to_json()["not_before"].startswith("20")
    assert {None} == {one.not_before for one in known.values()}


def test_what_is_over_is_no_milestone(zone: Any) -> None:
    """
    The TTL is lowered before a domain moves, and the records are published until all have.
    """
    zone.ttl = DAY
    waves = [{"name": "alder.example", "phase": "cutover"}, {"name": "birch.example"}]
    zone.mx = {"alder.example": GATEWAY, "birch.example": ("10 mail.birch.example",)}
    half = [one.id for one in zone.plan(domains=waves).milestones]
    zone.mx = {"alder.example": GATEWAY, "birch.example": GATEWAY}
    both = [one.id for one in zone.plan(domains=waves).milestones]

    assert ["lower_ttl", "move"] == half[:2]
    assert {"lower_ttl", "move"}.isdisjoint(both)


def test_what_is_left_is_no_way_back(zone: Any) -> None:
    """
    Records that still stand beside the gateway's are shown, and nobody is told that going back is possible with them alone.
    """
    zone.mx = {"alder.example": (*GATEWAY, "20 mx.alder.example")}
    half = zone.plan(phase="cutover")
    zone.mx = {"alder.example": ("10 mail.alder.example",)}
    before = zone.plan()

    assert "left" == half.domains[0].former.origin
    assert ("mx.alder.example" in half.domains[0].way_back[0], half.recorded) == (True, frozenset())
    assert {"alder.example"} == before.recorded


def test_parked_domains_have_no_part(zone: Any) -> None:
    """
    Only domains with mail are moved.
    """
    assert zone.plan(domains=[{"name": "alder.example", "role": "parked"}]).domains == ()


def test_settling(zone: Any) -> None:
    """
    Unlocking takes effect after an hour at Microsoft, after a day at Google.
    """
    assert zone.plan().settle == 3600
    assert zone.plan(platform="google_workspace", inbound_host="smtp.google.com").settle == DAY


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"environment": {"customer": "Other"}, "cutover": {"domains": []}},
        {"environment": {"customer": "Alder"}},
        {"environment": {"customer": "Alder"}, "cutover": {"domains": [{"domain": "a.example", "former": {"records": 7}}]}},
        {"environment": {"customer": "Alder"}, "cutover": {"domains": [7]}},
        {
            "environment": {"customer": "Alder"},
            "cutover": {
                "domains": [
                    {
                        "domain": "a",
                        "former": {"records": [{"preference": -1, "host": "x", "ttl": 1}], "ttl": 1, "at": "", "origin": "seen"},
                    }
                ]
            },
        },
    ],
)
def test_documents_that_tell_nothing(document: Any) -> None:
    """
    Another customer's result, a damaged one or none at all records nothing.
    """
    assert former_of(document, "Alder") == {}
