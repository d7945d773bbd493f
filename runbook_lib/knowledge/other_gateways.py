"""
Services that stand in front of mail platforms, known by their MX names. Data with date and source are in ``other_gateways.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


def other_gateway(host: str) -> str | None:
    """
    What the service is called that an MX host belongs to.

    Args:
        host: A-label, lower case, no final dot.

    Returns:
        None for a host of none that is known.
    """
    labels = host.split(".")
    names = (".".join(labels[index:]) for index in range(len(labels)))
    return next((_by_domain()[name] for name in names if name in _by_domain()), None)


@cache
def _by_domain() -> Mapping[str, str]:
    data = tomllib.loads(files(__package__).joinpath("other_gateways.toml").read_text(encoding="utf-8"))
    return {domain: entry["name"] for entry in data["gateway"] for domain in entry["hosts"]}
