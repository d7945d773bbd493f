"""
The checks that wait for a person: whom they concern, and when. Data are in ``manual.toml``.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class ManualCheck:
    """
    One check that a person has to confirm.

    Args:
        id: Check id.
        step: Step it belongs to.
        platforms: Platforms it concerns; empty for all.
        varies: Its words differ by phase.
    """

    id: str
    step: str
    platforms: tuple[str, ...] = ()
    varies: bool = False


@cache
def manual_checks() -> tuple[ManualCheck, ...]:
    """
    All of them, in the order of a report.
    """
    data = tomllib.loads(files(__package__).joinpath("manual.toml").read_text(encoding="utf-8"))
    return tuple(
        ManualCheck(
            id=entry["id"],
            step=entry["step"],
            platforms=tuple(entry.get("platforms", ())),
            varies=entry.get("varies", False),
        )
        for entry in data["check"]
    )
