"""
A DNS server and a web server that do exactly what a test tells them, right or wrong, on loopback.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
import trustme

from runbook_lib.observations import DnsAnswer, DnsQuestion, Via
from runbook_lib.probes import Network, Settings, network_with

Handler = Callable[["Ask"], "bytes | Iterable[bytes] | None"]


class Ask:
    """
    One query as it came in.
    """

    def __init__(self, wire: bytes, transport: str) -> None:
        self.message = dns.message.from_wire(wire)
        self.transport = transport
        self.name = self.message.question[0].name.to_text()
        self.rdtype = dns.rdatatype.to_text(self.message.question[0].rdtype)

    @property
    def checking_disabled(self) -> bool:
        """
        CD is set.
        """
        return bool(self.message.flags & dns.flags.CD)

    def reply(
        self,
        *answer: str,
        authority: Sequence[str] = (),
        rcode: str = "NOERROR",
        flags: str = "RA",
        options: Sequence[dns.edns.Option] = (),
    ) -> bytes:
        """
        A reply with records given as ``name ttl IN type data``.
        """
        message = dns.message.make_response(self.message)
        message.flags |= dns.flags.from_text(flags)
        for section, records in ((message.answer, answer), (message.authority, authority)):
            for record in records:
                owner, ttl, _, rdtype, data = record.split(" ", 4)
                section.append(dns.rrset.from_text(owner, int(ttl), "IN", rdtype, data))
        message.set_rcode(dns.rcode.from_text(rcode))
        if options:
            message.use_edns(0, 0, 1232, options=list(options))
        return message.to_wire(max_size=65535)


class DnsDouble(asyncio.DatagramProtocol):
    """
    The server. `asked` has every query in order.
    """

    def __init__(self, handler: Handler, *, tcp: bool, drip: float) -> None:
        self.handler = handler
        self.asked: list[Ask] = []
        self.heard = asyncio.Event()
        self.connections: list[asyncio.Task[None]] = []
        self.port = 0
        self._tcp = tcp
        self._drip = drip
        self._server: asyncio.Server | None = None

    @property
    def address(self) -> str:
        """
        As an environment names it.
        """
        return f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        """
        Bind UDP and, where wanted, TCP on the same port.
        """
        loop = asyncio.get_running_loop()
        for _ in range(20):
            self._udp, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
            self.port = self._udp.get_extra_info("sockname")[1]
            if not self._tcp:
                return
            try:
                self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
            except OSError:
                self._udp.close()
            else:
                return

    async def stop(self) -> None:
        """
        Close everything.
        """
        self._udp.close()
        if self._server is not None:
            self._server.close()
        for task in self.connections:
            task.cancel()
        await asyncio.gather(*self.connections, return_exceptions=True)
        await asyncio.sleep(0)

    def replies(self, wire: bytes, transport: str) -> list[bytes]:
        """
        What the handler wants sent.
        """
        ask = Ask(wire, transport)
        self.asked.append(ask)
        self.heard.set()
        got = self.handler(ask)
        return [] if got is None else [got] if isinstance(got, bytes) else list(got)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """
        One UDP query.
        """
        for wire in self.replies(data, "udp"):
            self._udp.sendto(wire, addr)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.connections.append(task)
        try:
            while True:
                (size,) = struct.unpack("!H", await reader.readexactly(2))
                for wire in self.replies(await reader.readexactly(size), "tcp"):
                    framed = struct.pack("!H", len(wire)) + wire
                    step = 1 if self._drip else len(framed)
                    for at in range(0, len(framed), step):
                        writer.write(framed[at : at + step])
                        await writer.drain()
                        await asyncio.sleep(self._drip)
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.transport.abort()


class Web:
    """
    A server that sends what it was given, whatever is asked.
    """

    def __init__(self, sent: bytes, *, drip: float, keep: bool) -> None:
        self.sent = sent
        self.drip = drip
        self.keep = keep
        self.asked: list[bytes] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def start(self, context: ssl.SSLContext | None) -> None:
        """
        Listen on loopback, with TLS where there is a context.
        """
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context)
        self.port: int = self.server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """
        Close everything.
        """
        self.server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.tasks.append(task)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                self.asked.append(await reader.readuntil(b"\r\n\r\n"))
                step = 1 if self.drip else max(1, len(self.sent))
                for at in range(0, len(self.sent), step):
                    writer.write(self.sent[at : at + step])
                    await writer.drain()
                    await asyncio.sleep(self.drip)
                if self.keep:
                    await reader.read()
        finally:
            writer.transport.abort()


@pytest.fixture
async def dns_double() -> AsyncIterator[Callable[..., Awaitable[DnsDouble]]]:
    """
    Starts DNS doubles; `drip` is the seconds between two bytes over TCP.
    """
    doubles: list[DnsDouble] = []

    async def start(handler: Handler, *, tcp: bool = True, drip: float = 0.0) -> DnsDouble:
        double = DnsDouble(handler, tcp=tcp, drip=drip)
        await double.start()
        doubles.append(double)
        return double

    yield start
    for double in doubles:
        await double.stop()


@pytest.fixture
def network_for() -> Callable[..., Network]:
    """
    Makes a network with a short timeout that asks the given name servers.
    """

    def make(*nameservers: str, time_limit: float = 30.0, timeout: float = 1.5, **settings: object) -> Network:
        return network_with(Settings(nameservers=nameservers, timeout=timeout, time_limit=time_limit, **settings))  # type: ignore[arg-type]

    return make


@pytest.fixture
async def ask(dns_double: Callable[..., Awaitable[DnsDouble]], network_for: Callable[..., Network]) -> Callable[..., Awaitable[DnsAnswer]]:
    """
    Asks one question of a double made for it.
    """

    async def one(handler: Handler, name: str, rdtype: str, *, via: Via = Via.RESOLVER, tcp: bool = True, **settings: object) -> DnsAnswer:
        double = await dns_double(handler, tcp=tcp)
        if via is Via.RESOLVER:
            network, question = network_for(double.address, **settings), DnsQuestion(name, rdtype)
        elif via is Via.PROPAGATION:
            network, question = network_for(**settings), DnsQuestion(name, rdtype, via, server=double.address)
        else:
            network = network_for(connect_to={"192.0.2.53:53": double.address}, **settings)
            zone = ".".join(name.split(".")[-2:])
            question = DnsQuestion(name, rdtype, via, server="192.0.2.53", server_name="ns1.alder.example", zone=zone)
        answer = await network.ask(question)
        assert isinstance(answer, DnsAnswer)
        return answer

    return one


@pytest.fixture
def pem(tmp_path: Path) -> Callable[..., Path]:
    """
    Writes PEM blobs into one file.
    """

    def write(*blobs: bytes) -> Path:
        path = tmp_path / "root.pem"
        path.write_bytes(b"".join(blobs))
        return path

    return write


@pytest.fixture
def authority() -> trustme.CA:
    """
    The CA of these tests.
    """
    return trustme.CA()


@pytest.fixture
async def web(authority: trustme.CA) -> AsyncIterator[Callable[..., Awaitable[Web]]]:
    """
    Starts web servers with a certificate for the given names; without names there is no TLS.
    """
    started: list[Web] = []

    async def start(sent: bytes, *names: str, drip: float = 0.0, keep: bool = False) -> Web:
        context = None
        if names:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert(*names).configure_cert(context)
        one = Web(sent, drip=drip, keep=keep)
        await one.start(context)
        started.append(one)
        return one

    yield start
    for one in started:
        await one.stop()
