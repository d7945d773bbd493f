"""
Procedures, put together from ``procedures.toml`` and the registry of checks.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ..checks import Check
from ..checks.registry import CHECKS
from ..environment import Platform


@dataclass(frozen=True, slots=True)
class Step:
    """
    One step.

    Args:
        id: For example ``route``.
        duties: Rows of the procedure that it carries out, in order.
        checks: What the machine looks at.
    """

    id: str
    duties: tuple[str, ...]
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Procedure:
    """
    All steps for one environment.

    Args:
        notebook: File name of its notebook without the ending.
        steps: In order.
    """

    notebook: str
    steps: tuple[Step, ...]

    @property
    def checks(self) -> tuple[Check, ...]:
        """
        All checks, in the order of the steps.
        """
        return tuple(check for step in self.steps for check in step.checks)

    def step(self, key: str) -> Step:
        """
        One step.

        Raises:
            KeyError: There is none of this id.
        """
        for step in self.steps:
            if step.id == key:
                return step
        raise KeyError(key)


def procedure(platform: Platform, others: Iterable[Platform] = ()) -> Procedure:
    """
    The procedure of an environment.

    Args:
        platform: Of the environment; its notebook is used.
        others: Platforms of single domains that differ; their checks and duties are added.
    """
    data = _data()
    platforms = [data["platforms"][each.value] for each in dict.fromkeys((platform, *others))]
    families = {family for each in platforms for family in each["families"]}
    foreign = {family for each in data["platforms"].values() for family in each["families"]} - families
    steps = []
    for key in data["steps"]:
        duties = [*data["duties"].get(key, []), *(duty for each in platforms for duty in each["duties"].get(key, []))]
        checks = [check for check in CHECKS if check.step == key and (not _belongs(check.id, foreign) or check.everywhere)]
        steps.append(Step(key, tuple(dict.fromkeys(duties)), tuple(checks)))
    return Procedure(notebook_of(platform), tuple(steps))


def notebook_of(platform: Platform) -> str:
    """
    The notebook of a platform, without the ending.
    """
    return str(_data()["platforms"][platform.value]["notebook"])


def _belongs(check: str, families: Iterable[str]) -> bool:
    return check.split(".", 1)[0] in families


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(files(__package__).joinpath("procedures.toml").read_text(encoding="utf-8"))
