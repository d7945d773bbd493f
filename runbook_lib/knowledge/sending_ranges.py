"""
Ranges from which platforms themselves send mail: a dated snapshot in ``sending_ranges.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class SendingRecord:
    """
    Where a platform publishes what it sends from.

    Args:
        name: Name of the SPF record.
        title: The platform, for people.
        as_of: Date of the shipped ranges.
    """

    name: str
    title: str
    as_of: str


def sending_record(platform: str) -> SendingRecord:
    """
    Where one platform publishes its ranges.

    Raises:
        KeyError: Nothing is known of it.
    """
    entry = _data()[platform]
    return SendingRecord(entry["record"], entry["title"], entry["as_of"])


def sending_ranges(platform: str) -> tuple[str, ...]:
    """
    The ranges a platform sends from.

    Returns:
        CIDRs; empty where nothing is known.
    """
    return tuple(_data().get(platform, {}).get("cidrs", ()))


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(files(__package__).joinpath("sending_ranges.toml").read_text(encoding="utf-8"))
