"""
Endings of names that are slips of the fingers. Data are in ``slips.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


def meant(ending: str) -> str | None:
    """
    What was meant where a name ends so.

    Args:
        ending: The last label of a name, in small letters.

    Returns:
        None for an ending that is no known slip.
    """
    return _by_slip().get(ending)


@cache
def _by_slip() -> Mapping[str, str]:
    data = tomllib.loads(files(__package__).joinpath("slips.toml").read_text(encoding="utf-8"))
    return {slip: ending for ending, slips in data.items() for slip in slips}
