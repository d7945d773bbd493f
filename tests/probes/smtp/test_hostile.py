"""
Servers that mean harm, or are broken beyond meaning: each dialogue ends in time, small, and with the right word for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import tracemalloc
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runbook_lib.knowledge.text import visible
from runbook_lib.observations import SmtpConnection, SmtpDialogue, SmtpTransaction, Stage, Trouble
from runbook_lib.observations.codec import from_json, to_json

Ask = Callable[..., Awaitable[SmtpDialogue]]
Serve = Callable[..., Awaitable[Any]]
Three = tuple[SmtpTransaction, SmtpTransaction, SmtpTransaction]


def kept(seen: SmtpConnection) -> int:
    """
    Characters of text a connection keeps.
    """
    return len(repr(seen))


def printable(seen: SmtpConnection) -> bool:
    """
    Whether nothing that could move a cursor or hide is in any text that is kept.
    """
    texts = [line.text for line in seen.transcript] + [seen.injected, seen.problem.detail if seen.problem else ""]
    texts += list(seen.capabilities) + list(seen.greeting.lines if seen.greeting else ()) + list(seen.ehlo.lines if seen.ehlo else ())
    return all(visible(text) == text for text in texts)


@pytest.mark.parametrize(
    ("stream", "detail"),
    [(b"220-welcome\r\n", "lines"), (b"220-" + b"x" * 2000 + b"\r\n", "bytes"), (b"x" * 4096, "bytes"), (b"220-\0\x1b[2J\n", "lines")],
    ids=["endless_lines", "endless_long_lines", "one_endless_line", "endless_control"],
)
async def test_endless_banner(serve: Serve, ask: Ask, stream: bytes, detail: str) -> None:
    """
    A banner without end is cut off by its size, long before the time-out and with little kept.
    """

    async def script(peer: Any) -> None:
        while True:
            await peer.send(stream * 500)

    server = await serve(script)
    tracemalloc.start()
    try:
        (seen,) = (await ask(server.port, timeout=20.0)).connections
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert seen.problem is not None
    assert (seen.problem.trouble, seen.problem.stage) == (Trouble.LIMIT, Stage.GREETING)
    assert detail in seen.problem.detail
    assert kept(seen) < 150_000
    assert peak < 20_000_000
    assert printable(seen)


async def test_endless_ehlo(serve: Serve, ask: Ask) -> None:
    """
    An EHLO reply without end is a limit at EHLO, and the greeting is kept.
    """

    async def script(peer: Any) -> None:
        await peer.send(b"220 hi\r\n")
        await peer.line()
        while True:
            await peer.send(b"250-X-MORE\r\n" * 500)

    server = await serve(script)

    (seen,) = (await ask(server.port, timeout=20.0)).connections

    assert seen.greeting is not None
    assert seen.problem is not None
    assert (seen.problem.trouble, seen.problem.stage) == (Trouble.LIMIT, Stage.EHLO)


async def test_one_megabyte_line(serve: Serve, ask: Ask) -> None:
    """
    A line of a megabyte is given up after 64 KiB.
    """

    async def script(peer: Any) -> None:
        await peer.send(b"220 " + b"A" * 1_000_000 + b"\r\n")
        await peer.commands({})

    server = await serve(script)

    (seen,) = (await ask(server.port, timeout=20.0)).connections

    assert seen.problem is not None
    assert (seen.problem.trouble, seen.problem.stage) == (Trouble.LIMIT, Stage.GREETING)
    assert kept(seen) < 10_000


async def test_long_line_that_ends_is_read(serve: Serve, ask: Ask, transactions: Three) -> None:
    """
    A line longer than is allowed but not absurd is read, shortened, and noted.
    """
    server = await serve(lambda peer: peer.serve(greeting="220 " + "A" * 20_000))

    dialogue = await ask(server.port, *transactions)

    greeting = dialogue.connections[0].greeting
    assert greeting is not None
    assert greeting.irregular == ("long_line",)
    assert len(greeting.lines[0]) < 4096
    assert len(dialogue.results) == 3


@pytest.mark.parametrize("data", [b"220 mail.alder.example\r\n", b"2"], ids=["reply", "byte"])
async def test_one_byte_at_a_time(serve: Serve, ask: Ask, data: bytes) -> None:
    """
    The time-out is for the whole reply: a byte now and then does not prolong it.
    """

    async def script(peer: Any) -> None:
        for at in range(100):
            await peer.send(data[at % len(data) : at % len(data) + 1])
            await asyncio.sleep(0.1)

    server = await serve(script)

    (seen,) = (await ask(server.port, timeout=0.5)).connections

    assert seen.problem is not None
    assert (seen.problem.trouble, seen.problem.stage) == (Trouble.TIMEOUT, Stage.GREETING)
    assert server.peers[0].sent <= 10


async def test_silence(serve: Serve, ask: Ask) -> None:
    """
    A server that says nothing has timed out at the greeting; TCP had opened.
    """

    async def script(peer: Any) -> None:
        await peer.reader.read()

    server = await serve(script)

    (seen,) = (await ask(server.port, timeout=0.3)).connections

    assert seen.connected
    assert seen.problem is not None
    assert (seen.problem.trouble, seen.problem.stage) == (Trouble.TIMEOUT, Stage.GREETING)


@pytest.mark.parametrize("data", [b"", b"220 almost", b"220-more\r\n"], ids=["at_once", "in_a_line", "in_a_reply"])
async def test_closed_before_the_greeting_is_complete(serve: Serve, ask: Ask, data: bytes) -> None:
    """
    A connection that ends in the greeting is closed there, and what came stands in the transcript.
    """

    async def script(peer: Any) -> None:
        await peer.send(data)

    server = await serve(script)

    (seen,) = (await ask(server.port)).connections

    assert seen.problem is not None
    assert (seen.problem.trouble, seen.problem.stage) == (Trouble.CLOSED, Stage.GREETING)
    assert data.decode().strip() in " ".join(line.text for line in seen.transcript)


@pytest.mark.parametrize(
    "garbage", [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 400 Bad\r\n", b"\r\n", b"2200 hi\r\n", b"+22 hi\r\n", b"99\n", b"\xff\xfe\n"]
)
async def test_what_is_not_smtp(serve: Serve, ask: Ask, garbage: bytes) -> None:
    """
    Another protocol on the port is named as not SMTP, with what it said, printable.
    """

    async def script(peer: Any) -> None:
        await peer.send(garbage)
        await peer.reader.read()

    server = await serve(script)

    (seen,) = (await ask(server.port)).connections

    assert seen.problem is not None
    assert (seen.problem.trouble, seen.problem.stage) == (Trouble.PROTOCOL, Stage.GREETING)
    assert printable(seen)


async def test_odd_bytes_that_can_still_be_read(serve: Serve, ask: Ask, transactions: Three) -> None:
    """
    NUL, escape sequences, script, bare LF and bytes that are not UTF-8 make a reply irregular and not garbage; nothing raw is kept.
    """

    async def script(peer: Any) -> None:
        await peer.send(b"220-\x1b[2J<script>alert(1)</script>\n220 \0nul \xff\xfe mail\n")
        await peer.commands({"RCPT": "550 5.1.1 caf\u00e9 \u202e"}, ehlo=("mail.alder.example", "PIPELINING", "X\x07BELL"))

    server = await serve(script)

    dialogue = await ask(server.port, *transactions)

    (seen,) = dialogue.connections
    assert seen.greeting is not None
    assert set(seen.greeting.irregular) == {"bare_lf", "nul", "control", "not_utf8"}
    assert seen.greeting.lines == ("\\x1b[2J<script>alert(1)</script>", "\\x00nul \\xff\\xfe mail")
    assert [result.rcpt.text for result in dialogue.results if result.rcpt] == ["5.1.1 caf\u00e9 \\u202e"] * 3
    assert printable(seen)


async def test_bare_lf_inside_a_reply_does_not_shift_what_follows(serve: Serve, ask: Ask, transactions: Three) -> None:
    """
    A reply that a bare LF cuts in two is still one reply, and the next commands get their own.
    """
    replies = {"RCPT TO:<anna": "250 2.1.5\nfine", "RCPT TO:<nobody": "550-5.1.1 no\nsuch\r\n550 user", "RCPT TO:<someone": "554 no relay"}
    server = await serve(lambda peer: peer.serve(replies, greeting="220 hello\nworld", ehlo=("mail.alder.example",)))

    dialogue = await ask(server.port, *transactions)

    assert [(result.rcpt.code, result.rcpt.text) for result in dialogue.results if result.rcpt] == [
        (250, "2.1.5"),
        (550, "5.1.1 no such user"),
        (554, "no relay"),
    ]
    assert dialogue.connections[0].problem is None


@pytest.mark.parametrize("at", ["MAIL", "RCPT TO:<anna"])
async def test_a_reply_too_many_under_pipelining_is_not_taken_for_another(serve: Serve, ask: Ask, transactions: Three, at: str) -> None:
    """
    With commands sent in one go a reply too many moves all behind it: then none of them says anything.
    """
    replies = {at: "250 ok\r\n250 ok again", "RCPT TO:<nobody": "550 5.1.1 no such user", "RCPT TO:<someone": "550 5.7.1 no relaying"}
    server = await serve(lambda peer: peer.serve(replies, ehlo=("mail.alder.example", "PIPELINING")))

    dialogue = await ask(server.port, *transactions)

    assert {result.transaction.envelope for result in dialogue.results} >= {transactions[0].envelope}
    assert [result.answer for result in dialogue.results] == [None] * len(dialogue.results)
    assert all(result.problem is not None and result.problem.trouble is Trouble.PROTOCOL for result in dialogue.results)


async def test_a_server_that_stops_reading_does_not_hold_us(serve: Serve, ask: Ask, delivery: SmtpTransaction) -> None:
    """
    Sending is bounded in time as well.
    """

    async def script(peer: Any) -> None:
        await peer.send(b"220 hi\r\n")
        await peer.line()
        await peer.say(250, "mail.alder.example", "PIPELINING")
        await asyncio.sleep(5)

    server = await serve(script)

    (seen,) = (await ask(server.port, *[delivery] * 2, timeout=0.3, send_test_message=True)).connections

    assert seen.problem is not None
    assert (seen.problem.trouble, seen.problem.stage) == (Trouble.TIMEOUT, Stage.MAIL)


async def test_transcript_is_bounded(serve: Serve, ask: Ask, transactions: Three) -> None:
    """
    A server that answers everything with many long lines fills the transcript to its bound and no further.
    """
    long = "\r\n".join(["550-" + "y" * 600] * 90 + ["550 end"])
    server = await serve(lambda peer: peer.serve({"RCPT": long, "RSET": long.replace("550", "250"), "MAIL": long.replace("550", "250")}))

    (seen,) = (await ask(server.port, *transactions)).connections

    assert len(seen.transcript) == 400
    assert "not kept" in seen.transcript[-1].text
    assert max(len(line.text) for line in seen.transcript) < 600
    assert len(seen.results) == 3


SERVER_BYTES = st.lists(
    st.one_of(
        st.binary(max_size=60),
        st.sampled_from(
            [
                b"220 hi\r\n",
                b"220 go\r\n",
                b"220 go\r\n\x16\x03\x03\x00\x02\x02\x28",
                b"\x15\x03\x03\x00\x02\x02\x46",
                b"250-a\r\n250-STARTTLS\r\n250 PIPELINING\r\n",
                b"250-x\n\xff\n250 y\n",
                b"250 ok\r\n",
                b"354 go\r\n",
                b"421 x\r\n",
                b"451 later\r\n",
                b"500 no\r\n",
            ]
        ),
    ),
    max_size=14,
)


@settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chunks=SERVER_BYTES)
async def test_no_bytes_make_it_raise(serve: Serve, ask: Ask, transactions: Three, delivery: SmtpTransaction, chunks: list[bytes]) -> None:
    """
    Whatever a server sends, a dialogue comes out of it that is printable, small and survives its JSON form.
    """

    async def script(peer: Any) -> None:
        for chunk in chunks:
            await peer.send(chunk)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(peer.reader.read(1024), 0.01)

    server = await serve(script)

    dialogue = await ask(server.port, *transactions, delivery, timeout=0.5, send_test_message=True, greylist_hold_s=0.01)

    assert 1 <= len(dialogue.connections) <= 4
    assert all(printable(seen) and kept(seen) < 200_000 for seen in dialogue.connections)
    assert from_json(to_json(dialogue)) == dialogue
