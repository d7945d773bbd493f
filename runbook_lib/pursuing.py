"""
Plans carried out: what a pure plan asks is asked of whoever can answer, many questions side by side.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable, Sequence
from typing import Any, TypeVar

from .observations import Observation, Plan, Question

T = TypeVar("T")


async def pursue(plan: Plan[T], ask: Callable[[Question], Awaitable[Observation]]) -> T:
    """
    Carry out a plan, each batch of its questions side by side.

    Args:
        plan: What is to be asked.
        ask: Answers one question; it never raises for what the network does.

    Returns:
        What the plan returns.
    """

    async def one(item: Question | Generator[Any, Any, Any]) -> Any:
        return await (pursue(item, ask) if isinstance(item, Generator) else ask(item))

    results: list[Any] | None = None
    while True:
        try:
            batch = next(plan) if results is None else plan.send(results)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]  # a generator's return value has no type at run time
        results = await _all(one(item) for item in batch)


async def pursue_with(plan: Plan[T], nameservers: Sequence[str]) -> T:
    """
    Carry out a plan that has no environment, for example the walk through a region's SPF record.

    Args:
        plan: What is to be asked.
        nameservers: Whom to ask, as in an environment; this machine's own where empty.
    """
    from .probes import Settings, network_with  # noqa: PLC0415  # `runbook --help` needs none of it

    network = network_with(Settings(nameservers=tuple(nameservers)))
    try:
        return await pursue(plan, network.ask)
    finally:
        await network.aclose()


async def on_thread(make: Callable[[], T], let_go: Callable[[T], object]) -> T:
    """
    Make something on a thread. What nobody waits for any more is let go of once it is made, since a thread cannot be stopped.

    Args:
        make: Makes it.
        let_go: Closes it.
    """
    wanted = threading.Event()
    wanted.set()

    def made() -> T:
        found = make()
        if not wanted.is_set():
            let_go(found)
        return found

    try:
        return await asyncio.to_thread(made)
    except asyncio.CancelledError:
        wanted.clear()
        raise


async def _all(coroutines: Iterable[Coroutine[Any, Any, Any]]) -> list[Any]:
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    try:
        return list(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
