"""
DNS questions, from the environment's name servers or from one server of a zone directly.

A resolver's SERVFAIL is looked into before it is believed: validation that fails (answers with checking disabled, twice refused without) is
`BOGUS`, aliases that lead in a circle are `LOOP`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ..knowledge.text import visible
from ..observations import DnsAnswer, DnsOutcome, DnsQuestion, DnsRecord, Via
from .dns_servers import Server, authoritative, server
from .dns_transport import Failure, Received, exchange
from .dns_wire import MAX_ALIASES, Query, Reply, display, query
from .network import Network

_FOLLOWED = ("A", "AAAA", "MX", "TXT")
"""
Types whose SERVFAIL is looked into for a loop of aliases.
"""
_DEFINITE = (DnsOutcome.ANSWER, DnsOutcome.NODATA, DnsOutcome.NXDOMAIN, DnsOutcome.BOGUS, DnsOutcome.LOOP)
_RCODES = {"NXDOMAIN": DnsOutcome.NXDOMAIN, "SERVFAIL": DnsOutcome.SERVFAIL, "REFUSED": DnsOutcome.REFUSED}


async def ask_dns(network: Network, question: DnsQuestion) -> DnsAnswer:
    """
    Ask one question.

    Returns:
        Whatever came of it.
    """
    at, began = datetime.now(UTC), time.monotonic()
    answer = await _ask(network, question)
    return replace(answer, at=at, took_ms=(time.monotonic() - began) * 1000.0)


async def _ask(network: Network, question: DnsQuestion) -> DnsAnswer:
    try:
        first = query(question.name, question.rdtype, recursion=question.via is not Via.AUTHORITATIVE)
        servers = _servers(network, question)
    except ValueError as error:
        return _nothing(question, DnsOutcome.OTHER, visible(f"cannot be asked: {error}"))
    if not servers:
        return _nothing(question, DnsOutcome.UNREACHABLE, "no name server is known")
    attempts = [_Attempt(network, question, first, to) for to in servers]
    return await _race(network, attempts)


def _servers(network: Network, question: DnsQuestion) -> list[Server]:
    if question.via is Via.AUTHORITATIVE:
        return [authoritative(question.server, question.server_name)]
    if question.via is Via.PROPAGATION:
        return [server(question.server)]
    listed = [server(text) for text in network.settings.nameservers]
    return sorted(listed, key=lambda to: to.text in network.silent)


def _nothing(question: DnsQuestion, outcome: DnsOutcome, detail: str) -> DnsAnswer:
    return DnsAnswer(question, outcome, datetime.now(UTC), detail=detail)


async def _race(network: Network, attempts: Sequence[_Attempt]) -> DnsAnswer:
    """
    Ask one server after the other; one that keeps silent for its share of the time is not waited for before the next is asked as well.

    Returns:
        The first definite answer; else what the first server in the list came to.
    """
    patience = network.settings.timeout
    share, end = patience / (len(attempts) + 1), time.monotonic() + patience
    waiting, running = list(attempts), dict[asyncio.Task[DnsAnswer], _Attempt]()
    failed: dict[_Attempt, DnsAnswer] = {}
    try:
        while waiting or running:
            if waiting and not any(attempt.heard for attempt in running.values()):
                attempt = waiting.pop(0)
                running[asyncio.ensure_future(attempt.run(max(share, end - time.monotonic())))] = attempt
            done, _ = await asyncio.wait(running, timeout=share if waiting else None, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                answer, attempt = task.result(), running.pop(task)
                if answer.outcome in _DEFINITE:
                    network.silent.update(other.to.text for other in running.values() if not other.heard)
                    return answer
                failed[attempt] = answer
    finally:
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)
    return next(failed[attempt] for attempt in attempts if attempt in failed)


@dataclass(eq=False)
class _Attempt:
    """
    One question put to one server, with all that is needed to understand its answer.

    Args:
        network: Whose.
        question: What is asked.
        query: The first query.
        to: The server.
        heard: A reply has come from it.
        known: What it came to, while that is looked into.
    """

    network: Network
    question: DnsQuestion
    query: Query
    to: Server
    heard: bool = False
    known: DnsAnswer | None = None

    async def run(self, seconds: float) -> DnsAnswer:
        """
        Ask.

        Args:
            seconds: For the first reply; what is needed to look into it may take twice the environment's timeout in all.
        """
        received = await exchange(self.network, self.to, self.query, seconds)
        if isinstance(received, Failure) and received.heard is None:
            if received.outcome is DnsOutcome.TIMEOUT:
                self.network.silent.add(self.to.text)
            return self._failed(received)
        self.heard = True
        self.network.silent.discard(self.to.text)
        try:
            async with asyncio.timeout(self.network.settings.timeout * 2):
                return await self._understand(received)
        except TimeoutError:
            return self.known or self._failed(Failure(DnsOutcome.TIMEOUT, "it answered at first, and then no more", self.to.transport))

    async def _understand(self, received: Received | Failure) -> DnsAnswer:
        if isinstance(received, Failure):
            return self._failed(received)
        if self.question.via is Via.AUTHORITATIVE:
            return self._from_authority(received)
        answer = await self._whole(received)
        if answer.outcome is not DnsOutcome.SERVFAIL:
            return answer
        self.known = answer
        unchecked = await self._again(checking_disabled=True)
        if unchecked is None:
            return answer
        if unchecked.outcome.found:
            # The first refusal may have been a passing one: only one that is repeated is the validation's.
            second = await self._again(checking_disabled=False)
            if second is None or second.outcome is not DnsOutcome.SERVFAIL:
                return second or answer
            return replace(second, outcome=DnsOutcome.BOGUS, extended_error=second.extended_error or answer.extended_error)
        return await self._circle(answer) if self.question.rdtype in _FOLLOWED else answer

    async def _again(self, *, checking_disabled: bool) -> DnsAnswer | None:
        asked = query(self.question.name, self.question.rdtype, recursion=True, checking_disabled=checking_disabled)
        received = await exchange(self.network, self.to, asked, self.network.settings.timeout)
        return await self._whole(received, checking_disabled=checking_disabled) if isinstance(received, Received) else None

    async def _whole(self, received: Received, *, checking_disabled: bool = False) -> DnsAnswer:
        """
        The answer of a resolver; where it leaves the chain of aliases unfinished, the rest is asked for.
        """
        asked, aliases, authentic = self.query, tuple[DnsRecord, ...](), True
        been = {display(asked.name)}
        while True:
            reply = received.reply
            chain = reply.follow(asked)
            aliases += chain.aliases
            authentic = authentic and "ad" in reply.flags
            flags = reply.flags if authentic else tuple(flag for flag in reply.flags if flag != "ad")
            answer = replace(self._made(received), aliases=aliases, records=chain.records, flags=flags)
            outcome = _RCODES.get(reply.rcode, DnsOutcome.OTHER)
            if reply.rcode == "NOERROR":
                outcome = DnsOutcome.ANSWER if chain.records else DnsOutcome.NODATA
            names = {record.target or "" for record in chain.aliases if record.rdtype == "CNAME"}
            if chain.loop or names & been or len(aliases) > 2 * MAX_ALIASES:
                return replace(answer, outcome=DnsOutcome.LOOP, records=())
            been |= names
            if outcome is DnsOutcome.NODATA and not reply.soa and not reply.authoritative and not reply.recursion_available:
                return replace(answer, outcome=DnsOutcome.OTHER, detail="it does not ask on for others")
            if outcome is not DnsOutcome.NODATA or reply.soa or not chain.aliases:
                return replace(answer, outcome=outcome)
            asked = query(display(chain.end), self.question.rdtype, recursion=True, checking_disabled=checking_disabled)
            further = await exchange(self.network, self.to, asked, self.network.settings.timeout)
            if isinstance(further, Failure):
                return replace(self._failed(further), aliases=aliases)
            received = further

    async def _circle(self, answer: DnsAnswer) -> DnsAnswer:
        """
        Tell a circle of aliases, for which many resolvers only say SERVFAIL, from a failing server: follow it name by name.
        """
        aliases: list[DnsRecord] = []
        name, been = self.question.name, {self.question.name}
        while len(been) <= MAX_ALIASES:
            asked = query(name, "CNAME", recursion=True)
            received = await exchange(self.network, self.to, asked, self.network.settings.timeout)
            found = received.reply.follow(asked).records if isinstance(received, Received) else ()
            if not found:
                return replace(answer, aliases=tuple(aliases))
            aliases.append(found[0])
            name = found[0].target or ""
            if name in been:
                break
            been.add(name)
        return replace(answer, outcome=DnsOutcome.LOOP, aliases=tuple(aliases))

    def _from_authority(self, received: Received) -> DnsAnswer:
        """
        The answer of a zone's own server; without AA it is none (RFC 1034 section 4.2.1).
        """
        reply = received.reply
        chain = reply.follow(self.query)
        answer = replace(self._made(received), aliases=chain.aliases, records=chain.records)
        if reply.rcode not in ("NOERROR", "NXDOMAIN"):
            return replace(answer, outcome=_RCODES.get(reply.rcode, DnsOutcome.OTHER))
        if reply.authoritative:
            if chain.loop:
                return replace(answer, outcome=DnsOutcome.LOOP, records=())
            if reply.rcode == "NXDOMAIN":
                return replace(answer, outcome=DnsOutcome.NXDOMAIN)
            return replace(answer, outcome=DnsOutcome.ANSWER if chain.records else DnsOutcome.NODATA)
        if reply.recursion_available or reply.answered:
            return replace(answer, outcome=DnsOutcome.INTERCEPTED)
        if self._delegates_further(reply):
            return replace(answer, outcome=DnsOutcome.OTHER, detail=f"delegated further, to {reply.referral[0].name}")
        return replace(answer, outcome=DnsOutcome.LAME)

    def _delegates_further(self, reply: Reply) -> bool:
        below = f".{self.question.zone}" if self.question.zone else ""
        return bool(reply.referral) and bool(self.question.zone) and all(record.name.endswith(below) for record in reply.referral)

    def _made(self, received: Received) -> DnsAnswer:
        reply = received.reply
        own = next((record for record in reply.follow(self.query).records if record.rdtype == "SOA"), None)
        return DnsAnswer(
            self.question,
            DnsOutcome.OTHER,
            datetime.now(UTC),
            rcode=reply.rcode,
            flags=reply.flags,
            soa=reply.soa or own,
            referral=reply.referral,
            extended_error=reply.extended_error,
            server=self.to.text,
            transport=received.transport,
            size=reply.size,
        )

    def _failed(self, failure: Failure) -> DnsAnswer:
        base = (
            self._made(Received(failure.heard, failure.transport or "udp"))
            if failure.heard
            else _nothing(self.question, failure.outcome, "")
        )
        return replace(base, outcome=failure.outcome, detail=failure.detail, server=self.to.text, transport=failure.transport)
