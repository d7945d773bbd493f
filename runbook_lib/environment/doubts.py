"""
What is right by its form and yet may not be meant. It is said and keeps nothing from being used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..knowledge.gateway import gateway
from ..knowledge.platforms import plausible, provider_of, wanted_provider
from ..knowledge.slips import meant
from ..knowledge.text import Message
from .addresses import domain, host, mailbox, u_label
from .parts import Phase, Platform
from .refusal import Refusal

_NAMES = ("inbound_host", "test_recipient", "gateway_hosts", "control_hosts", "sender", "ehlo_name", "relay_test_domain")
"""
Keys whose value is a host, a domain or a mailbox, or a list of them.
"""
_INSIDE = {
    "domains": ("name", "inbound_host", "test_recipient"),
    "present_gateway": ("hosts",),
    "senders": ("from",),
    "contacts": ("email",),
}
"""
The same inside of maps and lists of maps.
"""
_ENDING = re.compile(r"\.([a-z]+)\.?(:[0-9]+)?$")


@dataclass(frozen=True, slots=True)
class Doubt:
    """
    Something that may not be meant.

    Args:
        key: Where, as in an error: ``domains[1].test_recipient``.
        message: What is to be said.
    """

    key: str
    message: Message


def doubts(given: Mapping[str, Any]) -> list[Doubt]:
    """
    All that may not be meant in an environment.

    Args:
        given: Its keys, as somebody wrote them; wrong ones too, of which nothing is said.
    """
    return [*_slips(given), *_strangers(given), *_codes(given), *_routes(given)]


def of_another_phase(given: Mapping[str, Any]) -> list[Doubt]:
    """
    What somebody who chooses another phase has to know: people's words count in the phase alone in which they were given.

    Args:
        given: As for `doubts`.
    """
    attested, domains = given.get("attestations"), given.get("domains")
    if not isinstance(attested, Mapping):
        return []
    entries = domains if isinstance(domains, list | tuple) else [domains]
    present = {
        str(given.get("phase", Phase.PREPARE)),
        *(str(entry["phase"]) for entry in entries if isinstance(entry, Mapping) and "phase" in entry),
    }
    lost = [word for word in attested.values() if isinstance(word, Mapping) and str(word.get("phase")) not in present]
    return [Doubt("phase", Message("environment_words.doubt.another_phase", {"n": len(lost)}))] if lost else []


def _slips(given: Mapping[str, Any]) -> Iterator[Doubt]:
    """
    Names that end in a slip of the fingers.
    """
    for key, name in _named(given):
        found = _ENDING.search(name.strip().casefold())
        right = found and meant(found[1])
        if found and right:
            yield Doubt(key, Message("environment_words.doubt.ending", {"value": name.strip(), "ending": found[1], "meant": right}))


def _strangers(given: Mapping[str, Any]) -> Iterator[Doubt]:
    """
    Test mailboxes in domains that are none of the customer's, as long as it is clear which those are.
    """
    own = _own(given)
    boxes = [("test_recipient", "above", given.get("test_recipient"))]
    for key, entry in _each("domains", given.get("domains")):
        if isinstance(entry, Mapping):
            boxes.append((f"{key}.test_recipient", "listed", entry.get("test_recipient")))
    for key, which, box in boxes:
        try:
            where = mailbox(box).rpartition("@")[2]
        except Refusal:
            continue
        if own and where not in own and meant(where.rpartition(".")[2]) is None:
            yield Doubt(key, Message(f"environment_words.doubt.{which}", {"domain": u_label(where)}))


def _codes(given: Mapping[str, Any]) -> Iterator[Doubt]:
    """
    Validation codes of domains that are none of the customer's, and those that were not copied whole.
    """
    own, codes = _own(given), given.get("validation_codes")
    for name, code in codes.items() if isinstance(codes, Mapping) else ():
        try:
            domain_name = domain(name)
        except Refusal:
            continue
        where = f"validation_codes.{name}"
        if own and domain_name not in own:
            yield Doubt(where, Message("environment_words.doubt.code_elsewhere", {"domain": u_label(domain_name)}))
        if re.search(r"\S\s+\S", str(code)):
            yield Doubt(where, Message("environment_words.doubt.code_blank", {"domain": u_label(domain_name)}))


def _own(given: Mapping[str, Any]) -> set[str]:
    """
    The customer's domains; empty as long as it is not clear which those are.
    """
    own: set[str] = set()
    for _, entry in _each("domains", given.get("domains")):
        try:
            own.add(domain(entry.get("name") if isinstance(entry, Mapping) else entry))
        except Refusal:
            return set()
    return own


def _routes(given: Mapping[str, Any]) -> Iterator[Doubt]:
    """
    Inbound hosts that are the gateway's own, or none that the platform has.
    """
    routes = [("inbound_host", given.get("inbound_host"), given.get("platform"))]
    for key, entry in _each("domains", given.get("domains")):
        if isinstance(entry, Mapping):
            routes.append((f"{key}.inbound_host", entry.get("inbound_host"), entry.get("platform", given.get("platform"))))
    own = {name for _, each in _each("gateway_hosts", given.get("gateway_hosts")) if (name := _host(each))}
    for key, value, platform in routes:
        name = _host(value)
        if name is None:
            continue
        if name in own or gateway().host(name) is not None:
            yield Doubt(key, Message("environment_words.doubt.gateway"))
        elif platform in list(Platform) and not plausible(platform, name):
            yield Doubt(key, _misplaced(name, platform))


def _misplaced(name: str, platform: str) -> Message:
    found, wanted = provider_of(name), wanted_provider(platform)
    if wanted is not None:
        return Message("environment_words.doubt.form", {"platform": platform, "example": wanted.example})
    return Message("environment_words.doubt.provider", {"platform": platform, "provider": found.title if found is not None else ""})


def _host(value: Any) -> str | None:
    try:
        return host(value)
    except Refusal:
        return None


def _named(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """
    Every name in it that is text, with its place.
    """
    places = [(key, given.get(key)) for key in _NAMES]
    for key, inner in _INSIDE.items():
        for place, entry in _each(key, given.get(key)):
            if isinstance(entry, Mapping):
                places += [(f"{place}.{name}", entry.get(name)) for name in inner]
            elif key == "domains":
                places.append((f"{place}.name", entry))
    return ((place, name) for key, value in places for place, name in _each(key, value) if isinstance(name, str))


def _each(key: str, value: Any) -> list[tuple[str, Any]]:
    """
    The entries of a list with their places, or the one value that is none.
    """
    return [(f"{key}[{index}]", entry) for index, entry in enumerate(value)] if isinstance(value, list | tuple) else [(key, value)]
