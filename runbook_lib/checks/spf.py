"""
``spf.record``: can receivers evaluate a domain's SPF record, and would mail that leaves through the gateway pass?
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ..environment import DomainScope, Environment, Role
from ..knowledge.gateway import gateway
from ..knowledge.regions import region
from ..observations import DnsOutcome, Plan, together
from ..results import Finding, Status
from ..standards.ranges import Network
from ..standards.spf import parse_record
from ..standards.spf_check import MAX_TERMS, MAX_VOID, Evaluation, SpfResult, check_host
from ..standards.spf_tree import SpfIssue, SpfSurvey, survey
from ..standards.txt import zone_line
from .case import Case, Check
from .dns_facts import causes_of, every_domain, not_reached, shown, term
from .ranges import console_networks, live_ranges

MOST_ADDRESSES = 40
"""
Ranges of the gateway that are tried, one address each.
"""
_BREAKS = frozenset(SpfIssue) - {SpfIssue.VOID_LOOKUPS}
_CLOSED = "v=spf1 -all"


@dataclass(frozen=True, slots=True)
class Trial:
    """
    Mail that leaves from one address of the gateway.

    Args:
        address: The address.
        evaluation: What receivers make of it.
    """

    address: str
    evaluation: Evaluation


def plan(case: Case) -> Plan[list[tuple[SpfSurvey, list[Trial]]]]:
    """
    The questions of ``spf.record``: every domain's tree, and where outbound mail goes through the gateway an evaluation a range.
    """
    return together([_look(case.environment, scope) for scope in case.environment.scopes])


def _look(environment: Environment, scope: DomainScope) -> Plan[tuple[SpfSurvey, list[Trial]]]:
    results = yield [survey(scope.name), _try_gateway(environment, scope)]
    return cast("tuple[SpfSurvey, list[Trial]]", tuple(results))


def _try_gateway(environment: Environment, scope: DomainScope) -> Plan[list[Trial]]:
    """
    Evaluate mail of a domain from one address of each range the gateway sends from.
    """
    if not _sends_through_gateway(environment, scope):
        return []
    of = region(environment.region)
    live = yield from live_ranges(of)
    networks = list(live.networks) if of.spf else console_networks(environment)
    addresses = [_one_of(network) for network in networks[:MOST_ADDRESSES]]
    sender = f"postmaster@{scope.name}"
    evaluations = yield from together([check_host(address, scope.name, sender) for address in addresses])
    return [Trial(address, evaluation) for address, evaluation in zip(addresses, evaluations, strict=True)]


def _sends_through_gateway(environment: Environment, scope: DomainScope) -> bool:
    return environment.outbound_via_gateway and scope.role is not Role.PARKED


def _one_of(network: Network) -> str:
    """
    An address of a range that a host can have.
    """
    return str(network.network_address + (1 if network.num_addresses > 2 else 0))


def judge(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``spf.record`` for every domain.
    """
    return every_domain(case, check, _judge)


def _judge(case: Case, check: Check, scope: DomainScope) -> Finding:
    environment = case.environment
    found, trials = case.replay(_look(environment, scope))
    if found.outcome is DnsOutcome.NXDOMAIN:
        return not_reached(check, scope.name, [f"domain.delegation {scope.name}"], unknown=False)
    evidence = case.evidence(*found.answers, *(answer for trial in trials for answer in trial.evaluation.answers))
    include = region(environment.region).spf
    values: dict[str, Any] = {
        "domain": shown(scope),
        "records": list(found.texts),
        "others": list(found.others),
        "outcome": term(next(iter(found.open_ends), found.outcome)),
        "lookups": found.lookups,
        "limit": MAX_TERMS,
        "voids": list(found.voids),
        "void_limit": MAX_VOID,
        "tree": list(found.root.lines()),
        "shape": found.root.shown or "0",
        "where": found.flaws[0].where if found.flaws else "",
        "detail": found.flaws[0].detail if found.flaws else "",
        "gateway": gateway().name,
        "include": include,
        "failing": [f"{trial.address}: {trial.evaluation.result.value}" for trial in trials if not _passes(trial)],
        "tried": len(trials),
        "publish": _publish(environment, scope, found),
    }
    status, message, causes = _verdict(environment, scope, found, trials)
    return check.finding(scope.name, status, message, values, causes=causes, evidence=evidence)


def _verdict(
    environment: Environment, scope: DomainScope, found: SpfSurvey, trials: Sequence[Trial]
) -> tuple[Status, str, tuple[str, ...]]:
    if not found.outcome.found:
        return Status.UNKNOWN, "unknown", causes_of(found.outcome)
    if not found.texts:
        return _absent(scope, found)
    broken = [flaw.issue.value for flaw in found.flaws if flaw.issue in _BREAKS]
    weak = _weaknesses(environment, scope, found, trials)
    if broken:
        return Status.FAIL, broken[0], (*broken, *weak)
    open_ends = found.open_ends or _open_ends(trials)
    if open_ends:
        causes = causes_of(*open_ends)
        return Status.UNKNOWN, "incomplete", causes
    if weak:
        passes = weak[0] == "region_include" and bool(trials) and all(map(_passes, trials))
        return Status.WARN, "region_include_passes" if passes else weak[0], tuple(weak)
    if scope.role is Role.PARKED:
        return Status.PASS, "closed", ()
    return Status.PASS, "gateway_passes" if trials else "valid", ()


def _absent(scope: DomainScope, found: SpfSurvey) -> tuple[Status, str, tuple[str, ...]]:
    if found.others:
        return Status.WARN, "not_recognised", ("not_recognised", "absent")
    return Status.WARN, "absent_parked" if scope.role is Role.PARKED else "absent", ("absent",)


def _open_ends(trials: Iterable[Trial]) -> tuple[DnsOutcome, ...]:
    reasons = [trial.evaluation.reason for trial in trials if trial.evaluation.result is SpfResult.TEMPERROR]
    return tuple(dict.fromkeys(DnsOutcome(reason) for reason in reasons))


def _weaknesses(environment: Environment, scope: DomainScope, found: SpfSurvey, trials: Sequence[Trial]) -> list[str]:
    """
    What works and should be changed, gravest first.
    """
    weak = []
    end = _end(found)
    if end == "+all":
        weak.append("allows_all")
    elif scope.role is Role.PARKED and not _is_closed(found):
        weak.append("not_closed")
    if _sends_through_gateway(environment, scope):
        include = region(environment.region).spf
        if include and not found.leads_to(include):
            weak.append("region_include")
        elif not all(_passes(trial) or trial.evaluation.result is SpfResult.TEMPERROR for trial in trials):
            weak.append("gateway_fails")
    if any(flaw.issue is SpfIssue.VOID_LOOKUPS for flaw in found.flaws):
        weak.append("void_lookups")
    if any(one.name == "ptr" for node in found.root.everything() for one in node.terms):
        weak.append("ptr")
    if end in ("", "?all"):
        weak.append("open_end")
    return weak


def _end(found: SpfSurvey) -> str:
    """
    What becomes of mail that nothing else matches: ``-all``, ``~all``, ``?all``, ``+all``; ``""`` where the record does not say.
    """
    node = found.root
    while node.terms:
        last = node.terms[-1]
        if last.name == "all":
            return f"{last.qualifier}all"
        if last.name != "redirect" or last.qualifier:
            return ""
        following = next((child for child in node.children if child.term == last.text), None)
        if following is None:
            return last.text
        node = following
    return ""


def _is_closed(found: SpfSurvey) -> bool:
    """
    True where a record lets nobody send.
    """
    allowing = [one for node in found.root.everything() for one in node.terms if one.qualifier and one.name != "all"]
    return not allowing and _end(found) == "-all"


def _passes(trial: Trial) -> bool:
    return trial.evaluation.result is SpfResult.PASS


def _publish(environment: Environment, scope: DomainScope, found: SpfSurvey) -> list[str]:
    """
    The record that puts right what can be put right from here, as a zone file has it.
    """
    if scope.role is Role.PARKED:
        return [zone_line(scope.name, _CLOSED)]
    include = region(environment.region).spf
    if not include or not _sends_through_gateway(environment, scope) or len(found.texts) > 1:
        return []
    return [zone_line(scope.name, with_include(found.texts[0] if found.texts else "v=spf1 ~all", include))]


def with_include(text: str, name: str) -> str:
    """
    An SPF record with one more include, in front of what ends it.

    Args:
        text: A record.
        name: Whose record is included.
    """
    terms = [one for one in text.split(" ")[1:] if one]
    if f"include:{name}" in parse_included(text):
        return text
    ends = [index for index, one in enumerate(terms) if one.lower().lstrip("+-~?") == "all" or one.lower().startswith("redirect=")]
    place = ends[0] if ends else len(terms)
    return " ".join(["v=spf1", *terms[:place], f"include:{name}", *terms[place:]])


def parse_included(text: str) -> tuple[str, ...]:
    """
    The includes of a record that let mail pass, in lower case.
    """
    found = parse_record(text).terms
    return tuple(f"include:{one.value.lower().removesuffix('.')}" for one in found if one.name == "include" and one.qualifier == "+")


CHECKS = (Check("spf.record", "authentication", judge, plan),)
