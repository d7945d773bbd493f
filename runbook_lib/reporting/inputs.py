"""
The first card of a notebook: whom it is about, and what it was given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..knowledge.text import Catalogue
from .html import as_text
from .labels import Labels
from .markup import Html, render, shown, shown_deep
from .theme import card_style


def render_inputs(title: str, notes: Sequence[str], environment: Mapping[str, Any], catalogue: Catalogue, *, twin: bool = False) -> Html:
    """
    The card of the inputs.

    Args:
        title: Whom it is about.
        notes: What has to be known about this run.
        environment: The keys that were given.
        catalogue: The texts.
        twin: It stands beside a live card, and is seen only where that is not.
    """
    labels = Labels(catalogue)
    return render(
        "inputs.html.j2",
        language=catalogue.language,
        style=card_style(twin=twin),
        twin=twin,
        t=labels,
        practice=bool(environment.get("sandbox")),
        title=shown(title),
        notes=[shown(note) for note in notes],
        inputs=[(key, as_text(value)) for key, value in shown_deep(environment).items()],
    )
