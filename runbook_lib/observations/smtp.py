"""
What one SMTP dialogue showed: replies, capabilities, TLS, certificate chain, and the whole transcript with its times.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from .questions import SmtpQuestion, SmtpTransaction


class Trouble(StrEnum):
    """
    Why a dialogue, or a part of it, did not go on. None of them is a reply code: a refusal by reply is in the reply.
    """

    NOT_RESOLVED = "not_resolved"
    """The name has no address and `connect_to` does not map it."""
    REFUSED = "refused"
    """The peer's system refused the connection."""
    TIMEOUT = "timeout"
    """Nothing came within the time for one reply."""
    UNREACHABLE = "unreachable"
    """No route, or the network said it cannot be reached."""
    CLOSED = "closed"
    """The peer closed the connection in the middle."""
    PROTOCOL = "protocol"
    """What came is not SMTP."""
    LIMIT = "limit"
    """Too many bytes, too many lines, or the run's time was up."""
    PROXY = "proxy"
    """The SOCKS proxy failed, not the peer."""
    CERTIFICATE = "certificate"
    """The certificate does not verify; another connection goes on without verifying it."""
    LOCAL = "local"
    """Something of this machine's own: the source address cannot be bound, no file descriptors."""
    NOT_ASKED = "not_asked"
    """This run was not allowed to ask."""


class Stage(StrEnum):
    """
    Where in the dialogue something happened.
    """

    CONNECT = "connect"
    GREETING = "greeting"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    HANDSHAKE = "handshake"
    EHLO_TLS = "ehlo_tls"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    MESSAGE = "message"
    RSET = "rset"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Problem:
    """
    What stopped a dialogue, and where.

    Args:
        trouble: Its kind.
        stage: Where.
        detail: What the system or the TLS library said, printable.
    """

    trouble: Trouble
    stage: Stage
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SmtpReply:
    r"""
    One reply of the server, all its lines.

    Args:
        code: Three-digit basic code.
        lines: Text of each line after the code, decoded as UTF-8; undecodable bytes and control characters as ``\xNN``.
        irregular: What was odd and could still be read: ``nul``, ``control``, ``bare_lf``, ``not_utf8``, ``long_line`` (over the 512
            bytes of RFC 5321 section 4.5.3.1.5), ``mixed_codes``, ``unasked`` (bytes came before the command they could have answered).

    >>> SmtpReply(550, ("5.7.51 TenantInboundAttribution",)).enhanced
    '5.7.51'
    """

    code: int
    lines: tuple[str, ...]
    irregular: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """
        All lines in one, separated by a space.
        """
        return " ".join(line for line in self.lines if line)

    @property
    def enhanced(self) -> str | None:
        """
        The enhanced status code (RFC 3463) that opens the text, if there is one. Its class need not fit the basic code.
        """
        head = self.lines[0].split(" ", 1)[0] if self.lines else ""
        parts = head.split(".")
        if len(parts) == 3 and parts[0] in ("2", "4", "5") and all(part.isascii() and part.isdigit() and len(part) <= 3 for part in parts):
            return head
        return None

    @property
    def positive(self) -> bool:
        """
        True for 2xx.
        """
        return 200 <= self.code < 300

    @property
    def temporary(self) -> bool:
        """
        True for 4xx.
        """
        return 400 <= self.code < 500


@dataclass(frozen=True, slots=True)
class Certificate:
    """
    One certificate as it was presented.

    Args:
        der: The certificate itself, base64 of DER.
        subject: RFC 4514 string, printable.
        issuer: Likewise.
        not_before: UTC.
        not_after: UTC.
        names: DNS names and IP addresses of the subjectAltName, lower case.
        key: ``RSA``, ``EC``, ``Ed25519``, ``Ed448``, ``DSA`` or the object identifier.
        key_bits: Size of the key in bits.
        signature_hash: ``sha256`` and so on; ``""`` for signatures without one.
        sha256: Fingerprint, lower-case hexadecimal.
        spki_sha256: SHA-256 of the SubjectPublicKeyInfo, lower-case hexadecimal.
        self_signed: Subject and issuer are the same and the signature is its own.
        authority: It says that it is a CA certificate.
        problem: What of it could not be read, printable; such parts are empty, such dates 1970. ``""`` where all could.
    """

    der: str
    subject: str
    issuer: str
    not_before: datetime
    not_after: datetime
    names: tuple[str, ...]
    key: str
    key_bits: int
    signature_hash: str
    sha256: str
    spki_sha256: str
    self_signed: bool
    authority: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class TlsState:
    """
    What the TLS handshake came to.

    Args:
        version: ``TLSv1.2`` and so on; None where the handshake failed.
        cipher: OpenSSL's name of the cipher suite.
        verified: Chain, name and dates verified in this handshake (False in an unverified connection).
        chain: As presented by the server, leaf first.
        causes: Why it does not verify, gravest first, in the words of the contract: ``expired``, ``not_yet_valid``, ``self_signed``,
            ``untrusted``, ``incomplete_chain``, ``hostname_mismatch``, ``weak_key``.
        missing_issuer: The issuer that was neither sent nor known, where `causes` has ``incomplete_chain``.
        detail: OpenSSL's own words.
    """

    version: str | None
    cipher: str | None
    verified: bool
    chain: tuple[Certificate, ...] = ()
    causes: tuple[str, ...] = ()
    missing_issuer: str | None = None
    detail: str = ""


class Direction(StrEnum):
    """
    Who a transcript line is from.
    """

    CLIENT = "client"
    SERVER = "server"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class TranscriptLine:
    r"""
    One line of a dialogue.

    Args:
        at_ms: Milliseconds since the connection was asked for.
        who: Client, server, or a note of the probe (connected, TLS begun, time-out).
        text: Printable; control characters and odd bytes as ``\xNN``.
    """

    at_ms: float
    who: Direction
    text: str


@dataclass(frozen=True, slots=True)
class TransactionResult:
    """
    What one transaction came to.

    Args:
        transaction: What was asked.
        mail: Reply to MAIL, None where it was not reached.
        rcpt: Reply to RCPT.
        data: Reply to DATA, only for `Envelope.DELIVERY`.
        message: Reply to the end of the message, likewise.
        problem: What cut it off.
        retried_after_s: Seconds waited before this result, where an earlier try was greylisted.
    """

    transaction: SmtpTransaction
    mail: SmtpReply | None = None
    rcpt: SmtpReply | None = None
    data: SmtpReply | None = None
    message: SmtpReply | None = None
    problem: Problem | None = None
    retried_after_s: float | None = None

    @property
    def answer(self) -> SmtpReply | None:
        """
        The reply that decided: that to RCPT, or to MAIL where MAIL was refused.
        """
        return self.rcpt if self.rcpt is not None else self.mail if self.mail is not None and not self.mail.positive else None


class Purpose(StrEnum):
    """
    Why a connection was made. One dialogue needs one, unless something is wrong.
    """

    VERIFIED = "verified"
    """The certificate is verified."""
    UNVERIFIED = "unverified"
    """After a failed verification: to see the certificate and go on."""
    OLD_TLS = "old_tls"
    """After a failed handshake: are only versions before 1.2 offered?"""
    PLAIN = "plain"
    """Without TLS: it is not offered, refused or not asked for."""
    GREYLIST_RETRY = "greylist_retry"
    """The same triplet once more after the hold time."""


@dataclass(frozen=True, slots=True)
class SmtpConnection:
    """
    One TCP connection of a dialogue.

    Args:
        purpose: Why it was made.
        at: When, UTC.
        target: Where to in truth, ``ADDRESS:PORT`` (differs from the question under `connect_to`).
        local_address: This machine's address on it, None where it was not opened.
        connect_ms: Milliseconds until it was open, None where it was not.
        took_ms: Milliseconds until it was closed.
        greeting: The first reply.
        hello: ``EHLO`` or ``HELO``, whichever was answered last before TLS.
        ehlo: Reply to it.
        capabilities: EHLO keywords with their parameters before TLS, upper-case keyword first.
        starttls: Reply to STARTTLS, None where it was not sent.
        injected: Plaintext bytes that came behind the 220 of STARTTLS, printable; ``""`` for none.
        tls: What the handshake came to, None where there was none.
        ehlo_tls: Reply to EHLO under TLS.
        capabilities_tls: EHLO keywords under TLS.
        results: One for each transaction that was begun.
        problem: What stopped it; None where it went to QUIT.
        transcript: Every line, with times.
    """

    purpose: Purpose
    at: datetime
    target: str
    local_address: str | None = None
    connect_ms: float | None = None
    took_ms: float = 0.0
    greeting: SmtpReply | None = None
    hello: str | None = None
    ehlo: SmtpReply | None = None
    capabilities: tuple[str, ...] = ()
    starttls: SmtpReply | None = None
    injected: str = ""
    tls: TlsState | None = None
    ehlo_tls: SmtpReply | None = None
    capabilities_tls: tuple[str, ...] = ()
    results: tuple[TransactionResult, ...] = ()
    problem: Problem | None = None
    transcript: tuple[TranscriptLine, ...] = ()

    @property
    def connected(self) -> bool:
        """
        True where TCP opened.
        """
        return self.connect_ms is not None


@dataclass(frozen=True, slots=True)
class SmtpDialogue:
    """
    All that was learnt of one address: one connection, or up to four where one could not serve.

    Args:
        question: What was asked.
        at: When it began, UTC.
        took_ms: Milliseconds in all.
        connections: In the order they were made; empty only where nothing could be tried (`problem` says why).
        problem: Why nothing was tried at all, None where a connection was.
    """

    question: SmtpQuestion
    at: datetime
    took_ms: float = 0.0
    connections: tuple[SmtpConnection, ...] = ()
    problem: Problem | None = None
    kind: Literal["smtp"] = "smtp"

    @property
    def results(self) -> tuple[TransactionResult, ...]:
        """
        The last result of each transaction asked for, in the order of the question.
        """
        last: dict[SmtpTransaction, TransactionResult] = {}
        for connection in self.connections:
            for result in connection.results:
                earlier = last.get(result.transaction)
                if earlier is None or result.answer is not None or earlier.answer is None:
                    last[result.transaction] = result
        return tuple(last[transaction] for transaction in self.question.transactions if transaction in last)
