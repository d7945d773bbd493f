"""
References to fields of the form. A page shows their label, without the key, which only those need who work with the file. In a live card a
click leads to the field, and a pointer that rests on it is told the key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial

from markupsafe import escape

from ..knowledge.text import Catalogue
from .markup import Html

_TAG = re.compile(r"(<[^>]*>)")
_COPIED = ("pre", "svg", "style")
"""
Elements whose text stays as it is.
"""
_PRESSED = ("a", "button", "summary")
"""
Elements in which nothing else can be pressed.
"""


def with_fields(html: Html, catalogue: Catalogue) -> Html:
    """
    Markup of a live card in which each reference to a field of the form can be pressed.

    Args:
        html: Markup of ours, its texts escaped.
        catalogue: Whose words it is in.
    """
    hint = catalogue.text("walk.to_field")

    def made(label: str, field: str, key: str) -> str:
        about, said = escape(field), escape(f"{hint} ({key})")
        return f'<button type="button" class="rb-link" data-rb-tell="field" data-rb-about="{about}" title="{said}">{label}</button>'

    return _referring(html, catalogue, made)


def with_labels(html: Html, catalogue: Catalogue) -> Html:
    """
    Markup of a page without form, in which each reference to a field of the form is its label.

    Args:
        html: Markup of ours, its texts escaped.
        catalogue: Whose words it is in.
    """
    return _referring(html, catalogue, lambda label, *_: label)


def without_keys(text: str, catalogue: Catalogue) -> str:
    """
    Plain text in which each reference to a field of the form is its label.
    """
    references = catalogue.references()
    found = re.compile("|".join(map(re.escape, sorted(references, key=len, reverse=True))))
    return found.sub(lambda match: match.group().rpartition(" ")[0], text)


def _referring(html: Html, catalogue: Catalogue, made: Callable[[str, str, str], str]) -> Html:
    """
    Markup with each reference made into something else; in what is pressed already, and in what is only text, its label.

    Args:
        html: Markup of ours, its texts escaped.
        catalogue: Whose words it is in.
        made: Given the label, the field, and the key or the choice as the file has it; makes markup.
    """
    pattern, fields = _references(catalogue.language)

    def put(found: re.Match[str], *, pressed: bool) -> str:
        label, _, key = found.group().rpartition(" ")
        return label if pressed else made(label, fields[found.group()], key.strip("()"))

    return Html(
        "".join(pattern.sub(partial(put, pressed=pressed), piece) if read else piece for piece, read, pressed in _pieces(html.text))
    )


def _pieces(markup: str) -> Iterator[tuple[str, bool, bool]]:
    """
    Tags and the texts between them, each with whether it is read, and whether it is in something that is pressed.
    """
    copied = pressed = 0
    for index, piece in enumerate(_TAG.split(markup)):
        if index % 2 == 0:
            yield piece, not copied, bool(pressed)
            continue
        name, step = re.match(r"</?([a-z]+)", piece), -1 if piece.startswith("</") else 1
        copied += step if name and name[1] in _COPIED else 0
        pressed += step if name and name[1] in _PRESSED else 0
        yield piece, False, False


@cache
def _references(language: str) -> tuple[re.Pattern[str], Mapping[str, str]]:
    keys = {str(escape(said)): key for said, key in Catalogue(language).references().items()}
    return re.compile("|".join(map(re.escape, sorted(keys, key=len, reverse=True)))), keys
