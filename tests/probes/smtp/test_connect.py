"""
How connections are made: redirected, bound, through a proxy, and whose fault it is when there is none.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from runbook_lib.observations import SmtpDialogue, SmtpTransaction, Stage, Trouble
from runbook_lib.probes import Settings, network_with
from runbook_lib.probes.connect import ConnectProblem, open_tcp
from runbook_lib.probes.targets import redirect, shown, split_port

Ask = Callable[..., Awaitable[SmtpDialogue]]
Serve = Callable[..., Awaitable[Any]]
Socks = Callable[..., Awaitable[Any]]
Three = tuple[SmtpTransaction, SmtpTransaction, SmtpTransaction]


@pytest.fixture
def closed_port() -> Iterator[int]:
    """
    A port nobody listens on.
    """
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


@pytest.mark.parametrize(
    ("connect_to", "target"),
    [
        ({}, None),
        ({"mail.alder.example:25": "127.0.0.1:2525"}, ("127.0.0.1", 2525)),
        ({"MAIL.alder.example.:25": "127.0.0.1:2525"}, ("127.0.0.1", 2525)),
        ({"mail.alder.example:26": "127.0.0.1:2525"}, None),
        ({"mail.alder.example:25": "127.0.0.1:1", "192.0.2.7:25": "[::1]:2"}, ("::1", 2)),
        ({"192.0.2.8:25": "127.0.0.1:1"}, None),
    ],
)
def test_redirect(connect_to: dict[str, str], target: tuple[str, int] | None) -> None:
    """
    An entry fits by host or address and port, and the address wins.
    """
    assert redirect(connect_to, "mail.alder.example", "192.0.2.7", 25) == target


def test_redirect_of_ipv6_and_of_names_in_unicode() -> None:
    """
    An IPv6 address fits in any spelling, a name in either form.
    """
    connect_to = {"[2001:DB8:0::7]:25": "127.0.0.1:1", "m\u00fcnchen.example:25": "127.0.0.1:2"}

    assert redirect(connect_to, "x.example", "2001:db8::7", 25) == ("127.0.0.1", 1)
    assert redirect(connect_to, "xn--mnchen-3ya.example", "", 25) == ("127.0.0.1", 2)


def test_ports_and_brackets() -> None:
    """
    Hosts and ports come apart and go together, IPv6 in brackets.
    """
    assert split_port("::1") == ("::1", None)
    assert split_port("[::1]") == ("::1", None)
    assert split_port("mx.example:x") == ("mx.example", None)
    assert shown(("::1", 25)) == "[::1]:25"


async def test_refused(ask: Ask, closed_port: int) -> None:
    """
    A closed port is refused, with no connection time.
    """
    (seen,) = (await ask(closed_port)).connections

    assert seen.problem is not None
    assert (seen.problem.trouble, seen.problem.stage) == (Trouble.REFUSED, Stage.CONNECT)
    assert not seen.connected


async def test_connect_time_out(ask: Ask) -> None:
    """
    A host that does not answer the SYN is a time-out at connect.
    """
    with socket.socket() as full, contextlib.ExitStack() as stack:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):  # fill the queue, so that the next SYN is left unanswered
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        (seen,) = (await ask(full.getsockname()[1], timeout=0.3)).connections

    assert seen.problem is not None
    assert seen.problem.trouble is Trouble.TIMEOUT
    assert not seen.connected or seen.problem.stage is Stage.GREETING


async def test_source_address_is_used_and_noted(serve: Serve, ask: Ask) -> None:
    """
    The connection comes from the source address.
    """
    server = await serve(lambda peer: peer.serve())

    (seen,) = (await ask(server.port, source_address="127.0.0.9")).connections

    assert seen.local_address == "127.0.0.9"
    assert server.peers[0].writer.get_extra_info("peername")[0] == "127.0.0.9"


@pytest.mark.parametrize("source", ["192.0.2.99", "::1"])
async def test_source_address_that_cannot_be_used(serve: Serve, ask: Ask, source: str) -> None:
    """
    An address this machine does not have, or of the other family, is this machine's trouble.
    """
    server = await serve(lambda peer: peer.serve())

    (seen,) = (await ask(server.port, source_address=source)).connections

    assert seen.problem is not None
    assert (seen.problem.trouble, seen.problem.stage) == (Trouble.LOCAL, Stage.CONNECT)
    assert source in seen.problem.detail or "IP version" in seen.problem.detail


async def test_ipv6(serve: Serve, ask: Ask) -> None:
    """
    IPv6 works and is shown in brackets.
    """
    try:
        server = await serve(lambda peer: peer.serve(), host="::1")
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")

    (seen,) = (await ask(server.port, connect_to={"192.0.2.7:25": f"[::1]:{server.port}"})).connections

    assert seen.greeting is not None
    assert (seen.target, seen.local_address) == (f"[::1]:{server.port}", "::1")


async def test_local_addresses_are_noted(serve: Serve) -> None:
    """
    The network learns this machine's address from the connection.
    """
    server = await serve(lambda peer: peer.serve())
    network = network_with(Settings())

    (await open_tcp(network, "", "127.0.0.1", server.port, 1.0)).close()

    assert network.local_addresses == {"127.0.0.1"}


async def test_what_is_not_an_address_is_not_looked_up() -> None:
    """
    Only addresses are connected to; names never reach the system's resolver.
    """
    with pytest.raises(ConnectProblem) as caught:
        await open_tcp(network_with(Settings()), "", "localhost", 25, 1.0)

    assert caught.value.problem.trouble is Trouble.LOCAL


async def test_dialogue_through_a_proxy(serve: Serve, ask: Ask, socks: Socks, good_tls: Any, transactions: Three) -> None:
    """
    Everything works through SOCKS5, TLS included; the proxy is asked for the target after `connect_to`.
    """
    server = await serve(lambda peer: peer.serve(tls=good_tls))
    proxy = await socks()

    dialogue = await ask(server.port, *transactions, proxy=proxy.url)

    (seen,) = dialogue.connections
    assert proxy.asked == [("127.0.0.1", server.port)]
    assert seen.tls is not None
    assert seen.tls.verified
    assert len(dialogue.results) == 3


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        (1, Trouble.PROXY),
        (2, Trouble.PROXY),
        (3, Trouble.UNREACHABLE),
        (4, Trouble.UNREACHABLE),
        (5, Trouble.REFUSED),
        (6, Trouble.TIMEOUT),
        (7, Trouble.PROXY),
        (8, Trouble.PROXY),
        (99, Trouble.PROXY),
    ],
)
async def test_what_a_proxy_says(ask: Ask, socks: Socks, code: int, trouble: Trouble) -> None:
    """
    What the proxy says about the target is laid to the target, everything else to the proxy.
    """
    proxy = await socks(code)

    (seen,) = (await ask(25, proxy=proxy.url)).connections

    assert seen.problem is not None
    assert (seen.problem.trouble, seen.problem.stage) == (trouble, Stage.CONNECT)


async def test_proxy_that_is_not_there_or_deaf(ask: Ask, socks: Socks, closed_port: int) -> None:
    """
    A proxy that refuses, or says nothing, is the proxy's trouble.
    """
    deaf = await socks(deaf=True)

    (gone,) = (await ask(25, proxy=f"socks5://127.0.0.1:{closed_port}")).connections
    (still,) = (await ask(25, proxy=deaf.url, timeout=0.3)).connections

    assert gone.problem is not None
    assert still.problem is not None
    assert [gone.problem.trouble, still.problem.trouble] == [Trouble.PROXY] * 2


async def test_proxy_that_says_connected_too_early(ask: Ask, socks: Socks, closed_port: int) -> None:
    """
    OpenSSH's proxy says "connected" before it is; a connection that then only closes proves nothing about the server.
    """
    proxy = await socks(eager=True)

    (seen,) = (await ask(closed_port, proxy=proxy.url)).connections

    assert seen.problem is not None
    assert (seen.problem.trouble, seen.problem.stage) == (Trouble.PROXY, Stage.CONNECT)
    assert not seen.connected


async def test_cancelled_while_connecting_leaves_nothing_open() -> None:
    """
    Cancelling a connection in the making closes its socket.
    """
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        network = network_with(Settings(source_address=None))
        attempts = [asyncio.create_task(open_tcp(network, "", "127.0.0.1", listening.getsockname()[1], 20.0)) for _ in range(4)]
        await asyncio.sleep(0.05)
        for attempt in attempts:
            attempt.cancel()
        for outcome in await asyncio.gather(*attempts, return_exceptions=True):
            if not isinstance(outcome, BaseException):
                outcome.close()

    assert all(attempt.done() for attempt in attempts)
