"""
``domain.validation``: is the code that the gateway's console showed published where the gateway looks for it, on every name server?
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..environment import DomainScope, Environment, Phase, Role, ValidationMethod
from ..knowledge.gateway import gateway
from ..observations import DnsOutcome, Plan, together
from ..results import Finding, Status
from ..standards.delegation import ServerAnswer, Zone, ask_servers, find_zone, undecided, unheard
from ..standards.names import is_host_name, parents
from .case import Case, Check
from .dns_facts import causes_of, left_out, no_mail, not_reached, shown, term


@dataclass(frozen=True, slots=True)
class Search:
    """
    What was found of one domain's code.

    Args:
        zone: The domain's zone.
        answers: By what was asked (``txt``, ``cname``, ``txt_at_code``, ``txt_doubled``, ``cname_doubled``): every name server's answer.
    """

    zone: Zone
    answers: Mapping[str, list[ServerAnswer]]

    @property
    def evidence(self) -> Iterable[Any]:
        """
        Every answer this rests on.
        """
        return (*self.zone.answers, *(one.answer for group in self.answers.values() for one in group if one.answer is not None))


def plan(case: Case) -> Plan[list[Search]]:
    """
    The questions of ``domain.validation``, for each domain that has a code.
    """
    wanted = [(scope, code) for scope in case.environment.scopes if (code := code_of(case.environment, scope))]
    return together([_search(scope.name, code) for scope, code in wanted])


def code_of(environment: Environment, scope: DomainScope) -> str:
    """
    The code given for a domain, ``""`` for none.
    """
    return environment.validation_codes.get(scope.name, "")


def _search(domain: str, code: str) -> Plan[Search]:
    zone = yield from find_zone(domain)
    asked = {"txt": (domain, "TXT"), "txt_doubled": (f"{domain}.{zone.apex}", "TXT")}
    label = f"{code.lower()}.{domain}"
    if is_host_name(label):
        asked |= {"cname": (label, "CNAME"), "txt_at_code": (label, "TXT"), "cname_doubled": (f"{label}.{zone.apex}", "CNAME")}
    if zone.outcome is not DnsOutcome.ANSWER:
        return Search(zone, {})
    asked = {key: (name, rdtype) for key, (name, rdtype) in asked.items() if len(name) <= 253}
    answers = yield from ask_servers(zone, list(asked.values()))
    return Search(zone, dict(zip(asked, answers, strict=True)))


def judge(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``domain.validation`` for every domain.
    """
    return [_judge(case, check, scope) for scope in case.environment.scopes]


def _judge(case: Case, check: Check, scope: DomainScope) -> Finding:
    environment = case.environment
    code = code_of(environment, scope)
    facts = gateway()
    values: dict[str, Any] = {
        "domain": shown(scope),
        "code": code,
        "target": facts.validation_target,
        "gateway": facts.name,
        "publish": _records(environment, scope.name, code),
    }
    if not code:
        listed = {one.name for one in environment.scopes}
        parent = next((name for name in parents(scope.name) if name in listed), "")
        if parent:
            values["parent"] = parent
            return check.finding(scope.name, Status.NOT_APPLICABLE, "subdomain", values, causes=("subdomain",))
        if scope.role is Role.PARKED:
            return no_mail(check, scope)
        return check.finding(scope.name, Status.MANUAL, "no_code", values, causes=("no_code",))
    skipped = left_out(environment, check, [scope.name])
    if skipped is not None:
        return skipped[0]
    search = case.replay(_search(scope.name, code))
    evidence = case.evidence(*search.evidence)
    if search.zone.outcome is DnsOutcome.NXDOMAIN:
        return not_reached(check, scope.name, [f"domain.delegation {scope.name}"], unknown=False)
    values["outcome"] = term(search.zone.outcome)
    if search.zone.outcome is not DnsOutcome.ANSWER:
        return check.finding(scope.name, Status.UNKNOWN, "no_zone", values, causes=causes_of(search.zone.outcome), evidence=evidence)
    status, message, causes = _verdict(environment, scope, search, code, values)
    return check.finding(scope.name, status, message, values, causes=causes, evidence=evidence)


def _verdict(
    environment: Environment, scope: DomainScope, search: Search, code: str, values: dict[str, Any]
) -> tuple[Status, str, tuple[str, ...]]:
    """
    The verdict on what was found; adds to `values` who has the code and who has not.
    """
    asked = {ValidationMethod.TXT: ("txt",), ValidationMethod.CNAME: ("cname",)}.get(environment.validation_method, ("txt", "cname"))
    right = {key: _holding(search.answers.get(key, ()), code, key) for key in asked}
    best = max(right, key=lambda key: len(right[key]))
    answers = search.answers.get(best, [])
    has = {one.server.host for one in answers if one.server.label in right[best]}
    lacks = [one.server.label for one in answers if one.definite and one.server.label not in right[best]]
    silent, open_questions = unheard(answers), undecided(answers)
    values |= {
        "method": best.upper(),
        "has": right[best],
        "lacks": lacks,
        "silent": [f"{one.server.label}: {term(one.outcome)}" for one in silent],
    }
    if has and not lacks and not open_questions:
        return Status.PASS, "published", ()
    absent = Status.FAIL if scope.phase is Phase.PREPARE else Status.WARN
    if has and lacks:
        return absent, "not_everywhere", ("not_everywhere",)
    wrong = _misplaced(search, code, environment.validation_method)
    if wrong and not has:
        values["seen"] = wrong[1]
        return Status.FAIL, wrong[0], (wrong[0],)
    if silent and (has or not lacks):
        causes = causes_of(*(one.outcome for one in (open_questions if has else silent)))
        return Status.UNKNOWN, "some_silent" if has else "none_answers", causes
    return absent, "absent", ("absent",)


def _holding(answers: Iterable[ServerAnswer], code: str, key: str) -> list[str]:
    """
    The servers that publish the code rightly, by their label.
    """
    held = (one for one in answers if one.answer is not None and one.answer.outcome is DnsOutcome.ANSWER)
    if key == "txt":
        return [one.server.label for one in held if one.answer and any(record.text == code for record in one.answer.records)]
    target = gateway().validation_target
    return [one.server.label for one in held if one.answer and any(record.target == target for record in one.answer.records)]


def _misplaced(search: Search, code: str, method: ValidationMethod) -> tuple[str, list[str]] | None:
    """
    Where else, or how else, the code is published: the cause, and what was seen.
    """
    texts = {key: _texts(search.answers.get(key, ())) for key in ("txt", "txt_at_code", "txt_doubled")}
    right, doubled = _targets(search.answers.get("cname", ())), _targets(search.answers.get("cname_doubled", ()))
    target, label, zone = gateway().validation_target, f"{code.lower()}.{search.zone.domain}", search.zone.apex
    altered = [text for text in texts["txt"] if text != code and _holds(text, code)]
    if altered:
        return "stray_characters", altered
    if any(_holds(text, code) for text in texts["txt_doubled"]):
        return "zone_doubled", [f"{search.zone.domain}.{zone} TXT"]
    if any(one == target or one.startswith(f"{target}.") for one in doubled):
        return "zone_doubled", [f"{label}.{zone} CNAME {doubled[0]}"]
    if any(one.startswith(f"{target}.") for one in right):
        return "zone_doubled", [f"{label} CNAME {right[0]}"]
    if any(_holds(text, code) for text in texts["txt_at_code"]):
        return "wrong_place", [f"{label} TXT"]
    if method is ValidationMethod.TXT and target in right:
        return "other_method", [f"{label} CNAME {target}"]
    if method is ValidationMethod.CNAME and code in texts["txt"]:
        return "other_method", [f"{search.zone.domain} TXT {code}"]
    if right and target not in right and right != doubled:
        return "wrong_target", [f"{label} CNAME {right[0]}"]
    return None


def _holds(text: str, code: str) -> bool:
    """
    True where a text is the code but for quotes, white space and case, or has it somewhere in it.
    """
    bare = "".join(character for character in text.casefold() if character.isalnum() or character in "-_.=")
    return bare == code.casefold() or (len(code) >= 8 and code.casefold() in bare)


def _texts(answers: Iterable[ServerAnswer]) -> list[str]:
    """
    The texts that stand at the very name asked, not behind an alias.
    """
    found = (record.text for one in answers if one.answer is not None and not one.answer.aliases for record in one.answer.records)
    return list(dict.fromkeys(found))


def _targets(answers: Iterable[ServerAnswer]) -> list[str]:
    """
    Where the CNAME records asked for lead. A wildcard gives the same everywhere below the zone, so it is no misplaced code.
    """
    found = (record.target or "" for one in answers if one.answer is not None for record in one.answer.records)
    return list(dict.fromkeys(found))


def _records(environment: Environment, domain: str, code: str) -> list[str]:
    """
    What to publish, as a zone file has it.
    """
    if environment.validation_method is ValidationMethod.CNAME:
        return [f"{code.lower()}.{domain}. 300 IN CNAME {gateway().validation_target}."]
    return [f'{domain}. 300 IN TXT "{code}"']
