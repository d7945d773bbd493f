"""
One run that cards drive: step by step, again, stopped, remembered.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import psutil
import pytest

from runbook_lib.environment import Environment, environment_from_parameters, load_environment
from runbook_lib.results import Finding, Result, Status
from runbook_lib.sandbox import scenario
from runbook_lib.widgets.run import Looked, Run, stamp_of

Found = set[tuple[str, str, str]]
Make = Callable[..., Run]


def _environment(name: str, **changed: Any) -> Environment:
    values = load_environment(scenario(name).environment_file).as_parameters()
    return environment_from_parameters({**values, **changed})


def _quiet(*_: int) -> None:
    """
    Hears how far it is, and says nothing.
    """


def _found(run: Run) -> Found:
    return {(each.check, each.subject, each.status.value) for found in run.findings().values() for each in found}


@pytest.fixture
async def run() -> AsyncIterator[Make]:
    """
    Makes runs, and closes them at the end; then no thread of the sandbox and no socket is left that was not there before.
    """
    made: list[Run] = []
    threads, sockets = set(threading.enumerate()), _sockets()

    def make(name: str, **changed: Any) -> Run:
        made.append(Run(_environment(name, **changed)))
        return made[-1]

    yield make
    for one in made:
        await one.aclose()
    assert [] == [each.name for each in set(threading.enumerate()) - threads if each.name.startswith("sandbox")]
    assert _sockets() <= sockets
    assert [] == [task.get_name() for task in asyncio.all_tasks() if "look" in str(task.get_coro())]


def _sockets() -> set[Any]:
    return {(each.fd, each.laddr, each.raddr) for each in psutil.Process().net_connections() if each.laddr}


async def test_one_step_and_again(run: Make) -> None:
    """
    One step is looked at, the others are not; looking again asks anew.
    """
    one = run("alder-pre")
    told: list[tuple[int, int]] = []
    await one.look(["ranges"], lambda done, total: told.append((done, total)))
    first = _found(one)
    before = dict(one.observations())
    await one.look(["ranges"], _quiet)

    total = len(one.steps["ranges"].checks)
    assert [(number, total) for number in range(total + 1)] == told
    assert {"ranges"} == {key for key, look in one.steps.items() if look.looked is Looked.DONE}
    assert {"ranges"} == {each.step for found in one.findings().values() for each in found}
    assert first == _found(one)
    assert set(one.observations()) > set(before)
    assert "ranges" not in one.missing


async def test_nothing_is_known_before_anything_was_asked(run: Make) -> None:
    """
    A run that was not looked at has no session, no findings and no result; closing it does no harm.
    """
    one = run("alder-pre")

    assert one.session is None
    assert one.result() is None
    assert set() == _found(one)
    assert () == one.so_far().findings
    assert [key for key, look in one.steps.items() if look.checks] == list(one.missing)


async def test_a_step_without_checks_asks_nothing(run: Make) -> None:
    """
    The last step has nothing to look at.
    """
    one = run("alder-pre")
    await one.look(["summary"], _quiet)

    assert {} == {key: each for key, each in one.observations().items() if each["kind"] in ("dns", "smtp")}


@pytest.mark.parametrize("name", ["oak-silent", "linden-slow-resolvers"])
async def test_stopped_in_the_middle(run: Make, name: str) -> None:
    """
    Stop leaves what was found until then, says how far it came, and leaves nothing running; the rest can be looked at afterwards.
    """
    one = run(name)
    some = asyncio.Event()
    looking = asyncio.create_task(one.look(one.steps, lambda done, _: some.set() if done > 3 else None))
    await some.wait()
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    answered = sum(len(look.answered) for look in one.steps.values())

    assert looking.cancelled()
    assert answered >= 4
    assert Looked.UNDER_WAY not in {look.looked for look in one.steps.values()}
    assert one.steps["route"].looked is Looked.STOPPED
    assert {check for look in one.steps.values() for check in look.answered} >= {check for check, _, _ in _found(one)} != set()
    await one.look(["intake", "ranges"], _quiet)
    assert one.steps["ranges"].looked is Looked.DONE


async def test_stopped_while_the_sandbox_starts(run: Make) -> None:
    """
    Stop at the very first moment leaves no servers behind that nobody knows of.
    """
    one = run("alder-pre")
    looking = asyncio.create_task(one.look(["ranges"], _quiet))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_default_executor()

    assert looking.cancelled()
    assert one.session is None
    assert {Looked.NOT_YET} == {look.looked for look in one.steps.values()}


async def test_two_at_once_come_one_after_the_other(run: Make) -> None:
    """
    Two cards that are clicked at once share one session and come one after the other.
    """
    one = run("alder-pre")
    order: list[str] = []
    await asyncio.gather(
        one.look(["ranges"], lambda *_: order.append("ranges")),
        one.look(["domain"], lambda *_: order.append("domain")),
    )

    assert sorted(order, reverse=True) == order
    assert {"ranges", "domain"} == {key for key, look in one.steps.items() if look.looked is Looked.DONE}


async def test_people_s_words_ask_nothing_again(run: Make) -> None:
    """
    A confirmation turns what waits for a person into a pass without a question, and taken back it waits again.
    """
    name = "beech-unconfirmed"
    one = run(name)
    await one.look(one.steps, _quiet)
    before = _found(one)
    check = next(check for check, _, status in sorted(before) if status == "manual")
    assert one.session is not None
    assert one.session.world is not None
    queries = len(one.session.world.dns_log)
    environment = _environment(name)
    said = {check: {"by": "Anna", "at": "2026-11-20", "phase": environment.phase.value}}
    one.people(_environment(name, attestations={**environment.as_given().get("attestations", {}), **said}))
    confirmed = _found(one)
    one.people(environment)

    assert {"pass"} == {status for each, _, status in confirmed if each == check}
    assert {each for each in before if each[0] != check} == {each for each in confirmed if each[0] != check}
    assert before == _found(one)
    assert queries == len(one.session.world.dns_log)


async def test_who_is_called_asks_nothing_again(run: Make) -> None:
    """
    Other contacts and another process at the vendor leave what was seen as it is, and stand in the result.
    """
    one = run("alder-pre")
    await one.look(["route"], _quiet)
    before = _words(one)
    contacts = [{"name": "Anna", "phone": "+44 1632 960001"}]
    changed = _environment("alder-pre", contacts=contacts, vendor_process="connect_process")
    one.people(changed)
    result = one.result()

    assert one.stamp == stamp_of(changed)
    assert one.stamp != stamp_of(_environment("alder-pre", account_code="CUK1"))
    assert before == _words(one)
    assert result is not None
    assert (contacts, "connect_process") == (result.environment["contacts"], result.environment["vendor_process"])


@pytest.mark.parametrize("name", ["alder-pre", "cedar-wrong-region", "zinnia-waves"])
async def test_memory_there_and_back(run: Make, name: str) -> None:
    """
    Another run of the same environment, given what the first one knew as JSON, says the same word for word without a question.
    """
    one, other = run(name), run(name)
    await one.look(["domain", "ranges", "route"], _quiet)
    other.recall(json.loads(json.dumps(one.memory())))

    assert _words(one) == _words(other)
    assert _statuses(one.result()) == _statuses(other.result())
    assert {key: look.looked for key, look in one.steps.items()} == {key: look.looked for key, look in other.steps.items()}
    assert {"domain", "ranges", "route"} == {key for key, look in other.steps.items() if look.recalled}
    assert other.session is not None
    assert other.session.world is not None
    assert () == other.session.world.dns_log
    await other.look(["ranges"], _quiet)
    assert not other.steps["ranges"].recalled


def _words(run: Run) -> list[Finding]:
    return [replace(each, evidence=()) for found in run.findings().values() for each in found]


def _statuses(result: Result | None) -> set[tuple[str, str, Status]]:
    assert result is not None
    return {(each.check, each.subject, each.status) for each in result.findings}


async def test_damaged_memory_is_let_go_of(run: Make) -> None:
    """
    Memory that cannot be read, in whole or in part, is as good as none; nothing of it stays, and the run works.
    """
    one = run("alder-pre")
    await one.look(["ranges"], _quiet)
    good = json.loads(json.dumps(one.memory()))
    key = next(iter(good["observations"]))
    damaged: list[Any] = [
        None,
        [],
        "x",
        {},
        {"environment": good["environment"]},
        {**good, "observations": None},
        {**good, "finished": "soon"},
    ]
    damaged += [{**good, "observations": {key: each}} for each in (None, {"kind": "nonsense"}, {"kind": "dns"})]
    damaged += [{**good, "steps": each} for each in (None, {"nowhere": {}}, {"ranges": {"looked": "half"}})]
    damaged += [{**good, "steps": {"ranges": {"looked": "done", "answered": 5, "at": ""}}}]
    for memory in damaged:
        other = run("alder-pre")
        other.recall(memory)

        assert (None, {Looked.NOT_YET}) == (other.session, {look.looked for look in other.steps.values()}), memory
        assert set() == _found(other)


async def test_memory_that_says_too_much(run: Make) -> None:
    """
    A step that is called done and has a check without an answer, as after an update, is not through.
    """
    one, other = run("alder-pre"), run("alder-pre")
    await one.look(["ranges"], _quiet)
    memory = one.memory()
    memory["steps"]["ranges"]["answered"] = []
    other.recall(memory)

    assert other.steps["ranges"].looked is Looked.STOPPED
    assert "ranges" in other.missing


@pytest.mark.parametrize("changed", [{"timeout": 3}, {"phase": "cutover"}])
async def test_memory_of_something_else_is_not_used(run: Make, changed: dict[str, Any]) -> None:
    """
    What was seen for other details is not shown for these; what people said makes no difference.
    """
    one, other, same = run("alder-pre"), run("alder-pre", **changed), run("alder-pre", attestations={})
    await one.look(["ranges"], _quiet)
    other.recall(one.memory())
    same.recall(one.memory())

    assert other.session is None
    assert _found(one) == _found(same)
