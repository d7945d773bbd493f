"""
``allowlist.*``: do the lists a person pasted parse, do they cover the gateway's ranges, and do they hold more than that?
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..environment import Environment, Phase, Platform, Role
from ..knowledge.gateway import gateway
from ..knowledge.platforms import provider
from ..knowledge.regions import region, regions, snapshot
from ..knowledge.sending_ranges import sending_ranges
from ..observations import GivenText, Plan
from ..results import Finding, Status
from ..standards.ranges import AddressSet, Network, outermost, pieces, subtract
from .case import Case, Check
from .google_view import GATEWAY_WITHOUT_GOOGLE, exported_allow_list, put_right
from .pasted import Entry, PastedList, networks_of, read_list
from .pasted_faults import MOST_FAULTS, Fault, Issue, cut
from .ranges import Reference, console_networks, console_text, reference

EXCHANGE_ONLINE_PREFIX = 24
"""
Exchange Online takes IPv4 networks from /24 to /32.
"""
_MOST_SHOWN = 20
_HARMLESS = {
    Fault.OVERLAP: Status.WARN,
    Fault.DUPLICATE: Status.WARN,
    Fault.RESERVED: Status.WARN,
    Fault.RANGE: Status.PASS,
    Fault.SPACES: Status.WARN,
}
_FOR_GOOGLE = {**_HARMLESS, Fault.RANGE: Status.WARN, Fault.SPACES: Status.FAIL}
_FOR_READING = {
    **_HARMLESS,
    Fault.SPACES: Status.PASS,
    Fault.SEPARATOR: Status.PASS,
    Fault.STRAY: Status.WARN,
    Fault.INVISIBLE: Status.WARN,
    Fault.NOTATION: Status.WARN,
}


def uses_google(environment: Environment) -> bool:
    """
    True where mailboxes of any domain are at Google.
    """
    return Platform.GOOGLE_WORKSPACE in _platforms(environment)


def _platforms(environment: Environment) -> set[Platform]:
    return {scope.platform for scope in environment.scopes if scope.role is Role.MAIL} or {environment.platform}


def given_lists(case: Case) -> dict[str, str]:
    """
    The lists that were given, by subject, untouched: pasted, and Google's allow list where an export has it.
    """
    environment = case.environment
    lists = {"allowlist": environment.allowlist, "gateway_list": environment.gateway_list}
    exported = exported_allow_list(case) if uses_google(environment) else None
    if exported is not None:
        lists[exported[0]] = exported[1]
    if environment.console_ranges is not None:
        lists["console_ranges"] = console_text(environment)
    return {subject: text for subject, text in lists.items() if text is not None}


def read_given(environment: Environment, subject: str, text: str) -> PastedList:
    """
    Read one of the given lists.
    """
    excused = AddressSet() if subject == "console_ranges" else AddressSet(console_networks(environment))
    return read_list(text, excused=excused, private_is_right=environment.allow_private)


def _evidence(case: Case, subject: str) -> tuple[str, ...]:
    exported = exported_allow_list(case)
    return exported[2] if exported is not None and subject == exported[0] else case.evidence(GivenText(subject, "", ""))


def judge_syntax(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``allowlist.syntax`` for every list given.
    """
    found = [_syntax(case, check, subject, text) for subject, text in given_lists(case).items()]
    return found or [check.finding("tenant", Status.NOT_APPLICABLE, "nothing_given", causes=("nothing_given",))]


def _syntax(case: Case, check: Check, subject: str, text: str) -> Finding:
    environment = case.environment
    listed = read_given(environment, subject, text)
    grades = _FOR_READING if subject == "console_ranges" else _FOR_GOOGLE if uses_google(environment) else _HARMLESS
    counted = _counted(listed, grades, reading=subject == "console_ranges")
    values: dict[str, Any] = {
        "list": subject,
        "entries": len(listed.entries),
        "count": len(counted),
        "issues": [str(issue) for issue, _ in counted[:MOST_FAULTS]],
        "cleaned": [str(network) for network in listed.cleaned],
    }
    evidence = _evidence(case, subject)
    if listed.empty:
        return check.finding(subject, Status.NOT_APPLICABLE, "empty", values, causes=("empty",), evidence=evidence)
    if not counted:
        return check.finding(subject, Status.PASS, "clean", values, evidence=evidence)
    failed = any(grade is Status.FAIL for _, grade in counted)
    present = {issue.fault for issue, _ in counted}
    causes = [fault.value for fault in Fault if fault in present]
    google = uses_google(environment) and subject != "console_ranges"
    if google:
        values |= put_right(case, listed, case.replay(reference(environment)), at_gateway=subject == "gateway_list")
    message = "faulty_google" if google else "faulty_console" if subject == "console_ranges" else "faulty"
    if subject == "allowlist" and not google:
        lacking = _lacking(case, listed)
        message = "faulty_lacking" if lacking else message
        values["cleaned"] = _ready(environment, [*listed.cleaned, *lacking])
    return check.finding(subject, Status.FAIL if failed else Status.WARN, message, values, causes=causes, evidence=evidence)


def _counted(listed: PastedList, grades: Mapping[Fault, Status], *, reading: bool) -> list[tuple[Issue, Status]]:
    """
    The faults that count, what fails first.
    """
    graded = [(issue, _grade(issue, grades, reading=reading)) for issue in listed.issues]
    return sorted(((issue, grade) for issue, grade in graded if grade is not Status.PASS), key=lambda one: one[1] is not Status.FAIL)


def _lacking(case: Case, listed: PastedList) -> list[Network]:
    """
    The gateway's ranges that a list does not wholly hold once it is cleaned, none where these are not known for certain.
    """
    found, covered = case.replay(reference(case.environment)), AddressSet(listed.cleaned)
    return [network for network in found.required if subtract([network], covered)] if found.certain else []


def _ready(environment: Environment, networks: Iterable[Network]) -> list[str]:
    """
    Networks to paste, as the customer's platforms take them.
    """
    texts = [str(network) for network in outermost(networks)]
    split = not uses_google(environment) and bool(_platforms(environment) & {Platform.MICROSOFT_365, Platform.HYBRID})
    return pieces(texts, EXCHANGE_ONLINE_PREFIX) if split else texts


def _grade(issue: Issue, grades: Mapping[Fault, Status], *, reading: bool) -> Status:
    """
    How much a fault matters. Blanks inside an entry make another one of it, or none.
    """
    if issue.inside:
        return Status.WARN if reading else Status.FAIL
    return grades.get(issue.fault, Status.FAIL)


def plan_reference(case: Case) -> Plan[Reference | None]:
    """
    The questions of ``allowlist.coverage`` and ``allowlist.excess``; none where no list was given.
    """
    if not _compared(case):
        return None
    return (yield from reference(case.environment))


def _compared(case: Case) -> dict[str, str]:
    left_out = {"console_ranges"} if uses_google(case.environment) else {"console_ranges", "gateway_list"}
    return {subject: text for subject, text in given_lists(case).items() if subject not in left_out}


def _lists_to_compare(case: Case) -> dict[str, PastedList]:
    return {subject: read_given(case.environment, subject, text) for subject, text in _compared(case).items()}


def judge_coverage(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``allowlist.coverage`` for every list.
    """
    environment = case.environment
    lists = _lists_to_compare(case)
    if not lists:
        message = "nothing_given_google" if uses_google(environment) else "nothing_given"
        return [check.finding("tenant", Status.MANUAL, message, _common(environment), causes=("nothing_given",))]
    found = case.replay(plan_reference(case)) or Reference((), (), "snapshot")
    wanted = [subject for subject in lists if subject != "gateway_list"] or ["allowlist"]
    wanted += ["gateway_list"] if uses_google(environment) else []
    return [_coverage(case, check, subject, lists, found) for subject in wanted]


def _common(environment: Environment) -> dict[str, Any]:
    of = region(environment.region)
    return {"region": of.code, "spf": of.spf, "as_of": snapshot().as_of, "gateway": gateway().name}


def _coverage(case: Case, check: Check, subject: str, lists: dict[str, PastedList], found: Reference) -> Finding:
    environment = case.environment
    evidence = (*_evidence(case, subject), *case.evidence(*found.answers))
    counted = [lists[subject]] if subject in lists else []
    covered = AddressSet(network for one in counted for network in one.networks)
    lacking = subtract(found.required, covered)
    by_gateway_list = False
    if subject != "gateway_list" and lacking and "gateway_list" in lists:
        lacking = subtract(lacking, AddressSet(lists["gateway_list"].networks))
        by_gateway_list = not lacking
    missing = [str(network) for network in lacking]
    values = _common(environment) | {
        "list": subject,
        "required": [str(network) for network in found.required],
        "missing": missing,
        "paste": _ready(environment, lacking),
        "source": found.source,
    }
    unread = read_list(console_text(environment)).unread if found.source == "console" else []
    if unread and not lacking and (by_gateway_list or subject in lists):
        values["unread"] = [cut(text) for text in unread[:_MOST_SHOWN]]
        return check.finding(subject, Status.UNKNOWN, "console_faulty", values, causes=("console_faulty",), evidence=evidence)
    if found.certain and not lacking and found.required and (by_gateway_list or subject in lists):
        return check.finding(subject, Status.PASS, "by_gateway_list" if by_gateway_list else "covered", values, evidence=evidence)
    if subject not in lists:
        return check.finding(subject, Status.MANUAL, "not_given", values, causes=("nothing_given",), evidence=evidence)
    if lists[subject].empty and not uses_google(environment) and Platform.MICROSOFT_365 in _platforms(environment):
        return check.finding(subject, Status.MANUAL, "empty_microsoft", values, causes=("empty",), evidence=evidence)
    if not found.certain:
        if "dns" not in environment.probes or environment.region == "custom":
            return check.finding(subject, Status.MANUAL, "no_reference", values, causes=("no_reference",), evidence=evidence)
        return check.finding(subject, Status.UNKNOWN, "unknown", values, causes=found.causes, evidence=evidence)
    if lists[subject].cut_off:
        return check.finding(subject, Status.UNKNOWN, "cut_off", values, causes=("limit",), evidence=evidence)
    if not uses_google(environment):
        if _counted(lists[subject], _HARMLESS, reading=False):
            values["cleaned"] = _ready(environment, [*lists[subject].cleaned, *_lacking(case, lists[subject])])
            return check.finding(subject, Status.FAIL, "missing_faulty", values, causes=("missing",), evidence=evidence)
        return check.finding(subject, Status.FAIL, "missing", values, causes=("missing",), evidence=evidence)
    values |= put_right(case, lists[subject], found, at_gateway=subject == "gateway_list")
    exported = exported_allow_list(case)
    message = "missing_google_gateway" if subject == "gateway_list" else "missing_google"
    if subject == "allowlist" and exported is not None and not subtract(lacking, AddressSet(lists[exported[0]].networks)):
        message, evidence = "missing_outdated", (*evidence, *exported[2])
        values["file"] = exported[0].partition("#")[0]
    return check.finding(subject, Status.FAIL, message, values, causes=("missing",), evidence=evidence)


def judge_excess(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``allowlist.excess`` for every list given.
    """
    lists = _lists_to_compare(case)
    if not lists:
        return [check.finding("tenant", Status.NOT_APPLICABLE, "nothing_given", causes=("nothing_given",))]
    found = case.replay(plan_reference(case)) or Reference((), (), "snapshot")
    return [_excess(case, check, subject, listed, found) for subject, listed in lists.items()]


def _excess(case: Case, check: Check, subject: str, listed: PastedList, found: Reference) -> Finding:
    environment = case.environment
    kinds = _ExcessKinds(environment, subject, found)
    beyond: dict[str, list[str]] = {}
    unfit = {entry.number for entry in listed.unfit}  # told by the spelling, and left out of the list that it gives
    for entry in listed.entries:
        kind = kinds.of(entry)
        if kind and (kind == "too_wide" or entry.number not in unfit):
            beyond.setdefault(kind, []).append(entry.shown)
    causes = tuple(kind for kind in _EXCESS if kind in beyond)
    values = _common(environment) | {
        "list": subject,
        "source": found.source,
        "entries": len(listed.entries),
        "beyond": [f"{cidr} ({kind})" for kind in causes for cidr in beyond[kind][:_MOST_SHOWN]],
        "count": sum(map(len, beyond.values())),
    }
    evidence = (*_evidence(case, subject), *case.evidence(*found.answers))
    if listed.empty:
        return check.finding(subject, Status.NOT_APPLICABLE, "empty", values, causes=("empty",), evidence=evidence)
    google = uses_google(environment)
    if google:
        values |= put_right(case, listed, found, at_gateway=subject == "gateway_list")
        values["how_only"] = GATEWAY_WITHOUT_GOOGLE if subject == "gateway_list" and causes == ("google_ranges",) else values["how_only"]
    if "too_wide" in causes:
        return check.finding(subject, Status.FAIL, "too_wide_google" if google else "too_wide", values, causes=causes, evidence=evidence)
    if listed.cut_off:
        return check.finding(subject, Status.UNKNOWN, "cut_off", values, causes=("limit",), evidence=evidence)
    if not found.certain and (causes or not found.tolerated):
        if "dns" not in environment.probes or not region(environment.region).spf:
            return check.finding(subject, Status.MANUAL, "no_reference", values, causes=("no_reference",), evidence=evidence)
        return check.finding(subject, Status.UNKNOWN, "unknown", values, causes=found.causes, evidence=evidence)
    if causes:
        return check.finding(subject, Status.WARN, "more_google" if google else "more", values, causes=causes, evidence=evidence)
    return check.finding(subject, Status.PASS, "nothing_more", values, evidence=evidence)


_EXCESS = ("too_wide", "other_region", "google_ranges", "old_gateway", "not_in_console", "wider_than_needed", "not_the_gateway")
"""
Kinds of excess, gravest first.
"""


class _ExcessKinds:
    """
    Says of single entries what they hold beyond what they should.
    """

    def __init__(self, environment: Environment, subject: str, found: Reference) -> None:
        google = networks_of(sending_ranges(Platform.GOOGLE_WORKSPACE.value))
        old = networks_of(environment.present_gateway.ranges) if environment.present_gateway else []
        moved = all(scope.phase is Phase.LOCKDOWN for scope in environment.scopes)
        wanted: list[Network] = [*found.required, *found.tolerated, *([] if moved else old)]
        if environment.internal_route and subject != "gateway_list" and uses_google(environment):
            wanted += google
        if Platform.HYBRID in _platforms(environment):
            wanted += networks_of(provider("microsoft").ranges)  # the firewall's list: Exchange Online delivers to on-premises
        self.tolerated = AddressSet(wanted)
        own = region(environment.region)
        self.google, self.old, self.own = AddressSet(google), AddressSet(old), AddressSet(networks_of(own.cidrs))
        self.others = AddressSet(_other_regions(own.code))

    def of(self, entry: Entry) -> str:
        """
        The kind of excess of one entry, ``""`` for none.
        """
        rest = subtract(entry.networks, self.tolerated)
        if not rest:
            return ""
        if entry.far_too_wide:
            return "too_wide"
        for kind, ranges in (
            ("not_in_console", self.own),
            ("wider_than_needed", self.tolerated),
            ("other_region", self.others),
            ("google_ranges", self.google),
            ("old_gateway", self.old),
        ):
            looked_at: Iterable[Network] = entry.networks if kind == "wider_than_needed" else rest
            if any(ranges.touches(network) for network in looked_at):
                return kind
        return "not_the_gateway"


def _other_regions(code: str) -> list[Network]:
    return networks_of(cidr for one in regions() if one.code != code for cidr in one.cidrs)


CHECKS = (
    Check("allowlist.syntax", "ranges", judge_syntax),
    Check("allowlist.coverage", "ranges", judge_coverage, plan_reference),
    Check("allowlist.excess", "ranges", judge_excess, plan_reference),
)
