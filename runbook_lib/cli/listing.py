"""
``runbook ranges`` and ``runbook schema``: data ready to paste.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence

from ..errors import KnowledgeError
from ..knowledge.export_commands import commands_for
from ..knowledge.regions import CUSTOM, Region, region, snapshot
from ..knowledge.text import Catalogue
from ..standards.ranges import pieces
from .console import WRONG, say

NOTHING_KNOWN = 3


def list_ranges(code: str, *, live: bool, output_format: str, split: int | None, nameservers: Sequence[str]) -> int:
    """
    Print a region's ranges.

    Args:
        code: Region.
        live: Ask DNS; else the snapshot is printed.
        output_format: ``lines``, ``commas``, ``powershell`` or ``json``.
        split: Wider networks are split to this prefix length.
        nameservers: Whom to ask; this machine's where empty.

    Returns:
        0, 2 for a region that there is not, 3 where nothing is known: an empty list is never printed.
    """
    words = Catalogue()
    if code == CUSTOM:
        say(words.text("command.say", "custom_region"))
        return NOTHING_KNOWN
    try:
        known = region(code)
    except KnowledgeError:
        say(words.text("command.say", "no_region", region=code, known=[*snapshot().regions, CUSTOM]))
        return WRONG
    cidrs = asyncio.run(_live(known, nameservers)) if live else list(known.cidrs)
    if not cidrs:
        if not live:
            say(words.text("command.say", "no_snapshot", as_of=snapshot().as_of, region=words.region(code), code=code))
        return NOTHING_KNOWN
    if not live:
        sure = words.fields("ui.confidence").get(known.confidence, "")
        say(words.text("command.say", "snapshot", as_of=f"{snapshot().as_of}, {sure}" if sure else snapshot().as_of))
    sys.stdout.write(written(cidrs if split is None else pieces(cidrs, split), output_format, known.code) + "\n")
    return 0


def written(cidrs: Sequence[str], output_format: str, code: str) -> str:
    """
    A list of networks in one of the formats.
    """
    if output_format == "commas":
        return ",".join(cidrs)
    if output_format == "powershell":
        return "@(" + ",".join(f"'{cidr}'" for cidr in cidrs) + ")"
    if output_format == "json":
        return json.dumps({"region": code, "ranges": list(cidrs)}, indent=1)
    return "\n".join(cidrs)


async def _live(known: Region, nameservers: Sequence[str]) -> list[str]:
    from ..pursuing import pursue_with
    from ..standards.spf import expand_ranges

    expansion = await pursue_with(expand_ranges(known.spf), nameservers)
    for problem in expansion.problems:
        say(f"{known.spf}: {problem}")
    return list(expansion.cidrs) if expansion.complete else []


def print_exports(platform: str) -> int:
    """
    Print the read-only commands that export a tenant's configuration.

    Args:
        platform: Value of the environment's ``platform``.

    Returns:
        0, 3 for a platform from which nothing can be exported.
    """
    catalogue = Catalogue()
    commands = commands_for(platform)
    if not commands:
        say(catalogue.text("command.say", "nothing_exported", platform=catalogue.text("ui.platform", platform)))
        return NOTHING_KNOWN
    for command in commands:
        sys.stdout.write(f"# {catalogue.text(f'exports.command.{command.id}')} ({command.file})\n{command.command}\n\n")
    return 0


def print_schema(of: str) -> int:
    """
    Print the JSON Schema of the environment file or of the result document.
    """
    from ..environment import environment_schema
    from ..result_schema import result_schema

    json.dump(environment_schema() if of == "environment" else result_schema(), sys.stdout, indent=1)
    sys.stdout.write("\n")
    return 0
