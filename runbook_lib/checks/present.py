"""
``present.gateway``: does anything tie the platform to the gateway in front today, so that it would reject the new one the minute MX moves?
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from ..environment import DomainScope, Phase, Platform, ProbeKind
from ..exports.kinds import Kind
from ..knowledge.other_gateways import other_gateway
from ..observations import GivenText, Plan, together
from ..results import Finding, Status
from ..standards.mx import MxView, see_mx
from ..standards.ranges import AddressSet, subtract
from .case import Case, Check
from .dns_facts import causes_of, shown
from .exported import evidence_of_kinds
from .pasted import read_list
from .ranges import Reference, reference, required_ranges
from .tenant import TENANT, concerned, facts, not_concerned, ways
from .tied import Tie, ties

_LOOKED_AT = (Kind.INBOUND_CONNECTORS, Kind.TRANSPORT_RULES, Kind.RECEIVE_CONNECTORS)


@dataclass(frozen=True, slots=True)
class _Front:
    """
    What is known of the front today.

    Args:
        named: What the environment calls it, ``""`` for nothing.
        locked: The environment says that the platform is locked to it.
        services: Well-known services the MX records lead to.
        hosts: The MX hosts.
        unseen: The domains whose MX records could not be found out.
        causes: Why not.
        evidence: Ids of the answers.
    """

    named: str
    locked: bool
    services: list[str]
    hosts: list[str]
    unseen: list[str]
    causes: tuple[str, ...]
    evidence: tuple[str, ...]


def plan(case: Case) -> Plan[tuple[list[MxView], Reference | None]]:
    """
    The questions of ``present.gateway``: where mail goes today, and the new gateway's ranges where something exported is held against them.
    """
    names = [scope.name for scope in _early(case)]
    if not names:
        return [], (yield from reference(case.environment)) if case.exports.transport_rules and concerned(case, ()) else None
    needed = any(case.exports.given(kind) for kind in _LOOKED_AT) or case.environment.gateway_list is not None
    found = yield [together([see_mx(name) for name in names]), *([reference(case.environment)] if needed else [])]
    return cast("list[MxView]", found[0]), cast("Reference", found[1]) if needed else None


def _early(case: Case) -> list[DomainScope]:
    return [scope for scope in concerned(case, ()) if scope.phase is Phase.PREPARE]


def judge(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``present.gateway``.
    """
    scopes = concerned(case, ())
    if not scopes:
        return [not_concerned(case, check)]
    values = facts(case, scopes)
    views, against = case.replay(plan(case))
    if not _early(case):
        tied = ties(case.environment, case.exports, against.required, case.now) if against is not None else []
        wrong = [tie for tie in tied if tie.kind == "rule" and not tie.right]
        found = [_of_tie(case, check, tie, against, values, early=False) for tie in wrong if against is not None]
        return found or [check.finding(TENANT, Status.NOT_APPLICABLE, "other_phase", values, causes=("other_phase",))]
    front = _front(case, views)
    values |= {
        "present": [front.named] if front.named else list(dict.fromkeys(front.services)),
        "ranges": list(case.environment.present_gateway.ranges) if case.environment.present_gateway is not None else [],
        "hosts_seen": front.hosts,
        "front": [
            *([front.named] if front.named else []),
            *(case.environment.present_gateway.ranges if case.environment.present_gateway else ()),
        ],
        "required": required_ranges(case.environment, case.observations),
        "ways": ways("ties", _early(case)),
    }
    tied = ties(case.environment, case.exports, against.required, case.now) if against is not None else []
    found = [_of_tie(case, check, tie, against, values) for tie in tied if not tie.right and against is not None]
    found += _of_google(case, check, against, values)
    return found or [_of_front(case, check, front, tied=bool(tied), values=values)]


def _front(case: Case, views: Sequence[MxView]) -> _Front:
    present = case.environment.present_gateway
    hosts = list(dict.fromkeys(host for view in views for host in view.hosts))
    services = [service for host in hosts if (service := other_gateway(host)) is not None]
    unseen = [view for view in views if not view.outcome.found]
    causes = causes_of(*(view.outcome for view in unseen))
    evidence = case.evidence(*(answer for view in views for answer in view.answers))
    named = "" if present is None else present.name or ", ".join(present.hosts) or "?"
    return _Front(
        named,
        present is not None and present.locked,
        list(dict.fromkeys(services)),
        hosts,
        [view.domain for view in unseen],
        causes,
        evidence,
    )


def _of_tie(case: Case, check: Check, tie: Tie, against: Reference, values: dict[str, Any], *, early: bool = True) -> Finding:
    evidence = (*case.evidence_of(tie.item), *case.evidence(*against.answers))
    values = values | {
        "name": tie.name,
        "missing": [str(network) for network in tie.missing],
        "entries": list(tie.entries),
        "senders": list(tie.senders) or ["*"],
        "certificate": tie.certificate,
        "paste": tie.paste if against.certain else "",
    }
    if tie.certificate == "?":
        return check.finding(tie.name, Status.UNKNOWN, "certificate_not_told", values, causes=("certificate_not_told",), evidence=evidence)
    if tie.missing and tie.touches and not against.certain:
        causes = ("ranges_unknown", *against.causes)
        return check.finding(tie.name, Status.UNKNOWN, "ranges_unknown", values, causes=causes, evidence=evidence)
    causes = (*(("missing",) if tie.missing else ()), *(("certificate_name",) if tie.certificate else ()))
    message = "certificate" if not tie.missing else tie.kind if early else "rule_now"
    return check.finding(tie.name, Status.FAIL, message, values, causes=causes, evidence=evidence)


def _of_google(case: Case, check: Check, against: Reference | None, values: dict[str, Any]) -> list[Finding]:
    """
    Google's inbound gateway, where it rejects all mail that is not from its list.
    """
    environment = case.environment
    if not _google_rejects(case):
        return []
    if environment.gateway_list is None or against is None:
        return [check.finding("gateway_list", Status.MANUAL, "google_list_not_given", values)]
    missing = subtract(against.required, AddressSet(read_list(environment.gateway_list).networks))
    if not missing:
        return []
    texts = [str(network) for network in missing]
    values = values | {"missing": texts, "name": "gateway_list", "entries": [], "paste": ",".join(texts) if against.certain else ""}
    evidence = case.evidence(GivenText("gateway_list", "", ""), *against.answers)
    if not against.certain and len(missing) < len(against.required):
        causes = ("ranges_unknown", *against.causes)
        return [check.finding("gateway_list", Status.UNKNOWN, "ranges_unknown", values, causes=causes, evidence=evidence)]
    return [check.finding("gateway_list", Status.FAIL, "google_list", values, causes=("missing",), evidence=evidence)]


def _google_rejects(case: Case) -> bool:
    """
    True where Google takes mail from its list of gateway addresses alone.
    """
    options = case.environment.gateway_options
    google = any(scope.platform is Platform.GOOGLE_WORKSPACE for scope in _early(case))
    return google and options is not None and options.reject_all is True


def _of_front(case: Case, check: Check, front: _Front, *, tied: bool, values: dict[str, Any]) -> Finding:
    evidence = (*evidence_of_kinds(case, *_LOOKED_AT), *front.evidence)
    in_front = bool(front.named or front.services)
    google = _google_rejects(case)
    if google:
        evidence = (*case.evidence(GivenText("gateway_list", "", "")), *evidence)
    if _all_seen(case) and not (front.locked and not (tied or google)):
        message = "let_in" if tied else "google_let_in" if google else "not_restricted"
        return check.finding(TENANT, Status.PASS, message, values, evidence=evidence)
    if front.locked:
        return check.finding(TENANT, Status.MANUAL, "locked", values, evidence=evidence)
    if in_front:
        return check.finding(TENANT, Status.MANUAL, "manual" if front.named else "recognised", values, evidence=evidence)
    if front.unseen:
        if ProbeKind.DNS not in case.environment.probes:
            return check.finding(TENANT, Status.NOT_APPLICABLE, "common.left_out", {"kind": "dns"}, causes=("left_out",))
        domains = [shown(scope) for scope in _early(case) if scope.name in front.unseen]
        return check.finding(TENANT, Status.UNKNOWN, "mx_unknown", values | {"unseen": domains}, causes=front.causes, evidence=evidence)
    return check.finding(TENANT, Status.PASS, "none_named", values, evidence=evidence)


def _all_seen(case: Case) -> bool:
    """
    True where all is known that could tie the platforms of the domains before the move: a firewall never is.
    """
    exports, options = case.exports, case.environment.gateway_options
    seen = {
        Platform.MICROSOFT_365: exports.inbound_connectors is not None,
        Platform.GOOGLE_WORKSPACE: options is not None and options.reject_all is not None,
    }
    return all(seen.get(scope.platform, False) for scope in _early(case))


CHECKS: tuple[Check, ...] = (Check("present.gateway", "intake", judge, plan),)
