"""
``exchange.certificate``: has the connector the gateway's mail ends at a valid certificate that carries its name?

Exchange offers the certificate that TlsCertificateName names, else one that carries the connector's Fqdn and is enabled for SMTP; without
any it does not offer STARTTLS (Microsoft: TLS functionality in Exchange; event 12014).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..environment import TlsPolicy
from ..exports import ExchangeCertificate, ReceiveConnector
from ..exports.kinds import Kind
from ..knowledge.platforms import provider_of
from ..results import Finding, Status
from ..standards.ranges import outermost
from .case import Case, Check
from .configured import about_ranges, in_one
from .exchange_view import exchange_scopes, full_name, landings, plan_connectors, server_of, servers, subjects
from .exported import evidence_of_kinds
from .m365_remedies import UNDO, quoted
from .ranges import Reference
from .said import Said
from .tenant import TENANT, facts, not_concerned

SOON = timedelta(days=30)
"""
A certificate should be good for longer than this.
"""
_NAMED = re.compile(r"<I>(.*)<S>(.*)", re.DOTALL)
_REVOKED = ("revoked",)


@dataclass(frozen=True, slots=True)
class _Offer:
    """
    What one connector has to offer.

    Args:
        fqdn: The connector's name, ``""`` for none.
        hosts: The hosts of the customer's own that the gateway asks for.
        fixed: TlsCertificateName names a certificate.
        choice: The certificates it can be.
    """

    fqdn: str
    hosts: tuple[str, ...]
    fixed: bool
    choice: tuple[ExchangeCertificate, ...]


def judge(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``exchange.certificate`` for every connector that the gateway's mail ends at.
    """
    scopes = exchange_scopes(case)
    if not scopes:
        return [not_concerned(case, check)]
    values = facts(case, scopes)
    connectors, certificates = case.exports.receive_connectors, case.exports.exchange_certificates
    if connectors is None or certificates is None or not (connectors or certificates):
        return [check.finding(TENANT, Status.MANUAL, "manual", values)]
    found = case.replay(plan_connectors(case)) or Reference((), (), "snapshot")
    evidence = (*evidence_of_kinds(case, Kind.RECEIVE_CONNECTORS, Kind.EXCHANGE_CERTIFICATES), *case.evidence(*found.answers))
    facing = _facing(connectors, found)
    if not facing:
        stopper = f"exchange.receive_connector {TENANT}"
        causes = ("not_reached",)
        return [
            check.finding(TENANT, Status.NOT_APPLICABLE, "common.not_reached", {"stopper": stopper}, causes=causes, evidence=(stopper,))
        ]
    named = subjects(connectors)
    hosts = tuple(dict.fromkeys(scope.inbound_host for scope in scopes if provider_of(scope.inbound_host) is None))
    several = len(servers(connectors)) > 1
    values |= about_ranges(case, found)
    return [
        in_one(
            check,
            named[each],
            _look(case, each, certificates, hosts, several=several),
            values | _told(case, each, certificates, hosts),
            evidence,
        )
        for each in facing
    ]


def _facing(connectors: Sequence[ReceiveConnector], found: Reference) -> list[ReceiveConnector]:
    """
    The connectors the gateway's ranges end at; where the ranges are not known, every door.
    """
    if not found.certain:
        return [each for server in servers(connectors) for each in server.doors]
    landed = [landing for server in servers(connectors) for landing in landings(server, outermost(found.required))]
    return list(dict.fromkeys(each for landing in landed for each in landing.connectors))


def _look(
    case: Case, connector: ReceiveConnector, certificates: Sequence[ExchangeCertificate], hosts: tuple[str, ...], *, several: bool
) -> list[Said]:
    offer = _offer(connector, certificates, hosts)
    if not offer.choice and several and not _own(connector, certificates):
        return [Said(Status.MANUAL, "other_server", causes=("not_exported",))]
    if not offer.fqdn and not offer.fixed:
        return [Said(Status.MANUAL, "no_name", causes=("incomplete_export",))]
    if not offer.choice:
        return [Said(Status.FAIL, "missing" if offer.fixed else "name_mismatch", causes=("name_mismatch",))]
    strict = case.environment.tls_policy is TlsPolicy.STRICT
    judged = [_judge_one(case.now, each, offer, strict=strict) for each in offer.choice]
    # Exchange takes the best of those that fit, so the one with the least against it counts.
    items, _ = min(zip(judged, offer.choice, strict=True), key=lambda one: (_weight(one[0]), -_ends(one[1])))
    if connector.auth_mechanism is not None and "Tls" not in connector.auth_mechanism:
        items = [*items, Said(Status.FAIL if strict else Status.WARN, "not_offered", causes=("not_offered",))]
    return items


def _offer(connector: ReceiveConnector, certificates: Sequence[ExchangeCertificate], hosts: tuple[str, ...]) -> _Offer:
    match = _NAMED.fullmatch((connector.tls_certificate_name or "").strip())
    fqdn = (connector.fqdn or "").casefold().rstrip(".")
    if match:
        issuer, subject = map(_plain, match.groups())
        choice = [each for each in certificates if _plain(each.issuer or "") == issuer and _plain(each.subject or "") == subject]
        return _Offer(fqdn, hosts, fixed=True, choice=tuple(choice))
    return _Offer(fqdn, hosts, fixed=False, choice=tuple(each for each in certificates if fqdn and carries(each, fqdn)))


def carries(certificate: ExchangeCertificate, name: str) -> bool:
    """
    True where a certificate is good for a name (RFC 6125: a wildcard stands for one label).
    """
    return any(_fits(pattern, name) for pattern in names_of(certificate))


def names_of(certificate: ExchangeCertificate) -> tuple[str, ...]:
    """
    The names a certificate is good for; the subject's counts only where the export has no others.
    """
    told = tuple(name.casefold().strip().rstrip(".") for name in certificate.certificate_domains or ())
    common = re.search(r"(?:^|,)\s*CN=([^,]+)", certificate.subject or "", re.IGNORECASE)
    return told or ((common.group(1).strip().strip('"').casefold(),) if common else ())


def _fits(pattern: str, name: str) -> bool:
    if pattern.startswith("*."):
        return name.partition(".")[2] == pattern[2:]
    return pattern == name


def _plain(name: str) -> str:
    return re.sub(r"(?<!\s)\s*([,=])\s*", r"\1", name.strip()).casefold()


def _own(connector: ReceiveConnector, certificates: Iterable[ExchangeCertificate]) -> bool:
    """
    True where the certificates of this connector's server are among those exported: each server has one of its own name.
    """
    server = server_of(connector).partition(".")[0].casefold()
    return any(name.partition(".")[0] == server for each in certificates for name in names_of(each))


def _judge_one(now: datetime, certificate: ExchangeCertificate, offer: _Offer, *, strict: bool) -> list[Said]:
    """
    What is wrong with one certificate, nothing for a good one.
    """
    items = []
    ends = certificate.not_after
    state = (certificate.status or "").casefold()
    if (ends is not None and ends <= now) or (ends is None and state == "dateinvalid"):
        items.append(Said(Status.FAIL, "expired", causes=("expired",)))
    if certificate.not_before is not None and certificate.not_before > now:
        items.append(Said(Status.FAIL, "not_yet_valid", causes=("not_yet_valid",)))
    if state in _REVOKED:
        items.append(Said(Status.FAIL, "revoked", causes=("revoked",)))
    if certificate.services is not None and "SMTP" not in {name.upper() for name in certificate.services}:
        items.append(Said(Status.FAIL, "not_for_smtp", causes=("not_for_smtp",)))
    by_fqdn = bool(offer.fqdn) and carries(certificate, offer.fqdn)
    by_host = any(carries(certificate, host) for host in offer.hosts)
    if not by_fqdn and not by_host:
        items.append(Said(Status.FAIL, "name_mismatch", causes=("name_mismatch",)))
    elif offer.hosts and not by_host:
        items.append(Said(Status.FAIL if strict else Status.WARN, "host_mismatch", causes=("name_mismatch",)))
    if certificate.is_self_signed:
        items.append(Said(Status.FAIL if strict else Status.WARN, "self_signed", causes=("self_signed",)))
    if ends is not None and now < ends <= now + SOON:
        items.append(Said(Status.WARN, "ends_soon", causes=("ends_soon",)))
    values = {
        "subject_name": certificate.subject or "?",
        "thumbprint": certificate.thumbprint or "?",
        "ends": ends.isoformat() if ends is not None else now.isoformat(),
        "carried": list(names_of(certificate))[:20],
        "smtp": [f"Enable-ExchangeCertificate -Thumbprint {quoted(certificate.thumbprint)} -Services SMTP"]
        if certificate.thumbprint
        else [],
    }
    return [Said(item.status, item.message, values, item.causes) for item in items] or [Said(Status.PASS, "right", values)]


def _weight(items: Iterable[Said]) -> int:
    return max({Status.FAIL: 2, Status.WARN: 1}.get(item.status, 0) for item in items)


def _ends(certificate: ExchangeCertificate) -> float:
    return certificate.not_after.timestamp() if certificate.not_after is not None else 0.0


def _told(case: Case, connector: ReceiveConnector, certificates: Sequence[ExchangeCertificate], hosts: tuple[str, ...]) -> dict[str, Any]:
    use = _use(case.now, connector, certificates, hosts)
    return {
        "carried": [],
        "connector": connector.name,
        "fqdn": connector.fqdn or "-",
        "names": list(dict.fromkeys(name.casefold().rstrip(".") for name in (connector.fqdn or "", *hosts) if name)),
        "fixed": connector.tls_certificate_name or "-",
        "exported": [", ".join(names_of(each)) or "?" for each in certificates][:20],
        "use": use,
        "fitting": "certificate_there" if use else "certificate_none",
        "tls": [f"Set-ReceiveConnector -Identity {quoted(full_name(connector))} -AuthMechanism {_with_tls(connector)}"],
    }


def _with_tls(connector: ReceiveConnector) -> str:
    return ",".join(sorted({*(connector.auth_mechanism or ()), "Tls"}))


def _use(now: datetime, connector: ReceiveConnector, certificates: Sequence[ExchangeCertificate], hosts: tuple[str, ...]) -> list[str]:
    """
    The command that makes a connector use the best certificate there is for the gateway, with its way back; empty where there is none.
    """
    offer = _Offer("", hosts, fixed=True, choice=())
    good = [each for each in certificates if each.issuer and each.subject and not _weight(_judge_one(now, each, offer, strict=True))]
    if not good:
        return []
    best = max(good, key=_ends)
    command = f"Set-ReceiveConnector -Identity {quoted(full_name(connector))} -TlsCertificateName"
    old = quoted(connector.tls_certificate_name) if connector.tls_certificate_name else "$null"
    return [f"{command} {quoted(f'<I>{best.issuer}<S>{best.subject}')}", f"{UNDO}{command} {old}"]
