"""
The line between text and markup: a `str` is text and is escaped, only an `Html` goes through as it is.

Whoever reviews this package for injected script looks for ``Html(`` and ``|safe``: nothing else can put markup on a page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from ..knowledge.text import visible
from ..results import Finding, Result, Words
from .lists import told
from .remedies import pastes, pieces


@dataclass(frozen=True, slots=True)
class Html:
    """
    Markup that is known to be good. A notebook shows it as it is.

    Args:
        text: The markup.
    """

    text: str

    def __html__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.text

    def __str__(self) -> str:
        return self.text


def shown(text: str) -> str:
    """
    Text from outside, line by line, with every control and invisible character written out. Line feeds stay.
    """
    return "\n".join(line if line.isprintable() else visible(line) for line in text.split("\n"))


def shown_deep(value: Any) -> Any:
    """
    A JSON value of which every text, keys too, has gone through `shown`.
    """
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, Mapping):
        return {shown(str(key)): shown_deep(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [shown_deep(item) for item in value]
    return value


def printable(result: Result) -> Result:
    """
    The same result without one control character in it.
    """
    return Result.from_json(shown_deep(result.to_json()))


def printable_finding(finding: Finding) -> Finding:
    """
    The same finding without one control character in it.
    """
    words = Words(**{name: shown(getattr(finding.words, name)) for name in Words.__slots__})
    return replace(
        finding,
        check=shown(finding.check),
        step=shown(finding.step),
        subject=shown(finding.subject),
        cause=None if finding.cause is None else shown(finding.cause),
        causes=tuple(map(shown, finding.causes)),
        evidence=tuple(map(shown, finding.evidence)),
        words=words,
    )


def render(template: str, **values: Any) -> Html:
    """
    Fill one of the shipped templates. Every value is escaped but `Html`.
    """
    return Html(_templates().get_template(template).render(**values))


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    made.filters.update(pastes=pastes, pieces=pieces, told=told)
    return made
