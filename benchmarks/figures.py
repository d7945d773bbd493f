"""
What the benchmarks share: the machine, the middle of several runs, a table.
"""

from __future__ import annotations

import datetime as dt
import os
import platform
import statistics
from collections.abc import Sequence


def machine() -> str:
    """
    Where and when this was measured, one line.
    """
    model = platform.processor() or platform.machine()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    today = dt.datetime.now(dt.UTC).date().isoformat()
    return f"{platform.system()} {model}, {cores} cores, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}, {today}"


def plain_environment() -> dict[str, str]:
    """
    This process' environment without what changes how Python starts (compiled files are kept, output is buffered).
    """
    changing = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONOPTIMIZE", "PYTHONDEVMODE", "PYTHONPROFILEIMPORTTIME")
    return {name: value for name, value in os.environ.items() if name not in changing}


def spread(values: Sequence[float], digits: int = 2) -> str:
    """
    Median, smallest and largest of several runs.

    >>> spread([1.0, 3.0, 2.0])
    '2.00 (1.00 … 3.00)'
    """
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} … {max(values):.{digits}f})"


def table(rows: Sequence[Sequence[str]]) -> str:
    """
    Rows as a Markdown table, the first one its head.
    """
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])
