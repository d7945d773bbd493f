"""
The cut-over plan of a result document, in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..knowledge.text import Catalogue

OPEN_DOMAINS = 3
"""
Domains shown unfolded.
"""
_UNKNOWN = {True: "unknown", False: "unknown_none", None: "unknown_not_seen"}
"""
Why nobody knows the records before the move, by whether the domain is at the gateway.
"""


@dataclass(frozen=True, slots=True)
class DomainPart:
    """
    One domain's part, in words.

    Args:
        title: The domain.
        facts: Name and value.
        publish: Records to publish.
        remove: Records to remove, ``""`` for none.
        way_back: Records of the way back, ``""`` where they are not known.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    publish: str
    remove: str
    way_back: str


@dataclass(frozen=True, slots=True)
class MilestoneView:
    """
    One moment, in words.

    Args:
        when: The time.
        what: What happens.
        why: Why then.
        why_first: The time alone would mislead: it is not known, or it changes with what is to be done before it.
    """

    when: str
    what: str
    why: str
    why_first: bool


@dataclass(frozen=True, slots=True)
class CutoverView:
    """
    The whole plan, in words.

    Args:
        milestones: In order of time.
        domains: Each domain's part.
        back: The way back, one action each.
        back_records: All records of the way back, ``""`` where none are known.
        warning: What must not happen.
        wait: How long to wait until the platform may be locked, part of a sentence; ``""`` where the plan says nothing of it.
    """

    milestones: tuple[MilestoneView, ...]
    domains: tuple[DomainPart, ...]
    back: tuple[str, ...]
    back_records: str
    warning: str
    wait: str


def cutover_view(document: Mapping[str, Any] | None, catalogue: Catalogue) -> CutoverView | None:
    """
    Put a plan into words.

    Args:
        document: ``cutover`` of a result document.
        catalogue: The texts.

    Returns:
        None where there is no plan, no domain in it, or a damaged one.
    """
    if not document or not document.get("domains"):
        return None
    try:
        return _view(document, catalogue)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def wait_for_lock(document: Mapping[str, Any] | None, catalogue: Catalogue) -> str:
    """
    How long to wait until the platform may be locked.

    Args:
        document: ``cutover`` of a result document.
        catalogue: The texts.

    Returns:
        Part of a sentence, ``""`` where no plan says anything of it.
    """
    view = cutover_view(document, catalogue)
    return "" if view is None else view.wait


def _wait(milestones: Sequence[Mapping[str, Any]], catalogue: Catalogue) -> str:
    lock = next((one for one in milestones if one["id"] == "lock"), None)
    if lock is None:
        return ""
    if lock["offset"] is not None:
        return catalogue.text("cutover.wait", "after", seconds=lock["offset"])
    not_before = lock.get("not_before")
    return catalogue.text("cutover.wait", "not_before", at=not_before) if not_before else catalogue.text("cutover.wait", "unknown")


def _view(document: Mapping[str, Any], catalogue: Catalogue) -> CutoverView:
    domains = tuple(_domain(move, catalogue) for move in document["domains"])
    settle = int(document.get("settle") or 0)
    records = "\n".join(part.way_back for part in domains if part.way_back)
    first = catalogue.text("cutover.back", "unlock", settle=settle) if settle else catalogue.text("cutover.back", "unlock_now")
    back = [first, *(catalogue.text("cutover.back", name) for name in ("probe", "records", "policy"))]
    if not all(part.way_back for part in domains):
        back.insert(0, catalogue.text("cutover.back", "no_records"))
    ahead = document.get("milestones", ())
    lower = any(one["id"] == "lower_ttl" for one in ahead)
    milestones = tuple(_milestone(one, catalogue, lower=lower) for one in ahead)
    return CutoverView(milestones, domains, tuple(back), records, catalogue.text("cutover.back", "warning"), _wait(ahead, catalogue))


def _milestone(one: Mapping[str, Any], catalogue: Catalogue, *, lower: bool) -> MilestoneView:
    """
    One moment, in words.

    Args:
        one: The milestone.
        catalogue: The texts.
        lower: The TTL is still to be lowered.
    """
    key, offset, not_before = f"cutover.{one['id']}", one["offset"], one.get("not_before")
    when = _time(offset, not_before, catalogue)
    if not catalogue.has(key):
        return MilestoneView(when, str(one["id"]), "", why_first=False)
    fields = catalogue.fields(key)
    whys = [*(["why_not_before"] if not_before else []), "why_unknown"] if offset is None else ["why_today"] if lower else []
    why = next((each for each in whys if each in fields), "why")
    return MilestoneView(when, catalogue.text(key, "what"), catalogue.text(key, why), why_first=why in ("why_unknown", "why_today"))


def _time(offset: int | None, not_before: str | None, catalogue: Catalogue) -> str:
    if offset is None and not_before:
        return catalogue.text("cutover.time", "not_before", at=not_before)
    if offset is None:
        return catalogue.text("cutover.time", "unknown")
    if offset == 0:
        return catalogue.text("cutover.time", "at")
    return catalogue.text("cutover.time", "before" if offset < 0 else "after", seconds=abs(offset))


def _domain(move: Mapping[str, Any], catalogue: Catalogue) -> DomainPart:
    facts = (
        (catalogue.text("cutover.section", "former"), _former(move, catalogue)),
        (catalogue.text("cutover.section", "kept"), _kept(move, catalogue)),
        (catalogue.text("cutover.section", "state"), _state(move, catalogue)),
    )
    publish = () if move.get("moved") else move["publish"]
    return DomainPart(str(move.get("title") or move["domain"]), facts, _lines(publish), _lines(move["remove"]), _lines(move["way_back"]))


def _former(move: Mapping[str, Any], catalogue: Catalogue) -> str:
    former = move.get("former")
    if former is None:
        return catalogue.text("cutover.domain", _UNKNOWN[move.get("moved")])
    records = [f"{each['preference']} {each['host'] or '.'}" for each in former["records"]]
    if former["origin"] == "named":
        return catalogue.text("cutover.domain", "named", records=records)
    try:
        return catalogue.text("cutover.domain", "left" if former["origin"] == "left" else "seen", records=records, at=former["at"])
    except ValueError:
        return ", ".join(records)


def _kept(move: Mapping[str, Any], catalogue: Catalogue) -> str:
    if move.get("former") is None:
        return catalogue.text("cutover.domain", "kept_nothing")
    ttl = move.get("ttl")
    return catalogue.text("cutover.domain", "kept_unknown") if ttl is None else catalogue.text("cutover.domain", "kept", seconds=ttl)


def _state(move: Mapping[str, Any], catalogue: Catalogue) -> str:
    moved, still = move.get("moved"), move.get("still_served")
    if moved and still is not None:
        return catalogue.text("cutover.domain", "still", seconds=still)
    return catalogue.text("cutover.domain", "not_known" if moved is None else "moved" if moved else "not_moved")


def _lines(records: Sequence[str]) -> str:
    return "\n".join(str(record) for record in records)
