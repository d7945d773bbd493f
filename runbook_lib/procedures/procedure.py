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
from ..knowledge.export_commands import ExportCommand, commands_for


@dataclass(frozen=True, slots=True)
class Step:
    """
    One step.

    Args:
        id: For example ``route``.
        duties: Rows of the procedure that it carries out, in order. A row's part for one platform has a name behind the row's id:
            ``C11.google``.
        checks: What the machine looks at.
        commands: The read-only export commands that are handed out with a duty, by duty.
        over: Duties that are over, by what is: ``prepare`` where no domain is in that phase any more, ``move`` where all have moved.
    """

    id: str
    duties: tuple[str, ...]
    checks: tuple[Check, ...]
    commands: Mapping[str, tuple[ExportCommand, ...]]
    over: Mapping[str, tuple[str, ...]]


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
    names = [each.value for each in dict.fromkeys((platform, *others))]
    platforms = [data["platforms"][name] for name in names]
    families = {family for each in platforms for family in each["families"]}
    foreign = {family for each in data["platforms"].values() for family in each["families"]} - families
    steps = []
    for key in data["steps"]:
        duties = _in_order(data["duties"].get(key, []), [duty for each in platforms for duty in each["duties"].get(key, [])])
        checks = [check for check in CHECKS if check.step == key and (not _belongs(check.id, foreign) or check.everywhere)]
        commands = {duty: _commands(names, data["export_commands"].get(duty, ())) for duty in duties}
        over = {act: tuple(duty for duty in data["over"][act] if duty in duties) for act in data["over"]}
        steps.append(Step(key, duties, tuple(checks), commands, over))
    return Procedure(notebook_of(platform), tuple(steps))


def notebook_of(platform: Platform) -> str:
    """
    The notebook of a platform, without the ending.
    """
    return str(_data()["platforms"][platform.value]["notebook"])


def _in_order(common: Iterable[str], own: Iterable[str]) -> tuple[str, ...]:
    """
    Common rows with the platforms' parts of each right behind it, then the platforms' own rows.
    """
    theirs = list(own)
    placed = [duty for row in common for duty in (row, *(part for part in theirs if part.startswith(f"{row}.")))]
    return tuple(dict.fromkeys([*placed, *theirs]))


def _commands(platforms: Iterable[str], kinds: Iterable[str]) -> tuple[ExportCommand, ...]:
    wanted = list(kinds)
    return tuple(dict.fromkeys(command for name in platforms for kind in wanted for command in commands_for(name, kind)))


def _belongs(check: str, families: Iterable[str]) -> bool:
    return check.split(".", 1)[0] in families


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(files(__package__).joinpath("procedures.toml").read_text(encoding="utf-8"))
