"""
The made-up customers to practise with, found by platform and by words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape

import ipywidgets

from ..environment import Platform, load_environment
from ..knowledge.text import Catalogue
from ..reporting.labels import Labels
from ..sandbox import names, scenario
from .controls import card
from .elements import button, labelled, titled
from .front import Tie
from .lane import Lane, on_click

FIRST = ("alder-pre", "acacia-pre", "ash-pre", "heather-hybrid", "lilac-hosted")
"""
Customers named first: on every platform the healthy one before the move.
"""
EVERY = "every"
"""
Stands for all platforms in the choice of one.
"""
ROWS = 8
"""
Lines of the list that are seen at once.
"""


@dataclass(frozen=True, slots=True)
class Story:
    """
    A made-up customer, as it is told.

    Args:
        name: Of its world.
        platform: Where its mailboxes are.
        title: Who it is.
        told: What is right or wrong with it.
        verdict: What a run comes to, in words.
    """

    name: str
    platform: Platform
    title: str
    told: str
    verdict: str

    def fits(self, words: Sequence[str]) -> bool:
        """
        Whether each of these words, in small letters, is somewhere in it.
        """
        text = f"{self.title} {self.name} {self.told} {self.verdict}".casefold()
        return all(word in text for word in words)


class Practice:
    """
    The card to choose a made-up customer: its platform, words to look for, the list, and what is told of the one chosen.

    Args:
        catalogue: The words.
        begin: Called with the name of the world that is to be opened.
        guard: Carries out a handler and says its error.
    """

    def __init__(self, catalogue: Catalogue, begin: Callable[[str], None], guard: Callable[[Callable[[], None]], None]) -> None:
        self._catalogue, self._begin = catalogue, begin
        self._stories = _stories(catalogue)
        lane, text = Lane(), catalogue.text
        self.platform = labelled(ipywidgets.Dropdown(options=self._platforms()), text("walk.practice", "platform"))
        self.words = labelled(ipywidgets.Text(), text("walk.practice", "words"))
        self.chosen = labelled(ipywidgets.Select(rows=ROWS), text("walk.practice", "chosen"))
        self._told = ipywidgets.HTML()
        self.start = button(text("walk.practice", "open"), hint=text("walk.practice", "open_hint"))
        for control in (self.platform, self.words):
            control.observe(lambda _: lane.do(lambda: guard(self._list)), names="value")
        self.chosen.observe(lambda _: lane.do(lambda: guard(self._tell)), names="value")
        on_click(self.start, lambda: guard(self._open))
        narrowing = ipywidgets.HBox([self.platform, self.words])
        narrowing.add_class("rb-narrowing")
        help_ = ipywidgets.HTML(f'<span class="rb-help">{escape(text("walk.practice", "help"))}</span>')
        self.widget = card(Tie(), titled(text("walk.practice", "title")), help_, narrowing, self.chosen, self._told, self.start)
        self._list()

    def _platforms(self) -> list[tuple[str, str]]:
        text, labels = self._catalogue.text, Labels(self._catalogue)
        count = Counter(story.platform for story in self._stories)
        each = [(labels.pick("platform", platform), platform.value, count[platform]) for platform in Platform if count[platform]]
        every = (text("walk.practice", "every"), EVERY, len(self._stories))
        return [(text("walk.practice", "option", name=name, n=n), value) for name, value, n in (*each, every)]

    def _fitting(self, platform: str) -> list[Story]:
        words = self.words.value.casefold().split()
        return [story for story in self._stories if platform in (EVERY, story.platform) and story.fits(words)]

    def _list(self) -> None:
        before = self.chosen.value
        found = [(f"{story.title} ({story.name})", story.name) for story in self._fitting(self.platform.value)]
        self.chosen.options = found
        self.chosen.value = next((name for _, name in found if name == before), found[0][1] if found else None)
        self._tell()

    def _tell(self) -> None:
        story = next((story for story in self._stories if story.name == self.chosen.value), None)
        if story is None:
            words, elsewhere = self.words.value.strip(), len(self._fitting(EVERY))
            said = self._catalogue.text("walk.practice", "elsewhere" if elsewhere else "none", words=words, n=elsewhere)
        else:
            said = self._catalogue.text("walk.practice", "told", told=story.told, verdict=story.verdict)
        self._told.value = f'<p class="rb-told" role="status">{escape(said)}</p>'

    def _open(self) -> None:
        if self.chosen.value is None:
            self.words.focus()
        else:
            self._begin(self.chosen.value)


@cache
def _platform_of(name: str) -> Platform:
    return load_environment(scenario(name).environment_file).platform


def _stories(catalogue: Catalogue) -> list[Story]:
    """
    All of them, the likely first choice of each platform on top.
    """
    labels, made = Labels(catalogue), []
    for name in (*FIRST, *(name for name in names() if name not in FIRST)):
        one = scenario(name, catalogue.language)
        made.append(Story(name, _platform_of(name), one.title, one.story, labels.pick("badge", one.verdict.value)))
    return made
