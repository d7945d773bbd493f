"""
The three ways in which Microsoft 365 can trust the gateway, and what is said of each: one sound way is enough, so one fault is told once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..results import Finding, Status
from .case import Check
from .m365_view import Tenant, asked_by_hand, by_hand
from .said import TOGETHER, Said, unique
from .tenant import TENANT

FILTER, RULE, SKIP = "m365.connection_filter", "m365.bypass_rule", "m365.enhanced_filtering"


@dataclass(frozen=True, slots=True)
class Judged:
    """
    One policy, rule or connector as one of the ways.

    Args:
        subject: Its name.
        said: What is said of it where it counts.
        sound: It trusts the whole gateway; None where that is not known.
        begun: Somebody has meant it for the gateway.
        always: It is said whatever the other ways are like.
    """

    subject: str
    said: Said
    sound: bool | None = False
    begun: bool = True
    always: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """
    One way of trust.

    Args:
        check: Its check's id.
        given: Its export was given.
        items: What there is of it.
        nothing: What is said of the tenant where there is nothing of it.
    """

    check: str
    given: bool
    items: tuple[Judged, ...]
    nothing: Said

    @property
    def sound(self) -> tuple[str, ...]:
        """
        What trusts the whole gateway, as findings are called.
        """
        return tuple(f"{self.check} {item.subject}" for item in self.items if item.sound is True)

    @property
    def begun(self) -> tuple[str, ...]:
        """
        What was meant for the gateway, as findings are called.
        """
        return tuple(f"{self.check} {item.subject}" for item in self.items if item.begun)

    @property
    def first(self) -> Judged:
        """
        What stands for the way where none was begun.
        """
        return self.items[0] if self.items else Judged(TENANT, self.nothing, begun=False)


def decide(tenant: Tenant, check: Check, ways: Sequence[Way]) -> list[Finding]:
    """
    The findings of one way.

    - A way that is sound is judged for itself; the others are then not needed, except for what does harm whatever the others are like.
    - Where none is sound each way that was begun is judged.
    - Where none was begun one of them fails, the one to begin with, if all exports were given; else a person has to look.
    - Where nothing of it was exported a person looks at all three at once, and one word is enough.

    Args:
        tenant: The tenant.
        check: The check of the way.
        ways: All three.
    """
    mine = next(way for way in ways if way.check == check.id)
    trusted = [name for way in ways for name in way.sound]
    if not any(way.given for way in ways):
        values = {**asked_by_hand(tenant.case, tenant.scopes), TOGETHER: "m365.trust"}
        return [Said(Status.MANUAL, "m365.trust.manual", values).about(check, TENANT)]
    if not mine.given:
        return by_hand(tenant.case, check, "manual_trusted" if trusted else "manual")
    told = [item for item in mine.items if item.always or item.sound is True or (item.begun and not trusted)]
    rest = [item for item in mine.items if item.begun and item not in told]
    findings = [
        *(item.said.about(check, item.subject or TENANT) for item in told),
        *(_not_needed(item.said, trusted).about(check, item.subject or TENANT) for item in rest),
    ]
    return unique(findings) or [_nothing_begun(mine, ways, trusted).about(check, mine.first.subject or TENANT)]


def _nothing_begun(mine: Way, ways: Sequence[Way], trusted: Sequence[str]) -> Said:
    said = mine.first.said
    if trusted:
        return _not_needed(said, trusted)
    begun = [name for way in ways for name in way.begun]
    if begun:
        return _elsewhere(said, begun)
    if not all(way.given for way in ways):
        return replace(said, status=Status.MANUAL, message=f"{mine.check}.empty")
    first = _to_begin_with(ways)
    return said if first is mine else _elsewhere(said, [f"{first.check} {first.first.subject}"])


def _to_begin_with(ways: Sequence[Way]) -> Way:
    """
    Enhanced Filtering where a connector for the gateway is there already, else the list the procedure begins with.
    """
    by_check = {way.check: way for way in ways}
    return by_check[SKIP] if by_check[SKIP].items else by_check[FILTER]


def _not_needed(said: Said, trusted: Sequence[str]) -> Said:
    causes = ("trusted_otherwise", *said.causes)
    values = {**said.values, "trusted": list(trusted)}
    return replace(said, status=Status.NOT_APPLICABLE, message="m365.trust.not_needed", values=values, causes=causes)


def _elsewhere(said: Said, stopper: Sequence[str]) -> Said:
    values = {**said.values, "stopper": list(stopper)}
    return replace(said, status=Status.NOT_APPLICABLE, message="m365.trust.elsewhere", values=values)
