"""
`route.starttls`, `route.tls_version`, `route.certificate`: is the way from the gateway to the inbound host encrypted, and by whom?
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ..environment import TlsPolicy
from ..knowledge.platforms import platform_facts
from ..knowledge.replies import Meaning, classify
from ..observations import Certificate, SmtpConnection, TlsState, Trouble
from ..results import Status
from .case import Case
from .route_reach import probe_cause, shown
from .route_view import AddressView, Routes
from .said import Said, cause_of, not_reached

ENDS_SOON = timedelta(days=30)
"""
A certificate with less than this left is to be renewed now.
"""
_MODERN = ("TLSv1.2", "TLSv1.3")
_CAUSES = ("expired", "not_yet_valid", "self_signed", "hostname_mismatch", "incomplete_chain", "untrusted", "weak_key")
"""
The causes a certificate can be held against, gravest first (contract section 5).
"""


def starttls_said(case: Case, routes: Routes, view: AddressView) -> Said:
    """
    `route.starttls`: offered, and it works.
    """
    del routes
    evidence = case.evidence(view.dialogue)
    values: dict[str, object] = {"where": view.where, "policy": case.environment.tls_policy.value}
    connections = [each for each in view.dialogue.connections if each.connected]
    injected = next((each.injected for each in connections if each.injected), "")
    if injected:
        return Said(Status.FAIL, "route.starttls.injected", {**values, "injected": injected[:200]}, ("injected",), evidence)
    working = next((each.tls for each in connections if each.tls is not None and each.tls.version is not None), None)
    if working is not None:
        values |= {"version": working.version, "cipher": working.cipher or ""}
        return Said(Status.PASS, "route.starttls.works", values, (), evidence)
    refused = next((each.starttls for each in connections if each.starttls is not None and not each.starttls.positive), None)
    if refused is not None:
        values["reply"] = shown(refused)
        meaning = classify(refused, "starttls", view.platform).meaning
        if meaning in (Meaning.PROBE_REPUTATION, Meaning.RATE_LIMITED):
            return Said(Status.UNKNOWN, "route.starttls.about_probe", values, (probe_cause(meaning),), evidence)
        return Said(Status.FAIL, "route.starttls.refused", values, ("refused",), evidence)
    tried = next((each for each in connections if each.starttls is not None), None)
    if tried is not None:
        return _no_handshake(tried, values, evidence)
    if _offered(connections):
        problem = next((each.problem for each in connections if each.problem is not None), None)
        cause = cause_of(problem) if problem is not None else "protocol_error"
        return Said(Status.UNKNOWN, "route.starttls.cut_off", values, (cause,), evidence)
    if _must_encrypt(case, view):
        return Said(Status.FAIL, "route.starttls.absent_strict", values, ("absent",), evidence)
    return Said(Status.WARN, "route.starttls.absent", values, ("absent",), evidence)


def _no_handshake(connection: SmtpConnection, values: dict[str, object], evidence: tuple[str, ...]) -> Said:
    problem = connection.problem
    detail = problem.detail if problem is not None else connection.tls.detail if connection.tls is not None else ""
    values = {**values, "detail": detail}
    if problem is not None and problem.trouble in (Trouble.LIMIT, Trouble.PROXY, Trouble.LOCAL):
        return Said(Status.UNKNOWN, "route.starttls.cut_off", values, (cause_of(problem),), evidence)
    return Said(Status.FAIL, "route.starttls.handshake", values, ("handshake",), evidence)


def _offered(connections: list[SmtpConnection]) -> bool:
    return any(capability.split(" ", 1)[0] == "STARTTLS" for each in connections for capability in each.capabilities)


def _must_encrypt(case: Case, view: AddressView) -> bool:
    return case.environment.tls_policy is TlsPolicy.STRICT or any(platform_facts(scope.platform).cloud for scope in view.scopes)


def tls_version_said(case: Case, routes: Routes, view: AddressView) -> Said:
    """
    `route.tls_version`: TLS 1.2 or later.
    """
    states = _states(view)
    if not states:
        return _without_tls(case, routes, view)
    evidence = case.evidence(view.dialogue)
    modern = next((state for state in states if state.version in _MODERN), None)
    best = modern or states[0]
    values = {"where": view.where, "version": best.version, "cipher": best.cipher or ""}
    if modern is not None:
        return Said(Status.PASS, "route.tls_version.modern", values, (), evidence)
    return Said(Status.FAIL, "route.tls_version.old", values, ("old_tls",), evidence)


def certificate_said(case: Case, routes: Routes, view: AddressView) -> Said:
    """
    `route.certificate`: chain, name and dates verify, the key is strong enough, and it does not end soon.
    """
    states = _states(view)
    if not states:
        return _without_tls(case, routes, view)
    evidence = case.evidence(view.dialogue)
    judged = next((state for state in states if state.verified), None) or next((state for state in states if state.causes), None)
    shown_state = judged or next((state for state in states if state.chain), states[0])
    chain = shown_state.chain or next((state.chain for state in states if state.chain), ())
    leaf = chain[0] if chain else None
    if leaf is None:
        return _not_judged(view, shown_state, evidence)
    values = _facts(view, shown_state, leaf)
    causes = _causes(shown_state, leaf, case.now)
    if causes:
        status = Status.FAIL if _must_encrypt(case, view) else Status.WARN
        return Said(status, f"route.certificate.{causes[0]}", {**values, "causes": list(causes)}, causes, evidence)
    if not shown_state.verified:
        return _not_judged(view, shown_state, evidence)
    left = leaf.not_after - case.now
    if left <= ENDS_SOON:
        return Said(Status.WARN, "route.certificate.ends_soon", {**values, "days": max(left.days, 0)}, ("ends_soon",), evidence)
    return Said(Status.PASS, "route.certificate.verified", values, (), evidence)


def _not_judged(view: AddressView, state: TlsState, evidence: tuple[str, ...]) -> Said:
    values = {"where": view.where, "detail": state.detail}
    return Said(Status.UNKNOWN, "route.certificate.not_judged", values, ("protocol_error",), evidence)


def _causes(state: TlsState, leaf: Certificate, now: datetime) -> tuple[str, ...]:
    found = set(state.causes)
    if leaf.not_after <= now:
        found.add("expired")
    known = [cause for cause in _CAUSES if cause in found]
    soon = ("ends_soon",) if known and "expired" not in found and leaf.not_after - now <= ENDS_SOON else ()
    return (*known, *sorted(found - set(known)), *soon)


def _facts(view: AddressView, state: TlsState, leaf: Certificate) -> dict[str, object]:
    return {
        "where": view.where,
        "host": view.host,
        "issuer_missing": state.missing_issuer or "",
        "subject": leaf.subject,
        "issuer": leaf.issuer,
        "names": list(leaf.names[:20]),
        "begins": leaf.not_before.astimezone(UTC).isoformat(),
        "ends": leaf.not_after.astimezone(UTC).isoformat(),
        "key": leaf.key,
        "bits": leaf.key_bits,
        "hash": leaf.signature_hash,
    }


def _states(view: AddressView) -> list[TlsState]:
    return [each.tls for each in view.dialogue.connections if each.tls is not None and each.tls.version is not None]


def _without_tls(case: Case, routes: Routes, view: AddressView) -> Said:
    return not_reached(f"route.starttls {view.subject}", starttls_said(case, routes, view).status)
