"""
A mail server on loopback that does exactly what a test's script says, certificates of every kind, and a SOCKS proxy.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import ipaddress
import ssl
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from runbook_lib.observations import Envelope, SmtpDialogue, SmtpQuestion, SmtpTransaction
from runbook_lib.probes import Settings, network_with
from runbook_lib.probes.smtp import run_dialogue

HOST = "mail.alder.example"
VALID = SmtpTransaction(Envelope.VALID, "", "anna@alder.example")
UNKNOWN = SmtpTransaction(Envelope.UNKNOWN, "", "nobody-4711@alder.example")
FOREIGN = SmtpTransaction(Envelope.FOREIGN, "", "someone@foreign.example")
DELIVERY = SmtpTransaction(Envelope.DELIVERY, "", "anna@alder.example")
EHLO = ("mail.alder.example", "SIZE 1000000", "8BITMIME", "STARTTLS")


class Peer:
    """
    The server's end of one connection.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.lines: list[str] = []
        self.sent = 0
        self.message = b""

    async def send(self, data: bytes) -> None:
        """
        Send bytes as they are.
        """
        self.sent += len(data)
        self.writer.write(data)
        await self.writer.drain()

    async def say(self, code: int, *lines: str) -> None:
        """
        Send one well-formed reply.
        """
        last = len(lines) - 1
        await self.send("".join(f"{code}{'-' if at < last else ' '}{line}\r\n" for at, line in enumerate(lines)).encode())

    async def line(self) -> str:
        """
        The client's next line.
        """
        line = await self.reader.readline()
        if not line:
            raise ConnectionResetError("the client left")
        self.lines.append(line.decode().rstrip("\r\n"))
        return self.lines[-1]

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """
        Carry out the server's side of the handshake.
        """
        await self.writer.start_tls(context, ssl_handshake_timeout=5)

    async def serve(
        self,
        replies: Mapping[str, str] | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        ehlo: Sequence[str] = EHLO,
        greeting: str = "220 mail.alder.example ESMTP",
    ) -> None:
        """
        Be an ordinary server. `replies` says what another reply is to a command that begins so; ``""`` closes the connection instead.
        """
        if greeting:
            await self.send(f"{greeting}\r\n".encode())
        await self.commands(replies or {}, tls, ehlo)

    async def commands(self, replies: Mapping[str, str], tls: ssl.SSLContext | None = None, ehlo: Sequence[str] = EHLO) -> None:
        """
        Answer commands until QUIT.
        """
        while True:
            line = await self.line()
            verb = line.partition(" ")[0].upper()
            special = next((reply for start, reply in replies.items() if line.upper().startswith(start.upper())), None)
            if special is not None:
                if not special:
                    return
                await self.send(f"{special}\r\n".encode())
                if special.startswith("421"):
                    return
            elif verb == "EHLO":
                await self.say(250, *(word for word in ehlo if tls is not None or word != "STARTTLS"))
            elif verb == "STARTTLS" and tls is not None:
                await self.say(220, "go ahead")
                await self.start_tls(tls)
                tls = None
            elif verb == "DATA":
                await self.say(354, "go ahead")
                self.message = await self.reader.readuntil(b"\r\n.\r\n")
                await self.say(250, "2.0.0 taken")
            else:
                await self.say(221 if verb == "QUIT" else 250, "2.0.0 Ok")
                if verb == "QUIT":
                    return


Script = Callable[[Peer], Awaitable[None]]


class Server:
    """
    A running server: its port and what it saw of each connection.
    """

    def __init__(self) -> None:
        self.port = 0
        self.peers: list[Peer] = []


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Awaitable[Server]]]:
    """
    Start servers; the first connection gets the first script and so on, the last script repeats.
    """
    started: list[asyncio.Server] = []
    handlers: set[asyncio.Task[Any]] = set()

    async def start(*scripts: Script, host: str = "127.0.0.1") -> Server:
        server = Server()

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            handlers.add(task)
            peer = Peer(reader, writer)
            server.peers.append(peer)
            try:
                await scripts[min(len(server.peers), len(scripts)) - 1](peer)
            except (OSError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.CancelledError):
                pass
            finally:
                writer.close()
                with contextlib.suppress(OSError, ssl.SSLError):
                    await asyncio.wait_for(writer.wait_closed(), 1)
                handlers.discard(task)

        listening = await asyncio.start_server(handle, host, 0)
        started.append(listening)
        server.port = listening.sockets[0].getsockname()[1]
        return server

    yield start
    for listening in started:
        listening.close()
    for task in list(handlers):
        task.cancel()
    if handlers:
        await asyncio.wait(list(handlers))


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """
    The CA this environment's `ca_file` holds.
    """
    return trustme.CA(organization_name="Alder Test CA")


@pytest.fixture(scope="session")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """
    Its certificate as a file.
    """
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def good_tls(authority: trustme.CA) -> ssl.SSLContext:
    """
    A server context with a certificate that verifies.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    return context


@pytest.fixture
def certify(tmp_path: Path) -> Callable[..., ssl.SSLContext]:
    """
    Make server contexts with certificates that are wrong in a given way.
    """
    counter = iter(range(1000))

    def make(
        *,
        names: Sequence[str] = (HOST,),
        days: tuple[int, int] = (-10, 300),
        bits: int = 0,
        issuer: tuple[x509.Name, Any] | None = None,
        extra: Sequence[bytes] = (),
        old: bool = False,
        digest: hashes.HashAlgorithm | None = None,
        level: int | None = None,
    ) -> ssl.SSLContext:
        key: Any = rsa.generate_private_key(public_exponent=65537, key_size=bits) if bits else ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0] if names else "nameless")])
        issuer_name, issuer_key = issuer or (subject, key)
        now = dt.datetime.now(dt.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer_name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + dt.timedelta(days=days[0]))
            .not_valid_after(now + dt.timedelta(days=days[1]))
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        certificate = builder.sign(issuer_key, digest or hashes.SHA256())
        path = tmp_path / f"server{next(counter)}.pem"
        pem = serialization.Encoding.PEM
        path.write_bytes(
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            + certificate.public_bytes(pem)
            + b"".join(extra)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if level is not None:
            context.set_ciphers(f"DEFAULT:@SECLEVEL={level}")
        if old:
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            with warnings.catch_warnings(action="ignore"):  # that these are deprecated is the point
                context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.load_cert_chain(path)
        return context

    return make


@pytest.fixture
def ask(ca_file: Path) -> Callable[..., Awaitable[SmtpDialogue]]:
    """
    Carry out a dialogue with a server on loopback, as if it were the customer's host.
    """

    async def run(
        port: int,
        *transactions: SmtpTransaction,
        address: str = "192.0.2.7",
        tls: bool = True,
        time_limit: float = 30.0,
        **settings: Any,
    ) -> SmtpDialogue:
        settings = {
            "timeout": 1.0,
            "ca_file": ca_file,
            "connect_to": {f"{HOST}:25": f"127.0.0.1:{port}"},
            "ehlo_name": "probe.example",
        } | settings
        network = network_with(Settings(time_limit=time_limit, **settings))
        return await run_dialogue(network, SmtpQuestion(HOST, address, 25, transactions, tls=tls))

    return run


@pytest.fixture
def transactions() -> tuple[SmtpTransaction, SmtpTransaction, SmtpTransaction]:
    """
    The three RCPTs every dialogue asks: valid, unknown, foreign.
    """
    return VALID, UNKNOWN, FOREIGN


@pytest.fixture
def delivery() -> SmtpTransaction:
    """
    A transaction that is carried on through DATA.
    """
    return DELIVERY


@pytest.fixture
async def socks() -> AsyncIterator[Callable[..., Awaitable[SocksProxy]]]:
    """
    Start SOCKS5 proxies that answer every request with a given reply code, or behave like ``ssh -D``.
    """
    started: list[SocksProxy] = []

    async def start(code: int = 0, *, eager: bool = False, deaf: bool = False) -> SocksProxy:
        started.append(await SocksProxy.start(code, eager=eager, deaf=deaf))
        return started[-1]

    yield start
    for proxy in started:
        proxy.close()


class SocksProxy:
    """
    A SOCKS5 proxy for one test.

    Args:
        code: Reply code of RFC 1928 to every CONNECT; 0 really connects.
        eager: Says "connected" before it tries, as OpenSSH does.
        deaf: Says nothing at all.
    """

    def __init__(self, code: int, *, eager: bool, deaf: bool) -> None:
        self.code, self.eager, self.deaf = code, eager, deaf
        self.asked: list[tuple[str, int]] = []
        self.port = 0
        self._server: asyncio.Server | None = None

    @classmethod
    async def start(cls, code: int = 0, *, eager: bool = False, deaf: bool = False) -> SocksProxy:
        """
        Listen on loopback.
        """
        proxy = cls(code, eager=eager, deaf=deaf)
        proxy._server = await asyncio.start_server(proxy._handle, "127.0.0.1", 0)
        proxy.port = proxy._server.sockets[0].getsockname()[1]
        return proxy

    @property
    def url(self) -> str:
        """
        As an environment names it.
        """
        return f"socks5://127.0.0.1:{self.port}"

    def close(self) -> None:
        """
        Stop listening.
        """
        if self._server is not None:
            self._server.close()

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._talk(reader, writer)
        writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, count = await reader.readexactly(2)
        await reader.readexactly(count)
        if self.deaf:
            await reader.read()
            return
        writer.write(b"\x05\x00")
        _, _, _, kind = await reader.readexactly(4)
        packed = await reader.readexactly(4 if kind == 1 else 16)
        port = int.from_bytes(await reader.readexactly(2), "big")
        self.asked.append((str(ipaddress.ip_address(packed)), port))
        ready = b"\x05%c\x00\x01\x00\x00\x00\x00\x00\x00"
        if self.eager or self.code:
            writer.write(ready % self.code)
            await writer.drain()
        if self.code:
            return
        inner_reader, inner_writer = await asyncio.open_connection(*self.asked[-1])
        if not self.eager:
            writer.write(ready % 0)
        await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(4096):
            writer.write(data)
            await writer.drain()
    writer.close()
