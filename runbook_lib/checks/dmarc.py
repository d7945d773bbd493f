"""
``dmarc.record``: which DMARC policy holds for a domain, by the tree walk of RFC 9989, and what older receivers make of it?
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..environment import DomainScope, Role
from ..observations import DnsAnswer, DnsOutcome, DnsQuestion, Plan, ask_dns, together
from ..results import Finding, Status
from ..standards.dmarc import NEWER_TAGS, REMOVED_TAGS, Consent, DmarcRecord, Policy, Walk, ask_consents, find_policy, is_dmarc, was_meant
from ..standards.txt import zone_line
from .case import Case, Check
from .dns_facts import causes_of, every_domain, not_reached, shown, term


@dataclass(frozen=True, slots=True)
class View:
    """
    What is known of one domain.

    Args:
        walk: Where its policy was looked for.
        consents: What other domains say to reports about it.
        elsewhere: Where there is none: the domain's own TXT records, and those of the name with the zone doubled.
    """

    walk: Walk
    consents: tuple[Consent, ...] = ()
    elsewhere: tuple[DnsAnswer, ...] = ()

    @property
    def misplaced(self) -> list[str]:
        """
        Names at which a policy record stands where nobody looks for it.
        """
        return [answer.question.name for answer in self.elsewhere if any(is_dmarc(record.text) for record in answer.records)]

    @property
    def mistyped(self) -> list[str]:
        """
        Texts at the right name that were meant to be a policy record and are none.
        """
        return [record.text for record in self.walk.own.answer.records if not is_dmarc(record.text) and was_meant(record.text)]


def plan(case: Case) -> Plan[list[View]]:
    """
    The questions of ``dmarc.record``.
    """
    return together([_look(scope.name) for scope in case.environment.scopes])


def _look(domain: str) -> Plan[View]:
    walk = yield from find_policy(domain)
    if walk.found is not None:
        return View(walk, tuple((yield from ask_consents(walk))))
    if walk.open_end is not None:
        return View(walk)
    doubled = f"_dmarc.{domain}.{domain}"
    names = [domain, *([doubled] if len(doubled) <= 253 else [])]
    return View(walk, (), tuple((yield from ask_dns(*(DnsQuestion(name, "TXT") for name in names)))))


def judge(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``dmarc.record`` for every domain.
    """
    return every_domain(case, check, _judge)


def _judge(case: Case, check: Check, scope: DomainScope) -> Finding:
    view = case.replay(_look(scope.name))
    walk = view.walk
    if any(answer.question.name == scope.name and answer.outcome is DnsOutcome.NXDOMAIN for answer in view.elsewhere):
        return not_reached(check, scope.name, [f"domain.delegation {scope.name}"], unknown=False)
    place = walk.found
    record = place.record if place is not None else None
    inherited = place is not None and place.domain != scope.name
    values: dict[str, Any] = {
        "domain": shown(scope),
        "name": f"_dmarc.{scope.name}",
        "records": list(walk.own.texts),
        "others": view.mistyped,
        "misplaced": view.misplaced,
        "outcome": term(walk.open_end) if walk.open_end is not None else "",
        **_of_record(record, inherited=inherited),
        "found": place.domain if place is not None else "",
        "organizational": walk.organizational.domain,
        "refusing": [one.domain for one in _refusing(view)],
        "silent": [f"{one.domain}: {term(one.answer.outcome)}" for one in _silent(view)],
        "consents": [_consent(place.domain, one.domain) for one in _refusing(view)] if place is not None else [],
        "publish": _publish(scope, record, place.domain if place is not None else scope.name),
    }
    status, message, causes = _verdict(scope, view, record, inherited=inherited)
    evidence = case.evidence(*walk.answers, *(one.answer for one in view.consents), *view.elsewhere)
    return check.finding(scope.name, status, message, values, causes=causes, evidence=evidence)


def _of_record(record: DmarcRecord | None, *, inherited: bool) -> dict[str, Any]:
    """
    What the messages tell of a record.
    """
    if record is None:
        return {"record": "", "policy": "none", "older_policy": "none", "newer": [], "removed": [], "ignored": [], "invalid": []}
    applied, published = record.applied(inherited=inherited), record.published(inherited=inherited)
    return {
        "record": record.text,
        "policy": applied.value if applied is not None else "none",
        "older_policy": published.value if published is not None else "none",
        "newer": list(record.has(*NEWER_TAGS)),
        "removed": list(record.has(*REMOVED_TAGS)),
        "ignored": [*record.ignored, *record.unknown],
        "invalid": list(record.invalid_policies),
    }


def _verdict(scope: DomainScope, view: View, record: DmarcRecord | None, *, inherited: bool) -> tuple[Status, str, tuple[str, ...]]:
    walk = view.walk
    if len(walk.own.texts) > 1:
        return Status.FAIL, "several", ("several",)
    if walk.open_end is not None:
        return Status.UNKNOWN, "unknown", causes_of(walk.open_end)
    if record is None:
        if view.misplaced:
            return Status.WARN, "misplaced", ("misplaced", "absent")
        if view.mistyped:
            return Status.WARN, "not_recognised", ("not_recognised", "absent")
        return Status.WARN, "absent_parked" if scope.role is Role.PARKED else "absent", ("absent",)
    if record.invalid_policies:
        return Status.FAIL, "invalid_policy", ("syntax",)
    weak = _weaknesses(scope, view, record, inherited=inherited)
    if weak:
        return Status.WARN, weak[0], tuple(weak)
    silent = _silent(view)
    if silent:
        return Status.UNKNOWN, "consent_unknown", causes_of(*(one.answer.outcome for one in silent))
    if inherited:
        return Status.PASS, "inherited", ()
    if record.testing:
        return Status.PASS, "testing", ()
    return Status.PASS, "differs" if record.has(*NEWER_TAGS) or record.unknown else "valid", ()


def _weaknesses(scope: DomainScope, view: View, record: DmarcRecord, *, inherited: bool) -> list[str]:
    """
    What works and should be changed, gravest first.
    """
    found = {
        "not_closed": scope.role is Role.PARKED and record.applied(inherited=inherited) is not Policy.REJECT,
        "no_policy": not record.has("p"),
        "syntax": bool(record.ignored),
        "report_refused": bool(_refusing(view)),
        "removed_tags": bool(record.has(*REMOVED_TAGS)),
    }
    return [cause for cause, true in found.items() if true]


def _refusing(view: View) -> list[Consent]:
    return [one for one in view.consents if one.answer.outcome.found and not one.given]


def _silent(view: View) -> list[Consent]:
    return [one for one in view.consents if not one.answer.outcome.found]


def _consent(domain: str, other: str) -> str:
    return zone_line(f"{domain}._report._dmarc.{other}", "v=DMARC1;")


def _publish(scope: DomainScope, record: DmarcRecord | None, where: str) -> list[str]:
    """
    The record to publish: the present one, where it stands, without what receivers pass over; else a first one.
    """
    own = f"_dmarc.{scope.name}"
    if scope.role is Role.PARKED:
        return [zone_line(own, "v=DMARC1; p=reject;")]
    if record is None:
        return [zone_line(own, f"v=DMARC1; p=none; rua=mailto:postmaster@{scope.name};")]
    return [zone_line(f"_dmarc.{where}", tidied(record))]


def tidied(record: DmarcRecord) -> str:
    """
    A record without the tags that were taken away and without what receivers pass over; a policy that is none becomes ``none``.
    """
    bad = set(record.ignored)
    kept: dict[str, str] = {}
    for key, value in record.tags.pairs:
        if key in kept or key in REMOVED_TAGS or f"{key}={value}" in bad:
            continue
        if key in ("rua", "ruf"):
            uris = [uri.strip() for uri in value.split(",") if f"{key}={uri.strip()}" not in bad]
            if uris:
                kept[key] = ",".join(uris)
        else:
            kept[key] = "none" if f"{key}={value}" in record.invalid_policies else value
    kept = {"v": "DMARC1", "p": kept.get("p", "none"), **{key: value for key, value in kept.items() if key not in ("v", "p")}}
    return " ".join(f"{key}={value};" for key, value in kept.items())


CHECKS = (Check("dmarc.record", "authentication", judge, plan),)
