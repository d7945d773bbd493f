"""
The world of the checks' tests with signed zones, served policies and mail servers' certificates: no network.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from runbook_lib.checks import Case
from runbook_lib.checks.authentication import CHECKS as ALL
from runbook_lib.environment import environment_from_parameters
from runbook_lib.knowledge.text import Catalogue
from runbook_lib.observations import (
    Certificate,
    DnsAnswer,
    HttpsAnswer,
    HttpsOutcome,
    HttpsQuestion,
    Observation,
    Observations,
    Problem,
    Purpose,
    Question,
    SmtpConnection,
    SmtpDialogue,
    SmtpQuestion,
    SmtpReply,
    Stage,
    TlsState,
    Trouble,
    not_asked,
    replay,
)
from runbook_lib.results import Finding

NOW = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
CHECKS = {check.id: check for check in ALL}


@dataclass
class Internet:
    """
    DNS of the shared world, and what lies behind it: policies by URL, certificate chains by host.

    `unsigned` names zones that are not signed though the world is; `told` says how a URL or host ends that is not in the others.
    """

    dns: Any
    pages: dict[str, HttpsAnswer] = field(default_factory=dict)
    chains: dict[str, tuple[Certificate, ...]] = field(default_factory=dict)
    trouble: dict[str, Trouble] = field(default_factory=dict)
    unsigned: tuple[str, ...] = ()

    def publish(self, name: str, rdtype: str, *data: str) -> None:
        """
        Put records into DNS.
        """
        self.dns.records[name, rdtype] = list(data)

    def serve(self, domain: str, text: str, **changes: Any) -> None:
        """
        Serve an MTA-STS policy, or something else in its place.
        """
        url = f"https://mta-sts.{domain}/.well-known/mta-sts.txt"
        answer = HttpsAnswer(HttpsQuestion(url), HttpsOutcome.ANSWER, NOW, status=200, content_type="text/plain", body=text, size=len(text))
        self.pages[url] = replace(answer, **changes)

    def answer(self, question: Question) -> Observation:
        """
        What comes of a question.
        """
        if isinstance(question, HttpsQuestion):
            return self.pages.get(question.url) or HttpsAnswer(question, HttpsOutcome.NOT_RESOLVED, NOW)
        if isinstance(question, SmtpQuestion):
            return self._dialogue(question)
        found = self.dns.answer(question)
        if isinstance(found, DnsAnswer) and any(found.question.name.endswith(zone) for zone in self.unsigned):
            return replace(found, flags=tuple(flag for flag in found.flags if flag != "ad"))
        return found  # type: ignore[no-any-return]

    def _dialogue(self, question: SmtpQuestion) -> SmtpDialogue:
        base = SmtpConnection(Purpose.VERIFIED, NOW, f"{question.address}:25")
        hello = SmtpReply(250, ("mail",))
        if question.host in self.trouble:
            ended = replace(base, problem=Problem(self.trouble[question.host], Stage.CONNECT))
            return SmtpDialogue(question, NOW, connections=(ended,))
        opened = replace(base, connect_ms=1.0, greeting=SmtpReply(220, ("mail",)), hello="EHLO", ehlo=hello)
        chain = self.chains.get(question.host)
        if chain is None:
            return SmtpDialogue(question, NOW, connections=(replace(opened, capabilities=("SIZE",)),))
        tls = TlsState("TLSv1.3", "TLS_AES_256_GCM_SHA384", verified=False, chain=chain)
        talked = replace(opened, capabilities=("STARTTLS",), starttls=SmtpReply(220, ("go",)), tls=tls)
        return SmtpDialogue(question, NOW, connections=(talked,))


@dataclass
class AuthLook:
    """
    Carries out the checks of the authentication step.
    """

    world: Internet
    asked: list[Question] = field(default_factory=list)

    def __call__(self, check_id: str, /, **changes: Any) -> dict[str, Finding]:
        """
        The findings of one check by subject, in words; every message says something, and stored answers give the same findings again.
        """
        check = CHECKS[check_id]
        given = {
            "customer": "Alder",
            "platform": "microsoft_365",
            "region": "eu",
            "domains": ["alder.example"],
            "inbound_host": "alder-example.mail.protection.outlook.com",
        }
        environment = environment_from_parameters({**given, **changes})
        seen = Observations()
        case = Case(environment, seen, NOW)

        def ask(question: Question) -> Observation:
            kind = "smtp" if isinstance(question, SmtpQuestion) else "https" if isinstance(question, HttpsQuestion) else "dns"
            self.asked.append(question)
            observation = self.world.answer(question) if kind in environment.probes else not_asked(question)
            seen.add(observation)
            return observation

        assert check.plan is not None
        replay(check.plan(case), ask)
        words = Catalogue("en")
        findings = [finding.worded(words.words(finding.message)) for finding in check.judge(case, check)]
        assert findings
        assert all(finding.words.summary and finding.words.expected and finding.words.observed for finding in findings)
        assert all(finding.words.source for finding in findings)
        assert len({finding.subject for finding in findings}) == len(findings)

        return {finding.subject: finding for finding in findings}

    def one(self, check_id: str, /, **changes: Any) -> Finding:
        """
        The only finding of one check.
        """
        (finding,) = self(check_id, **changes).values()
        return finding


@pytest.fixture
def net(world: Any) -> Internet:
    """
    The healthy customer before the move, with nothing published for authentication.
    """
    return Internet(world)


@pytest.fixture
def judge(net: Internet) -> AuthLook:
    """
    Carries out a check in the world of the test.
    """
    return AuthLook(net)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """
    An authority for this session.
    """
    return trustme.CA()


@pytest.fixture
def chain_for(authority: trustme.CA) -> Callable[..., tuple[Certificate, ...]]:
    """
    Makes the chain a host serves: its own certificate, and the authority's.
    """

    def make(host: str, *, until: datetime = NOW + timedelta(days=90), since: datetime = NOW - timedelta(days=90)) -> Any:
        leaf = authority.issue_cert(host)
        pems = [leaf.cert_chain_pems[0].bytes(), authority.cert_pem.bytes()]
        first, second = (_seen(x509.load_pem_x509_certificate(pem)) for pem in pems)
        return replace(first, not_before=since, not_after=until), replace(second, not_before=NOW - timedelta(days=900))

    return make


def _seen(certificate: x509.Certificate) -> Certificate:
    der = certificate.public_bytes(Encoding.DER)
    spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        names = []
    return Certificate(
        der=base64.b64encode(der).decode(),
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        names=tuple(names),
        key="EC",
        key_bits=256,
        signature_hash="sha256",
        sha256=sha256(der).hexdigest(),
        spki_sha256=sha256(spki).hexdigest(),
        self_signed=certificate.subject == certificate.issuer,
        authority=certificate.subject == certificate.issuer,
    )
