"""
What the present MX records suggest for an environment that is being filled in: platform, region, inbound host. Hints, never facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .environment import Environment, Platform, ProbeKind, Role, environment_from_parameters
from .errors import RunbookError
from .exports import Exports
from .knowledge.gateway import gateway
from .knowledge.platforms import platform_facts, provider_of, providers
from .knowledge.text import Message
from .observations import together
from .pursuing import on_thread
from .session import Session
from .standards.mx import MxView, see_mx

MOST_DOMAINS = 5
"""
Domains that are asked about.
"""
_STAND_INS = {"customer": "-", "platform": "hosted_exchange", "region": "eu", "inbound_host": "inbound.invalid"}
_NETWORK = ("nameservers", "connect_to", "allow_private", "probes", "timeout", "sandbox", "domains")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """
    A value that the present state of DNS suggests.

    Args:
        key: Key of the environment.
        value: What to put there.
        message: Why.
    """

    key: str
    value: str
    message: Message


async def suggest(given: Mapping[str, Any]) -> tuple[Suggestion, ...]:
    """
    Ask for the domains' MX records, through the environment's own name servers, and say what they suggest.

    Args:
        given: An environment as far as it is filled in.

    Returns:
        Nothing as long as the domains or the network keys are not right, or where `probes` leaves out DNS.
    """
    environment = _provisional(given)
    if environment is None or ProbeKind.DNS not in environment.probes:
        return ()
    names = [scope.name for scope in environment.scopes if scope.role is Role.MAIL][:MOST_DOMAINS]
    try:
        session = await on_thread(lambda: Session(environment, Exports()), Session.close)
    except RunbookError:  # a made-up customer that there is not; the form says so where it matters
        return ()
    try:
        views = await session.ask(together([see_mx(name) for name in names]))
    finally:
        await session.aclose()
    return suggestions(views, str(given.get("platform") or ""))


def suggestions(views: list[MxView], platform: str) -> tuple[Suggestion, ...]:
    """
    What MX records suggest.

    Args:
        views: Of each domain, in order.
        platform: The platform that is chosen, ``""`` for none yet.
    """
    found: dict[tuple[str, str], Suggestion] = {}

    def add(key: str, value: str, why: str, **values: Any) -> None:
        found.setdefault((key, value), Suggestion(key, value, Message(f"suggest.{why}", values)))

    for view in views:
        for host in view.hosts:
            seen = gateway().host(host)
            if seen is not None and seen.region:
                add("region", seen.region, "region", domain=view.domain, host=host, region=seen.region)
            door = provider_of(host)
            theirs = _platform_at(door.code) if door is not None else ""
            if door is None or not theirs:
                continue
            platform = platform or theirs
            add("platform", theirs, "platform", domain=view.domain, host=host, provider=door.title)
            if door.is_form(host) and host not in door.doors:
                add("inbound_host", host, "door", domain=view.domain, host=host)
            elif door.doors:
                add("inbound_host", door.doors[0], "common_door", host=door.doors[0], provider=door.title)
    tenants = next((each for each in providers() if each.older_form and _platform_at(each.code) == platform), None)
    if tenants is not None and views and not any(key == "inbound_host" for key, _ in found):
        usual = tenants.older_form.format(dashed=views[0].domain.replace(".", "-"))
        add("inbound_host", usual, "usual_door", host=usual, where=[f"host_{tenants.code}"])
    return tuple(found.values())


def _platform_at(provider_code: str) -> str:
    """
    The platform whose mailboxes are all at one provider, ``""`` for none.
    """
    return next((each.value for each in Platform if platform_facts(each.value).hosts == provider_code), "")


def _provisional(given: Mapping[str, Any]) -> Environment | None:
    """
    An environment of the keys that DNS questions need, the others standing in.
    """
    try:
        return environment_from_parameters({**_STAND_INS, **{key: given[key] for key in _NETWORK if key in given}})
    except RunbookError:
        return None
