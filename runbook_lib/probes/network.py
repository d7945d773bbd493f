"""
What every probe needs, in one object: settings, deadline, memo, locks. Two networks never share an answer.

A `Network` belongs to one run. It may be made before there is an event loop, and used in several one after another.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from weakref import WeakKeyDictionary

from ..observations import (
    DnsAnswer,
    DnsOutcome,
    DnsQuestion,
    HttpsAnswer,
    HttpsOutcome,
    HttpsQuestion,
    Observation,
    PortAnswer,
    PortQuestion,
    PortState,
    Problem,
    Question,
    SmtpDialogue,
    SmtpQuestion,
    Stage,
    Trouble,
    not_asked,
)
from .settings import SLOTS, Settings, Slot
from .targets import redirect

GRACE_S = 2.0
"""
How long after the deadline a probe that keeps what it saw may still close its connections before it is cut off, seconds.
"""


class _LoopState:
    """
    Locks of one event loop; asyncio's belong to the loop they are first used in.
    """

    def __init__(self) -> None:
        self.slots = {slot: asyncio.Semaphore(count) for slot, count in SLOTS.items()}
        self.addresses: dict[tuple[str, int], asyncio.Lock] = {}


class _Flight:
    """
    A question under way, and how many wait for it.
    """

    def __init__(self, task: asyncio.Task[Observation]) -> None:
        self.task = task
        self.askers = 0


class _Shared:
    """
    What all rounds of a run have in common.
    """

    def __init__(self) -> None:
        self.loops: WeakKeyDictionary[asyncio.AbstractEventLoop, _LoopState] = WeakKeyDictionary()
        self.local_addresses: set[str] = set()
        self.silent: set[str] = set()
        self.contexts: dict[Slot, ssl.SSLContext] = {}
        self.redirects: dict[tuple[str, str, int], tuple[str, int] | None] = {}


class Network:
    """
    Asks questions of the network, each once a round, within the time of the run.

    Args:
        settings: How.
        probe: Carries out one question; the network itself knows of no kind of probe.
        deadline: `time.monotonic` by which the run must end; by default `Settings.time_limit` from now.
    """

    def __init__(self, settings: Settings, probe: Probe, *, deadline: float | None = None) -> None:
        self.settings = settings
        self._probe = probe
        self.deadline = time.monotonic() + settings.time_limit if deadline is None else deadline
        self._shared = _Shared()
        self._answers: dict[Question, Observation] = {}
        self._flights: dict[Question, _Flight] = {}
        self._others: dict[tuple[str, ...], Network] = {}

    def new_round(self, *, time_limit: float | None = None) -> Network:
        """
        The same network with nothing asked yet: same settings, same locks.

        Args:
            time_limit: Seconds from now for the new round; None keeps the deadline.
        """
        fresh = Network(self.settings, self._probe, deadline=self.deadline if time_limit is None else time.monotonic() + time_limit)
        fresh._shared = self._shared
        return fresh

    def with_nameservers(self, nameservers: tuple[str, ...]) -> Network:
        """
        The same round asking other name servers; used to find the host of a DNS-over-HTTPS server.
        """
        other = self._others.get(nameservers)
        if other is None:
            other = Network(replace(self.settings, nameservers=nameservers), self._probe, deadline=self.deadline)
            self._others[nameservers] = other
            other._shared = self._shared
        return other

    def remaining(self) -> float:
        """
        Seconds until the run must end, 0 when it is over.
        """
        return max(0.0, self.deadline - time.monotonic())

    @property
    def local_addresses(self) -> set[str]:
        """
        This machine's addresses as seen on the connections it opened. Probes add to it.
        """
        return self._shared.local_addresses

    @property
    def silent(self) -> set[str]:
        """
        Name servers that kept silent in this run; they are asked last. Probes add to it and take away from it.
        """
        return self._shared.silent

    def tls_context(self, use: Slot) -> ssl.SSLContext:
        """
        A context that verifies chain and name against this machine's roots and `Settings.ca_file`; read once a run for each use.

        Raises:
            OSError: The file cannot be read or holds no certificate.
        """
        context = self._shared.contexts.get(use)
        if context is None:
            context = ssl.create_default_context()
            if self.settings.ca_file is not None:
                context.load_verify_locations(self.settings.ca_file)
            self._shared.contexts[use] = context
        return context

    def redirect(self, host: str, address: str, port: int) -> tuple[str, int] | None:
        """
        Where `connect_to` sends a connection, None where it says nothing; the same few servers are looked up for every DNS question.
        """
        key = (host, address, port)
        if key not in self._shared.redirects:
            self._shared.redirects[key] = redirect(self.settings.connect_to, host, address, port)
        return self._shared.redirects[key]

    def address_lock(self, address: str, port: int) -> asyncio.Lock:
        """
        The lock under which one address is spoken to, one connection at a time.
        """
        return self._loop_state().addresses.setdefault((address, port), asyncio.Lock())

    @asynccontextmanager
    async def slot(self, use: Slot) -> AsyncIterator[None]:
        """
        Wait until a socket may be opened. Never ask another question while holding one.
        """
        async with self._loop_state().slots[use]:
            yield

    async def resolve(self, host: str) -> tuple[str, ...]:
        """
        The addresses of a host, IPv4 first, through the environment's name servers.

        Args:
            host: Host name as A-label, or an address (with or without brackets), which is its own answer.

        Returns:
            Addresses; empty where there are none or it could not be found out.
        """
        name = host.strip("[]").rstrip(".").lower()
        with contextlib.suppress(ValueError):
            return (str(ipaddress.ip_address(name)),)
        if name == "localhost" or name.endswith(".localhost"):
            return ("127.0.0.1", "::1")  # RFC 6761 section 6.3
        answers = await asyncio.gather(self.ask(DnsQuestion(name, "A")), self.ask(DnsQuestion(name, "AAAA")))
        return tuple(record.data for answer in answers if isinstance(answer, DnsAnswer) for record in answer.records)

    async def ask(self, question: Question) -> Observation:
        """
        What comes of a question. The same question is asked once, however many wait for it; the last one who gives up stops it.

        Returns:
            An observation, whatever the network does. Past the deadline it says so; a kind of probe that is left out was not asked.
        """
        known = self._answers.get(question)
        if known is not None:
            return known
        if not self._allowed(question):
            return not_asked(question)
        flight = self._flights.get(question)
        if flight is None or flight.task.get_loop() is not asyncio.get_running_loop():
            flight = self._flights[question] = _Flight(asyncio.get_running_loop().create_task(self._answer(question)))
        flight.askers += 1
        try:
            answer = await asyncio.shield(flight.task)
            self._answers[question] = answer
            return answer
        finally:
            flight.askers -= 1
            if flight.askers == 0:
                if self._flights.get(question) is flight:
                    del self._flights[question]
                if not flight.task.done():
                    flight.task.cancel()
                    await asyncio.wait([flight.task])

    async def aclose(self) -> None:
        """
        Stop what is under way in this round and wait until its sockets are closed.
        """
        tasks = [flight.task for flight in self._flights.values() if not flight.task.done()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        self._flights.clear()
        for other in self._others.values():
            await other.aclose()

    def _allowed(self, question: Question) -> bool:
        if isinstance(question, DnsQuestion):
            return "dns" in self.settings.probes
        return ("https" if isinstance(question, HttpsQuestion) else "smtp") in self.settings.probes

    def _loop_state(self) -> _LoopState:
        loop = asyncio.get_running_loop()
        state = self._shared.loops.get(loop)
        if state is None:
            state = self._shared.loops[loop] = _LoopState()
        return state

    async def _answer(self, question: Question) -> Observation:
        left = self.remaining()
        if left <= 0:
            return out_of_time(question)
        started = datetime.now(UTC)
        keeps = isinstance(question, SmtpQuestion | PortQuestion)
        try:
            async with asyncio.timeout(left + (GRACE_S if keeps else 0.0)):
                return await self._probe(self, question)
        except TimeoutError:
            return out_of_time(question, started, left * 1000.0)


def out_of_time(question: Question, at: datetime | None = None, took_ms: float = 0.0) -> Observation:
    """
    The observation that says the run's time was up.

    Args:
        question: What was to be asked.
        at: When it was begun, None for not at all.
        took_ms: Milliseconds it had.
    """
    when = datetime.now(UTC) if at is None else at
    detail = "the run's time limit was reached"
    if isinstance(question, DnsQuestion):
        return DnsAnswer(question, DnsOutcome.LIMIT, when, took_ms, detail=detail)
    if isinstance(question, SmtpQuestion):
        return SmtpDialogue(question, when, took_ms, problem=Problem(Trouble.LIMIT, Stage.CONNECT, detail))
    if isinstance(question, HttpsQuestion):
        return HttpsAnswer(question, HttpsOutcome.LIMIT, when, took_ms, detail=detail)
    return PortAnswer(question, PortState.UNKNOWN, when, took_ms)


Probe = Callable[[Network, Question], Awaitable[Observation]]
"""
Asks one question of the network, with its settings and within its bounds.
"""
