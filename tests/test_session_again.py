"""
A session that goes on: remembered, asked something else, told what people say.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from runbook_lib.environment import environment_from_parameters, load_environment
from runbook_lib.errors import ResultError
from runbook_lib.observations import DnsQuestion, Observations, together
from runbook_lib.results import Finding, Status
from runbook_lib.sandbox import running, scenario
from runbook_lib.session import Session
from runbook_lib.standards.mx import see_mx


def _session(name: str, **changed: Any) -> Session:
    values = load_environment(scenario(name).environment_file).as_parameters()
    return Session(environment_from_parameters({**values, **changed}))


def _plain(findings: tuple[Finding, ...]) -> list[tuple[str, str, Status, str, str]]:
    return [(each.check, each.subject, each.status, each.words.summary, each.words.observed) for each in findings]


@pytest.mark.parametrize("name", ["alder-locked", "larkspur-bypass-rule", "ulex-new-ranges"])
async def test_recalled_is_judged_the_same(name: str) -> None:
    """
    What one session observed, as JSON, leads another to the same words, as of the time it was observed, without a question.
    """
    async with _session(name) as one, _session(name) as other:
        await one.run()
        stored = json.loads(one.result().dumps())
        other.recall(stored["observations"], stored["finished"])
        assert other.world is not None

        assert _plain(one.findings()) == _plain(other.findings())
        assert stored["finished"] == json.loads(other.result().dumps())["finished"]
        assert () == other.world.dns_log
        assert datetime.fromisoformat(stored["finished"]) == other.finished


@pytest.mark.parametrize(("observations", "error"), [({"o1": {"kind": "nonsense"}}, ResultError), ({}, ValueError)])
async def test_what_cannot_be_read_is_an_error(observations: Any, error: type[Exception]) -> None:
    """
    Damaged observations, or a time that is none, are refused; what the session knew stays.
    """
    async with _session("alder-pre") as one:
        before = _plain(one.findings())
        with pytest.raises(error):
            one.recall(observations, "soon" if not observations else "2026-11-20T10:00:00Z")

        assert before == _plain(one.findings())


async def test_recalled_and_asked_again() -> None:
    """
    A session that goes on asks anew, and the newest answer counts.
    """
    async with _session("alder-pre") as one, _session("alder-pre") as other:
        await one.run(["mx"])
        stored = json.loads(one.result().dumps())
        other.recall(stored["observations"], stored["finished"])
        await other.run(["mx"])
        assert other.world is not None

        assert other.world.dns_log
        dns = [
            {key for key, each in seen.items() if each["kind"] == "dns"} for seen in (stored["observations"], other.result().observations)
        ]
        assert dns[0] < dns[1]


async def test_begun_is_when_all_was_asked_last() -> None:
    """
    A look at everything begins anew; a look at one step does not.
    """
    begun = datetime(2026, 11, 28, 12, tzinfo=UTC)
    latest = [begun]
    async with Session(load_environment(scenario("alder-pre").environment_file), now=lambda: latest[0]) as one:
        latest[0] = begun + timedelta(minutes=1)
        await one.run(["mx"])
        assert "2026-11-28T12:00:00Z" == one.result().started
        latest[0] = begun + timedelta(minutes=2)
        await one.run()

        assert "2026-11-28T12:02:00Z" == one.result().started


async def test_what_was_given_is_noted_once() -> None:
    """
    What was recalled holds the words of people and the lists already: they are in the result once.
    """
    async with _session("acacia-pre") as one, _session("acacia-pre") as other:
        stored = json.loads(one.result().dumps())
        other.recall(stored["observations"], stored["finished"])
        given = [(each["kind"], each["subject"]) for each in other.result().observations.values() if each["kind"] in ("person", "file")]

        assert given
        assert sorted(set(given)) == sorted(given)


async def test_people() -> None:
    """
    What people say now counts at once, in the sandbox's network too, and nothing is asked for it; its words stand in the result.
    """
    async with _session("beech-unconfirmed") as one:
        await one.run()
        assert one.world is not None
        queries, given, network = len(one.world.dns_log), one.given, one.environment.nameservers
        check = next(each for each in one.findings() if each.status is Status.MANUAL).check
        said = {check: {"by": "Anna", "at": "2026-11-20", "phase": "prepare", "note": "on the phone"}}
        one.people(environment_from_parameters({**given.as_parameters(), "attestations": said}))
        (passed, *_) = [each for each in one.findings() if each.check == check]

        assert (Status.PASS, "attested") == (passed.status, passed.cause)
        assert [check] == [each["for"] for each in one.result().attestations]
        assert (queries, network) == (len(one.world.dns_log), one.environment.nameservers)
        one.people(given)
        assert Status.MANUAL is next(each for each in one.findings() if each.check == check).status
        people = [each["subject"] for each in one.result().observations.values() if each["kind"] == "person"]
        assert list(given.attestations) == people


async def test_ask() -> None:
    """
    A plan that belongs to no check is carried out through the session's network, and its answers are kept with their ids.
    """
    domain = "alder-pre.example"
    async with _session("alder-pre") as one:
        (first, second) = await one.ask(together([see_mx(domain), see_mx(domain)]))
        kept = [each for each in json.loads(one.result().dumps())["observations"].values() if each["kind"] == "dns"]

        assert first == second
        assert first.hosts
        assert kept


async def test_forgetting_what_was_answered_again() -> None:
    """
    Of two answers to one question the newer stays, under its id; everything that is newest stays, and ids go on counting.
    """
    question = DnsQuestion("alder-pre.example", "MX")
    async with _session("alder-pre") as one:
        await one.run(["mx"])
        await one.run(["mx"])
        findings, before = one.findings(), _ids(one.observations)
        one.observations.forget_former()
        after = _ids(one.observations)

        assert set(after) < set(before)
        assert findings == one.findings()
        assert {each for finding in findings for each in finding.evidence if each.startswith("o")} <= set(after)
        assert _ids(one.observations)[-1] == before[-1]
        newest = one.observations.add(one.observations.answer(question))
        assert int(newest[1:]) == int(before[-1][1:]) + 1


def _ids(observations: Observations) -> list[str]:
    from runbook_lib.observations.codec import all_to_json  # noqa: PLC0415  # as the session does

    return sorted(all_to_json(observations), key=lambda key: int(key[1:]))


async def test_another_world_while_one_runs() -> None:
    """
    Two sessions of one made-up customer have servers of their own: what one is asked the other does not hear.
    """
    async with _session("alder-pre") as one:
        with running("alder-pre") as world:
            await one.run(["mx"])
            assert one.world is not None

            assert one.world.dns_log
            assert () == world.dns_log
