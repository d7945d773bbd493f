"""
The card of an explanation: what a bounce, a reply or a message's headers say.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..explain import Diagnosis, Hop, MessageView, Reason
from ..knowledge.text import Catalogue
from .labels import Labels
from .markup import Html, render, shown
from .theme import card_style

MOST = 5
"""
Diagnoses that are shown.
"""


def render_explanation(diagnoses: Sequence[Diagnosis], view: MessageView, catalogue: Catalogue, note: str = "") -> Html:
    """
    The card of an explanation.

    Args:
        diagnoses: Best first.
        view: The headers, where there are any.
        catalogue: The texts.
        note: What has to be known first, where an example is shown.
    """
    results = view.platform_results
    verdicts = [", ".join(f"{each.method}={each.result}" for each in results.verdicts)] if results and results.verdicts else []
    explained = [*verdicts, *(catalogue.text(message.id, **message.values) for message in view.explained())]
    return render(
        "explanation.html.j2",
        language=catalogue.language,
        style=card_style(),
        t=Labels(catalogue),
        say=lambda name: catalogue.text("explain.ui", name),
        practice=bool(note),
        note=shown(note),
        diagnoses=[_diagnosis(each, catalogue) for each in diagnoses[:MOST]],
        hops=[_hop(hop, catalogue) for hop in view.hops],
        explained=[shown(line) for line in explained],
    )


def _diagnosis(each: Diagnosis, catalogue: Catalogue) -> dict[str, object]:
    codes = " ".join(part for part in (str(each.reply_code or ""), each.enhanced_code or "") if part)
    note = f" ({catalogue.text('explain.ui', 'temporary')})" if each.temporary else ""
    step = catalogue.text(f"steps.{each.next}", "title") if each.next else ""
    return {
        "words": each.words(catalogue),
        "codes": f"{codes}{note}".strip(),
        "whose": "" if each.reason is Reason.NOT_A_BOUNCE else catalogue.text("explain.whose", each.whose.value),
        "matched": shown(each.matched),
        "next": catalogue.text("explain.ui", "step", step=step) if step else "",
    }


def _hop(hop: Hop, catalogue: Catalogue) -> list[str]:
    marks = [catalogue.text("explain.ui", "gateway")] if hop.from_gateway or hop.to_gateway else []
    marks += [catalogue.text("explain.ui", "skew")] if hop.clock_skew else []
    delay = "" if hop.delay_s is None else f"{hop.delay_s:+.0f} s"
    cells = [str(hop.number), delay, f"{hop.sent_by or '?'} [{hop.address or '?'}]", hop.taken_by or "?", hop.protocol, ", ".join(marks)]
    return [shown(cell) for cell in cells]
