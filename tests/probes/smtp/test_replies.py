"""
Bytes to replies, in whatever portions they come.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook_lib.knowledge.text import visible
from runbook_lib.observations import SmtpReply
from runbook_lib.probes.smtp_reply import MAX_REPLY, NotAReplyError, ReplyReader, TooMuchError, printable, shortened
from runbook_lib.probes.smtp_wire import keywords


def read(data: bytes, portion: int = 1 << 20) -> list[SmtpReply]:
    """
    All replies in some bytes.
    """
    reader, found = ReplyReader(lambda _line: None), []
    for at in range(0, len(data), portion):
        reader.feed(data[at : at + portion])
        while (reply := reader.take()) is not None:
            found.append(reply)
    return found


@pytest.mark.parametrize(
    ("data", "reply"),
    [
        (b"220 hi\r\n", SmtpReply(220, ("hi",))),
        (b"250-a\r\n250-b c\r\n250 d\r\n", SmtpReply(250, ("a", "b c", "d"))),
        (b"250\r\n", SmtpReply(250, ("",))),
        (b"250 \r\n", SmtpReply(250, ("",))),
        (b"250-\r\n250 \r\n", SmtpReply(250, ("", ""))),
        (b"220 hi\n", SmtpReply(220, ("hi",), ("bare_lf",))),
        (b"\x00\x00220 hi\r\n", SmtpReply(220, ("hi",), ("nul",))),
        (b"220 a\rb\r\n", SmtpReply(220, ("a\\x0db",), ("control",))),
        (b"220\thi\r\n", SmtpReply(220, ("hi",))),
        (b"250-a\r\n550 b\r\n", SmtpReply(550, ("a", "b"), ("mixed_codes",))),
        (b"550 caf\xc3\xa9\r\n", SmtpReply(550, ("caf\u00e9",))),
        (b"550 caf\xe9\r\n", SmtpReply(550, ("caf\\xe9",), ("not_utf8",))),
        (b"250-one\ntwo\r\n250 three\r\n", SmtpReply(250, ("one two", "three"), ("bare_lf",))),
    ],
)
def test_reply(data: bytes, reply: SmtpReply) -> None:
    """
    A reply that can be read is read, and what is odd about it is noted; the portions it comes in make no difference.
    """
    assert read(data) == [reply]
    assert read(data, 1) == [reply]


@pytest.mark.parametrize(
    "data",
    [
        b"hello\r\n",
        b"22 hi\r\n",
        b"2200 hi\r\n",
        b"+25 hi\r\n",
        b"120 hi\r\n",
        b"620 hi\r\n",
        b"220_hi\r\n",
        b"\r\n",
        b"\xd9\xa2\xd9\xa2\xd9\xa0 x\n",
    ],
)
def test_not_a_reply(data: bytes) -> None:
    """
    What has no code of three digits from 200 to 599 with a separator behind it is no reply.
    """
    with pytest.raises(NotAReplyError):
        read(data)


@pytest.mark.parametrize(
    "data", [b"220-a\r\n" * 101, b"x" * (MAX_REPLY + 1), (b"220-" + b"y" * 3000 + b"\r\n") * 30, b"220-a\n" + b"b\n" * 5000]
)
def test_reply_without_end(data: bytes) -> None:
    """
    Lines and bytes of one reply are bounded, continuation by bare LF included.
    """
    with pytest.raises(TooMuchError):
        read(data, 4096)


def test_several_replies_at_once_stay_apart() -> None:
    """
    Pipelined replies are given one by one.
    """
    assert [reply.code for reply in read(b"250 a\r\n550-b\r\n550 c\r\n221 d\r\n")] == [250, 550, 221]


@settings(max_examples=200, derandomize=True)
@given(st.binary(max_size=200), st.integers(1, 50))
def test_no_bytes_break_the_reader(data: bytes, portion: int) -> None:
    """
    Any bytes give replies or one of two errors, and every text is printable.
    """
    try:
        texts = [line for reply in read(data, portion) for line in reply.lines]
    except (NotAReplyError, TooMuchError) as error:
        texts = [str(error)]

    assert all(visible(text) == text for text in texts)


def test_keywords_ignore_the_first_line_and_case() -> None:
    """
    EHLO keywords are upper case with their parameters as sent; the greeting line is none.
    """
    assert keywords(("starttls here", "size 10", "", "AUTH=login Plain")) == ("SIZE 10", "AUTH=LOGIN Plain")


def test_printable_and_shortened() -> None:
    """
    Odd bytes are written out, and what is cut off says how long it was.
    """
    assert printable(b"\xff\x1b[0m \xe2\x80\xae") == "\\xff\\x1b[0m \\u202e"
    assert shortened(b"abcdef", 3) == "abc\u2026 (6 bytes)"
