"""
``runbook explain``: a bounce, a reply, a transcript, log lines or headers in plain words.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ..explain import READ_AT_MOST, Diagnosis, MessageView, Reason, explain, read_message
from ..knowledge.text import Catalogue, visible

_LONGEST_NAME = 4096
_FURTHER = 5


def explain_input(argument: str, *, as_json: bool) -> int:
    """
    Explain what was pasted, piped or saved.

    Args:
        argument: Name of an existing file, ``-`` or ``""`` for standard input, else the text itself.
        as_json: Print the list of diagnoses as JSON.

    Returns:
        0.
    """
    content = _content(argument)
    found = explain(content)
    catalogue = Catalogue()
    if as_json:
        json.dump([each.as_json(catalogue) for each in found], sys.stdout, indent=1, ensure_ascii=False)
        sys.stdout.write("\n")
        return 0
    sys.stdout.write("\n".join(in_words(found, catalogue)) + "\n")
    view = read_message(content)
    if view.hops or view.results:
        sys.stdout.write("\n" + "\n".join(way_in_words(view, catalogue)) + "\n")
    return 0


def in_words(found: tuple[Diagnosis, ...], catalogue: Catalogue) -> list[str]:
    """
    Diagnoses as lines for a terminal: the best in full, the others shortly.
    """
    best, *others = found
    words = best.words(catalogue)
    lines = [words.summary]
    codes = " ".join(part for part in (str(best.reply_code or ""), best.enhanced_code or "") if part)
    note = catalogue.text("explain.ui", "temporary") if best.temporary else ""
    lines.append(f"  {best.reason.value}{' ' + codes if codes else ''}{'; ' + note if note else ''}")
    if best.reason is not Reason.NOT_A_BOUNCE:
        lines.append(f"  {catalogue.text('explain.ui', 'whose')}: {catalogue.text('explain.whose', best.whose.value)}")
    if words.remedy:
        lines.append(f"  {catalogue.text('explain.ui', 'do')}: {words.remedy}".replace("\n", "\n    "))
    if best.matched:
        lines.append(f"  {catalogue.text('explain.ui', 'rests_on')}: {best.matched}")
    if best.next:
        step = catalogue.text(f"steps.{best.next}", "title")
        lines.append(f"  {catalogue.text('explain.ui', 'next')}: {catalogue.text('explain.ui', 'step', step=step)}")
    further = catalogue.text("explain.ui", "further")
    return [*lines, *(f"{further}: {other.words(catalogue).summary} ({other.reason.value})" for other in others[:_FURTHER])]


def way_in_words(view: MessageView, catalogue: Catalogue) -> list[str]:
    """
    The way of a message and the platform's verdicts as lines for a terminal.
    """
    lines: list[str] = []
    if view.hops:
        took = "" if view.took_s is None or view.took_s < 0 else f" ({catalogue.text('explain.ui', 'took', seconds=view.took_s)})"
        lines.append(f"{catalogue.text('explain.ui', 'hops')}{took}:")
    for hop in view.hops:
        marks = [catalogue.text("explain.ui", "gateway")] if hop.from_gateway or hop.to_gateway else []
        marks += [catalogue.text("explain.ui", "skew")] if hop.clock_skew else []
        delay = "" if hop.delay_s is None else f"+{hop.delay_s:.0f} s" if hop.delay_s >= 0 else f"{hop.delay_s:.0f} s"
        way = f"{visible(hop.sent_by or '?')} [{hop.address or '?'}] -> {visible(hop.taken_by or '?')}"
        lines.append(f"  {hop.number:>2} {delay:>8}  {way}  {visible(hop.protocol)}{'  (' + ', '.join(marks) + ')' if marks else ''}")
    results = view.platform_results
    verdicts = [f"{each.method}={each.result}" for each in results.verdicts] if results else []
    explained = [catalogue.text(message.id, **message.values) for message in view.explained()]
    if verdicts or explained:
        lines.append(f"{catalogue.text('explain.ui', 'found')}: {visible(', '.join(verdicts))}")
        lines += [f"  {line}" for line in explained]
    return lines


def _content(argument: str) -> bytes:
    if argument in ("", "-"):
        return sys.stdin.buffer.read(READ_AT_MOST)
    if "\n" not in argument and len(argument) < _LONGEST_NAME:
        try:
            path = Path(argument)
            if path.is_file():
                with path.open("rb") as file:
                    return file.read(READ_AT_MOST)
        except (OSError, ValueError):
            pass
    return argument.encode("utf-8", "surrogateescape")
