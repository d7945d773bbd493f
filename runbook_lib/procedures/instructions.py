"""
What a step asks of a person, in words, filled with the customer's own values.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..checks.ranges import required_ranges
from ..checks.roles import who_does
from ..environment import DomainScope, Environment, Phase, Role, ValidationMethod
from ..knowledge.export_commands import ExportCommand
from ..knowledge.gateway import validation_target
from ..knowledge.platforms import provider
from ..knowledge.regions import region
from ..knowledge.sending_ranges import sending_ranges, sending_record
from ..knowledge.text import Catalogue
from ..observations import Observations
from ..standards.ranges import pieces
from .procedure import Step

EXCHANGE_ONLINE_PREFIX = 24
"""
Exchange Online takes IPv4 networks from /24 to /32 (New-InboundConnector).
"""
UNKNOWN = "…"
_GATEWAYS = re.compile(r"\{(?:gateway_)?ranges")
"""
A value with the gateway's ranges.
"""
_RESTRICTING = frozenset({"C11.m365"})
"""
Duties whose block makes the platform refuse whatever is not from ranges that were entered before: no one can know whether these are all.
"""


@dataclass(frozen=True, slots=True)
class Block:
    """
    A block to paste.

    Args:
        title: Where it is pasted, or what it does.
        text: As it is pasted.
    """

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Instruction:
    """
    One row of the procedure for a person.

    Args:
        duty: Its id, for example ``C2``.
        title: What it is.
        by: Who does it, a code of `Words.who`.
        todo: What to do, one action each.
        new: Where to click in the new console, ``""`` where that says nothing.
        classic: Where to click in the classic one.
        blocks: What is pasted on the way, the way back behind it, and the commands that export what there is.
        note: What else has to be known.
    """

    duty: str
    title: str
    by: str
    todo: tuple[str, ...]
    new: str = ""
    classic: str = ""
    blocks: tuple[Block, ...] = ()
    note: str = ""


def instructions(
    step: Step, environment: Environment, observations: Observations, catalogue: Catalogue, moved: Collection[str] = ()
) -> tuple[Instruction, ...]:
    """
    What a step asks of a person, but for what is over.

    Args:
        step: The step.
        environment: Whose values are filled in.
        observations: The gateway's live ranges are taken from them where the environment has no `console_ranges`.
        catalogue: The words.
        moved: The domains whose MX records were seen to lead to the gateway alone, A-labels.

    Returns:
        One for each duty of the step that is not over. A block that needs ranges which are not known says so in `note` and is left out.
    """
    values = _values(environment, observations, moved)
    over = _over(step, environment, moved)
    asked = (_instruction(duty, step.commands.get(duty, ()), values, catalogue) for duty in step.duties if duty not in over)
    return tuple(replace(each, by=who_does(environment, each.by)) for each in asked)


def _over(step: Step, environment: Environment, moved: Collection[str]) -> set[str]:
    ahead = [scope for scope in environment.scopes if scope.role is Role.MAIL and scope.name not in moved]
    acts = [("prepare", any(scope.phase is Phase.PREPARE for scope in ahead)), ("move", bool(ahead))]
    return {duty for act, still in acts if not still for duty in step.over.get(act, ())}


def _instruction(duty: str, commands: Sequence[ExportCommand], values: Mapping[str, Any], catalogue: Catalogue) -> Instruction:
    key = f"duties.{duty}"
    fields = dict(catalogue.fields(key))
    note = [catalogue.fill(fields["note"], values, key)] if "note" in fields else []
    if "undo" in fields:
        note.append(f"{catalogue.text('steps.way_back')}: {catalogue.fill(fields['undo'], values, key)}")
    if not values["ranges"]:
        restricting = {"paste"} if duty in _RESTRICTING else set()
        unfit = [name for name in ("paste", "way_back") if name in restricting or _GATEWAYS.search(fields.get(name, ""))]
        fields |= dict.fromkeys(unfit, "")
        note += [catalogue.text("steps.ranges_unknown")] if unfit else []
    filled = {name: catalogue.fill(fields.get(name, ""), values, key) for name in ("new", "classic", "paste_title", "paste", "way_back")}
    lines = [*fields["todo"].splitlines(), *(fields.get("exporting", "").splitlines() if commands else ())]
    todo = tuple(catalogue.fill(line, values, key) for line in lines if line.strip())
    given = ((filled["paste_title"], filled["paste"]), (catalogue.text("steps.way_back"), filled["way_back"]))
    blocks = [Block(title, text) for title, text in given if text]
    blocks += [Block(catalogue.text(f"exports.command.{command.id}"), command.command) for command in commands]
    return Instruction(duty, fields["title"], fields["by"], todo, filled["new"], filled["classic"], tuple(blocks), " ".join(note))


def _values(environment: Environment, observations: Observations, moved: Collection[str]) -> dict[str, Any]:
    required = required_ranges(environment, observations)
    ranges, whole = pieces(required, EXCHANGE_ONLINE_PREFIX), list(required)
    google, online = sending_record("google_workspace"), provider("microsoft")
    receiving = [scope for scope in environment.scopes if scope.role is Role.MAIL]
    gateway = environment.gateway_hosts or region(environment.region).mx
    return {
        "customer": environment.customer,
        "inbound_hosts": list(dict.fromkeys(scope.inbound_host for scope in receiving)) or [environment.inbound_host],
        "inbound_host": environment.inbound_host,
        "inbound_port": environment.inbound_port,
        "test_recipients": _test_recipients(receiving) or [UNKNOWN],
        "gateway_hosts": list(gateway),
        "ranges": ranges,
        "ranges_powershell": _powershell(ranges),
        "gateway_ranges": whole,
        "gateway_ranges_powershell": _powershell(whole),
        "google_ranges": list(sending_ranges("google_workspace")),
        "google_as_of": google.as_of,
        "online_sender": online.sends_as,
        "online_ranges": list(online.ranges),
        "online_as_of": online.ranges_as_of,
        "online_list": online.ranges_at,
        "validation_records": _validation_records(environment),
        "mx_records": [f"{scope.name}. 300 IN MX 10 {host}." for scope in receiving if scope.name not in moved for host in gateway],
    }


def _test_recipients(receiving: Sequence[DomainScope]) -> list[str]:
    """
    The test mailboxes in the customer's domains; the gateway takes no others.
    """
    own = {scope.name for scope in receiving}
    given = dict.fromkeys(scope.test_recipient or "" for scope in receiving)
    return [box for box in given if any(where == name or where.endswith(f".{name}") for where in [box.rpartition("@")[2]] for name in own)]


def _powershell(ranges: list[str]) -> str:
    return "@(" + ",".join(f"'{cidr}'" for cidr in ranges) + ")"


def _validation_records(environment: Environment) -> list[str]:
    lines = []
    for scope in environment.scopes:
        code = environment.validation_codes.get(scope.name)
        if scope.role is Role.PARKED or code is None:
            continue  # nobody can publish a code that is not known
        if environment.validation_method is ValidationMethod.CNAME:
            lines.append(f"{code}.{scope.name}. 300 IN CNAME {validation_target()}.")
        else:  # one is enough: whoever pastes both publishes both
            lines.append(f'{scope.name}. 300 IN TXT "{code}"')
    return lines
