"""
A pasted list beside its cleaned form: stray characters made visible, kept as pasted until somebody cleans it. What the cleaned list leaves
out is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from html import escape
from typing import Any

import ipywidgets

from ..checks.pasted import PastedList, read_list
from ..checks.pasted_faults import MOST_FAULTS, Fault, Issue, cut
from .elements import button, labelled
from .fields import Field, place_of
from .lane import on_click

READ_BACK = frozenset({"allowlist", "gateway_list"})
"""
Lists copied back from the platform: cleaning them here alone would only hide what stands there.
"""
MOST_SHOWN = 12
"""
Faults shown at once, and runs of words; the rest is counted.
"""


class PastedField(Field):
    """
    A list of address ranges, as pasted.
    """

    @cached_property
    def widget(self) -> ipywidgets.Widget:
        """
        The list, and beside it what is made of it.
        """
        self.control.observe(lambda _: self._lane.do(self._compare), names="value")
        self._aside = ipywidgets.HTML()
        self._put_in = ("", "")
        back = "_back" if self.key in READ_BACK else ""
        self._clean = button(self.catalogue.text("walk.clean", f"text{back}"), hint=self.catalogue.text("walk.clean", f"hint{back}"))
        on_click(self._clean, lambda: self.guard(self._put_cleaned))
        beside = ipywidgets.VBox([self._aside, self._clean])
        beside.add_class("rb-aside")
        both = ipywidgets.HBox([ipywidgets.VBox([self.control, self._note, self._hints]), beside])
        for name in ("rb-pasted", "rb-field", "rb-wide", place_of(self.name)):
            both.add_class(name)
        self._compare()
        return both

    @property
    def faults(self) -> int:
        """
        How many faults the list has. They keep it from nothing: it is looked at as it was pasted.
        """
        return len(read_list(self.control.value).issues)

    def _make(self) -> ipywidgets.Widget:
        return labelled(ipywidgets.Textarea(rows=8), self.label)

    def _put(self, control: ipywidgets.Widget, value: Any) -> None:
        control.value = "\n".join(map(str, value)) if isinstance(value, list | tuple) else "" if value is None else str(value)

    def _taken(self, control: ipywidgets.Widget) -> Any:
        return str(control.value)

    def _compare(self) -> None:
        text = self.catalogue.text
        found = read_list(self.control.value)
        whole = all(issue.fault is not Fault.TOO_MANY for issue in found.issues)
        self._clean.layout.display = "" if found.issues and found.cleaned and whole else "none"
        if self._put_in[0] != self.control.value:
            self._put_in = ("", "")
        if found.empty:
            self._aside.value = ""
            return
        self._aside.value = _paragraph(text("walk.cleaned", n=len(found.cleaned))) + _block(found.cleaned)
        self._aside.value += self._put_in[1] or self._left_out(found)
        if found.issues:
            self._aside.value += _paragraph(text("walk.faults", n=len(found.issues))) + self._faults(found.issues)

    def _faults(self, issues: Sequence[Issue]) -> str:
        """
        The gravest ones at once, the others behind a line that counts them. Of a list that is nothing but faults the last are not told.
        """
        text = self.catalogue.text
        told = [self.catalogue.fill("{issue:fault}", {"issue": str(issue)}) for issue in issues[:MOST_FAULTS]]
        if len(issues) > MOST_FAULTS:
            told.append(text("walk.faults", "more", n=len(issues) - MOST_FAULTS))
        at_once, folded = told[:MOST_SHOWN], told[MOST_SHOWN:]
        if not folded:
            return _items(at_once)
        count = escape(text("walk.faults", "more", n=len(issues) - MOST_SHOWN))
        return f"{_items(at_once)}<details><summary>{count}</summary>{_items(folded)}</details>"

    def _left_out(self, found: PastedList) -> str:
        """
        What is not in the cleaned list, as it was written. All that looks like an address range is named; words are counted.
        """
        fill = self.catalogue.fill
        parts = [fill("{text}", {"text": cut(text)}) for text in found.unread]
        words = sum(any(map(str.isalnum, word)) for run in found.words for word in run.split())
        said = []
        if words:
            runs = [self.catalogue.text("walk.left_out", "run", run=cut(run)) for run in found.words[:MOST_SHOWN]]
            runs += ["…"] * (len(found.words) > MOST_SHOWN)
            kind = "and_words" if parts else "words"
            shown = self.catalogue.text("walk.left_out", kind, n=words, ranges=", ".join(parts)) + f" ({', '.join(runs)})"
            said.append(shown)
        elif parts:
            said.append(self.catalogue.text("walk.left_out", ranges=", ".join(parts)))
        if found.unfit:
            unfit = ", ".join(fill("{text}", {"text": cut(entry.text)}) for entry in found.unfit)
            said.append(self.catalogue.text("walk.left_out", "unfit", ranges=unfit))
        return "".join(f'<p class="rb-left-out">{escape(line)}</p>' for line in said)

    def _put_cleaned(self) -> None:
        found = read_list(self.control.value)
        cleaned = "".join(f"{network}\n" for network in found.cleaned)
        self._put_in = (cleaned, self._left_out(found))
        self.control.value = cleaned
        self.control.focus()


def _paragraph(text: str) -> str:
    return f'<p class="rb-list-title">{escape(text)}</p>'


def _items(lines: Sequence[str]) -> str:
    return f'<ul class="rb-faults">{"".join(f"<li>{escape(line)}</li>" for line in lines)}</ul>'


def _block(networks: Sequence[object]) -> str:
    return f'<pre class="rb-cleaned" tabindex="0">{escape(chr(10).join(map(str, networks)))}</pre>'
