"""
One SMTP connection from greeting to QUIT, and everything it showed on the way.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from ..observations.questions import Envelope, SmtpQuestion, SmtpTransaction
from ..observations.smtp import Problem, Purpose, SmtpConnection, SmtpReply, Stage, TlsState, TransactionResult, Trouble
from .connect import ConnectProblem, Stopped, open_tcp, said, time_for
from .network import Network
from .smtp_message import internationalised, marked_message, own_name, sendable
from .smtp_reply import shortened
from .smtp_wire import Transcript, Wire, keywords
from .targets import shown
from .tls import HandshakeProblem, TlsStream

QUIT_S = 3.0
"""
Longest wait for the reply to QUIT, seconds: nothing depends on it.
"""
_CLOSING = 221


@dataclass(frozen=True, slots=True)
class TlsMode:
    """
    How STARTTLS is tried.

    Args:
        context: Gives the context when it is needed.
        verify_code: OpenSSL's verdict on this host's chain: 0 when this context verifies, what an earlier connection found, or None.
        detail: OpenSSL's words for it.
    """

    context: Callable[[], Awaitable[ssl.SSLContext]]
    verify_code: int | None = None
    detail: str = ""


class Session:
    """
    One connection of a dialogue.

    Args:
        network: How and how long.
        question: The dialogue.
        purpose: Why the connection is made.
        mode: How STARTTLS is tried, None for not at all.
        transactions: What is asked.
    """

    def __init__(
        self, network: Network, question: SmtpQuestion, purpose: Purpose, mode: TlsMode | None, transactions: tuple[SmtpTransaction, ...]
    ) -> None:
        self._network = network
        self._question = question
        self._mode = mode
        self._transactions = transactions
        self._started = time.monotonic()
        self._transcript = Transcript(self._started)
        self._ahead = self._quit_sent = False
        self._name = ""
        target = network.redirect(question.host, question.address, question.port) or (question.address, question.port)
        self.seen = SmtpConnection(purpose, datetime.now(UTC), shown(target))
        self.verify_code: int | None = None
        self.version_may_help = False

    async def run(self) -> SmtpConnection:
        """
        Carry it out. Whatever the server does, this returns what was seen; only cancelling ends it otherwise, and closes the socket too.
        """
        network, question = self._network, self._question
        try:
            connection = await open_tcp(network, question.host, question.address, question.port, network.settings.timeout)
        except ConnectProblem as stop:
            wire = None
            self._put(problem=stop.problem)
        else:
            wire = Wire(network, connection, self._transcript)
            self._put(local_address=connection.local_address, connect_ms=_rounded(connection.connect_ms))
            wire.note(f"connected to {self.seen.target}")
            try:
                await self._converse(wire)
            except Stopped as stop:
                self._put(problem=stop.problem)
                if connection.proxied and not wire.heard:
                    self._unproven(stop.problem)
            finally:
                connection.close()
        self._put(transcript=self._transcript.lines, took_ms=_rounded((time.monotonic() - self._started) * 1000.0))
        return self.seen

    def _put(self, **changes: Any) -> None:
        self.seen = replace(self.seen, **changes)

    def _unproven(self, problem: Problem) -> None:
        """
        A proxy said "connected" and nothing came. OpenSSH's says so before it has tried, so the server may never have been reached.
        """
        if problem.trouble in (Trouble.CLOSED, Trouble.TIMEOUT):
            detail = f"the proxy said connected, but nothing came of the server: {problem.detail}"
            self._put(problem=Problem(Trouble.PROXY, Stage.CONNECT, detail), connect_ms=None)

    async def _converse(self, wire: Wire) -> None:
        greeting = await wire.reply(Stage.GREETING)
        self._put(greeting=greeting)
        if greeting.code == 421:
            return
        if greeting.positive:
            self._name = own_name(self._network.settings.ehlo_name, wire.connection.local_address)
            if await self._hello(wire) and await self._secure(wire):
                await self._ask_all(wire)
        await self._quit(wire)

    async def _hello(self, wire: Wire) -> bool:
        reply = await self._exchange(wire, Stage.EHLO, f"EHLO {self._name}", lambda reply: self._put(hello="EHLO", ehlo=reply))
        if reply.code >= 500:
            wire.note("EHLO is not understood, HELO is tried (RFC 5321 section 3.2)")
            reply = await self._exchange(wire, Stage.EHLO, f"HELO {self._name}", lambda reply: self._put(hello="HELO", ehlo=reply))
        elif reply.positive:
            self._put(capabilities=keywords(reply.lines))
        return reply.positive

    async def _secure(self, wire: Wire) -> bool:
        """
        STARTTLS where it is offered and wanted.

        Returns:
            True when the dialogue can go on, under TLS or without.
        """
        mode = self._mode if "STARTTLS" in self.seen.capabilities else None
        if mode is not None:
            reply = await self._exchange(wire, Stage.STARTTLS, "STARTTLS", lambda reply: self._put(starttls=reply))
            if reply.code == 220:
                await self._handshake(wire, mode)
                reply = await self._exchange(wire, Stage.EHLO_TLS, f"EHLO {self._name}", lambda reply: self._put(ehlo_tls=reply))
                self._put(capabilities_tls=keywords(reply.lines) if reply.positive else ())
                return reply.positive
        if self.seen.purpose is not Purpose.GREYLIST_RETRY:
            self._put(purpose=Purpose.PLAIN)
        return True

    async def _handshake(self, wire: Wire, mode: TlsMode) -> None:
        injected = wire.behind_starttls()
        try:
            context = await mode.context()
        except OSError as error:
            raise Stopped(Problem(Trouble.LOCAL, Stage.HANDSHAKE, f"trust roots: {said(error)}")) from error
        try:
            stream = TlsStream(wire.connection, context, self._question.host)
            try:
                async with time_for(self._network, Stage.HANDSHAKE, self._network.settings.timeout):
                    await stream.handshake()
            finally:
                injected += stream.injected
                if injected:
                    self._put(injected=shortened(injected, 500))
                    wire.note(f"plaintext behind the 220 of STARTTLS: {shortened(injected, 200)}")
        except Stopped as stop:
            self._failed(stop, wire)
            raise
        from .certificates import judge, read_chain  # noqa: PLC0415 - see `load_ahead`

        chain = read_chain(stream.chain)
        judged = judge(chain, self._question.host, mode.verify_code, datetime.now(UTC))
        verified = context.verify_mode is ssl.CERT_REQUIRED
        detail = mode.detail or "; ".join(one.problem for one in chain if one.problem)
        self._put(tls=TlsState(stream.version, stream.cipher, verified, chain, judged.causes, judged.missing_issuer, detail))
        wire.stream = stream
        wire.note(f"{stream.version} with {stream.cipher}, certificate {'verified' if verified else 'not verified'}")

    def _failed(self, stop: Stopped, wire: Wire) -> None:
        causes: tuple[str, ...] = ()
        if isinstance(stop, HandshakeProblem):
            self.version_may_help = stop.version_may_help
            self.verify_code = stop.verify_code
            if stop.verify_code is not None:
                from .certificates import judge  # noqa: PLC0415 - see `load_ahead`

                causes = judge((), self._question.host, stop.verify_code, datetime.now(UTC)).causes
        self._put(tls=TlsState(None, None, verified=False, causes=causes, detail=stop.problem.detail))
        wire.note(f"no TLS: {stop.problem.trouble}: {stop.problem.detail}")

    async def _ask_all(self, wire: Wire) -> None:
        offered = self.seen.capabilities_tls if self.seen.tls is not None else self.seen.capabilities
        askable = [transaction for transaction in self._transactions if self._can_be_asked(transaction, offered)]
        groups = [(carried, list(group)) for carried, group in groupby(askable, lambda one: one.envelope is Envelope.DELIVERY)]
        for carried, group in groups:
            self._ahead = not carried and "PIPELINING" in offered
            if self._ahead:
                commands = [command for transaction in group for command in (*_commands(transaction), "RSET")]
                self._quit_sent = group[-1] is askable[-1]
                await wire.say(Stage.MAIL, *commands, *(["QUIT"] if self._quit_sent else []))
            for transaction in group:
                await self._ask(wire, transaction, last=transaction is askable[-1])
        self._ahead = False

    def _can_be_asked(self, transaction: SmtpTransaction, offered: tuple[str, ...]) -> bool:
        problem = None
        if transaction.envelope is Envelope.DELIVERY and not self._network.settings.send_test_message:
            problem = Problem(Trouble.NOT_ASKED, Stage.MAIL, "no message may be sent in this run")
        elif not (sendable(transaction.sender) and sendable(transaction.recipient)):
            problem = Problem(Trouble.LOCAL, Stage.MAIL, "an address that cannot be sent")
        elif internationalised(transaction) and "SMTPUTF8" not in offered:
            problem = Problem(Trouble.PROTOCOL, Stage.MAIL, "SMTPUTF8 not offered")
        if problem is not None:
            self._keep(TransactionResult(transaction, problem=problem))
        return problem is None

    async def _ask(self, wire: Wire, transaction: SmtpTransaction, *, last: bool) -> None:
        self._keep(TransactionResult(transaction))
        mail_command, rcpt_command = _commands(transaction)
        try:
            mail = await self._exchange(wire, Stage.MAIL, mail_command, lambda reply: self._amend(mail=reply))
            if mail.positive:
                rcpt = await self._exchange(wire, Stage.RCPT, rcpt_command, lambda reply: self._amend(rcpt=reply))
                if rcpt.positive and transaction.envelope is Envelope.DELIVERY:
                    await self._deliver(wire, transaction)
            elif self._ahead:
                await wire.reply(Stage.RCPT)  # to a RCPT that was sent before MAIL was refused; it means nothing
        except Stopped as stop:
            self._amend(problem=stop.problem)
            raise
        reset = await self._exchange(wire, Stage.RSET, "RSET")
        if self._ahead and not reset.positive:
            self._misread(wire)
        if not (reset.positive or last):
            raise Stopped(Problem(Trouble.PROTOCOL, Stage.RSET, f"RSET was refused: {reset.code} {reset.text}"))

    async def _deliver(self, wire: Wire, transaction: SmtpTransaction) -> None:
        data = await self._exchange(wire, Stage.DATA, "DATA", lambda reply: self._amend(data=reply))
        if data.code != 354:
            return
        content = marked_message(self._question, transaction, self._name, self._network.settings.language)
        wire.note(f"the test message follows, {len(content)} bytes")
        await wire.send_bytes(Stage.MESSAGE, content)
        self._amend(message=await wire.reply(Stage.MESSAGE))

    def _keep(self, result: TransactionResult) -> None:
        self._put(results=(*self.seen.results, result))

    def _amend(self, **changes: Any) -> None:
        self._put(results=(*self.seen.results[:-1], replace(self.seen.results[-1], **changes)))

    async def _exchange(self, wire: Wire, stage: Stage, command: str, keep: Callable[[SmtpReply], None] = lambda _reply: None) -> SmtpReply:
        """
        One command and its reply; under pipelining only the reply, the command is under way.

        Args:
            wire: The conversation.
            stage: Where it stands.
            command: Without line end.
            keep: Is given the reply before anything else is made of it.

        Raises:
            Stopped: There is no reply, or it is a 421: the server closes the connection (RFC 5321 section 3.8).
        """
        if not self._ahead:
            await wire.say(stage, command)
        reply = await wire.reply(stage)
        keep(reply)
        if reply.code == 421:
            raise Stopped(Problem(Trouble.CLOSED, stage, f"421 {reply.text}"))
        return reply

    async def _quit(self, wire: Wire) -> None:
        try:
            if not self._quit_sent:
                await wire.say(Stage.QUIT, "QUIT")
            seconds = min(QUIT_S, self._network.settings.timeout)
            reply = await wire.reply(Stage.QUIT, seconds)
            if self._quit_sent and reply.code != _CLOSING:
                await wire.reply(Stage.QUIT, seconds)
                self._misread(wire)
        except Stopped:
            pass  # all that was to be learnt is learnt; the transcript says how it ended

    def _misread(self, wire: Wire) -> None:
        """
        More replies came than commands were sent in one go (RFC 2920): which belongs to which cannot be told any more.
        """
        problem = Problem(Trouble.PROTOCOL, Stage.MAIL, "more replies than commands")
        wire.note(problem.detail)
        self._put(results=tuple(TransactionResult(result.transaction, problem=problem) for result in self.seen.results))


def _commands(transaction: SmtpTransaction) -> tuple[str, str]:
    utf8 = " SMTPUTF8" if internationalised(transaction) else ""
    return f"MAIL FROM:<{transaction.sender}>{utf8}", f"RCPT TO:<{transaction.recipient}>"


def _rounded(milliseconds: float) -> float:
    return round(milliseconds, 3)
