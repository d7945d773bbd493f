"""
The read-only commands that export a customer's configuration, for notebook, command line and documentation to hand out.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class ExportCommand:
    """
    One command to paste.

    Args:
        id: Its name; the title is the text ``exports.command.<id>``.
        platforms: For which values of the environment's ``platform``.
        shell: ``powershell`` or ``gam``.
        kinds: What it exports.
        file: What it writes into the current folder.
        command: Ready to paste, without a final line feed.
    """

    id: str
    platforms: tuple[str, ...]
    shell: str
    kinds: tuple[str, ...]
    file: str
    command: str


@cache
def export_commands() -> tuple[ExportCommand, ...]:
    """
    All of them, in the order to hand them out.
    """
    data = tomllib.loads(files(__package__).joinpath("export_commands.toml").read_text(encoding="utf-8"))
    return tuple(
        ExportCommand(name, tuple(entry["platforms"]), entry["shell"], tuple(entry["kinds"]), entry["file"], entry["command"].strip("\n"))
        for name, entry in data["commands"].items()
    )


def come_from(kinds: Collection[str], platforms: Collection[str]) -> bool:
    """
    Whether exports of some kinds can come from one of some platforms.

    Args:
        kinds: What a file holds.
        platforms: Values of the environment's ``platform``.

    Returns:
        False where each of the kinds is known to come from other platforms only.
    """
    homes = [{platform for one in export_commands() if kind in one.kinds for platform in one.platforms} for kind in kinds]
    return not homes or any(not home or home & set(platforms) for home in homes)


def commands_for(platform: str, kind: str | None = None) -> tuple[ExportCommand, ...]:
    """
    Those that make sense for a platform, or for one kind of export on it.

    Args:
        platform: Value of the environment's ``platform``.
        kind: For example ``inbound_connectors``; None for all.
    """
    return tuple(one for one in export_commands() if platform in one.platforms and (kind is None or kind in one.kinds))
