"""
The list of customers on the start page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..knowledge.text import Catalogue
from ..results import Status
from .labels import SIGNS, Labels
from .markup import Html, render, shown
from .theme import card_style


@dataclass(frozen=True, slots=True)
class Customer:
    """
    One line of the list.

    Args:
        slug: By which it is taken off the list.
        name: The customer's, or the file's where it cannot be loaded.
        platform: In words.
        phase: In words.
        verdict: Of the last report, in words; ``""`` where that is about other details, or there is none.
        status: Its sign and colour, None for none.
        at: When that was, in words.
        looked: Something was looked at, whether a report was written or not.
        notebook: Path of the notebook from the server's root.
        report: Path of the report from there, ``""`` for none.
        problem: Why the file cannot be loaded, ``""`` where it can.
        file: Name of the file.
        domains: In words.
        practice: It is made up.
    """

    slug: str
    name: str
    platform: str = ""
    phase: str = ""
    verdict: str = ""
    status: Status | None = None
    at: str = ""
    looked: bool = False
    notebook: str = ""
    report: str = ""
    problem: str = ""
    file: str = ""
    domains: str = ""
    practice: bool = False


def render_start(customers: Sequence[Customer], catalogue: Catalogue, *, away: Sequence[tuple[str, str]] = (), twin: bool = False) -> Html:
    """
    The list of customers.

    Args:
        customers: The one worked on last first.
        catalogue: The texts.
        away: Slug and name of those that were taken off the list.
        twin: It stands beside a live page, and is seen only where that is not.
    """
    clean = [
        replace(one, name=shown(one.name), problem=shown(one.problem), file=shown(one.file), domains=shown(one.domains))
        for one in customers
    ]
    labels = Labels(catalogue)
    values = {"t": labels, "signs": SIGNS, "words": catalogue.text, "twin": twin, "style": card_style(twin=twin)}
    own, practice = [one for one in clean if not one.practice], [one for one in clean if one.practice]
    put_away = [(slug, shown(name)) for slug, name in away]
    return render("live_start.html.j2", language=catalogue.language, own=own, practice=practice, away=put_away, **values)
