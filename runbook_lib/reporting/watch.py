"""
The live view of a cut-over: a card for the notebook, a table for a terminal, lines for a log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..knowledge.text import Catalogue
from ..results import Finding, Status
from ..watching import Kind, Row, State, Tick
from .labels import SIGNS, Labels, gravest
from .markup import Html, printable_finding, render, shown
from .references import with_labels
from .terminal import PLAIN_SIGNS, STYLES, can_show, encodable
from .theme import card_style

MOST_ROWS = 60
"""
Rows up to which those that show the new records are listed as well.
"""
_STATUSES = {State.NEW: Status.PASS, State.UNKNOWN: Status.UNKNOWN, State.ASIDE: Status.NOT_APPLICABLE}


@dataclass(frozen=True, slots=True)
class RowView:
    """
    One row in words.

    Args:
        status: Whose sign and colour it has.
        word: What it shows.
        kind: Name server or resolver.
        who: Its name, ``""`` where that is not known.
        said: Its records, one a line, or why there are none.
        left: How long it goes on with them, ``""`` where that is not known.
    """

    status: Status
    word: str
    kind: str
    who: str
    said: str
    left: str

    @property
    def server(self) -> str:
        """
        What it is and its name.
        """
        return f"{self.kind} {self.who}".rstrip()


@dataclass(frozen=True, slots=True)
class GroupView:
    """
    The rows of one domain.

    Args:
        title: The domain.
        rows: In order.
        more: How many are left out, in words.
    """

    title: str
    rows: tuple[RowView, ...]
    more: str

    @property
    def timed(self) -> bool:
        """
        True where an old answer is still to run out.
        """
        return any(row.left for row in self.rows)


class WatchWords:
    """
    One look in words.

    Args:
        tick: The look.
        catalogue: The texts.
        now: From when on the time left counts. Left out where what is shown stands still: then the time left counts from the look, and the
            next one is said by the clock.
    """

    def __init__(self, tick: Tick, catalogue: Catalogue, now: datetime | None = None) -> None:
        self._tick = tick
        self._catalogue = catalogue
        self._still, self._now = now is None, tick.at if now is None else now

    def say(self, name: str, **values: object) -> str:
        """
        One text of the room, ``group.name`` without the ``watch.`` in front.
        """
        group, _, field = name.partition(".")
        return self._catalogue.text(f"watch.{group}", field, **values)

    @property
    def status(self) -> Status:
        """
        The status whose sign and colour stands for the look.
        """
        if self._tick.complete:
            return Status.PASS
        rows = [status_of(row) for row in self._tick.asked if row.state is not State.NEW]
        return gravest([*rows, *(finding.status for finding in self._tick.open)]) or Status.UNKNOWN

    @property
    def line(self) -> str:
        """
        How far it is, and how long it takes at most.
        """
        tick = self._tick
        if not tick.rows:
            return self.say("line.nothing")
        if tick.complete:
            return self.say("line.complete", asked=len(tick.asked))
        left = tick.left_at(self._now)
        name = "line.open_part" if tick.partly else "line.open"
        said = self.say(name, done=tick.done, asked=len(tick.asked), part=tick.partly)
        return said if left is None else f"{said} {self.say('line.left', left=left)}"

    @property
    def when(self) -> str:
        """
        When the look was, and when the next one is.
        """
        tick = self._tick
        said = self.say("line.at", at=tick.at.isoformat(), number=tick.number)
        if not tick.next_in:
            return said
        if self._still:
            return f"{said} {self.say('line.next_at', at=(tick.at + timedelta(seconds=tick.next_in)).isoformat())}"
        seconds = tick.next_in - (self._now - tick.at).total_seconds()
        return f"{said} {self.say('line.next', seconds=round(seconds)) if seconds >= 1 else self.say('line.looking')}"

    def groups(self) -> list[GroupView]:
        """
        The rows by domain; where there are very many, without those that show the new records.
        """
        whole = len(self._tick.rows) <= MOST_ROWS
        made = []
        for domain in dict.fromkeys(row.domain for row in self._tick.rows):
            own = [row for row in self._tick.rows if row.domain == domain]
            listed = [row for row in own if whole or row.state is not State.NEW]
            more = self.say("line.more", n=len(own) - len(listed)) if len(listed) < len(own) else ""
            made.append(GroupView(shown(own[0].title), tuple(map(self._row, listed)), more))
        return made

    def log_line(self, row: Row) -> str:
        """
        One row as a line of a log.
        """
        words = self._row(row)
        values = {"domain": row.title, "server": words.server, "state": words.word, "said": row.said}
        left = row.left_at(self._now)
        return self.say("log.row", **values) if left is None else self.say("log.row_left", **values, left=left)

    def _row(self, row: Row) -> RowView:
        left = row.left_at(self._now)
        kind = row.kind.value if row.who else "authorities"
        return RowView(
            status=status_of(row),
            word=self.say(f"state.{row.state.value}"),
            kind=self.say(f"kind.{kind}"),
            who=shown(row.who),
            said="\n".join(map(shown, row.records)) or shown(row.said),
            left="" if left is None else self._catalogue.fill("{left:duration}", {"left": left}),
        )


def status_of(row: Row) -> Status:
    """
    The status whose sign and colour a row has: what a name server says wrong is wrong, a resolver is waited for.
    """
    return _STATUSES.get(row.state, Status.FAIL if row.kind is Kind.AUTHORITY else Status.WARN)


def render_watch(tick: Tick, catalogue: Catalogue, *, practice: bool = False, live: bool = False) -> Html:
    """
    The live view as a card.

    Args:
        tick: The look.
        catalogue: The texts.
        practice: True where the sandbox is looked at.
        live: It is part of a live card, which has frame and style sheet already.
    """
    words = WatchWords(tick, catalogue)
    made = render(
        "watch.html.j2",
        language=catalogue.language,
        style=card_style(),
        t=Labels(catalogue),
        signs=SIGNS,
        say=words.say,
        practice=practice,
        live=live,
        status=words.status,
        line=words.line,
        when=words.when,
        groups=words.groups(),
        against=[printable_finding(finding) for finding in tick.open],
    )
    return with_labels(made, catalogue)


def watch_table(tick: Tick | None, catalogue: Catalogue, console: Console, now: datetime | None = None) -> RenderableType:
    """
    The live view for a terminal.

    Args:
        tick: The look, None before the first one.
        catalogue: The texts.
        console: Where it is shown.
        now: The time left counts from here.
    """

    def text(said: str, style: str = "") -> Text:
        return Text(encodable(said, console), style=style, overflow="fold")

    if tick is None:
        return text(catalogue.text("watch.line", "looking"))
    words, labels = WatchWords(tick, catalogue, now), Labels(catalogue)
    signs = SIGNS if can_show(console, "".join(SIGNS.values())) else PLAIN_SIGNS
    parts: list[RenderableType] = [text(f"{signs[words.status]} {words.line}", f"{STYLES[words.status]} bold"), text(words.when, "dim")]
    for group in words.groups():
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False, header_style="bold")
        table.add_column(text(words.say("column.state")), no_wrap=True)
        table.add_column(text(words.say("column.who")), overflow="fold", ratio=2)
        table.add_column(text(words.say("column.says")), overflow="fold", ratio=3)
        table.add_column(text(words.say("column.left")), no_wrap=True)
        for row in group.rows:
            chip = text(f"{signs[row.status]} {row.word}", STYLES[row.status])
            table.add_row(chip, text(row.server), text(row.said), text(row.left))
        parts += [text(""), text(group.title, "bold"), *([table] if group.rows else []), *([text(group.more, "dim")] if group.more else [])]
    parts += [text("")] if tick.open else []
    for finding in map(printable_finding, tick.open):
        word = f"{signs[finding.status]} {labels.word(finding.status)}: "
        parts.append(text(word, STYLES[finding.status]) + text(finding.words.summary))
    return Group(*parts)


def watch_lines(tick: Tick, before: Tick | None, catalogue: Catalogue) -> list[str]:
    """
    The live view for a log: one line for the look, and one for everything that is not as it was.

    Args:
        tick: The look.
        before: The one before it; where there is none, whatever does not show the new records is named.
        catalogue: The texts.
    """
    words, labels = WatchWords(tick, catalogue), Labels(catalogue)
    lines = [words.say("log.tick", at=tick.at.isoformat(), number=tick.number, line=words.line)]
    lines += [f"  {words.log_line(row)}" for row in _changed_rows(tick, before)]
    lines += [f"  {labels.word(finding.status)}: {finding.words.summary}" for finding in _changed_findings(tick, before)]
    return [shown(line).replace("\n", " ") for line in lines]


def _changed_rows(tick: Tick, before: Tick | None) -> Sequence[Row]:
    if before is None:
        return [row for row in tick.rows if row.state is not State.NEW]
    known = {(row.domain, row.kind, row.who): (row.state, row.said) for row in before.rows}
    return [row for row in tick.rows if known.get((row.domain, row.kind, row.who)) != (row.state, row.said)]


def _changed_findings(tick: Tick, before: Tick | None) -> Sequence[Finding]:
    known = {(finding.name, finding.status, finding.message.id) for finding in before.open} if before else set()
    return [finding for finding in map(printable_finding, tick.open) if (finding.name, finding.status, finding.message.id) not in known]
