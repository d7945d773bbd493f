"""
Every customer of the sandbox, probed and judged from end to end.
"""

from __future__ import annotations

import json
import re

import jsonschema
import pytest

from runbook_lib.environment import load_environment
from runbook_lib.knowledge.text import Catalogue
from runbook_lib.observations import Observations
from runbook_lib.observations.codec import all_from_json
from runbook_lib.reporting.duties import todos
from runbook_lib.reporting.labels import Labels, next_line, verdict_line, verdict_meaning
from runbook_lib.reporting.picture import flow_of
from runbook_lib.result_schema import result_schema
from runbook_lib.results import Result, Status
from runbook_lib.sandbox import names, scenario
from runbook_lib.session import Session


async def _look(name: str) -> tuple[Result, list[str]]:
    async with Session(load_environment(scenario(name).environment_file)) as session:
        await session.run()
        world = session.world
        assert world is not None
        return session.result(), [command for log in world.smtp_log for command in [str(log)]]


@pytest.mark.parametrize("name", names())
async def test_a_customer_comes_out_as_its_story_says(name: str) -> None:
    """
    Verdict and findings are those of the scenario, every finding has its words, the document fits its schema, and no message was sent
    but where the environment asks for one.
    """
    expected = scenario(name)
    result, commands = await _look(name)
    found = {(finding.check, finding.subject): finding for finding in result.findings}
    missing = [
        expectation
        for expectation in expected.expect
        if not any(
            finding.check == expectation.check
            and finding.status is expectation.status
            and expectation.subject in (None, finding.subject)
            and expectation.cause in (None, finding.cause)
            for finding in result.findings
        )
    ]

    assert [] == missing
    assert expected.verdict is result.verdict
    assert len(found) == len(result.findings)
    assert [] == [finding.name for finding in result.findings if finding.cause == "internal_error"]
    assert [] == [
        finding.name for finding in result.findings if not (finding.words.summary and finding.words.expected and finding.words.source)
    ]
    assert load_environment(expected.environment_file).send_test_message or not any(re.search(r"\bDATA\b", each) for each in commands)
    jsonschema.validate(json.loads(result.dumps()), result_schema())


@pytest.mark.parametrize(("name", "ahead"), [("alder-cutover", {"old_gone", "lock"}), ("alder-locked", set())])
async def test_what_leads_to_the_lock_is_behind_a_locked_platform(name: str, ahead: set[str]) -> None:
    """
    The plan names the earliest moment to lock until the platform is locked; its records stay.
    """
    result, _ = await _look(name)
    plan = result.to_json()["cutover"]

    assert ahead == {one["id"] for one in plan["milestones"]} & {"old_gone", "lock"}
    assert plan["domains"]


@pytest.mark.parametrize("name", ["alder-pre"])
async def test_a_stored_result_is_judged_the_same_again(name: str) -> None:
    """
    The observations of a result document, read back, lead to the same findings without a network.
    """
    async with Session(load_environment(scenario(name).environment_file)) as session:
        await session.run()
        stored = json.loads(session.result().dumps())
        first = session.findings()
        session.observations = all_from_json(stored["observations"])

        assert first == session.findings()


async def test_a_pass_has_evidence_or_a_person_behind_it() -> None:
    """
    Take the observations away and nothing that was looked at passes any more: "could not find out" is never a pass.
    """
    async with Session(load_environment(scenario("alder-pre").environment_file)) as session:
        await session.run()
        rested = {finding.name for finding in session.findings() if finding.status is Status.PASS}
        session.observations = Observations()
        left = {finding.name for finding in session.findings() if finding.status is Status.PASS}
        by_people = {finding.name for finding in session.findings() if finding.cause == "attested"}
        of_inputs = {name for name in left if name.split(".")[0] in ("allowlist", "present") or name.startswith("route.host")}

        assert rested > left
        assert set() == left - by_people - of_inputs


async def test_what_was_not_reached_says_why_the_reason_is_not_known() -> None:
    """
    A finding that is unknown because what stands before it is unknown has the same cause, and names what stopped it.
    """
    async with Session(load_environment(scenario("oak-silent").environment_file)) as session:
        await session.run()
        found = {finding.name: finding for finding in session.findings()}
    stopped = [finding for finding in found.values() if finding.status is Status.UNKNOWN and "not_reached" in finding.causes]

    assert stopped
    assert [] == [
        finding.name for finding in stopped if finding.cause not in {found[name].cause for name in finding.evidence if name in found}
    ]


async def test_exactly_one_message_is_sent_where_it_is_asked_for() -> None:
    """
    With two addresses behind the inbound host, one message arrives in all, and the other address says so.
    """
    async with Session(load_environment(scenario("aster-test-message").environment_file)) as session:
        await session.run()
        assert session.world is not None
        findings = [finding for finding in session.findings() if finding.check == "route.delivery"]

        assert 1 == len(session.world.messages)
        assert ["one_message", None] == sorted((finding.cause for finding in findings), key=lambda cause: cause or "~")


@pytest.mark.parametrize(
    ("name", "line", "meaning", "then"),
    [
        ("laurel-long-ttl", "has to wait", "What the move waits for stands under", "The move waits"),
        ("narcissus-two-ways", "Ready to move MX", "1 thing is to be changed soon. The MX records can move", "Next, in the change window"),
        (
            "alder-pre",
            "Ready to move MX",
            "Everything that was looked at is in order. The MX records can move",
            "Next, in the change window",
        ),
        ("zinnia-waves", "still to move", "The rest moves later, as planned", ""),
        ("orchid-early-lock", "Not ready", "Mail is being turned away or held up now", ""),
    ],
)
async def test_the_headline_says_what_holds(name: str, line: str, meaning: str, then: str) -> None:
    """
    What waits is not called ready, what is to be changed soon is not called in order, and mail that is turned away comes first.
    """
    result, _ = await _look(name)
    labels = Labels(Catalogue("en"))

    assert line in verdict_line(result, labels)
    assert meaning in verdict_meaning(result, labels)
    assert then in next_line(result, labels)


async def test_a_door_shut_too_early_is_drawn_shut() -> None:
    """
    The way round the gateway ends at its sign, which is that of a fault.
    """
    result, _ = await _look("orchid-early-lock")
    around = flow_of(result, Labels(Catalogue("en"))).around

    assert around is not None
    assert (True, Status.FAIL, "shut too early") == (around.shut, around.status, around.word)


async def test_what_moves_later_as_planned_is_not_called_broken() -> None:
    """
    It fails, since nothing can be locked before; but it is said to be still to move, in the row and where things are counted.
    """
    result, _ = await _look("zinnia-waves")
    labels = Labels(Catalogue("en"))
    counted = {words: status for status, words in labels.counts(result.findings)}

    assert Status.FAIL is counted["1 still to move"]
    assert not [words for words in counted if words.endswith("broken")]


@pytest.mark.parametrize(("name", "why"), [("alder-cutover", "Wait at least 48 hours"), ("alder-pre", "")])
async def test_a_step_says_how_long_to_wait_where_no_time_is_known(name: str, why: str) -> None:
    """
    In the card of the move as in the report.
    """
    async with Session(load_environment(scenario(name).environment_file)) as session:
        await session.run()
        step = session.procedure.step("mx")
        asked = todos(step, session.environment, session.observations, session.result(), session.catalogue)
    lines = [line for item in asked for line in item.lines]

    assert why in "".join(line for line in lines if line.startswith("time not known"))
    assert [line for line in lines if "lock the platform" in line]
