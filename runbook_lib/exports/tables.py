"""
CSV, bounded: as Export-Csv, GAM, the Admin console and spreadsheets write it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .refusing import Refused

LONGEST_HEADER = 128 * 1024
MOST_COLUMNS = 2_000
MOST_ROWS = 500_000
MOST_CELLS = 4_000_000
_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Table:
    """
    A CSV file.

    Args:
        columns: The header, white space trimmed.
        rows: Cells; as many as there are columns, short rows filled up with ``""``.
        ragged: Numbers of the lines that had more cells than the header (the rest is left out); at most ten are kept.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    ragged: tuple[int, ...] = ()


def load_table(text: str, quote: str = '"') -> Table:
    """
    Read a CSV file with a header.

    The line ``#TYPE …`` of Export-Csv and the line ``sep=…`` of spreadsheets are skipped. The delimiter is that of comma, semicolon and tab
    which the header holds most of outside quotes.

    Args:
        text: The file.
        quote: The quote character; GAM can be told to use another one.

    Raises:
        Refused: It is no CSV, or is larger than any export.
    """
    text = text.lstrip("\r\n")
    delimiter = ""
    first = _first_line(text)
    if first.startswith("#TYPE"):
        text = text[len(first) :].lstrip("\r\n")
        first = _first_line(text)
    if first.lower().startswith("sep=") and len(first.strip()) == 5:
        delimiter = first[4]
        text = text[len(first) :].lstrip("\r\n")
        first = _first_line(text)
    if len(first) > LONGEST_HEADER:
        raise Refused("not_csv")
    known = delimiter if delimiter and delimiter in _DELIMITERS else _delimiter(first, quote)
    try:
        return _read(csv.reader(io.StringIO(text, newline=""), delimiter=known, quotechar=quote))
    except csv.Error as error:
        raise Refused("not_csv") from error


def _first_line(text: str) -> str:
    end = min((position for position in (text.find("\n"), text.find("\r")) if position >= 0), default=len(text))
    return text[:end]


def _delimiter(header: str, quote: str) -> str:
    outside = "".join(header.split(quote)[0::2])
    best = max(_DELIMITERS, key=outside.count)
    return best if best in outside else ","


def _read(reader: Iterator[Sequence[str]]) -> Table:
    columns = tuple(cell.strip() for cell in next(reader, ()))
    if not any(columns):
        raise Refused("not_csv")
    if len(columns) > MOST_COLUMNS:
        raise Refused("too_many_columns", limit=MOST_COLUMNS)
    rows: list[tuple[str, ...]] = []
    ragged: list[int] = []
    width = len(columns)
    for number, row in enumerate(reader, start=2):
        if not any(row):
            continue
        if len(rows) >= MOST_ROWS or len(rows) * width > MOST_CELLS:
            raise Refused("too_many_rows", limit=MOST_ROWS)
        if len(row) > width and any(row[width:]) and len(ragged) < 10:
            ragged.append(number)
        rows.append(tuple(row[:width]) + ("",) * (width - len(row)))
    return Table(columns, tuple(rows), tuple(ragged))
