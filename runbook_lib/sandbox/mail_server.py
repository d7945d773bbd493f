"""
A small SMTP server for 127.0.0.1 (RFC 5321, STARTTLS of RFC 3207), which behaves as its `Behaviour` says at the moment.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from .behaviour import Behaviour, StartTls, Trick
from .certificates import Authority
from .sockets import LOOPBACK, Connections, bound_socket

_LONGEST_LINE = 8192
_MEGABYTE = 1_000_000
_PATH = re.compile(r"<([^<>]*)>")


@dataclass(frozen=True, slots=True)
class LoggedCommand:
    """
    One command a mail server got.

    Args:
        host: The server.
        connection: Number of the connection, from 1 on, counted over all servers of the world.
        tls: It came through TLS.
        command: The line, Latin-1, without its end.
        reply: First line of the reply, ``""`` for none.
    """

    host: str
    connection: int
    tls: bool
    command: str
    reply: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """
    One message a mail server took.
    """

    host: str
    sender: str
    recipients: tuple[str, ...]
    content: bytes


class MailPort:
    """
    One port on which a mail server answers, or refuses.

    Args:
        behaviour: How it behaves.
        authority: Makes its certificate.
        log: Takes what it got.
        deliver: Takes a message.
        connections: Counts connections over all servers.
    """

    def __init__(
        self,
        behaviour: Behaviour,
        authority: Authority,
        log: Callable[[LoggedCommand], None],
        deliver: Callable[[Delivered], None],
        connections: itertools.count[int],
    ) -> None:
        self.behaviour = behaviour
        self.authority = authority
        self.log = log
        self.deliver = deliver
        self.port = 0
        self.refusing = False
        self.seen: dict[tuple[str, str, str], float] = {}
        self._numbers = connections
        self._held: socket.socket | None = None
        self._server: asyncio.Server | None = None
        self._connections = Connections()

    async def open(self, *, refusing: bool = False) -> None:
        """
        Take a port, the same as before if there was one, and listen on it, or hold it and refuse.
        """
        await self.close()
        self.refusing = refusing
        self._held = bound_socket(self.port, refusing=refusing)
        self.port = self._held.getsockname()[1]
        if not refusing:
            self._server = await asyncio.start_server(self._connections.guard(self._serve), sock=self._held, limit=_LONGEST_LINE)
            self._held = None

    async def close(self) -> None:
        """
        Let the port go and end its connections.
        """
        if self._held is not None:
            self._held.close()
            self._held = None
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._connections.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _Session(self, next(self._numbers), reader, writer).run()


class _HangUp(Exception):  # noqa: N818 - no error, the end of a dialogue
    """
    The connection is to be closed.
    """


class _Session:
    """
    One connection.
    """

    def __init__(self, port: MailPort, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._port = port
        self._number = number
        self._reader = reader
        self._writer = writer
        self._client = writer.get_extra_info("peername", (LOOPBACK, 0))[0]
        self._sender: str | None = None
        self._recipients: list[str] = []
        self._tls = False
        self._name = f"{number:08X}{int(time.time()):X}"

    @property
    def _does(self) -> Behaviour:
        return self._port.behaviour

    async def run(self) -> None:
        """
        Greet, then answer commands until the end.
        """
        with suppress(_HangUp, ssl.SSLError):
            await self._greet()
            while True:
                line = await self._line()
                verb, _, argument = line.partition(" ")
                handler = getattr(self, f"_{verb.lower()}", None) if verb.upper() in _VERBS else None
                if handler is None:
                    await self._say(line, "500 5.5.2 Command not recognized")
                else:
                    await handler(line, argument)

    async def _greet(self) -> None:
        trick = self._does.trick
        if trick is Trick.CLOSED:
            raise _HangUp
        if trick is Trick.SILENT:
            await self._silence()
        if trick is Trick.ENDLESS_GREETING:
            await self._flood(b"220-" + b"x" * 72 + b"\r\n")
        if trick is Trick.LONG_LINE:
            self._writer.write(b"220 " + b"x" * _MEGABYTE + b"\r\n")
            return
        await self._say("", self._does.greeting)
        if not self._does.greeting.startswith("220"):
            await self._turn_away()

    async def _turn_away(self) -> None:
        """
        After a greeting that is no welcome only QUIT is taken (RFC 5321 section 3.1).
        """
        while (line := await self._line()).strip().upper() != "QUIT":
            await self._say(line, "503 5.5.1 Bad sequence of commands")
        await self._quit(line, "")

    async def _silence(self) -> None:
        """
        Read until the peer goes away.
        """
        while await self._reader.read(_LONGEST_LINE):
            pass
        raise _HangUp

    async def _flood(self, line: bytes) -> None:
        """
        The same line until the peer goes away.
        """
        while not self._writer.is_closing():
            self._writer.write(line * 100)
            await self._writer.drain()
            await asyncio.sleep(0)
        raise _HangUp

    async def _line(self) -> str:
        try:
            line = await self._reader.readuntil(b"\n")
        except asyncio.LimitOverrunError:
            raise _HangUp from None
        return line.rstrip(b"\r\n").decode("latin-1")

    async def _say(self, command: str, reply: str, *, recipient: str = "", behind: str = "") -> None:
        """
        Send a reply, written ``CODE text`` with further lines behind line feeds, and log it with its command.

        Args:
            command: What it answers, ``""`` for nothing.
            reply: With placeholders.
            recipient: For the placeholders.
            behind: Follows the reply as it stands.
        """
        values = {
            "host": self._does.host,
            "client": self._client,
            "recipient": recipient,
            "domain": recipient.rpartition("@")[2],
            "date": format_datetime(datetime.now(UTC)),
            "session": self._name,
        }
        for key, value in values.items():
            reply = reply.replace(f"{{{key}}}", value)
        code, (first, *others) = reply[:3], reply[4:].split("\n")
        texts = [first, *others]
        lines = [f"{code}{' ' if number == len(texts) else '-'}{text}" for number, text in enumerate(texts, 1)]
        if not code.isdigit():
            lines = [reply]
        if command:
            self._port.log(LoggedCommand(self._does.host, self._number, self._tls, command, lines[0]))
        end = "\n" if self._does.trick is Trick.BARE_LF else "\r\n"
        await asyncio.sleep(self._does.delay)
        await self._send(("".join(line + end for line in lines) + behind).encode("latin-1", "replace"))
        if code == "421":
            raise _HangUp

    async def _send(self, data: bytes) -> None:
        if self._does.trick is Trick.DRIP:
            for number in range(len(data)):
                self._writer.write(data[number : number + 1])
                await self._writer.drain()
                await asyncio.sleep(1)
            return
        self._writer.write(data)
        await self._writer.drain()

    async def _ehlo(self, line: str, argument: str) -> None:
        if self._does.trick is Trick.ENDLESS_EHLO:
            await self._flood(b"250-" + b"X" * 72 + b"\r\n")
        if self._does.trick is Trick.NO_EHLO:
            await self._say(line, "502 5.5.1 Command not implemented")
        elif not argument.strip():
            await self._say(line, "501 5.5.4 Invalid domain name")
        else:
            self._reset()
            hidden = self._tls or self._does.starttls is StartTls.ABSENT
            offered = [item for item in self._does.capabilities if not (hidden and item.upper() == "STARTTLS")]
            await self._say(line, "\n".join([f"250 {self._does.hello}", *offered]))

    async def _helo(self, line: str, argument: str) -> None:
        self._reset()
        await self._say(line, f"250 {self._does.hello}" if argument.strip() else "501 5.5.4 Invalid domain name")

    async def _starttls(self, line: str, _argument: str) -> None:
        does = self._does
        if self._tls or does.starttls is StartTls.ABSENT:
            await self._say(line, "502 5.5.1 Command not implemented")
            return
        if does.starttls is StartTls.REFUSED:
            await self._say(line, does.replies["starttls_refused"])
            return
        # The context is made before the 220: between it and the handshake nothing may be read as plaintext.
        context = self._port.authority.context(does.certificate, does.certificate_names, does.tls)
        if does.starttls is StartTls.INJECTED:
            await self._say(line, does.replies["starttls"], behind="250 2.0.0 Injected before TLS\r\n")
        else:
            await self._say(line, does.replies["starttls"])
        if does.starttls is StartTls.HANDSHAKE:
            await self._reader.read(1)
            raise _HangUp
        if does.starttls is StartTls.GARBAGE:
            # Behind the client's first byte: sent at once it could arrive with the 220, which is something else (`INJECTED`).
            await self._reader.read(1)
            await self._send(b"\x00\xff this is not TLS \r\n" * 20)
            await self._silence()
        if does.starttls is StartTls.STALLED:
            await self._silence()
        await self._writer.start_tls(context)
        self._tls = True
        self._reset()

    async def _mail(self, line: str, argument: str) -> None:
        path = _PATH.search(argument)
        if self._sender is not None:
            await self._say(line, "503 5.5.1 Nested MAIL command")
        elif path is None or not argument.upper().startswith("FROM:"):
            await self._say(line, "501 5.5.4 Invalid arguments")
        else:
            reply = self._does.replies["mail"]
            if reply.startswith("2"):
                self._sender = path.group(1)
            await self._say(line, reply)

    async def _rcpt(self, line: str, argument: str) -> None:
        path = _PATH.search(argument)
        if self._does.trick is Trick.HANGS_UP:
            self._port.log(LoggedCommand(self._does.host, self._number, self._tls, line, ""))
            raise _HangUp
        if self._sender is None:
            await self._say(line, "503 5.5.1 Bad sequence of commands")
        elif path is None or not argument.upper().startswith("TO:"):
            await self._say(line, "501 5.5.4 Invalid arguments")
        else:
            recipient = path.group(1)
            verdict = self._verdict(self._sender, recipient)
            if verdict == "accepted" and self._does.replies[verdict].startswith("2"):
                self._recipients.append(recipient)
            await self._say(line, self._does.replies[verdict], recipient=recipient)

    def _verdict(self, sender: str, recipient: str) -> str:
        verdict = self._does.verdict(recipient)
        hold = self._does.greylist
        if verdict != "accepted" or hold is None:
            return verdict
        triplet = (self._client, sender.lower(), recipient.lower())
        first = self._port.seen.setdefault(triplet, time.monotonic())
        return "accepted" if time.monotonic() - first >= hold else "greylisted"

    async def _data(self, line: str, _argument: str) -> None:
        if not self._recipients:
            await self._say(line, "503 5.5.1 Bad sequence of commands")
            return
        reply = self._does.replies["data"]
        await self._say(line, reply)
        if not reply.startswith("354"):
            return
        content: list[str] = []
        while (text := await self._line()) != ".":
            content.append(text.removeprefix(".") if text.startswith("..") else text)
        body = "".join(f"{text}\r\n" for text in content).encode("latin-1")
        if self._does.replies["message"].startswith("2"):
            self._port.deliver(Delivered(self._does.host, self._sender or "", tuple(self._recipients), body))
        self._reset()
        await self._say(".", self._does.replies["message"])

    async def _rset(self, line: str, _argument: str) -> None:
        self._reset()
        await self._say(line, self._does.replies["reset"])

    async def _noop(self, line: str, _argument: str) -> None:
        await self._say(line, "250 2.0.0 OK")

    async def _quit(self, line: str, _argument: str) -> None:
        await self._say(line, self._does.replies["quit"])
        raise _HangUp

    def _reset(self) -> None:
        self._sender = None
        self._recipients = []


_VERBS = frozenset({"EHLO", "HELO", "STARTTLS", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "QUIT"})
