"""
What one dialogue learns of a server that behaves, or refuses in an orderly way.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import replace
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest

from runbook_lib.observations import Direction, Envelope, Problem, Purpose, SmtpDialogue, SmtpQuestion, SmtpTransaction, Stage, Trouble
from runbook_lib.probes import Settings, network_with
from runbook_lib.probes.smtp import run_dialogue

Ask = Callable[..., Awaitable[SmtpDialogue]]
Serve = Callable[..., Awaitable[Any]]
Three = tuple[SmtpTransaction, SmtpTransaction, SmtpTransaction]


async def test_everything_in_one_connection(serve: Serve, ask: Ask, good_tls: ssl.SSLContext, transactions: Three) -> None:
    """
    One verified connection gives greeting, capabilities, TLS, certificate and the three RCPT replies, each RCPT in its own transaction.
    """
    replies = {"RCPT TO:<nobody": "550 5.1.1 no such user", "RCPT TO:<someone": "554 5.7.1 relay access denied"}
    server = await serve(lambda peer: peer.serve(replies, tls=good_tls))

    dialogue = await ask(server.port, *transactions)

    (seen,) = dialogue.connections
    assert seen.problem is None
    assert seen.tls is not None
    assert (seen.purpose, seen.hello, seen.tls.version, seen.target) == ("verified", "EHLO", "TLSv1.3", f"127.0.0.1:{server.port}")
    assert (seen.tls.verified, seen.tls.causes) == (True, ())
    assert seen.tls.chain[0].names == ("mail.alder.example",)
    assert "STARTTLS" in seen.capabilities
    assert "STARTTLS" not in seen.capabilities_tls
    assert [result.rcpt.code for result in dialogue.results if result.rcpt] == [250, 550, 554]
    assert server.peers[0].lines == [
        "EHLO probe.example",
        "STARTTLS",
        "EHLO probe.example",
        *("MAIL FROM:<>", "RCPT TO:<anna@alder.example>", "RSET"),
        *("MAIL FROM:<>", "RCPT TO:<nobody-4711@alder.example>", "RSET"),
        *("MAIL FROM:<>", "RCPT TO:<someone@foreign.example>", "RSET"),
        "QUIT",
    ]


async def test_transcript_has_every_line_and_its_time(serve: Serve, ask: Ask, good_tls: ssl.SSLContext, transactions: Three) -> None:
    """
    The transcript holds what both sides said in order, with times that never go back.
    """
    server = await serve(lambda peer: peer.serve(tls=good_tls))

    (seen,) = (await ask(server.port, *transactions)).connections

    said = [line.text for line in seen.transcript if line.who is Direction.CLIENT]
    assert said == server.peers[0].lines
    assert "220 mail.alder.example ESMTP" in [line.text for line in seen.transcript if line.who is Direction.SERVER]
    times = [line.at_ms for line in seen.transcript]
    assert times == sorted(times)


async def test_pipelining_asks_all_at_once_and_keeps_replies_apart(serve: Serve, ask: Ask, transactions: Three) -> None:
    """
    Where PIPELINING is offered the replies still go to the commands they answer, also behind a refused MAIL.
    """
    replies = {"MAIL FROM:<bad@": "550 5.7.1 not you", "RCPT TO:<bert": "503 5.5.1 need MAIL", "RCPT TO:<nobody": "550 5.1.1 no such user"}
    server = await serve(lambda peer: peer.serve(replies, ehlo=("mail.alder.example", "PIPELINING")))
    refused = SmtpTransaction(Envelope.NEUTRAL, "bad@elsewhere.example", "bert@alder.example")

    dialogue = await ask(server.port, transactions[0], refused, transactions[1])

    first, second, third = dialogue.results
    assert (first.rcpt and first.rcpt.code, third.rcpt and third.rcpt.code) == (250, 550)
    assert second.rcpt is None
    assert second.answer is not None
    assert second.answer.text == "5.7.1 not you"
    assert server.peers[0].lines[-1] == "QUIT"


async def test_helo_when_ehlo_is_not_understood(serve: Serve, ask: Ask, transactions: Three) -> None:
    """
    A server that does not know EHLO is asked with HELO and the dialogue goes on without TLS.
    """
    server = await serve(lambda peer: peer.serve({"EHLO": "502 5.5.1 what"}))

    dialogue = await ask(server.port, transactions[0])

    (seen,) = dialogue.connections
    assert (seen.hello, seen.purpose, seen.capabilities) == ("HELO", "plain", ())
    assert dialogue.results[0].rcpt is not None


@pytest.mark.parametrize("greeting", ["554 5.7.1 go away", "450 4.3.2 later", "421 4.3.2 too busy"])
async def test_refused_at_the_greeting(serve: Serve, ask: Ask, transactions: Three, greeting: str) -> None:
    """
    A greeting that refuses is kept as the reply it is, nothing else is asked, and it is no trouble of the connection.
    """
    server = await serve(lambda peer: peer.serve(greeting=greeting))

    (seen,) = (await ask(server.port, *transactions)).connections

    assert seen.greeting is not None
    assert f"{seen.greeting.code} {seen.greeting.text}" == greeting
    assert (seen.ehlo, seen.results, seen.problem) == (None, (), None)


async def test_421_in_the_middle_ends_it_and_keeps_what_was_learnt(serve: Serve, ask: Ask, transactions: Three) -> None:
    """
    After a 421 nothing more is asked; the reply stands with its command and the results before it are kept.
    """
    server = await serve(lambda peer: peer.serve({"RCPT TO:<nobody": "421 4.7.0 closing"}, ehlo=("mail.alder.example",)))

    dialogue = await ask(server.port, *transactions)

    (seen,) = dialogue.connections
    assert [result.rcpt.code for result in seen.results if result.rcpt] == [250, 421]
    assert seen.problem == Problem(Trouble.CLOSED, Stage.RCPT, "421 4.7.0 closing")
    assert server.peers[0].lines[-1] == "RCPT TO:<nobody-4711@alder.example>"


async def test_closed_in_the_middle_keeps_what_was_learnt(serve: Serve, ask: Ask, transactions: Three) -> None:
    """
    A connection that ends behind a command leaves a problem with the stage on that transaction, and the earlier results.
    """
    server = await serve(lambda peer: peer.serve({"RCPT TO:<nobody": ""}, ehlo=("mail.alder.example",)))

    dialogue = await ask(server.port, *transactions)

    first, second = dialogue.results
    assert first.rcpt is not None
    assert second.rcpt is None
    assert second.problem is not None
    assert (second.problem.trouble, second.problem.stage) == (Trouble.CLOSED, Stage.RCPT)


async def test_refused_rset_ends_it(serve: Serve, ask: Ask, transactions: Three) -> None:
    """
    Behind a refused RSET no other transaction is begun: its replies would not be to what was asked.
    """
    server = await serve(lambda peer: peer.serve({"RSET": "500 5.5.1 what"}, ehlo=("mail.alder.example",)))

    (seen,) = (await ask(server.port, *transactions)).connections

    assert len(seen.results) == 1
    assert seen.problem is not None
    assert (seen.problem.trouble, seen.problem.stage) == (Trouble.PROTOCOL, Stage.RSET)


async def test_refused_starttls_goes_on_in_plain(serve: Serve, ask: Ask, good_tls: ssl.SSLContext, transactions: Three) -> None:
    """
    454 to STARTTLS is kept and the recipients are asked without TLS on the same connection.
    """
    server = await serve(lambda peer: peer.serve({"STARTTLS": "454 4.7.0 TLS not available"}, tls=good_tls))

    dialogue = await ask(server.port, *transactions)

    (seen,) = dialogue.connections
    assert seen.starttls is not None
    assert (seen.starttls.code, seen.tls, seen.purpose) == (454, None, Purpose.PLAIN)
    assert len(dialogue.results) == 3


async def test_tls_is_not_tried_where_it_is_not_asked_for(serve: Serve, ask: Ask, good_tls: ssl.SSLContext) -> None:
    """
    A question without TLS never sends STARTTLS.
    """
    server = await serve(lambda peer: peer.serve(tls=good_tls))

    (seen,) = (await ask(server.port, tls=False)).connections

    assert (seen.purpose, seen.starttls) == (Purpose.PLAIN, None)
    assert "STARTTLS" not in server.peers[0].lines


async def test_internationalised_recipient(serve: Serve, ask: Ask) -> None:
    """
    A local part beyond ASCII is sent under SMTPUTF8 where that is offered, and is not sent where it is not.
    """
    beyond_ascii = SmtpTransaction(Envelope.VALID, "", "jörg@alder.example")
    able = await serve(lambda peer: peer.serve(ehlo=("mail.alder.example", "8BITMIME", "SMTPUTF8")))
    unable = await serve(lambda peer: peer.serve(ehlo=("mail.alder.example", "8BITMIME")))

    (taken,) = (await ask(able.port, beyond_ascii)).results
    (left,) = (await ask(unable.port, beyond_ascii)).results

    assert able.peers[0].lines[1:3] == ["MAIL FROM:<> SMTPUTF8", "RCPT TO:<jörg@alder.example>"]
    assert taken.rcpt is not None
    assert left.problem == Problem(Trouble.PROTOCOL, Stage.MAIL, "SMTPUTF8 not offered")
    assert unable.peers[0].lines == ["EHLO probe.example", "QUIT"]


@pytest.mark.parametrize(
    "recipient", ["a@b.example\r\nDATA", "a\0@b.example", "a> NOTIFY=NEVER <b@c.example", "a@b.example\x85", "x" * 2000]
)
async def test_address_that_would_be_something_else_is_not_sent(serve: Serve, ask: Ask, transactions: Three, recipient: str) -> None:
    """
    An address that could break out of its command is not sent, and the other transactions are asked.
    """
    server = await serve(lambda peer: peer.serve())
    evil = SmtpTransaction(Envelope.VALID, "", recipient)

    bad, good = (await ask(server.port, evil, transactions[1])).results

    assert bad.problem is not None
    assert bad.problem.trouble is Trouble.LOCAL
    assert good.rcpt is not None
    assert not any("DATA" in line or "NOTIFY" in line for line in server.peers[0].lines)


async def test_a_message_is_sent_only_with_leave(serve: Serve, ask: Ask, delivery: SmtpTransaction, transactions: Three) -> None:
    """
    Without `send_test_message` a delivery is not even begun; with it one marked message goes out, dots doubled.
    """
    server = await serve(lambda peer: peer.serve(ehlo=("mail.alder.example", "PIPELINING")))

    refused = await ask(server.port, transactions[0], delivery)
    sent = await ask(server.port, transactions[0], delivery, send_test_message=True)

    assert refused.results[1].problem == Problem(Trouble.NOT_ASKED, Stage.MAIL, "no message may be sent in this run")
    assert "DATA" not in server.peers[0].lines
    result = sent.results[1]
    assert (result.data and result.data.code, result.message and result.message.code) == (354, 250)
    message = server.peers[1].message.decode()
    assert "Auto-Submitted: auto-generated" in message
    assert "To: anna@alder.example" in message
    assert all(line.endswith("\r") for line in message.split("\n")[:-1])


async def test_the_message_speaks_the_language_of_the_run(serve: Serve, ask: Ask, delivery: SmtpTransaction) -> None:
    """
    Umlauts go out encoded: no server was asked whether it takes eight bits.
    """
    server = await serve(lambda peer: peer.serve(ehlo=("mail.alder.example", "PIPELINING")))

    await ask(server.port, delivery, send_test_message=True, language="de")
    message = message_from_bytes(server.peers[0].message, policy=SMTP)

    assert server.peers[0].message.isascii()
    assert "Test des Mailwegs zu anna@alder.example" in message["Subject"]
    assert "kann sie gelöscht werden" in message.get_content()


async def test_no_message_behind_a_refused_recipient(serve: Serve, ask: Ask, delivery: SmtpTransaction) -> None:
    """
    DATA is not sent when the recipient was refused.
    """
    server = await serve(lambda peer: peer.serve({"RCPT": "550 5.1.1 no"}))

    (result,) = (await ask(server.port, delivery, send_test_message=True)).results

    assert result.data is None
    assert "DATA" not in server.peers[0].lines


async def test_greylisted_recipient_is_asked_again(serve: Serve, ask: Ask, good_tls: ssl.SSLContext, transactions: Three) -> None:
    """
    The same triplet is asked once more after the hold time, on a new connection with TLS, and the new answer counts.
    """
    server = await serve(
        lambda peer: peer.serve({"RCPT TO:<anna": "451 4.7.1 greylisted"}, tls=good_tls), lambda peer: peer.serve(tls=good_tls)
    )

    dialogue = await ask(server.port, *transactions, greylist_hold_s=0.2)

    assert [connection.purpose for connection in dialogue.connections] == [Purpose.VERIFIED, Purpose.GREYLIST_RETRY]
    first = dialogue.results[0]
    assert (first.rcpt and first.rcpt.code, first.retried_after_s) == (250, 0.2)
    assert dialogue.connections[1].tls is not None
    assert [line for line in server.peers[1].lines if line.startswith("RCPT")] == ["RCPT TO:<anna@alder.example>"]


async def test_every_greylisted_recipient_is_asked_again(serve: Serve, ask: Ask) -> None:
    """
    Two recipients behind one host are both asked again, also from the neutral sender; a message that was kept back is sent then, once.
    """
    asked = [SmtpTransaction(Envelope.VALID, "", recipient) for recipient in ("anna@alder.example", "max@alder-two.example")]
    asked.append(SmtpTransaction(Envelope.NEUTRAL, "probe@example.com", "anna@alder.example"))
    message = SmtpTransaction(Envelope.DELIVERY, "", "anna@alder.example")
    server = await serve(lambda peer: peer.serve({"RCPT": "451 4.7.1 greylisted"}), lambda peer: peer.serve())

    dialogue = await ask(server.port, *asked, message, tls=False, greylist_hold_s=0.05, send_test_message=True)

    assert [result.rcpt.code for result in dialogue.results if result.rcpt] == [250, 250, 250, 250]
    assert [line for peer in server.peers for line in peer.lines].count("DATA") == 1


async def test_greylisting_is_kept_where_time_does_not_allow(serve: Serve, ask: Ask, transactions: Three) -> None:
    """
    Without time for the hold the first reply stands and nobody waits.
    """
    server = await serve(lambda peer: peer.serve({"RCPT TO:<anna": "450 4.2.0 greylisted"}))

    dialogue = await ask(server.port, transactions[0], greylist_hold_s=61.0)

    assert len(dialogue.connections) == 1
    assert dialogue.results[0].answer is not None
    assert dialogue.results[0].answer.code == 450


async def test_greylisting_twice_keeps_the_second_answer(serve: Serve, ask: Ask, transactions: Three) -> None:
    """
    There is one retry, whatever it says; where it cannot be made the first answer stays.
    """
    again = await serve(lambda peer: peer.serve({"RCPT": "451 4.7.1 greylisted"}))
    gone = await serve(lambda peer: peer.serve({"RCPT": "451 4.7.1 greylisted"}), lambda peer: peer.serve(greeting="421 no"))

    twice = await ask(again.port, transactions[0], greylist_hold_s=0.05)
    once = await ask(gone.port, transactions[0], greylist_hold_s=0.05)

    assert len(again.peers) == 2
    assert twice.results[0].answer is not None
    assert twice.results[0].retried_after_s is not None
    assert once.results[0].answer is not None
    assert once.results[0].retried_after_s is None


async def test_replies_that_were_not_asked_for_are_never_taken_for_others(serve: Serve, ask: Ask, transactions: Three) -> None:
    """
    A second greeting in the same breath is noted and does not shift the replies behind it.
    """
    server = await serve(lambda peer: peer.serve({"RCPT TO:<someone": "554 5.7.1 no relay"}, greeting="220 one\r\n250 two"))

    dialogue = await ask(server.port, *transactions)

    assert [result.rcpt.code for result in dialogue.results if result.rcpt] == [250, 250, 554]
    assert dialogue.connections[0].ehlo is not None
    assert "unasked" in dialogue.connections[0].ehlo.irregular


async def test_421_said_before_a_command_is_its_answer(serve: Serve, ask: Ask) -> None:
    """
    A server that announces its end between two commands is heard, not called silent.
    """

    async def script(peer: Any) -> None:
        await peer.send(b"220 hello\r\n421 4.3.2 shutting down\r\n")

    server = await serve(script)

    (seen,) = (await ask(server.port)).connections

    assert seen.ehlo is not None
    assert seen.ehlo.code == 421
    assert seen.problem is not None
    assert seen.problem.trouble is Trouble.CLOSED


async def test_names_are_the_environments(serve: Serve, ask: Ask) -> None:
    """
    EHLO says the environment's name; without one something that is a host name or an address literal.
    """
    server = await serve(lambda peer: peer.serve())

    await ask(server.port, ehlo_name="audit.example")
    await ask(server.port, ehlo_name=None)

    assert server.peers[0].lines[0] == "EHLO audit.example"
    own = server.peers[1].lines[0].removeprefix("EHLO ")
    assert own == "[127.0.0.1]" or "." in own


async def test_host_without_address_is_asked_where_connect_to_maps_it(serve: Serve, ask: Ask) -> None:
    """
    A name that did not resolve is probed all the same when `connect_to` has it, and not resolved is said when it has not.
    """
    server = await serve(lambda peer: peer.serve())

    mapped = await ask(server.port, address="")
    unmapped = await ask(server.port, address="", connect_to={})

    assert mapped.connections[0].greeting is not None
    assert unmapped.problem == Problem(Trouble.NOT_RESOLVED, Stage.CONNECT)
    assert unmapped.connections == ()


async def test_one_connection_at_a_time_to_one_address(serve: Serve, ca_file: Path) -> None:
    """
    Two dialogues with one address take turns.
    """
    open_now = most = 0

    async def script(peer: Any) -> None:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        await asyncio.sleep(0.05)
        await peer.serve()
        open_now -= 1

    server = await serve(script)
    network = network_with(Settings(timeout=1.0, ca_file=ca_file, connect_to={"192.0.2.7:25": f"127.0.0.1:{server.port}"}))
    question = SmtpQuestion("mail.alder.example", "192.0.2.7")

    await asyncio.gather(*(run_dialogue(network, replace(question, host=f"mx{at}.alder.example")) for at in range(3)))

    assert (len(server.peers), most) == (3, 1)


async def test_nothing_is_asked_when_the_run_is_over(serve: Serve, ask: Ask) -> None:
    """
    Past the run's end a dialogue says limit and makes no connection.
    """
    server = await serve(lambda peer: peer.serve())

    dialogue = await ask(server.port, time_limit=0.0)

    assert dialogue.connections == ()
    assert dialogue.problem is not None
    assert dialogue.problem.trouble is Trouble.LIMIT
    assert server.peers == []


async def test_end_of_the_run_in_the_middle_is_a_limit(serve: Serve, ask: Ask) -> None:
    """
    A server that is slow when the run ends has not timed out: the limit is ours, and what was seen is kept.
    """
    server = await serve(_silent)

    (seen,) = (await ask(server.port, timeout=5.0, time_limit=0.3)).connections

    assert seen.connected
    assert seen.problem is not None
    assert (seen.problem.trouble, seen.problem.stage) == (Trouble.LIMIT, Stage.GREETING)


async def test_cancelling_closes_the_connection(serve: Serve, ask: Ask) -> None:
    """
    A cancelled dialogue raises CancelledError and the server sees the connection end.
    """
    begun, ended = asyncio.Event(), asyncio.Event()

    async def script(peer: Any) -> None:
        begun.set()
        await peer.reader.read()
        ended.set()

    server = await serve(script)
    task = asyncio.create_task(ask(server.port, timeout=20.0))
    await asyncio.wait_for(begun.wait(), 2)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(ended.wait(), 2)


async def _silent(peer: Any) -> None:
    await peer.reader.read()
