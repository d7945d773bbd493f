"""
Ranges from which platforms themselves send mail: a dated snapshot in ``sending_ranges.toml``.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


@cache
def sending_ranges(platform: str) -> tuple[str, ...]:
    """
    The ranges a platform sends from.

    Returns:
        CIDRs; empty where nothing is known.
    """
    data = tomllib.loads(files(__package__).joinpath("sending_ranges.toml").read_text(encoding="utf-8"))
    return tuple(data.get(platform, {}).get("cidrs", ()))
