"""
What people said: confirmations and accepted exceptions as rows of a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..knowledge.check_ids import TENANT
from ..results import Finding, Status
from .labels import Labels
from .names import subject_in_words


def attestation_rows(
    items: Iterable[Mapping[str, Any]], labels: Labels, findings: Sequence[Finding] | None = None
) -> list[tuple[str, ...]]:
    """
    What people confirmed.

    Args:
        items: As the result document has them.
        labels: The words.
        findings: What it counted for; None where nothing was looked at.

    Returns:
        What it is about, who, when, in which phase, and the note.
    """
    return [
        (
            _about(_text(item, "for"), labels) + ("" if findings is None else _counted(_text(item, "for"), findings, labels)),
            _text(item, "by"),
            _day(_text(item, "at"), labels),
            labels.pick("phase_short", _text(item, "phase")),
            _text(item, "note"),
        )
        for item in items
    ]


def _counted(name: str, findings: Sequence[Finding], labels: Labels) -> str:
    """
    For what a person's word counted, ``""`` where the title says it: the subjects, or that it was not needed or is asked for again.
    """
    about = [finding for finding in findings if name in (finding.check, finding.step)]
    said = [finding for finding in about if finding.cause == "attested"]
    if about and not said:
        again = any(finding.status is Status.MANUAL for finding in about)
        return f" ({labels('attested.asked_again' if again else 'attested.not_needed')})"
    subjects = dict.fromkeys(subject_in_words(finding.check, finding.subject, labels) for finding in said if finding.subject != TENANT)
    return f" ({', '.join(subjects)})" if subjects else ""


def waiver_rows(items: Iterable[Mapping[str, Any]], labels: Labels) -> list[tuple[str, ...]]:
    """
    What is accepted.

    Args:
        items: As the result document has them.
        labels: The words.

    Returns:
        What it is about, why, who, until when.
    """
    return [
        (_about(_text(item, "for"), labels), _text(item, "reason"), _text(item, "by"), _day(_text(item, "expires"), labels))
        for item in items
    ]


def _about(name: str, labels: Labels) -> str:
    """
    A check or a step by its title, with the subject that may stand behind it.
    """
    key, _, subject = name.partition(" ")
    title = labels.step(key) if labels.catalogue.has(f"steps.{key}") else labels.pick("check", key)
    return f"{title} ({subject})" if subject not in ("", TENANT) else title


def _day(when: str, labels: Labels) -> str:
    """
    A day, or a time, as people write it; as it stands where it is neither.
    """
    try:
        return labels.catalogue.fill("{when:said}", {"when": when})
    except ValueError:
        return when


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    return "" if value is None else str(value)
