"""
Several results on one page and as a table.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from runbook_lib.knowledge.text import Catalogue
from runbook_lib.reporting import Entry, render_index, summary_csv
from runbook_lib.results import Result

TakeApart = Callable[[str], Any]


@pytest.fixture(scope="module")
def entries(ready: Result, not_ready: Result, incomplete: Result) -> list[Entry]:
    """
    Four environments, one of which came to nothing.
    """
    return [
        Entry("a.yaml", ready, "a b/report.html"),
        Entry("b.yaml", not_ready, "b/report.html"),
        Entry("c.yaml", incomplete, "c/report.html"),
        Entry("d.yaml", error="The notebook's kernel died."),
    ]


def test_index_shows_the_gravest_first(entries: list[Entry], catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    Not ready comes before not finished before ready, each with its numbers and what to do first.
    """
    words = take_apart(render_index(entries, catalogue)).words

    assert "1 ready, 1 not ready, 1 not finished, 1 without a result" in words
    assert words.index("Not ready: 2 things are broken") < words.index("Not finished: 3 things") < words.index("Ready to move MX")
    assert "Renew the certificate and install it on the mail server. Mail server administrator" in words
    assert "The notebook's kernel died." in words


def test_index_links_the_reports(entries: list[Entry], catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    Paths become relative links, quoted.
    """
    page = take_apart(render_index(entries, catalogue))

    assert {link["href"] for link in page.all("a")} == {"a%20b/report.html", "b/report.html", "c/report.html"}


@pytest.mark.parametrize("link", ["javascript:alert(1)", "//evil.example/x", "https://evil.example/", "a:b/report.html"])
def test_links_stay_on_this_machine(link: str, ready: Result, catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    No path can become the address of something else.
    """
    page = take_apart(render_index([Entry("a.yaml", ready, link)], catalogue))

    assert all(":" not in item["href"] and not item["href"].startswith("/") for item in page.all("a"))


def test_hostile_customers_do_no_harm(hostile: Result, catalogue: Catalogue, take_apart: TakeApart) -> None:
    """
    Names are text on the index page.
    """
    page = take_apart(render_index([Entry("x", hostile, "x/report.html"), Entry("<script>", None, "", "\x1b[2J")], catalogue))

    assert not {"script", "img"} & {tag for tag, _ in page.elements}
    assert "\\x1b[2J" in page.words


def test_table_can_be_read_back(entries: list[Entry], catalogue: Catalogue) -> None:
    """
    The table has one line an environment with codes and numbers, in the order given.
    """
    rows = list(csv.DictReader(io.StringIO(summary_csv(entries, catalogue))))

    assert ["ready", "not_ready", "incomplete", "error"] == [row["verdict"] for row in rows]
    assert ("2", "2", "1") == (rows[1]["fail"], rows[1]["unknown"], rows[1]["manual"])
    assert rows[0]["report"] == "a b/report.html"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " ="])
def test_spreadsheets_get_no_formulas(start: str, ready: Result, catalogue: Catalogue) -> None:
    """
    A customer whose name looks like a formula stays a name.
    """
    named = replace(ready, environment={**ready.environment, "customer": f"{start}HYPERLINK(1)"})
    row = next(csv.DictReader(io.StringIO(summary_csv([Entry("a.yaml", named)], catalogue))))

    assert row["customer"][0] in "'\\"
