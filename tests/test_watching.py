"""
The watch over a cut-over, against running worlds.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from runbook_lib.environment import Environment, Phase, environment_from_parameters, load_environment
from runbook_lib.results import Status
from runbook_lib.sandbox import World, running, scenario
from runbook_lib.session import Session
from runbook_lib.watching import LEAST_S, WATCHED, Kind, State, Tick, as_moving, moving, view, watch

MOVED = "alder-cutover"
DOMAIN = f"{MOVED}.example"
NEW = ["10 eu-smtp-inbound-1.mimecast.com.", "10 eu-smtp-inbound-2.mimecast.com."]
OLD = ["0 old.example.net."]
NS1, NS2 = "ns1.northwind-dns.example", "ns2.northwind-dns.example"
RESOLVER = "8.8.8.8"


def given(name: str, **changes: Any) -> Environment:
    """
    A customer of the sandbox, with something changed.
    """
    return environment_from_parameters({**load_environment(scenario(name).environment_file).as_parameters(), **changes})


@asynccontextmanager
async def at(name: str, **changes: Any) -> AsyncIterator[tuple[Session, World]]:
    """
    A session for a customer, and the world it runs in.
    """
    async with Session(given(name, **changes)) as session:
        assert session.world is not None
        yield session, session.world


async def first(session: Session) -> Tick:
    """
    The first look of a watch that has no more.
    """
    (tick,) = [tick async for tick in watch(session, lasting=0)]
    return tick


def states(tick: Tick) -> list[str]:
    """
    What every row shows.
    """
    return [row.state.value for row in tick.rows]


def against(tick: Tick) -> list[tuple[str, str]]:
    """
    The findings that stand against it.
    """
    return [(finding.check, finding.status.value) for finding in tick.open]


@pytest.mark.parametrize("name", [MOVED, "alder-locked", "acacia-cutover"])
async def test_a_customer_who_has_moved_is_complete_at_the_first_look(name: str) -> None:
    """
    Every name server and every resolver shows the new records, so there is one look and no next one.
    """
    async with at(name) as (session, _):
        ticks = [tick async for tick in watch(session)]

    assert [(1, True, 0.0)] == [(tick.number, tick.complete, tick.next_in) for tick in ticks]
    assert {"new"} == set(states(ticks[0]))
    assert {Kind.AUTHORITY, Kind.RESOLVER} == {row.kind for row in ticks[0].rows}
    assert (len(ticks[0].rows), []) == (ticks[0].done, against(ticks[0]))


@pytest.mark.parametrize(
    ("name", "shown", "open_ones"),
    [
        ("birch-half-moved", ["part"] * 5, [("mx.gateway", "fail"), ("mx.propagation", "warn")]),
        ("elm-one-mx", ["part"] * 5, [("mx.gateway", "fail"), ("mx.propagation", "warn")]),
        ("linden-slow-resolvers", ["new", "new", "new", "old", "new"], [("mx.propagation", "warn")]),
        ("teak-disagreeing", ["new", "old", "new", "new", "new"], [("mx.gateway", "fail"), ("mx.consistency", "fail")]),
    ],
)
async def test_a_customer_who_is_not_there_yet(name: str, shown: list[str], open_ones: list[tuple[str, str]]) -> None:
    """
    One server that shows something else is enough: not complete, and the checks say why.
    """
    async with at(name) as (session, _):
        tick = await first(session)

    assert (False, shown, open_ones) == (tick.complete, states(tick), against(tick))


async def test_a_correction_is_seen_at_the_next_look() -> None:
    """
    The name server that lagged behind takes over the zone between two looks, and the second one is complete.
    """
    async with at("teak-disagreeing") as (session, world):
        seen = []
        async for tick in watch(session, every=0.01):
            seen.append(tick.complete)
            world.faults.set_records("teak-disagreeing.example", "MX", NEW)

    assert [False, True] == seen


async def test_an_old_answer_ends() -> None:
    """
    A resolver that still has the old answer says how long; once it has forgotten it, the watch is complete.
    """
    async with at(MOVED) as (session, world):
        world.faults.still_old(RESOLVER, DOMAIN, "MX", OLD, ttl=1000)
        seen = []
        async for tick in watch(session, every=0.01):
            seen.append((tick.complete, [(row.who, row.records) for row in tick.rows if row.left is not None]))
            world.faults.reset()

    assert [(False, [(RESOLVER, ("0 old.example.net",))]), (True, [])] == seen


@pytest.mark.parametrize(("ttl", "every", "earlier"), [(20, 30.0, True), (2, 30.0, False), (1000, 30.0, False), (20, 0.5, False)])
async def test_the_next_look_is_when_an_old_answer_ends(ttl: int, every: float, earlier: bool) -> None:
    """
    The pause is never longer than asked for, ends with the soonest old answer, and is hardly ever shorter than the least.
    """
    async with at(MOVED) as (session, world):
        world.faults.still_old(RESOLVER, DOMAIN, "MX", OLD, ttl=ttl)
        await session.look(checks=WATCHED)
        tick = view(session, every=every)

    assert (tick.left_at(tick.at) if earlier else LEAST_S if ttl < LEAST_S else every) == tick.next_in


async def test_time_left_counts_down_and_says_nothing_before_the_move() -> None:
    """
    An old answer ends at a fixed time; while the name servers themselves give it, its TTL ends nothing.
    """
    async with at("linden-slow-resolvers") as (session, _):
        (row,) = [row for row in (await first(session)).rows if row.left is not None]
        assert row.at is not None
        later = row.at.replace(year=row.at.year + 1)
        assert (row.left, 0) == (row.left_at(row.at), row.left_at(later))
    async with at("birch-half-moved") as (session, _):
        tick = await first(session)
        assert tick.left_at(tick.at) is None


async def test_a_silent_resolver_is_unknown_and_never_complete() -> None:
    """
    The check passes, as all that answered show the new records; the watch waits for the one that did not.
    """
    async with at(MOVED, timeout=0.3) as (session, world):
        world.faults.server_down(RESOLVER)
        tick = await first(session)

    (row,) = [row for row in tick.rows if row.who == RESOLVER]
    assert (False, State.UNKNOWN, "dns_timeout", "time-out") == (tick.complete, row.state, row.cause, row.said)
    assert [] == against(tick)


async def test_a_silent_name_server_is_unknown_and_never_complete() -> None:
    """
    A name server that gives no answer may hold anything.
    """
    async with at(MOVED, timeout=0.3) as (session, world):
        world.faults.server_down(NS2)
        tick = await first(session)

    assert (False, ["new", "unknown", "new", "new", "new"]) == (tick.complete, states(tick))
    assert [("mx.consistency", "unknown")] == against(tick)


async def test_a_name_server_without_the_zone_is_not_waited_for() -> None:
    """
    A lame server gives nobody an old answer: it is told, and does not count.
    """
    async with at(MOVED) as (session, world):
        world.faults.name_server(NS2).lame = True
        tick = await first(session)

    (row,) = [row for row in tick.rows if row.who.startswith(NS2)]
    assert (True, State.ASIDE, "lame", 4, 4) == (tick.complete, row.state, row.cause, tick.done, len(tick.asked))


@pytest.mark.parametrize(("records", "state"), [([], "none"), (["0 ."], "old")])
async def test_no_mx(records: list[str], state: str) -> None:
    """
    A domain without MX, or with a null MX, has not moved.
    """
    async with at(MOVED) as (session, world):
        world.faults.set_records(DOMAIN, "MX", records)
        tick = await first(session)

    assert (False, {state}) == (tick.complete, set(states(tick)))


@pytest.mark.parametrize(("domain", "state"), [(DOMAIN, State.UNKNOWN), ("nowhere.example", State.NONE)])
async def test_a_zone_that_is_not_found(domain: str, state: State) -> None:
    """
    Where the name servers cannot be found out there is one row for all of them, and nothing is complete.
    """
    async with at(MOVED, domains=[domain], test_recipient=None, validation_codes={}) as (session, world):
        world.faults.rcode(DOMAIN, "SERVFAIL")
        tick = await first(session)

    assert not tick.complete
    assert tick.open
    assert [("", state)] == [(row.who, row.state) for row in tick.rows if row.kind is Kind.AUTHORITY]


async def test_the_same_hosts_in_another_order_of_preference() -> None:
    """
    All show the new hosts, but the name servers disagree on the preference: the checks decide.
    """
    async with at(MOVED) as (session, world):
        world.faults.set_records(DOMAIN, "MX", [NEW[0], NEW[1].replace("10", "20", 1)], server=NS1)
        tick = await first(session)

    assert (False, {"new"}, [("mx.consistency", "fail")]) == (tick.complete, set(states(tick)), against(tick))


async def test_a_waiver_completes_nothing() -> None:
    """
    An accepted exception is a matter of the report; what the world sees stays what it is.
    """
    accepted = {"reason": "The old host stays for a week.", "by": "A. Berg", "expires": "2099-01-01"}
    async with at("birch-half-moved", waivers=dict.fromkeys(WATCHED, accepted)) as (session, _):
        tick = await first(session)

    assert not tick.complete
    assert Status.WAIVED in {finding.status for finding in tick.findings}


@pytest.mark.parametrize(("change", "expected"), [({"propagation_resolvers": []}, True), ({"probes": ["smtp"]}, False)])
async def test_whom_there_is_to_ask(change: dict[str, Any], expected: bool) -> None:
    """
    Without public resolvers the name servers are enough; without DNS nothing is known, so nothing is complete.
    """
    with running(MOVED) as world:
        async with Session(given(MOVED, sandbox=None, **{**world.network_keys(), **change})) as session:
            tick = await first(session)

    assert expected == tick.complete


async def test_each_domain_by_its_own_phase() -> None:
    """
    Customers move in waves: a domain still at prepare is not waited for, nor one without mail.
    """
    async with at("zinnia-waves") as (session, _):
        tick = await first(session)

    assert (True, {"zinnia-waves.example"}) == (tick.complete, {row.domain for row in tick.rows})
    assert {"zinnia-waves.example"} == {finding.subject for finding in tick.findings}


@pytest.mark.parametrize(
    ("name", "changes", "watched"),
    [
        ("alder-pre", {}, ["alder-pre.example"]),
        ("alder-pre", {"phase": "lockdown", "domains": [{"name": "alder-pre.example", "phase": "prepare"}]}, ["alder-pre.example"]),
        ("alder-pre", {"domains": ["a.example", {"name": "b.example", "phase": "cutover"}]}, ["b.example"]),
        ("alder-pre", {"domains": ["a.example", {"name": "b.example", "role": "parked"}]}, ["a.example"]),
        ("alder-pre", {"domains": [{"name": "b.example", "role": "parked"}]}, []),
        ("zinnia-waves", {}, ["zinnia-waves.example"]),
        ("alder-locked", {}, ["alder-locked.example"]),
    ],
)
def test_what_is_watched(name: str, changes: dict[str, Any], watched: list[str]) -> None:
    """
    Where a domain is past prepare, those are watched; where none is, all that receive mail are taken to be at the cut-over.
    """
    environment = given(name, **changes)
    judged = as_moving(environment)

    assert watched == [scope.name for scope in moving(judged)]
    assert (judged is environment) == (not watched or bool(moving(environment)))
    assert judged.as_given() == environment.as_given()
    if judged is not environment:
        assert Phase.CUTOVER is judged.phase


async def test_before_the_move_there_is_nothing_to_wait_for() -> None:
    """
    A session that judges phase prepare has no rows, and is not complete.
    """
    async with at("alder-pre") as (session, _):
        tick = await first(session)

    assert (False, (), ()) == (tick.complete, tick.rows, tick.findings)


async def test_a_long_watch_does_not_grow() -> None:
    """
    Each look asks anew and lets go of what the one before it saw.
    """
    async with at("birch-half-moved") as (session, world):
        sizes, asked = [], []
        async with aclosing(watch(session, every=0.01)) as ticks:
            async for tick in ticks:
                sizes.append(len(session.observations))
                asked.append(len(world.dns_log))
                if tick.number == 3:
                    break

    assert 1 == len(set(sizes))
    assert sorted(set(asked)) == asked


async def test_it_ends_when_it_is_told_to() -> None:
    """
    A watch with a limit makes its last look when the time is up, and says that there is no next one.
    """
    async with at("birch-half-moved") as (session, _):
        ticks = [tick async for tick in watch(session, every=0.05, lasting=0.2)]

    assert ([False] * len(ticks), 0.0) == ([tick.complete for tick in ticks], ticks[-1].next_in)


def _while_waiting(_: World) -> None:
    """
    Nothing is wrong; the watch waits for its next look.
    """


def _while_looking(world: World) -> None:
    for host in world.sources:
        world.faults.server_down(host)


@pytest.mark.parametrize("disturb", [_while_waiting, _while_looking])
async def test_it_can_be_cancelled_at_any_time(disturb: Callable[[World], None]) -> None:
    """
    Cancelled while it waits or while it asks, it ends at once and leaves nothing running.
    """
    async with at("birch-half-moved", timeout=60, time_limit=300) as (session, world):
        looked = asyncio.Event()

        async def follow() -> None:
            async with aclosing(watch(session, every=0.01 if disturb is _while_looking else 3600)) as ticks:
                async for _ in ticks:
                    disturb(world)
                    looked.set()

        task = asyncio.create_task(follow())
        await looked.wait()
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:  # cancelled, and on their way out
        await asyncio.wait(others, timeout=20)
    assert {asyncio.current_task()} == asyncio.all_tasks()


async def test_as_json() -> None:
    """
    A look is plain JSON, with the numbers a program needs.
    """
    async with at("linden-slow-resolvers") as (session, _):
        document = json.loads(json.dumps((await first(session)).to_json()))

    assert ("inbound-runbook/watch/1", 1, False, 4, 5) == tuple(document[key] for key in ("schema", "number", "complete", "shown", "asked"))
    assert [("resolver", RESOLVER, "old")] == [(row["kind"], row["who"], row["state"]) for row in document["rows"] if row["left"]]
    assert list(WATCHED) == [finding["check"] for finding in document["findings"]]
