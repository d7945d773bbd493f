"""
Is port 25 open from here? Only a host that opens proves it; only silence of all counts as blocked.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from runbook_lib.observations import PortQuestion, PortState, Trouble
from runbook_lib.probes import Network, Settings, network_with
from runbook_lib.probes.control import ask_port

Serve = Callable[..., Awaitable[Any]]
Socks = Callable[..., Awaitable[Any]]


@pytest.fixture
def closed_port() -> Iterator[int]:
    """
    A port nobody listens on.
    """
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


@pytest.fixture
def silent_port() -> Iterator[int]:
    """
    A port whose queue is full, so that a SYN is left unanswered.
    """
    with socket.socket() as full, contextlib.ExitStack() as stack:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        yield full.getsockname()[1]


def network(**settings: Any) -> Network:
    """
    A network that asks no name server that could answer.
    """
    return network_with(Settings(**({"timeout": 0.4, "nameservers": ("127.0.0.1:9",)} | settings)))


async def test_first_to_open_proves_it(serve: Serve, silent_port: int) -> None:
    """
    One host that opens is enough, and the others are not waited for.
    """
    server = await serve(lambda peer: peer.serve())

    answer = await ask_port(network(timeout=30.0), PortQuestion((f"127.0.0.1:{silent_port}", f"127.0.0.1:{server.port}")))

    assert answer.state is PortState.OPEN
    assert [one.opened for one in answer.tries] == [True]
    assert answer.tries[0].target == f"127.0.0.1:{server.port}"


async def test_silence_of_all_is_blocked(silent_port: int) -> None:
    """
    Where every control host keeps silent the port is blocked from here.
    """
    answer = await ask_port(network(), PortQuestion((f"127.0.0.1:{silent_port}",)))

    assert answer.state is PortState.BLOCKED
    assert answer.tries[0].problem is not None
    assert answer.tries[0].problem.trouble is Trouble.TIMEOUT


async def test_a_refusal_proves_nothing(silent_port: int, closed_port: int) -> None:
    """
    A host that refuses was reached or was answered for by a firewall: unknown.
    """
    answer = await ask_port(network(), PortQuestion((f"127.0.0.1:{silent_port}", f"127.0.0.1:{closed_port}")))

    assert answer.state is PortState.UNKNOWN
    assert len(answer.tries) == 2


async def test_nothing_resolved_is_unknown() -> None:
    """
    Control hosts that cannot be found say nothing about the port.
    """
    answer = await ask_port(network(), PortQuestion(("control.example",)))

    assert answer.state is PortState.UNKNOWN
    assert [one.problem.trouble for one in answer.tries if one.problem] == [Trouble.NOT_RESOLVED]


@pytest.mark.parametrize(("version", "state"), [(0, PortState.OPEN), (4, PortState.OPEN), (6, PortState.UNKNOWN)])
async def test_only_addresses_of_the_version_asked_for_are_tried(serve: Serve, version: Any, state: PortState) -> None:
    """
    An IPv4 address that opens does not prove that IPv6 does.
    """
    server = await serve(lambda peer: peer.serve())

    assert (await ask_port(network(), PortQuestion((f"127.0.0.1:{server.port}",), version))).state is state


async def test_no_control_host_is_unknown() -> None:
    """
    Without a control host nothing is known.
    """
    assert (await ask_port(network(), PortQuestion(()))).state is PortState.UNKNOWN


async def test_connect_to_maps_a_control_host(serve: Serve) -> None:
    """
    A control host is redirected like any other peer, also one that does not resolve.
    """
    server = await serve(lambda peer: peer.serve())

    answer = await ask_port(network(connect_to={"control.example:25": f"127.0.0.1:{server.port}"}), PortQuestion(("control.example",)))

    assert answer.state is PortState.OPEN
    assert answer.tries[0].host == "control.example"


async def test_through_a_proxy_only_a_greeting_counts(serve: Serve, socks: Socks, closed_port: int) -> None:
    """
    A proxy's "connected" proves nothing, a byte of the server does.
    """
    server = await serve(lambda peer: peer.serve())
    proxy = await socks(eager=True)

    real = await ask_port(network(proxy=proxy.url), PortQuestion((f"127.0.0.1:{server.port}",)))
    empty = await ask_port(network(proxy=proxy.url), PortQuestion((f"127.0.0.1:{closed_port}",)))

    assert (real.state, empty.state) == (PortState.OPEN, PortState.UNKNOWN)
    assert empty.tries[0].problem is not None
    assert empty.tries[0].problem.trouble is Trouble.PROXY
