"""
From what was said to a diagnosis, and which of several is the best.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..knowledge.text import Message
from .catalogue import Finding, Said, finding_of, look_up
from .reasons import Diagnosis, Reason, Stage, Whose, shown
from .wording import FoundReply, excerpt, stage_of, system_of

MOST_DIAGNOSES = 20
_SURE = 3
_LOOSE = frozenset((Reason.EXPIRED, Reason.SYSTEM_ERROR, Reason.NETWORK_ERROR))
"""
What the polite words around every bounce speak of too.
"""
_PASSING = frozenset((Reason.GREYLISTED, Reason.RATE_LIMITED))
_ABOUT_CLIENT = frozenset((Reason.IP_REPUTATION, Reason.RATE_LIMITED, Reason.SENDER_REJECTED, Reason.AUTHENTICATION_FAILED))


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    Something said that may be the cause.

    Args:
        said: What.
        weight: Certainty that it can give at most, 3 to 1.
    """

    said: Said
    weight: int = 3


def from_reply(reply: FoundReply, around: str = "", stage: Stage | None = None, weight: int = 3) -> Candidate:
    """
    A candidate from a reply found in a text.

    Args:
        reply: The reply.
        around: More text to tell the stage and the system from.
        stage: Where it is known that it was given.
        weight: See `Candidate`.
    """
    where = stage or stage_of(reply.text) or stage_of(reply.context) or stage_of(around)
    return Candidate(
        Said(reply.text, reply.code, reply.enhanced, where, system_of(reply.text + " " + reply.context + " " + around)), weight
    )


def best(candidates: Sequence[Candidate]) -> tuple[Finding, Said] | None:
    """
    The candidate that says most; among equals the first.
    """
    chosen: tuple[int, Finding, Said] | None = None
    for candidate in candidates:
        finding = look_up(candidate.said)
        loose = finding.reason in _LOOSE and candidate.said.code is None and candidate.said.enhanced is None
        rank = 2 * min(finding.certainty, candidate.weight) - loose
        if chosen is None or rank > chosen[0]:
            chosen = (rank, finding, candidate.said)
        if rank == 2 * _SURE:
            break
    return None if chosen is None else (replace(chosen[1], certainty=(chosen[0] + 1) // 2), chosen[2])


def diagnosis(
    finding: Finding,
    said: Said,
    *,
    recipient: str = "",
    host: str = "",
    delayed: bool = False,
    from_probe: bool = False,
) -> Diagnosis:
    """
    The diagnosis of a finding.

    Args:
        finding: What the catalogue knows.
        said: What it rests on.
        recipient: Whom it is about.
        host: Who said it.
        delayed: The report says that delivery goes on.
        from_probe: It was said to whoever asked, not to a sender of mail.
    """
    whose = Whose.PROBE if from_probe and finding.reason in _ABOUT_CLIENT else finding.whose
    words = "explain.delayed" if delayed and finding.reason is Reason.EXPIRED else finding.words
    if finding.reason is Reason.UNKNOWN and said.code is not None:
        words = "explain.unknown_reply"
    return Diagnosis(
        reason=finding.reason,
        reply_code=said.code,
        enhanced_code=said.enhanced,
        temporary=delayed or _temporary(finding.reason, said),
        whose=whose,
        stage=said.stage,
        matched=shown(excerpt(said.text, finding.words_matched)),
        next=finding.next,
        message=Message(words, {"recipient": recipient, "host": host, "system": said.system}),
        entry=finding.entry,
        certainty=finding.certainty,
        recipient=recipient,
    )


def not_a_bounce(kind: str, matched: str = "", stage: Stage | None = None, **values: str) -> Diagnosis:
    """
    The diagnosis of something that reports no failure.

    Args:
        kind: What it is: the last part of a message id below ``explain.not_a_bounce``.
        matched: The text that shows it.
        stage: `Stage.DELIVERED` where it says that mail arrived.
        values: For the words.
    """
    finding = finding_of(Reason.NOT_A_BOUNCE, kind)
    message = Message(f"explain.not_a_bounce.{kind}", values)
    return Diagnosis(
        Reason.NOT_A_BOUNCE, whose=finding.whose, stage=stage, matched=shown(matched), message=message, entry=kind, certainty=3
    )


def unknown(matched: str, recipient: str = "") -> Diagnosis:
    """
    The diagnosis of a failure that says nothing we know.
    """
    finding = finding_of(Reason.UNKNOWN)
    return Diagnosis(
        Reason.UNKNOWN,
        whose=finding.whose,
        matched=shown(matched[:300]),
        message=Message(finding.words, {"recipient": recipient, "host": ""}),
    )


def ordered(found: Iterable[Diagnosis]) -> tuple[Diagnosis, ...]:
    """
    Diagnoses without repetition, best first, at most `MOST_DIAGNOSES`.
    """
    kept: dict[tuple[object, ...], Diagnosis] = {}
    for each in found:
        kept.setdefault((each.reason, each.reply_code, each.enhanced_code, each.stage, each.recipient), each)
    return tuple(sorted(kept.values(), key=lambda each: (-each.certainty, each.temporary))[:MOST_DIAGNOSES])


def _temporary(reason: Reason, said: Said) -> bool:
    if reason is Reason.EXPIRED:
        return False
    if said.code is not None:
        return said.code < 500
    if said.enhanced is not None:
        return said.enhanced.startswith("4")
    return reason in _PASSING
