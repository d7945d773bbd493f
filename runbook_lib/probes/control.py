"""
The control probe: is port 25 open from here at all? Only TCP is opened, nothing is said.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address

from ..observations.other import PortAnswer, PortState, PortTry
from ..observations.questions import PortQuestion
from ..observations.smtp import Problem, Stage, Trouble
from .connect import Connection, Stopped, open_tcp, said, time_for
from .network import Network
from .settings import Slot
from .targets import shown, split_port

SMTP_PORT = 25
MAX_ADDRESSES = 4
"""
Addresses of one control host that are tried.
"""
_SILENT = (Trouble.TIMEOUT, Trouble.UNREACHABLE)


async def ask_port(network: Network, question: PortQuestion) -> PortAnswer:
    """
    Try all control hosts side by side until one opens.

    Args:
        network: Settings and time.
        question: The control hosts.

    Returns:
        Open where one opened; blocked where every one that resolved, at least one, kept silent or could not be reached; else unknown.
    """
    at, started = datetime.now(UTC), time.monotonic()
    tries = await _until_open([_try_host(network, host, question.version) for host in question.hosts])
    took_ms = round((time.monotonic() - started) * 1000.0, 3)
    return PortAnswer(question, _state(tries), at, took_ms, tuple(tries))


async def _until_open(attempts: Sequence[Coroutine[None, None, list[PortTry]]]) -> list[PortTry]:
    """
    Make attempts side by side; the first that opens ends the others.
    """
    tasks = [asyncio.ensure_future(attempt) for attempt in attempts]
    tries: list[PortTry] = []
    try:
        for done in asyncio.as_completed(tasks):
            tries += await done
            if any(one.opened for one in tries):
                break
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return tries


def _state(tries: Sequence[PortTry]) -> PortState:
    if any(one.opened for one in tries):
        return PortState.OPEN
    resolved = [one.problem.trouble for one in tries if one.problem is not None and one.problem.trouble is not Trouble.NOT_RESOLVED]
    return PortState.BLOCKED if resolved and all(trouble in _SILENT for trouble in resolved) else PortState.UNKNOWN


async def _try_host(network: Network, named: str, version: int) -> list[PortTry]:
    host, port = split_port(named)
    port = SMTP_PORT if port is None else port
    try:
        async with time_for(network, Stage.CONNECT, float("inf")):
            resolved = await network.resolve(host)
            addresses = [each for each in resolved if version in (0, ip_address(each).version)][:MAX_ADDRESSES]
    except Stopped as stop:
        return [PortTry(named, "", opened=False, problem=stop.problem)]
    if not addresses and network.redirect(host, "", port) is None:
        return [PortTry(named, "", opened=False, problem=Problem(Trouble.NOT_RESOLVED, Stage.CONNECT))]
    return await _until_open([_try_address(network, named, (host, address, port)) for address in addresses or ("",)])


async def _try_address(network: Network, named: str, peer: tuple[str, str, int]) -> list[PortTry]:
    host, address, port = peer
    target = shown(network.redirect(host, address, port) or (address, port))
    try:
        async with network.slot(Slot.SMTP):
            connection = await open_tcp(network, host, address, port, network.settings.timeout)
            try:
                if connection.proxied:
                    await _prove(network, connection)
            finally:
                connection.close()
    except Stopped as stop:
        return [PortTry(named, target, opened=False, problem=stop.problem)]
    return [PortTry(named, target, opened=True)]


async def _prove(network: Network, connection: Connection) -> None:
    """
    Wait for one byte of the greeting: a proxy may say "connected" before it is.

    Raises:
        Stopped: None came.
    """
    detail = "the proxy said connected, but nothing came of the server"
    try:
        async with time_for(network, Stage.CONNECT, network.settings.timeout):
            if await connection.receive():
                return
    except OSError as error:
        detail = f"{detail}: {said(error)}"
    except Stopped as stop:
        detail = f"{detail}: {stop.problem.detail}"
    raise Stopped(Problem(Trouble.PROXY, Stage.CONNECT, detail))
