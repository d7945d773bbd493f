"""
The SMTP probe: everything that is to be learnt of one address, over one connection where one can serve.

More are made only where one cannot: a certificate that does not verify is looked at without verification, a failed handshake is tried
with old TLS, a server that has no TLS for us is asked without, and a greylisted recipient is asked again after the hold time. Never more
than four.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime

from ..observations.questions import Envelope, SmtpQuestion, SmtpTransaction
from ..observations.smtp import Problem, Purpose, SmtpConnection, SmtpDialogue, Stage, TransactionResult, Trouble
from .connect import Stopped, time_for
from .network import Network
from .settings import Slot
from .smtp_session import Session, TlsMode
from .tls import old_context, old_verified_context, unverified_context, verified_context

MAX_CONNECTIONS = 4
RETRY_MARGIN_S = 5.0
"""
What must be left of the run beyond the hold time for a greylist retry to make sense, seconds.
"""
GREYLIST_CODES = (450, 451)


async def run_dialogue(network: Network, question: SmtpQuestion) -> SmtpDialogue:
    """
    Carry out a dialogue.

    Args:
        network: Settings, time, locks.
        question: Whom to ask what.

    Returns:
        What was seen, whatever the peer does.
    """
    return await _Dialogue(network, question).run()


class _Dialogue:
    def __init__(self, network: Network, question: SmtpQuestion) -> None:
        self._network = network
        self._question = question
        self._connections: list[SmtpConnection] = []
        self._verified: asyncio.Future[ssl.SSLContext] | None = None
        self._target = network.redirect(question.host, question.address, question.port) or (question.address, question.port)

    async def run(self) -> SmtpDialogue:
        at, started = datetime.now(UTC), time.monotonic()
        problem = None
        if not self._target[0]:
            problem = Problem(Trouble.NOT_RESOLVED, Stage.CONNECT)
        else:
            try:
                await self._ask()
            except Stopped as stop:  # time was up before a connection could be begun
                problem = None if self._connections else stop.problem
            finally:
                if self._verified is not None:
                    self._verified.cancel()
                    await asyncio.gather(self._verified, return_exceptions=True)
        took_ms = round((time.monotonic() - started) * 1000.0, 3)
        return SmtpDialogue(self._question, at, took_ms, tuple(self._connections), problem)

    async def _ask(self) -> None:
        mode: TlsMode | None = None
        purpose: Purpose | None = Purpose.PLAIN
        if self._question.tls:
            # Loading the trust roots takes long enough to be done while the greeting is under way.
            self._verified = asyncio.ensure_future(asyncio.to_thread(verified_context, self._network))
            mode, purpose = TlsMode(self._verified_context, 0), Purpose.VERIFIED
        while purpose is not None:
            session = await self._connect(purpose, mode, self._question.transactions)
            purpose, following = self._what_next(session, purpose)
            if purpose is not None:
                mode = following
        await self._retry_greylisted(mode)

    async def _connect(self, purpose: Purpose, mode: TlsMode | None, transactions: tuple[SmtpTransaction, ...]) -> Session:
        async with AsyncExitStack() as stack:
            async with time_for(self._network, Stage.CONNECT, float("inf")):
                await stack.enter_async_context(self._network.address_lock(*self._target))
                await stack.enter_async_context(self._network.slot(Slot.SMTP))
            session = Session(self._network, self._question, purpose, mode, transactions)
            self._connections.append(await session.run())
            return session

    def _what_next(self, session: Session, purpose: Purpose) -> tuple[Purpose | None, TlsMode | None]:
        problem = session.seen.problem
        if problem is None or problem.stage is not Stage.HANDSHAKE:
            if purpose is Purpose.UNVERIFIED:
                self._complete_the_verified(session.seen)
            return None, None
        if purpose is Purpose.VERIFIED and session.verify_code is not None:
            return Purpose.UNVERIFIED, TlsMode(_unverified_context, session.verify_code, problem.detail)
        if purpose is Purpose.VERIFIED and session.version_may_help:
            return Purpose.OLD_TLS, TlsMode(self._old_verified_context, 0)
        if purpose is Purpose.OLD_TLS and session.verify_code is not None:
            return Purpose.UNVERIFIED, TlsMode(_old_context, session.verify_code, problem.detail)
        return (Purpose.PLAIN if self._question.transactions else None), None

    def _complete_the_verified(self, second: SmtpConnection) -> None:
        """
        Put the causes, which only the chain tells in full, where verification failed.
        """
        first = self._connections[-2]
        if first.tls is not None and second.tls is not None and second.tls.chain:
            tls = replace(first.tls, causes=second.tls.causes, missing_issuer=second.tls.missing_issuer)
            self._connections[-2] = replace(first, tls=tls)

    async def _retry_greylisted(self, mode: TlsMode | None) -> None:
        hold = self._network.settings.greylist_hold_s
        greylisted = tuple(result.transaction for result in self._connections[-1].results if _greylisted(result))
        if not greylisted or not self._question.greylist_retry or len(self._connections) >= MAX_CONNECTIONS:
            return
        if self._network.remaining() < hold + min(RETRY_MARGIN_S, self._network.settings.timeout):
            return
        waiting_since = time.monotonic()
        await asyncio.sleep(hold)
        await self._connect(Purpose.GREYLIST_RETRY, mode, greylisted)
        again = self._connections[-1]
        waited = round(time.monotonic() - waiting_since - again.took_ms / 1000.0, 1)
        self._connections[-1] = replace(again, results=tuple(replace(result, retried_after_s=waited) for result in again.results))

    async def _verified_context(self) -> ssl.SSLContext:
        if self._verified is None:
            raise RuntimeError("no context was asked for")
        return await asyncio.shield(self._verified)

    async def _old_verified_context(self) -> ssl.SSLContext:
        return await asyncio.to_thread(old_verified_context, self._network)


async def _unverified_context() -> ssl.SSLContext:
    return unverified_context()


async def _old_context() -> ssl.SSLContext:
    return old_context()


def _greylisted(result: TransactionResult) -> bool:
    # A message that was not taken at RCPT was not sent, so it is still sent only once.
    retried = result.transaction.envelope in (Envelope.VALID, Envelope.NEUTRAL, Envelope.DELIVERY)
    return retried and result.answer is not None and result.answer.code in GREYLIST_CODES
