"""
Bytes of an SMTP server to replies: RFC 5321 section 4.2, read with patience and with bounds.

A reply that can be read is read, whatever is odd about it, and the oddity is noted. What cannot be read, or does not end, is an error.
Nothing here waits or sends.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ..knowledge.text import visible
from ..observations.smtp import SmtpReply

MAX_LINE = 4096
"""
Bytes of one line that are kept.
"""
MAX_REPLY = 65536
"""
Bytes of one reply, all lines together, after which it is given up.
"""
MAX_LINES = 100
"""
Lines of one reply after which it is given up.
"""
LONG_LINE = 512
"""
Longest reply line with its end that RFC 5321 section 4.5.3.1.5 allows, bytes.
"""
_REPLY_LINE = re.compile(rb"[\x00-\x1f\x7f]*([2-5][0-9][0-9])(?:([ \t-])(.*))?", re.DOTALL)
_CONTROL = re.compile(rb"[\x01-\x08\x0b-\x1f\x7f]")


class NotAReplyError(ValueError):
    """
    What came is not an SMTP reply.
    """


class TooMuchError(ValueError):
    """
    What came is larger than any reply may be.
    """


class ReplyReader:
    """
    Takes bytes in any portions, gives replies.

    Args:
        tap: Is told each line as it is read, without its end.
    """

    def __init__(self, tap: Callable[[bytes], None]) -> None:
        self._tap = tap
        self._buffer = bytearray()
        self._scanned = 0
        self._codes: list[int] = []
        self._texts: list[str] = []
        self._odd: list[str] = []
        self._size = 0
        self._bare_lf = False

    @property
    def waiting(self) -> bytes:
        """
        Bytes that are there and not read yet.
        """
        return bytes(self._buffer)

    def feed(self, data: bytes) -> None:
        """
        Put more bytes in. Call it only when `take` gave nothing, so that the buffer stays bounded.
        """
        self._buffer += data

    def discard(self) -> bytes:
        """
        Throw away what is waiting, and a reply that was begun.

        Returns:
            What was waiting.
        """
        dropped = self.waiting
        if dropped:
            self._buffer.clear()
            self._bare_lf = False
        self._begin()
        return dropped

    def note(self, oddity: str) -> None:
        """
        Note something irregular on the reply that is read next.
        """
        if oddity not in self._odd:
            self._odd.append(oddity)

    def take(self) -> SmtpReply | None:
        """
        The next reply.

        Returns:
            None while it is not complete.

        Raises:
            NotAReplyError: It is none.
            TooMuchError: It is too long.
        """
        while (line := self._line()) is not None:
            self._size += len(line)
            if self._size > MAX_REPLY:
                raise TooMuchError(f"a reply of more than {MAX_REPLY} bytes")
            if self._read(line):
                code = self._codes[-1]
                if len(set(self._codes)) > 1:
                    self.note("mixed_codes")
                reply = SmtpReply(code, tuple(self._texts), tuple(self._odd))
                self._begin()
                return reply
            if len(self._texts) >= MAX_LINES:
                raise TooMuchError(f"a reply of more than {MAX_LINES} lines")
        if self._size + len(self._buffer) > MAX_REPLY:
            raise TooMuchError(f"a reply of more than {MAX_REPLY} bytes")
        return None

    def _begin(self) -> None:
        self._codes, self._texts, self._odd = [], [], []
        self._size = self._scanned = 0

    def _line(self) -> bytes | None:
        end = self._buffer.find(b"\n", self._scanned)
        if end < 0:
            self._scanned = len(self._buffer)
            return None
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        self._scanned = 0
        return line

    def _read(self, line: bytes) -> bool:
        """
        Read one line with its end into the reply.

        Returns:
            True when it was the last.
        """
        bare = not line.endswith(b"\r\n")
        content = line[:-1] if bare else line[:-2]
        self._tap(content[:MAX_LINE])
        match = _REPLY_LINE.fullmatch(content)
        if match is None and not self._bare_lf:
            raise NotAReplyError(shortened(content, 120) or "an empty line")
        self._oddities(content, bare, len(line))
        self._bare_lf = bare
        if match is None:  # the rest of a line that a bare LF cut in two; no line opens with text alone
            if self._texts:
                self._texts[-1] = f"{self._texts[-1]} {printable(content[:MAX_LINE])}"[:MAX_LINE]
            self._size += 64  # each costs something, so that an endless row of them ends
            return False
        self._codes.append(int(match.group(1)))
        self._texts.append(printable((match.group(3) or b"")[: MAX_LINE - 4]))
        return match.group(2) != b"-"

    def _oddities(self, content: bytes, bare: bool, length: int) -> None:
        if bare:
            self.note("bare_lf")
        if b"\0" in content:
            self.note("nul")
        if _CONTROL.search(content):
            self.note("control")
        if length > LONG_LINE:
            self.note("long_line")
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            self.note("not_utf8")


def printable(data: bytes) -> str:
    r"""
    Bytes from outside as text: UTF-8, with odd bytes and invisible characters written out.

    >>> printable(b"caf\xc3\xa9 \xff\x1b[0m")
    'café \\xff\\x1b[0m'
    """
    return visible(data.decode("utf-8", "backslashreplace"))


def shortened(data: bytes, limit: int) -> str:
    """
    The same, cut off with a word on how much is missing.
    """
    if len(data) <= limit:
        return printable(data)
    return f"{printable(data[:limit])}… ({len(data)} bytes)"
