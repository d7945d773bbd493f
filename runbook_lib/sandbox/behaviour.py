"""
How one SMTP server of the sandbox behaves: what it says, whom it takes mail for, and what is wrong with it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from ..errors import SandboxError
from .certificates import CertificateKind, TlsVersions


class StartTls(StrEnum):
    """
    What becomes of STARTTLS.
    """

    OFFERED = "offered"
    ABSENT = "absent"
    REFUSED = "refused"
    """Offered, and answered with 454."""
    HANDSHAKE = "handshake"
    """The connection is closed in the handshake."""
    GARBAGE = "garbage"
    """Bytes that are not TLS instead of the handshake."""
    STALLED = "stalled"
    """Nothing after the 220."""
    INJECTED = "injected"
    """A plaintext line right behind the 220 (RFC 3207 section 6, CVE-2011-0411)."""


class Trick(StrEnum):
    """
    What a hostile or broken server does.
    """

    NONE = ""
    SILENT = "silent"
    """Takes the connection and says nothing."""
    CLOSED = "closed"
    """Takes the connection and closes it."""
    ENDLESS_GREETING = "endless_greeting"
    ENDLESS_EHLO = "endless_ehlo"
    LONG_LINE = "long_line"
    """A greeting of one megabyte on one line."""
    DRIP = "drip"
    """One byte a second."""
    BARE_LF = "bare_lf"
    """Lines end in LF alone."""
    NO_EHLO = "no_ehlo"
    """EHLO is refused, HELO is taken (RFC 5321 section 3.2)."""
    HANGS_UP = "hangs_up"
    """Closes the connection instead of answering RCPT."""


@dataclass(slots=True)
class Behaviour:
    """
    One SMTP server. Its fields may be changed while it runs; they hold for what is said next.

    Text that is sent is Latin-1, one character a byte, so that odd bytes can be written.

    Args:
        host: Name it calls itself.
        like: Its profile.
        greeting: First reply; placeholders as in ``profiles.toml``.
        hello: First line of the reply to EHLO.
        capabilities: The other lines.
        replies: By occasion, as in ``profiles.toml``.
        certificate_names: Names of its certificate.
        domains: Domains it takes mail for; what is not in them is relaying.
        accepts: Addresses that exist.
        catch_all: Every address of its domains exists.
        relay: Mail for any domain is taken.
        locked: Mail is refused because it does not come through the gateway.
        greylist: Seconds for which a new (client, sender, recipient) is put off; None for not at all.
        starttls: What becomes of STARTTLS.
        certificate: What is wrong with the certificate.
        tls: Versions of TLS.
        trick: What else is wrong.
        delay: Seconds before each reply.
    """

    host: str
    like: str
    greeting: str
    hello: str
    capabilities: list[str]
    replies: dict[str, str]
    certificate_names: list[str]
    domains: list[str] = field(default_factory=list)
    accepts: list[str] = field(default_factory=list)
    catch_all: bool = False
    relay: bool = False
    locked: bool = False
    greylist: float | None = None
    starttls: StartTls = StartTls.OFFERED
    certificate: CertificateKind = CertificateKind.GOOD
    tls: TlsVersions = TlsVersions.MODERN
    trick: Trick = Trick.NONE
    delay: float = 0.0

    def verdict(self, recipient: str) -> str:
        """
        Which reply a recipient gets, greylisting left out: ``accepted``, ``unknown``, ``relay`` or ``locked``.
        """
        address = recipient.lower()
        domain = address.rpartition("@")[2]
        if domain not in self.domains:
            return "accepted" if self.relay else "relay"
        if self.locked:
            return "locked"
        return "accepted" if self.catch_all or address in self.accepts else "unknown"


_ENUMERATIONS = {"starttls": StartTls, "certificate": CertificateKind, "tls": TlsVersions, "trick": Trick}


def behaviour(host: str, description: Mapping[str, Any]) -> Behaviour:
    """
    A server from its description in a world: its profile (``like``) with what it says of its own.

    Raises:
        SandboxError: An unknown profile, key or value.
    """
    given = _profile(description.get("like", "postfix"))
    replies = {**given["replies"], **description.get("replies", {})}
    values: dict[str, Any] = {**given, **description, "host": host, "replies": replies}
    known = {item.name for item in fields(Behaviour)}
    unknown = set(values) - known
    if unknown:
        raise SandboxError(
            f"{host}: {', '.join(sorted(unknown))} is not a property of a mail server; there are {', '.join(sorted(known))}."
        )
    try:
        for key, kind in _ENUMERATIONS.items():
            if key in values:
                values[key] = kind(values[key])
    except ValueError as error:
        raise SandboxError(f"{host}: {error}.") from error
    values["certificate_names"] = [name.replace("{host}", host) for name in values["certificate_names"]]
    for key in ("capabilities", "domains", "accepts"):
        values[key] = list(values.get(key, ()))
    return Behaviour(**values)


def _profile(name: str) -> Mapping[str, Any]:
    profiles = _profiles()
    if name not in profiles:
        raise SandboxError(f"There is no kind of mail server {name!r}; there are {', '.join(profiles)}.")
    own = profiles[name]
    if "like" not in own:
        return {**own, "like": name}
    parent = _profile(own["like"])
    return {**parent, **own, "like": name, "replies": {**parent["replies"], **own.get("replies", {})}}


@cache
def _profiles() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(files(__package__).joinpath("profiles.toml").read_text(encoding="utf-8"))
