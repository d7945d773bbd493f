"""
The findings of a run as a table on a terminal.

Text from outside never becomes Rich markup, and nothing that is no printable character reaches the terminal.
"""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..knowledge.text import Catalogue
from ..results import Result, Status
from .actions import next_actions
from .html import customer_of
from .labels import SIGNS, VERDICT_SIGNS, Labels, verdict_line, verdict_meaning
from .markup import printable
from .names import subject_of
from .views import RowView, Viewer

STYLES = {
    Status.PASS: "green",
    Status.WARN: "yellow",
    Status.FAIL: "bold red",
    Status.UNKNOWN: "bold",
    Status.MANUAL: "blue",
    Status.NOT_APPLICABLE: "dim",
    Status.WAIVED: "magenta",
}
PLAIN_SIGNS = {
    Status.PASS: "+",
    Status.WARN: "!",
    Status.FAIL: "x",
    Status.UNKNOWN: "?",
    Status.MANUAL: "o",
    Status.NOT_APPLICABLE: "-",
    Status.WAIVED: "~",
}
"""
For terminals that cannot show the others.
"""
ACTIONS_SHOWN = 12
NARROW = 90


def render_terminal(result: Result, console: Console, catalogue: Catalogue | None = None) -> None:
    """
    Print a result.

    Args:
        result: The result document.
        console: Where to.
        catalogue: The texts; those of the result's language where left out.
    """
    Printer(printable(result), console, Labels(catalogue or Catalogue(result.language))).run()


class Printer:
    """
    Prints one result.
    """

    def __init__(self, result: Result, console: Console, labels: Labels) -> None:
        self._result = result
        self._console = console
        self._labels = labels
        self._signs = SIGNS if can_show(console, "".join(SIGNS.values())) else PLAIN_SIGNS

    def run(self) -> None:
        """
        Table, what to do next, verdict.
        """
        labels = self._labels
        if self._result.environment.get("sandbox"):
            self._console.print(self._text(labels("practice.band"), "reverse"))
        self._console.print(self._table())
        self._actions()
        status = VERDICT_SIGNS[self._result.verdict]
        self._console.print()
        line = f"{self._signs[status]} {customer_of(self._result)}: {verdict_line(self._result, labels)}"
        self._console.print(self._text(line, f"{STYLES[status]} bold"))
        self._console.print(self._text(verdict_meaning(self._result, labels)))

    def _table(self) -> Table:
        labels = self._labels
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False, header_style="bold")
        table.add_column(self._text(labels("column.status")), no_wrap=True)
        table.add_column(self._text(labels("column.what")), overflow="fold", max_width=max(22, self._console.width // 4))
        if self._console.width >= NARROW:
            table.add_column(self._text(labels("column.subject")), overflow="fold", max_width=self._console.width // 4)
        table.add_column(self._text(labels("column.observed")), overflow="fold", ratio=1)
        for step in Viewer(self._result.findings, labels, {}, prefix=None).steps():
            for row in (*step.rows, *(row for _, rows in step.skipped for row in rows)):
                table.add_row(*self._cells(row))
        return table

    def _cells(self, row: RowView) -> list[Text]:
        view, finding = row.first, row.first.finding
        status = self._text(f"{self._signs[finding.status]} {view.word}", STYLES[finding.status])
        check, subject = self._text(", ".join(each.title for each in row.views)), self._text("" if row.stoppers else subject_of(finding))
        said = f"{row.because} {', '.join(link.text for link in row.stoppers)}." if row.stoppers else finding.words.summary
        summary = self._text(said, "dim" if finding.status is Status.NOT_APPLICABLE else "")
        if self._console.width >= NARROW:
            return [status, check, subject, summary]
        return [status, Text("\n").join([part for part in (check, subject) if part.plain]), summary]

    def _actions(self) -> None:
        labels = self._labels
        actions = next_actions(self._result.findings)
        if not actions:
            return
        self._console.print()
        self._console.print(self._text(labels("terminal.next"), "bold"))
        for number, action in enumerate(actions[:ACTIONS_SHOWN], 1):
            words = action.first.words
            who = f"[{labels.pick('who', words.who)}] " if words.who else ""
            head = self._text(f"{number:2}. {self._signs[action.status]} ", STYLES[action.status])
            self._console.print(head + self._text(f"{who}{action.first.words.summary}"))
            if words.remedy:
                self._console.print(Padding(self._text(words.remedy), (0, 0, 0, 6)))
            if words.paste:
                self._console.print(Padding(self._text(words.paste, "cyan"), (0, 0, 0, 6)))
            if action.consequences:
                self._console.print(Padding(self._text(labels("finding.waiting", n=len(action.consequences))), (0, 0, 0, 6)))
        if len(actions) > ACTIONS_SHOWN:
            self._console.print(self._text("    " + labels("terminal.more", n=len(actions) - ACTIONS_SHOWN)))

    def _text(self, text: str, style: str = "") -> Text:
        return Text(encodable(text, self._console), style=style, overflow="fold")


def can_show(console: Console, text: str) -> bool:
    """
    True where a terminal has every character of a text.
    """
    return encodable(text, console) == text


def encodable(text: str, console: Console) -> str:
    """
    The text with what the terminal does not have written out.
    """
    encoding = console.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding, "replace")
