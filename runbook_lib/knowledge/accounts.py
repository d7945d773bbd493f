"""
The gateway's account codes: what their first letters say about the region (``accounts.json``).
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files


def region_of(account_code: str) -> str | None:
    """
    The region an account code says, None where its prefix is not known.

    >>> region_of("CUK12A34")
    'eu'
    """
    plain = account_code.strip().upper()
    return next((region for prefix, region in _prefixes().items() if plain.startswith(prefix)), None)


@cache
def _prefixes() -> dict[str, str]:
    data = json.loads(files(__package__).joinpath("accounts.json").read_text(encoding="utf-8"))
    return {str(prefix): str(region) for prefix, region in data["prefixes"].items()}
