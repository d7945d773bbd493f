"""
What is to be done next: the remedies of all findings that are not fine, each once, most urgent first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from ..knowledge.platforms import provider_of
from ..results import Finding, Status

URGENT = (Status.FAIL, Status.UNKNOWN, Status.MANUAL, Status.WARN)
"""
The statuses that leave something to do, most urgent first.
"""
NAME_SERVERS = "domain.delegation"
"""
The check that comes first of all that ask DNS: what keeps it from knowing keeps those that follow from it.
"""
FOR_EVERY_NAME = frozenset({"resolver_denies_all", "resolver_silent"})
"""
Causes by which it says that the resolver is the reason, whatever is asked.
"""
NOT_MOVED = frozenset({"mx.gateway.not_moved", "mx.propagation.not_moved", "lockdown.scope.listed"})
"""
Messages that say of a domain, each for its own reason, that its MX records have not moved: moving them puts all of that right.
"""
SETTINGS = {"m365.inbound_connector.not_restricted": "microsoft", "google.gateway_options.reject_all_missing": "google"}
"""
Messages that say that a provider's lock is missing, with whose doors it would shut.
"""
OPEN_DOOR = "lockdown.direct.open"
LOCKING = frozenset({*SETTINGS, OPEN_DOOR})
"""
Messages that say that the lock is missing.
"""


@dataclass(frozen=True, slots=True)
class Action:
    """
    One thing to do.

    Args:
        findings: What it puts right, gravest first; all have the same remedy.
        consequences: Findings that wait for it: they could not be reached because of these, or are not known for the same reason.
    """

    findings: tuple[Finding, ...]
    consequences: tuple[Finding, ...] = ()

    @property
    def first(self) -> Finding:
        """
        The gravest finding.
        """
        return self.findings[0]

    @property
    def status(self) -> Status:
        """
        The gravest status.
        """
        return self.first.status

    @property
    def summaries(self) -> tuple[str, ...]:
        """
        Why it is to be done, each sentence once.
        """
        return tuple(dict.fromkeys(finding.words.summary for finding in self.findings))


def next_actions(findings: Sequence[Finding]) -> tuple[Action, ...]:
    """
    What to do next.

    Args:
        findings: In the order of the steps.

    Returns:
        Most urgent first: by status, then by step; among what is not known what others wait for comes first. Locking comes behind all that
        is wrong or not known, since the lock waits for it, and last of all as long as MX has not moved. Findings with the same remedy are
        one action. What was only not reached, or is not known for the same reason as something before it, or is put right by moving the
        same MX records or by the setting that locks, is no action of its own where that is one.
    """
    open_ends = [finding for status in URGENT for finding in findings if finding.status is status]
    names = {finding.name for finding in open_ends}
    silent = {finding.subject: finding for finding in open_ends if _is_silent(finding)}
    for_all = next((finding for finding in silent.values() if FOR_EVERY_NAME & set(finding.causes)), None)
    to_move = {finding.subject: finding for finding in reversed(open_ends) if finding.message.id in NOT_MOVED}
    stoppers: dict[str, str] = {}
    for finding in open_ends:
        stopper = (
            _stopper(finding, names)
            or _same_reason(finding, silent.get(finding.subject), for_all)
            or _moved_with(finding, to_move)
            or _locked_with(finding, open_ends)
        )
        if stopper is not None:
            stoppers[finding.name] = stopper
    groups: dict[tuple[str, ...], list[Finding]] = {}
    consequences: dict[str, list[Finding]] = {}
    for finding in open_ends:
        root = _root(finding.name, stoppers)
        if root != finding.name:
            consequences.setdefault(root, []).append(finding)
        else:
            groups.setdefault(_key(finding), []).append(finding)
    actions = [
        Action(tuple(group), tuple(after for finding in group for after in consequences.get(finding.name, ()))) for group in groups.values()
    ]
    not_moved = any(finding.check == "mx.gateway" and "not_moved" in finding.causes for finding in open_ends)

    def rank(action: Action) -> tuple[int, bool, bool]:
        urgency = URGENT.index(action.status)
        if _is_lock(action):
            urgency = len(URGENT) if not_moved else max(urgency, URGENT.index(Status.MANUAL))
        return urgency, _is_lock(action), not _opens_the_way(action)

    return tuple(sorted(actions, key=rank))


def _is_lock(action: Action) -> bool:
    """
    True for locking the platform, which comes after MX has moved.
    """
    return all(finding.message.id in LOCKING for finding in action.findings)


def _key(finding: Finding) -> tuple[str, ...]:
    words = finding.words
    return (words.remedy, words.who, words.paste) if words.remedy else ("", words.who, words.paste, words.summary)


def _opens_the_way(action: Action) -> bool:
    return action.first.check == NAME_SERVERS and bool(action.consequences)


def _is_silent(finding: Finding) -> bool:
    """
    True where name servers were asked for, and nothing is known of them.
    """
    return finding.check == NAME_SERVERS and finding.status is Status.UNKNOWN and finding.cause not in (None, "not_asked", "limit")


def _same_reason(finding: Finding, *before: Finding | None) -> str | None:
    """
    The first of several findings on name servers for whose reason this one is not known.
    """
    if finding.status is not Status.UNKNOWN or finding.check == NAME_SERVERS:
        return None
    reasons = set(map(_reason, finding.causes))
    return next((one.name for one in before if one is not None and _reason(one.cause or "") in reasons), None)


def _moved_with(finding: Finding, to_move: Mapping[str, Finding]) -> str | None:
    """
    The first finding that says of the same domain that its MX records have not moved.
    """
    first = to_move.get(finding.subject) if finding.message.id in NOT_MOVED else None
    return None if first is None or first is finding else first.name


def _locked_with(finding: Finding, open_ends: Iterable[Finding]) -> str | None:
    """
    The finding that says that the setting is missing which would shut this door.
    """
    provider = provider_of(finding.subject) if finding.message.id == OPEN_DOOR else None
    if provider is None:
        return None
    return next((each.name for each in open_ends if SETTINGS.get(each.message.id) == provider.code), None)


def _reason(cause: str) -> str:
    """
    A cause; all ways in which DNS has no word are one, since the same silence is a time-out here and a refusal there.
    """
    return "dns" if cause.startswith("dns_") else cause


def _stopper(finding: Finding, names: AbstractSet[str]) -> str | None:
    if finding.words.remedy and "not_reached" not in finding.causes:
        return None
    return next((name for name in finding.evidence if name in names and name != finding.name), None)


def _root(name: str, stoppers: Mapping[str, str]) -> str:
    """
    What stopped it in the first place; the name itself where nothing did, or where the chain runs in a circle.
    """
    seen = [name]
    while seen[-1] in stoppers:
        following = stoppers[seen[-1]]
        if following in seen:
            return name
        seen.append(following)
    return seen[-1]
