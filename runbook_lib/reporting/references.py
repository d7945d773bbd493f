"""
References to fields of the form: in a live card a click on one leads to the field; anywhere else they are plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from markupsafe import escape

from ..knowledge.text import Catalogue
from .markup import Html

_TAG = re.compile(r"(<[^>]*>)")
_CLOSED_TO_LINKS = ("pre", "a", "button", "summary", "svg", "style")
"""
Elements whose text stays as it is: what is copied, and what is pressed already.
"""


def with_fields(html: Html, catalogue: Catalogue) -> Html:
    """
    Markup of a live card in which each reference to a field of the form can be pressed.

    Args:
        html: Markup of ours, its texts escaped.
        catalogue: Whose words it is in.
    """
    pattern, keys = _references(catalogue.language)
    hint = escape(catalogue.text("walk.to_field"))

    def button(found: re.Match[str]) -> str:
        key = escape(keys[found.group()])
        label, _, name = found.group().rpartition(" ")
        return f'<button type="button" class="rb-link" data-rb-tell="field" data-rb-about="{key}" title="{hint}">{label}</button> {name}'

    return Html("".join(pattern.sub(button, piece) if free else piece for piece, free in _pieces(html.text)))


def _pieces(markup: str) -> Iterator[tuple[str, bool]]:
    """
    Tags and the texts between them, each with whether a link may stand in it.
    """
    closed = 0
    for index, piece in enumerate(_TAG.split(markup)):
        if index % 2 == 0:
            yield piece, not closed
            continue
        name = re.match(r"</?([a-z]+)", piece)
        if name and name[1] in _CLOSED_TO_LINKS:
            closed += -1 if piece.startswith("</") else 1
        yield piece, False


@cache
def _references(language: str) -> tuple[re.Pattern[str], Mapping[str, str]]:
    keys = {str(escape(said)): key for said, key in Catalogue(language).references().items()}
    return re.compile("|".join(map(re.escape, sorted(keys, key=len, reverse=True)))), keys
