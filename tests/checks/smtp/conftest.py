"""
A world built by hand: what DNS and SMTP showed, put into observations, and the findings that follow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from runbook_lib.checks.case import Case, Check
from runbook_lib.environment import Environment, environment_from_parameters
from runbook_lib.knowledge.text import Catalogue
from runbook_lib.observations import (
    Certificate,
    DnsAnswer,
    DnsOutcome,
    DnsQuestion,
    DnsRecord,
    Envelope,
    Observation,
    Observations,
    PortAnswer,
    PortQuestion,
    PortState,
    PortTry,
    Problem,
    Purpose,
    Question,
    SmtpConnection,
    SmtpDialogue,
    SmtpQuestion,
    SmtpReply,
    Stage,
    TlsState,
    TransactionResult,
    Trouble,
    not_asked,
)
from runbook_lib.results import Finding

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOST = "alder-example.mail.protection.outlook.com"
ADDRESS = "52.101.73.1"


def certificate(ends_in_days: float = 200) -> Certificate:
    """
    A good leaf certificate.
    """
    return Certificate(
        der="",
        subject=f"CN={HOST}",
        issuer="CN=Test CA",
        not_before=NOW - timedelta(days=100),
        not_after=NOW + timedelta(days=ends_in_days),
        names=(HOST,),
        key="RSA",
        key_bits=2048,
        signature_hash="sha256",
        sha256="ab",
        spki_sha256="cd",
        self_signed=False,
        authority=False,
    )


def reply(text: str, *irregular: str) -> SmtpReply:
    """
    A reply from its wire form.
    """
    code, _, rest = text.partition(" ")
    return SmtpReply(int(code), (rest,), tuple(irregular))


@dataclass
class Server:
    """
    How one address behaves.

    Args:
        valid: Reply to RCPT of the test recipient; None for none. A reply that begins ``mail:`` is one to MAIL.
        unknown: Likewise for an address nobody has.
        foreign: Likewise for the open-relay question.
        neutral: Likewise from a neutral sender.
        change: Applied to the connection at last.
        problem: What keeps TCP from opening.
        target: Where the connection really went.
    """

    valid: str | None = "250 2.1.5 OK"
    unknown: str | None = "550 5.4.1 Recipient address rejected: Access denied."
    foreign: str | None = "550 5.7.64 TenantAttribution; Relay Access Denied"
    neutral: str | None = "250 2.1.5 OK"
    delivery: tuple[str, str, str] | None = ("250 OK", "354 go on", "250 2.6.0 queued")
    change: Callable[[SmtpConnection], SmtpConnection] | None = None
    problem: Problem | None = None
    target: str = f"{ADDRESS}:25"
    retried_after_s: float | None = None

    def dialogue(self, question: SmtpQuestion) -> SmtpDialogue:
        """
        What a dialogue with it shows.
        """
        if self.problem is not None:
            connection = SmtpConnection(Purpose.VERIFIED, NOW, self.target, problem=self.problem)
            return SmtpDialogue(question, NOW, connections=(connection,))
        connection = SmtpConnection(
            purpose=Purpose.VERIFIED,
            at=NOW,
            target=self.target,
            local_address="127.0.0.1",
            connect_ms=12.0,
            greeting=reply("220 mail ESMTP"),
            hello="EHLO",
            ehlo=reply("250 hello"),
            capabilities=("STARTTLS", "SIZE 157286400"),
            starttls=reply("220 go on"),
            tls=TlsState("TLSv1.3", "TLS_AES_256_GCM_SHA384", verified=True, chain=(certificate(),)),
            ehlo_tls=reply("250 hello"),
            results=tuple(each for each in map(self._result, question.transactions) if each is not None),
        )
        return SmtpDialogue(question, NOW, connections=(self.change(connection) if self.change else connection,))

    def _result(self, transaction: Any) -> TransactionResult | None:
        ok = reply("250 OK")
        if transaction.envelope is Envelope.DELIVERY:
            if self.delivery is None:
                return None
            rcpt, data, message = (reply(each) if each else None for each in self.delivery)
            return TransactionResult(transaction, ok, rcpt, data, message)
        wire = {"valid": self.valid, "unknown": self.unknown, "foreign": self.foreign, "neutral": self.neutral}[transaction.envelope.value]
        if wire is None:
            return None
        if wire.startswith("mail:"):
            return TransactionResult(transaction, reply(wire.removeprefix("mail:")))
        return TransactionResult(transaction, ok, reply(wire), retried_after_s=self.retried_after_s)


@dataclass
class World:
    """
    What can be seen, and of whom.

    Args:
        parameters: Of the environment.
        addresses: A and AAAA records by host; an outcome where there are none.
        servers: By address; `default` for all others.
        mx: MX hosts by domain.
        controls: Whether control hosts open; None where they did not resolve.
        only: The version of IP by which they do, 0 for any.
    """

    parameters: dict[str, Any]
    addresses: dict[str, tuple[str, ...] | DnsOutcome] = field(default_factory=lambda: {HOST: (ADDRESS,)})
    aliases: dict[str, tuple[str, ...]] = field(default_factory=dict)
    servers: dict[str, Server] = field(default_factory=dict)
    default: Server = field(default_factory=Server)
    mx: dict[str, tuple[str, ...]] = field(default_factory=dict)
    controls: bool | None = True
    only: int = 0
    asked: list[Question] = field(default_factory=list)

    def answer(self, question: Question) -> Observation:
        """
        What comes of a question.
        """
        self.asked.append(question)
        if isinstance(question, DnsQuestion):
            return self._dns(question)
        if isinstance(question, SmtpQuestion):
            return self.servers.get(question.address, self.default).dialogue(question)
        if isinstance(question, PortQuestion):
            controls = None if self.only and question.version != self.only else self.controls
            state = {True: PortState.OPEN, False: PortState.BLOCKED, None: PortState.UNKNOWN}[controls]
            return PortAnswer(question, state, NOW, tries=tuple(PortTry(host, "", bool(controls)) for host in question.hosts))
        return not_asked(question)

    def _dns(self, question: DnsQuestion) -> DnsAnswer:
        if question.rdtype == "MX" and question.name in self.mx:
            records = tuple(DnsRecord(question.name, "MX", 300, f"10 {host}", 10, host) for host in self.mx[question.name])
            return DnsAnswer(question, DnsOutcome.ANSWER, NOW, records=records)
        if question.rdtype not in ("A", "AAAA"):
            return DnsAnswer(question, DnsOutcome.SERVFAIL, NOW)
        found = self.addresses.get(question.name, DnsOutcome.NXDOMAIN)
        aliases = tuple(DnsRecord(question.name, "CNAME", 300, name, target=name) for name in self.aliases.get(question.name, ()))
        if isinstance(found, DnsOutcome):
            return DnsAnswer(question, found, NOW, aliases=aliases)
        mine = [address for address in found if (":" in address) == (question.rdtype == "AAAA")]
        records = tuple(DnsRecord(question.name, question.rdtype, 300, address) for address in mine)
        return DnsAnswer(question, DnsOutcome.ANSWER if records else DnsOutcome.NODATA, NOW, records=records, aliases=aliases)

    @property
    def environment(self) -> Environment:
        """
        What is intended.
        """
        return environment_from_parameters(self.parameters)

    def case(self, *checks: Check, now: datetime = NOW) -> Case:
        """
        All that these checks need, observed.
        """
        observations = Observations()
        case = Case(self.environment, observations, now)
        for check in checks:
            if check.plan is not None:
                _drive(check.plan(case), self, observations)
        return case

    def judge(self, check: Check, now: datetime = NOW) -> dict[str, Finding]:
        """
        The findings of one check by subject, each with its sentences.
        """
        findings = list(check.judge(self.case(check, now=now), check))
        catalogue = Catalogue("en")
        worded = {finding.subject: finding.worded(catalogue.words(finding.message)) for finding in findings}
        assert len(worded) == len(findings) > 0
        assert all(each.words.summary and each.words.expected and each.words.observed and each.words.source for each in worded.values())
        return worded

    def one(self, check: Check, now: datetime = NOW) -> Finding:
        """
        The only finding of one check.
        """
        (found,) = self.judge(check, now).values()
        return found


def _drive(plan: Any, world: World, observations: Observations) -> Any:
    results: list[Any] | None = None
    while True:
        try:
            batch = next(plan) if results is None else plan.send(results)
        except StopIteration as stop:
            return stop.value
        results = [_drive(item, world, observations) if hasattr(item, "send") else _ask(item, world, observations) for item in batch]


def _ask(question: Question, world: World, observations: Observations) -> Observation:
    found = world.answer(question)
    if observations.id_of(found) is None:
        observations.add(found)
    return found


class Builder:
    """
    Makes worlds, servers and the like for tests.
    """

    now = NOW
    host = HOST
    address = ADDRESS
    timeout = Problem(Trouble.TIMEOUT, Stage.CONNECT, "timed out")
    refused = Problem(Trouble.REFUSED, Stage.CONNECT, "connection refused")
    server = Server
    reply = staticmethod(reply)
    certificate = staticmethod(certificate)

    def world(self, keys: Mapping[str, Any] | None = None, **attributes: Any) -> World:
        """
        A healthy Microsoft 365 customer, changed as asked.
        """
        parameters = {
            "customer": "Alder",
            "platform": "microsoft_365",
            "region": "eu",
            "domains": ["alder.example"],
            "inbound_host": HOST,
            "test_recipient": "erika@alder.example",
        }
        merged = {key: value for key, value in {**parameters, **(keys or {})}.items() if value is not None}
        return World(merged, **attributes)

    def own(self, keys: Mapping[str, Any] | None = None, **attributes: Any) -> World:
        """
        A healthy customer with Exchange on-premises.
        """
        world = self.world({"platform": "on_premises", "inbound_host": "mail.alder.example", **(keys or {})}, **attributes)
        if "addresses" not in attributes:
            world.addresses = {"mail.alder.example": ("93.184.216.34",)}
        if world.default.target == f"{ADDRESS}:25":
            world.default.target = "93.184.216.34:25"
        return world

    def changed(self, **changes: Any) -> Server:
        """
        A server whose connection differs in these fields.
        """
        return Server(change=lambda connection: replace(connection, **changes))

    def check(self, checks: Iterable[Check], key: str) -> Check:
        """
        One check of a module by its id.
        """
        return next(each for each in checks if each.id == key)


@pytest.fixture
def build() -> Builder:
    """
    Makes worlds.
    """
    return Builder()
