"""
TCP connections as the environment wants them: redirected, from a given address, or through a SOCKS proxy.

A connection is a plain non-blocking socket that is read only when somebody asks, so that a flood waits in the kernel and never in this
process. Whoever fails to connect learns whose doing it was: the peer's, the network's, the proxy's or this machine's.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from ..knowledge.text import visible
from ..observations.smtp import Problem, Stage, Trouble
from .network import Network

CHUNK = 16384
"""
Bytes asked of the kernel at a time.
"""
_UNREACHABLE = {errno.ENETUNREACH, errno.EHOSTUNREACH, getattr(errno, "EHOSTDOWN", errno.EHOSTUNREACH)}
_SOCKS_ABOUT_THE_TARGET = {
    3: Trouble.UNREACHABLE,  # network unreachable
    4: Trouble.UNREACHABLE,  # host unreachable
    5: Trouble.REFUSED,  # connection refused
    6: Trouble.TIMEOUT,  # TTL expired
}
"""
Replies of RFC 1928 section 6 that speak of the target; every other one is the proxy's own trouble.
"""


class Stopped(Exception):  # noqa: N818 - internal; names in Error are for people
    """
    Something cannot go on.

    Args:
        problem: What, and where.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


class ConnectProblem(Stopped):
    """
    There is no connection.
    """


class Connection:
    """
    One open TCP connection.

    Args:
        sock: Connected and non-blocking; it belongs to the connection from now on.
        target: Address and port it leads to in truth (behind a proxy: what the proxy was asked for).
        proxied: It goes through a proxy. A proxy may say "connected" before it is (OpenSSH's does), so only a byte of the peer proves it.
        connect_ms: Milliseconds until it was open.
    """

    def __init__(self, sock: socket.socket, target: tuple[str, int], *, proxied: bool = False, connect_ms: float = 0.0) -> None:
        self.sock = sock
        self.target = target
        self.proxied = proxied
        self.connect_ms = connect_ms

    @property
    def local_address(self) -> str | None:
        """
        This machine's address on it.
        """
        try:
            name = self.sock.getsockname()
        except OSError:
            return None
        return str(name[0]).partition("%")[0]

    async def receive(self) -> bytes:
        """
        What has come, at most `CHUNK` bytes; waits for the first one. Empty at the end of the stream.

        Raises:
            OSError: The connection broke.
        """
        return await asyncio.get_running_loop().sock_recv(self.sock, CHUNK)

    def receive_now(self) -> bytes:
        """
        What is there already, without waiting; empty when there is nothing.
        """
        try:
            return self.sock.recv(CHUNK)
        except (BlockingIOError, OSError):
            return b""

    async def send(self, data: bytes) -> None:
        """
        Send all of it.

        Raises:
            OSError: The connection broke.
        """
        await asyncio.get_running_loop().sock_sendall(self.sock, data)

    def close(self) -> None:
        """
        Close it. Safe to call twice.
        """
        self.sock.close()


@asynccontextmanager
async def time_for(network: Network, stage: Stage, seconds: float) -> AsyncIterator[None]:
    """
    Bound what is done inside.

    Args:
        network: Whose run it is; its end is a bound as well.
        stage: What for.
        seconds: The bound.

    Raises:
        Stopped: `Trouble.TIMEOUT` when the bound is reached, `Trouble.LIMIT` when it is the end of the run.
    """
    left = network.remaining()
    over = Problem(Trouble.LIMIT, stage, "the run's time limit was reached")
    if left <= 0:
        raise Stopped(over)
    scope = asyncio.timeout(min(seconds, left))
    try:
        async with scope:
            yield
    except TimeoutError as error:
        if not scope.expired():  # the system's own
            raise Stopped(Problem(Trouble.TIMEOUT, stage, said(error))) from error
        if left <= seconds:
            raise Stopped(over) from None
        raise Stopped(Problem(Trouble.TIMEOUT, stage, f"nothing complete within {seconds:g} s")) from None


async def open_tcp(network: Network, host: str, address: str, port: int, timeout: float, *, bind: bool = True) -> Connection:
    """
    Open a TCP connection.

    Args:
        network: Its settings say how.
        host: Host name the address belongs to, for `connect_to`.
        address: Address as DNS gave it; ``""`` where only `connect_to` knows one.
        port: Port.
        timeout: Seconds until it must be open, proxy included.
        bind: Whether `source_address` holds for it.

    Returns:
        The connection; whoever gets it closes it.

    Raises:
        ConnectProblem: There is none, and why.
    """
    settings = network.settings
    target = network.redirect(host, address, port) or (address, port)
    started = time.monotonic()
    if not target[0]:
        raise ConnectProblem(Problem(Trouble.NOT_RESOLVED, Stage.CONNECT))
    try:
        async with time_for(network, Stage.CONNECT, timeout):
            if settings.proxy:
                sock = await _through_proxy(network, settings.proxy, target, min(timeout, network.remaining()))
            else:
                sock = await _directly(target, settings.source_address if bind else None)
    except ConnectProblem:
        raise
    except Stopped as stop:
        trouble = Trouble.PROXY if settings.proxy and stop.problem.trouble is Trouble.TIMEOUT else stop.problem.trouble
        raise ConnectProblem(Problem(trouble, Stage.CONNECT, stop.problem.detail)) from None
    except OSError as error:
        raise ConnectProblem(Problem(_whose(error), Stage.CONNECT, said(error))) from error
    connection = Connection(sock, target, proxied=bool(settings.proxy), connect_ms=(time.monotonic() - started) * 1000.0)
    if connection.local_address and not connection.proxied:
        network.local_addresses.add(connection.local_address)
    return connection


async def _directly(target: tuple[str, int], source: str | None) -> socket.socket:
    try:
        version = ipaddress.ip_address(target[0]).version
    except ValueError:
        raise ConnectProblem(Problem(Trouble.LOCAL, Stage.CONNECT, f"{visible(target[0])} is not an address")) from None
    family = socket.AF_INET6 if version == 6 else socket.AF_INET
    try:
        sock = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise ConnectProblem(Problem(Trouble.LOCAL, Stage.CONNECT, said(error))) from error
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if source is not None:
            _bind(sock, source, version)
        await asyncio.get_running_loop().sock_connect(sock, target)
    except BaseException:
        sock.close()
        raise
    return sock


def _bind(sock: socket.socket, source: str, version: int) -> None:
    if ipaddress.ip_address(source).version != version:
        detail = f"the source address {source} and the target are not of the same IP version"
        raise ConnectProblem(Problem(Trouble.LOCAL, Stage.CONNECT, detail))
    try:
        sock.bind((source, 0))
    except OSError as error:
        raise ConnectProblem(Problem(Trouble.LOCAL, Stage.CONNECT, f"cannot use {source}: {said(error)}")) from error


async def _through_proxy(network: Network, url: str, target: tuple[str, int], timeout: float) -> socket.socket:
    from python_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError, ProxyType  # noqa: PLC0415 - a tenth of a second that only a proxy costs
    from python_socks.async_.asyncio import Proxy  # noqa: PLC0415  # few environments have a proxy

    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 1080
    # A proxy is usually this machine (ssh -D) or a name only the system's own resolver knows; python-socks asks that where DNS knows none.
    found = await network.resolve(host)
    proxy = Proxy(ProxyType.SOCKS5, found[0] if found else host, port, username=parts.username, password=parts.password)
    try:
        sock: socket.socket = await proxy.connect(target[0], target[1], timeout=timeout)
    except ProxyError as error:
        trouble = _SOCKS_ABOUT_THE_TARGET.get(error.error_code or 0, Trouble.PROXY)
        raise ConnectProblem(Problem(trouble, Stage.CONNECT, f"SOCKS proxy: {said(error)}")) from error
    except (ProxyConnectionError, ProxyTimeoutError, OSError, ValueError) as error:
        raise ConnectProblem(Problem(Trouble.PROXY, Stage.CONNECT, f"SOCKS proxy: {said(error)}")) from error
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _whose(error: OSError) -> Trouble:
    if isinstance(error, ConnectionRefusedError):
        return Trouble.REFUSED
    if isinstance(error, TimeoutError):
        return Trouble.TIMEOUT
    if isinstance(error, ConnectionError):
        return Trouble.CLOSED
    return Trouble.UNREACHABLE if error.errno in _UNREACHABLE else Trouble.LOCAL


def said(error: BaseException) -> str:
    """
    What an error says, printable and short.
    """
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return visible(text or type(error).__name__)[:300]
