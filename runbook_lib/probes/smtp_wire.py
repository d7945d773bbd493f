"""
One SMTP conversation on the wire: commands out, replies in, every line kept with its time.

aiosmtplib was looked at for this. Its protocol drops what arrives between two commands, throws away what stands behind the 220 of STARTTLS,
reads codes with ``int()`` (so ``+25`` passes), has no transcript, and leaves the handshake to asyncio's transport, which cannot tell bytes
that are no TLS from a closed connection and shows no chain. These are the very things a probe is there to see, so this is our own.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Sequence
from typing import Protocol

from ..observations.smtp import Direction, Problem, SmtpReply, Stage, TranscriptLine, Trouble
from .connect import Connection, Stopped, said, time_for
from .network import Network
from .smtp_reply import NotAReplyError, ReplyReader, TooMuchError, shortened

MAX_TRANSCRIPT = 400
"""
Lines of transcript that are kept of one connection.
"""
MAX_SHOWN = 500
"""
Bytes of one line that the transcript shows.
"""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Stream(Protocol):
    """
    Bytes both ways: a `Connection`, or TLS on one.
    """

    async def receive(self) -> bytes:
        """
        What has come; empty at the end.
        """

    async def send(self, data: bytes) -> None:
        """
        Send all of it.
        """


class Transcript:
    """
    What was said, in order, with times and within bounds.

    Args:
        started: `time.monotonic` when the connection was asked for.
    """

    def __init__(self, started: float) -> None:
        self._started = started
        self._lines: list[TranscriptLine] = []

    def add(self, who: Direction, text: str) -> None:
        """
        Put one printable line in. What is over the bound is dropped, and the last line says so.
        """
        at_ms = round((time.monotonic() - self._started) * 1000.0, 3)
        if len(self._lines) < MAX_TRANSCRIPT:
            self._lines.append(TranscriptLine(at_ms, who, text))
        else:
            self._lines[-1] = TranscriptLine(at_ms, Direction.NOTE, "more lines followed and are not kept")

    @property
    def lines(self) -> tuple[TranscriptLine, ...]:
        """
        All of it.
        """
        return tuple(self._lines)


class Wire:
    """
    A conversation over one connection.

    Args:
        network: Whose time it takes.
        connection: The open connection.
        transcript: Where lines go.
    """

    def __init__(self, network: Network, connection: Connection, transcript: Transcript) -> None:
        self._network = network
        self.connection = connection
        self.stream: Stream = connection
        self.transcript = transcript
        self.heard = False
        self._reader = ReplyReader(self._tap)

    def note(self, text: str) -> None:
        """
        Put a remark of the probe into the transcript.
        """
        self.transcript.add(Direction.NOTE, text)

    async def say(self, stage: Stage, *commands: str) -> None:
        """
        Send commands, several in one go where the server said PIPELINING (RFC 2920).

        What came unasked before is taken out, so that no reply is taken for that to another command; a 421 stays, it announces the end.
        A connection that breaks is noticed when the reply is read: there may be one.

        Raises:
            ValueError: A control character in a command; nothing was sent.
            Stopped: Time is up.
        """
        for command in commands:
            if _CONTROL.search(command):
                raise ValueError(f"control character in {command!r}")
        if not self._reader.waiting.startswith(b"421"):
            self._drop_unasked()
        for command in commands:
            self.transcript.add(Direction.CLIENT, command)
        await self.send_bytes(stage, "".join(f"{command}\r\n" for command in commands).encode("utf-8"))

    async def send_bytes(self, stage: Stage, data: bytes) -> None:
        """
        Send bytes as they are.

        Raises:
            Stopped: Time is up.
        """
        async with time_for(self._network, stage, self._network.settings.timeout):
            try:
                await self.stream.send(data)
            except OSError as error:
                self.note(f"could not send: {said(error)}")

    async def reply(self, stage: Stage, seconds: float | None = None) -> SmtpReply:
        """
        The next reply.

        Args:
            stage: What it is the reply to.
            seconds: For the whole of it; None is the environment's time-out.

        Raises:
            Stopped: There is none: time-out, closed, not SMTP, too much.
        """
        limit = self._network.settings.timeout if seconds is None else seconds
        try:
            async with time_for(self._network, stage, limit):
                return await self._read(stage)
        except Stopped as stop:
            if self._reader.waiting:
                self.transcript.add(Direction.SERVER, shortened(self._reader.discard(), MAX_SHOWN))
            self.note(f"{stop.problem.trouble}: {stop.problem.detail}" if stop.problem.detail else str(stop.problem.trouble))
            raise

    async def _read(self, stage: Stage) -> SmtpReply:
        while True:
            try:
                reply = self._reader.take()
                if reply is not None:
                    return reply
                data = await self.stream.receive()
            except NotAReplyError as error:
                raise Stopped(Problem(Trouble.PROTOCOL, stage, f"not an SMTP reply: {error}")) from None
            except TooMuchError as error:
                raise Stopped(Problem(Trouble.LIMIT, stage, str(error))) from None
            except ssl.SSLError as error:
                raise Stopped(Problem(Trouble.PROTOCOL, stage, f"TLS: {said(error)}")) from error
            except TimeoutError as error:  # the system gave the connection up
                raise Stopped(Problem(Trouble.TIMEOUT, stage, said(error))) from error
            except OSError as error:
                raise Stopped(Problem(Trouble.CLOSED, stage, said(error))) from error
            if not data:
                raise Stopped(Problem(Trouble.CLOSED, stage, "the server closed the connection"))
            self.heard = True
            self._reader.feed(data)

    def behind_starttls(self) -> bytes:
        """
        What stands behind the 220 of STARTTLS: there must be nothing (RFC 3207 section 4.2). It is taken out.
        """
        return self._reader.discard() + self.connection.receive_now()

    def _tap(self, line: bytes) -> None:
        self.transcript.add(Direction.SERVER, shortened(line, MAX_SHOWN))

    def _drop_unasked(self) -> None:
        unasked = self._reader.discard()
        if unasked:
            self.transcript.add(Direction.SERVER, shortened(unasked, MAX_SHOWN))
            self.note(f"{len(unasked)} bytes came unasked and were not taken for a reply")
            self._reader.note("unasked")


def keywords(lines: Sequence[str]) -> tuple[str, ...]:
    """
    EHLO keywords (RFC 5321 section 4.1.1.1) from the text of a reply: every line but the first, the keyword in upper case.

    >>> keywords(("mx.alder.example at your service", "size 1000", "8BITMIME"))
    ('SIZE 1000', '8BITMIME')
    """
    found = []
    for line in lines[1:]:
        keyword, _, rest = line.strip().partition(" ")
        if keyword:
            found.append(f"{keyword.upper()} {rest.strip()}".rstrip())
    return tuple(found)
