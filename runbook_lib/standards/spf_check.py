"""
SPF evaluation, ``check_host()`` of RFC 7208: may mail come from this address? A plan that yields its questions.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Never

from ..observations import DnsAnswer, DnsOutcome, DnsQuestion, Plan, ask_dns
from .spf import SpfTerm, is_spf, parse_record
from .spf_macro import (
    Address,
    Circumstances,
    expand,
    expand_name,
    is_domain_spec,
    is_macro_string,
    is_queryable,
    macro_letters,
    question_name,
    split_dual_cidr,
)

MAX_TERMS = 10
"""
Terms that ask DNS (section 4.6.4).
"""
MAX_VOID = 2
"""
Terms whose question finds nothing (section 4.6.4).
"""
MAX_HOSTS = 10
"""
Hosts of one ``mx`` or ``ptr`` (section 4.6.4).
"""
_ASKING = frozenset({"include", "a", "mx", "ptr", "exists", "redirect"})
_OF_THIS_RUN = (DnsOutcome.NOT_ASKED, DnsOutcome.LIMIT)


class SpfResult(StrEnum):
    """
    What an evaluation comes to (section 2.6).
    """

    NONE = "none"
    NEUTRAL = "neutral"
    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    SOFTFAIL = "softfail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


_QUALIFIED = {"+": SpfResult.PASS, "-": SpfResult.FAIL, "~": SpfResult.SOFTFAIL, "?": SpfResult.NEUTRAL}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """
    What one evaluation came to.

    Args:
        result: The result.
        where: Name of the record that decided.
        term: The mechanism that matched, or the term that could not be evaluated; ``""`` where none did.
        reason: Why there is no verdict: ``syntax``, ``several``, ``lookups``, ``void_lookups``, ``mx_hosts``, ``no_record``, or the
            `DnsOutcome`.
        explanation: The record's own words for a fail, where they were asked for.
        lookups: Terms that asked DNS.
        voids: Those that found nothing.
        answers: What this rests on.
    """

    result: SpfResult
    where: str
    term: str = ""
    reason: str = ""
    explanation: str = ""
    lookups: int = 0
    voids: int = 0
    answers: tuple[DnsAnswer, ...] = ()


class _Stop(Exception):  # noqa: N818 - it is an end, not a failure
    """
    The evaluation ends without a verdict.
    """

    def __init__(self, result: SpfResult, where: str, term: str, reason: str) -> None:
        super().__init__(result, where, term, reason)
        self.result, self.where, self.term, self.reason = result, where, term, reason


@dataclass(frozen=True, slots=True)
class _Verdict:
    result: SpfResult
    where: str
    term: str = ""
    exp: str = ""


@dataclass(slots=True)
class _State:
    about: Circumstances
    lookups: int = 0
    voids: int = 0
    answers: list[DnsAnswer] = field(default_factory=list)
    validated: str | None = None


def check_host(ip: str, domain: str, sender: str, *, helo: str = "unknown", explain: bool = False) -> Plan[Evaluation]:
    """
    Evaluate a domain's SPF record for mail from one address.

    Args:
        ip: The address mail comes from.
        domain: The domain checked: that of the sender, or of HELO.
        sender: Envelope sender, or ``postmaster@`` and the HELO name.
        helo: What the client calls itself.
        explain: Whether the explanation of a fail is asked for.
    """
    local, _, origin = sender.rpartition("@")
    about = Circumstances(_address(ip), local or "postmaster", origin or domain, domain, helo)
    state = _State(about)
    name = domain.removesuffix(".")
    if "." not in name or not is_queryable(name):
        return Evaluation(SpfResult.NONE, name)
    try:
        verdict = yield from _check(state, name)
    except _Stop as stop:
        verdict, reason = _Verdict(stop.result, stop.where, stop.term), stop.reason
    else:
        reason = ""
    explanation = ""
    if explain and verdict.result is SpfResult.FAIL and verdict.exp:
        explanation = yield from _explanation(state, verdict)
    return Evaluation(
        verdict.result, verdict.where, verdict.term, reason, explanation, state.lookups, state.voids, tuple(dict.fromkeys(state.answers))
    )


def _address(ip: str) -> Address:
    address = ipaddress.ip_address(ip)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _check(state: _State, domain: str) -> Plan[_Verdict]:
    """
    One record: select it, read it, go through its terms (sections 4.4 to 4.7).
    """
    (answer,) = yield from ask_dns(DnsQuestion(question_name(domain), "TXT"))
    state.answers.append(answer)
    if not answer.outcome.found:
        _end(SpfResult.TEMPERROR, domain, "", answer.outcome.value)
    texts = [record.text for record in answer.records if is_spf(record.text)]
    if not texts:
        return _Verdict(SpfResult.NONE, domain)
    if len(texts) > 1:
        _end(SpfResult.PERMERROR, domain, "", "several")
    record = parse_record(texts[0])
    wrong = [*record.wrong, *faulty_terms(record.terms)]
    if wrong:
        _end(SpfResult.PERMERROR, domain, wrong[0], "syntax")
    exp = next((term.value for term in record.terms if term.name == "exp" and not term.qualifier), "")
    for term in record.terms:
        if not term.qualifier:
            continue
        if (yield from _matches(state, domain, term)):
            return _Verdict(_QUALIFIED[term.qualifier], domain, term.text, exp)
    redirect = next((term for term in record.terms if term.name == "redirect" and not term.qualifier), None)
    if redirect is None:
        return _Verdict(SpfResult.NEUTRAL, domain)
    name = yield from _target(state, domain, redirect, redirect.value)
    return (yield from _enter(state, domain, redirect, name))


def faulty_terms(terms: Sequence[SpfTerm]) -> list[str]:
    """
    The terms, well formed by themselves, whose domain-spec, macros or repetition is an error of syntax (sections 4.6.1, 6, 7.1).
    """
    faulty = [term.text for term in terms if not _well_written(term)]
    for name in ("redirect", "exp"):
        same = [term.text for term in terms if term.name == name and not term.qualifier]
        faulty += same[1:]
    return faulty


def _well_written(term: SpfTerm) -> bool:
    if not term.qualifier:
        return is_domain_spec(term.value) if term.name in ("redirect", "exp") else is_macro_string(term.value)
    if term.name in ("include", "exists"):
        return is_domain_spec(term.value)
    if term.name == "ptr":
        return not term.value or is_domain_spec(term.value)
    if term.name in ("a", "mx"):
        parts = split_dual_cidr(term.value)
        named = ":" in term.text.partition("/")[0]
        return parts is not None and (is_domain_spec(parts[0]) if parts[0] or named else True)
    return True


def _matches(state: _State, domain: str, term: SpfTerm) -> Plan[bool]:
    """
    Does a mechanism match (section 5)?
    """
    ip = state.about.ip
    if term.name == "all":
        return True
    if term.network is not None:
        return ip.version == term.network.version and ip in term.network
    spec, *prefixes = split_dual_cidr(term.value) or (term.value, 32, 128) if term.name in ("a", "mx") else (term.value, 32, 128)
    name = yield from _target(state, domain, term, spec)
    prefix = prefixes[0] if ip.version == 4 else prefixes[1]
    if term.name == "include":
        return (yield from _enter(state, domain, term, name)).result is SpfResult.PASS
    if not is_queryable(name) and term.name != "ptr":
        return False
    if term.name == "exists":
        answer = yield from _ask(state, domain, term, name, "A")
        return answer.outcome is DnsOutcome.ANSWER
    if term.name == "a":
        answer = yield from _ask(state, domain, term, name, _family(ip))
        return _covers(ip, prefix, [answer])
    if term.name == "mx":
        return (yield from _matches_mx(state, domain, term, name, prefix))
    return (yield from _matches_ptr(state, domain, term, name))


def _matches_mx(state: _State, domain: str, term: SpfTerm, name: str, prefix: int) -> Plan[bool]:
    listed = yield from _ask(state, domain, term, name, "MX")
    hosts = [record.target for record in listed.records if record.target]
    if len(hosts) > MAX_HOSTS:
        _end(SpfResult.PERMERROR, domain, term.text, "mx_hosts")
    if not hosts:
        return False
    ip = state.about.ip
    answers = yield from ask_dns(*(DnsQuestion(host, _family(ip)) for host in hosts))
    state.answers += answers
    for answer in answers:
        if not answer.outcome.found:
            _end(SpfResult.TEMPERROR, domain, term.text, answer.outcome.value)
        if _covers(ip, prefix, [answer]):
            return True
    return False


def _matches_ptr(state: _State, domain: str, term: SpfTerm, name: str) -> Plan[bool]:
    wanted = name.lower()
    names = yield from _validated_names(state, domain, term)
    return any(one == wanted or one.endswith(f".{wanted}") for one in names)


def _validated_names(state: _State, domain: str, term: SpfTerm) -> Plan[list[str]]:
    """
    The client's names that lead back to its address (section 5.5). DNS errors only leave names out.
    """
    ip = state.about.ip
    (pointers,) = yield from ask_dns(DnsQuestion(ip.reverse_pointer, "PTR"))
    state.answers.append(pointers)
    _heed_limits(pointers, domain, term)
    if term.name == "ptr" and pointers.outcome in (DnsOutcome.NXDOMAIN, DnsOutcome.NODATA):
        _count_void(state, domain, term)
    names = [record.target for record in pointers.records if record.target][:MAX_HOSTS]
    if not names:
        return []
    answers = yield from ask_dns(*(DnsQuestion(one, _family(ip)) for one in names))
    state.answers += answers
    for answer in answers:
        _heed_limits(answer, domain, term)
    return [one for one, answer in zip(names, answers, strict=True) if _covers(ip, ip.max_prefixlen, [answer])]


def _heed_limits(answer: DnsAnswer, domain: str, term: SpfTerm) -> None:
    # What this run did not ask is no error of DNS, and must not be passed over like one.
    if answer.outcome in _OF_THIS_RUN:
        _end(SpfResult.TEMPERROR, domain, term.text, answer.outcome.value)


def _target(state: _State, domain: str, term: SpfTerm, spec: str) -> Plan[str]:
    """
    The name a term is about; counts the term.
    """
    if term.name in _ASKING:
        state.lookups += 1
        if state.lookups > MAX_TERMS:
            _end(SpfResult.PERMERROR, domain, term.text, "lookups")
    about = yield from _about(state, domain, term, spec)
    return expand_name(spec, about) if spec else domain


def _about(state: _State, domain: str, term: SpfTerm, spec: str) -> Plan[Circumstances]:
    about = replace(state.about, domain=domain)
    if "p" not in macro_letters(spec):
        return about
    names = yield from _validated_names(state, domain, replace(term, name="p"))
    near = [one for one in names if one == domain.lower()] or [one for one in names if one.endswith(f".{domain.lower()}")]
    return replace(about, validated=next(iter([*near, *names]), "unknown"))


def _enter(state: _State, domain: str, term: SpfTerm, name: str) -> Plan[_Verdict]:
    """
    Go on in another record (sections 5.2 and 6.1); that there is none is an error.
    """
    if not is_queryable(name):
        _end(SpfResult.PERMERROR, domain, term.text, "no_record")
    verdict = yield from _check(state, name)
    if verdict.result is SpfResult.NONE:
        _end(SpfResult.PERMERROR, domain, term.text, "no_record")
    return verdict


def _ask(state: _State, domain: str, term: SpfTerm, name: str, rdtype: str) -> Plan[DnsAnswer]:
    (answer,) = yield from ask_dns(DnsQuestion(question_name(name), rdtype))
    state.answers.append(answer)
    if not answer.outcome.found:
        _end(SpfResult.TEMPERROR, domain, term.text, answer.outcome.value)
    if answer.outcome is not DnsOutcome.ANSWER:
        _count_void(state, domain, term)
    return answer


def _count_void(state: _State, domain: str, term: SpfTerm) -> None:
    state.voids += 1
    if state.voids > MAX_VOID:
        _end(SpfResult.PERMERROR, domain, term.text, "void_lookups")


def _explanation(state: _State, verdict: _Verdict) -> Plan[str]:
    """
    The explanation of a fail (section 6.2); whatever is wrong with it, there is none.
    """
    term = SpfTerm(f"exp={verdict.exp}", "exp", "", verdict.exp)
    try:
        name = yield from _target(state, verdict.where, term, verdict.exp)
        if not is_queryable(name):
            return ""
        (answer,) = yield from ask_dns(DnsQuestion(question_name(name), "TXT"))
        state.answers.append(answer)
        text = answer.records[0].text if len(answer.records) == 1 else ""
        if not text.isascii() or not is_macro_string(text, explanation=True):
            return ""
        return expand(text, (yield from _about(state, verdict.where, term, text)))
    except _Stop:
        return ""


def _family(ip: Address) -> str:
    return "A" if ip.version == 4 else "AAAA"


def _covers(ip: Address, prefix: int, answers: Sequence[DnsAnswer]) -> bool:
    found = (record.data for answer in answers for record in answer.records)
    return any(ip in ipaddress.ip_network(f"{data}/{prefix}", strict=False) for data in found)


def _end(result: SpfResult, where: str, term: str, reason: str) -> Never:
    raise _Stop(result, where, term, reason)
