"""
The sandbox's customers as data: one file a world in ``worlds``, on top of what it shares with others in ``worlds/bases``.

A world's file::

    inherits = "microsoft_365"            a base
    regions = ["eu", "us"]                gateway regions that exist; the first is the account's
    verdict = "not_ready"                 what a run comes to
    [with]                                 values for {placeholders} in any text below and in the base
    domain = "birch-half-moved.example"    gives {domain} and {dashed}; the region gives {gateway1} and {gateway2}
    [[expect]]                             a finding that has to be there
    check = "mx.gateway"
    [zones."{domain}".records]             see `zones`: "owner TYPE" = [data] or {ttl, data}; [] takes a record of the base away
    "@ MX" = ["10 {gateway1}.", "20 mail"]
    [smtp."mail.{domain}"]                 see `behaviour`; its addresses are those of its name in the zones, unless `addresses` says so
    connect = "refused"                    nothing listens
    [https."mta-sts.{domain}".documents]   see `web_server`; its address is that of its name in the zones
    "/.well-known/mta-sts.txt" = "…"
    [resolvers."8.8.8.8".old]              what a public resolver still has: data and the TTL it has left, seconds
    "{domain} MX" = { ttl = 240, data = [] }

The customer's environment itself is the file of the same name in ``environments``; title and story are in the text catalogue.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..errors import SandboxError
from ..knowledge.regions import region
from ..knowledge.shipped import shipped
from ..knowledge.text import Catalogue
from ..results import Status, Verdict
from .gateway import gateway_part

HEALTHY = "alder-pre"
"""
A healthy customer before the move.
"""
STAND_INS = {"microsoft_365": HEALTHY, "google_workspace": "acacia-pre", "exchange": "ash-pre"}
"""
The customer that a fresh notebook shows, by notebook: healthy, before the move, of the notebook's platform.
"""
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Expectation:
    """
    A finding that a run has to come to.

    Args:
        check: Check id.
        status: Its status.
        subject: Its subject; None for any.
        cause: Its gravest cause; None for any.
    """

    check: str
    status: Status
    subject: str | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """
    One made-up customer.

    Args:
        name: Of the world and of its environment file.
        title: For people.
        story: One or two sentences for people.
        verdict: What a run comes to.
        expect: What it has to find, at least.
        zones: DNS data, see `zones.Internet`.
        smtp: Mail servers by name, see `behaviour.behaviour`.
        https: Web servers by name, see `web_server.WebPort`.
        resolvers: Public resolvers by address.
    """

    name: str
    title: str
    story: str
    verdict: Verdict
    expect: tuple[Expectation, ...]
    zones: Mapping[str, Any]
    smtp: Mapping[str, Any]
    https: Mapping[str, Any]
    resolvers: Mapping[str, Any]

    @property
    def environment_file(self) -> Path:
        """
        The customer's environment file.
        """
        return shipped("environments") / f"{self.name}.yaml"


def names() -> list[str]:
    """
    The names of all worlds, in alphabetical order.
    """
    return sorted(
        entry.name.removesuffix(".toml") for entry in files(__package__).joinpath("worlds").iterdir() if entry.name.endswith(".toml")
    )


def scenario(name: str, language: str = "en") -> Scenario:
    """
    One made-up customer.

    Args:
        name: Of the world.
        language: Of title and story.

    Raises:
        SandboxError: There is no such world.
    """
    if not _NAME.fullmatch(name) or name not in names():
        raise SandboxError(f"The sandbox has no customer {name!r}; it has {', '.join(names())}.")
    data = _filled(_read(name))
    texts = Catalogue(language).fields(f"sandbox.{name}")
    return Scenario(
        name=name,
        title=texts["title"],
        story=texts["story"],
        verdict=Verdict(data["verdict"]),
        expect=tuple(
            Expectation(item["check"], Status(item["status"]), item.get("subject"), item.get("cause")) for item in data.get("expect", ())
        ),
        zones=data["zones"],
        smtp=data.get("smtp", {}),
        https=data.get("https", {}),
        resolvers=data.get("resolvers", {}),
    )


def _read(*path: str) -> dict[str, Any]:
    """
    A file with what it inherits.
    """
    data = tomllib.loads(files(__package__).joinpath("worlds", *path[:-1], f"{path[-1]}.toml").read_text(encoding="utf-8"))
    base = data.pop("inherits", None)
    return _merged(_read("bases", base), data) if base is not None else data


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """
    Two descriptions in one; tables are merged, everything else is replaced.
    """
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = _merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged


def _filled(data: dict[str, Any]) -> dict[str, Any]:
    """
    A description with the gateway's part in it and its placeholders filled.
    """
    values = dict(data.pop("with", {}))
    codes = data.pop("regions", ["eu"])
    account = region(codes[0])
    values.setdefault("dashed", values["domain"].replace(".", "-"))
    values.update({f"gateway{number}": host for number, host in enumerate(account.mx, 1)})
    for key, value in values.items():
        values[key] = _fill(value, values)
    return _merged(gateway_part(codes), _fill(data, values))


def _fill(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda match: values.get(match.group(1), match.group(0)), value)
    if isinstance(value, Mapping):
        return {_fill(key, values): _fill(item, values) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill(item, values) for item in value]
    return value
