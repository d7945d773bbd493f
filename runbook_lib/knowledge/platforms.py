"""
What is known of the platforms: host forms, ranges, how each is locked. Data with date and source are in ``platforms.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from ..errors import KnowledgeError

OWN = "own"
"""
Hosts of the customer's own: any name but a cloud provider's.
"""
OWN_OR_MICROSOFT = "own_or_microsoft"
"""
Hybrid: a host of the customer's own or a tenant's door.
"""


@dataclass(frozen=True, slots=True)
class PlatformFacts:
    """
    One platform.

    Args:
        code: As the environment names it.
        cloud: A provider's cloud; its certificates are never excused.
        families: Families of replies to look in first (see ``replies.toml``).
        hosts: Which host names are plausible: a provider of ``[hosts]``, ``own``, ``own_or_microsoft`` or ``any``.
        lock: Meanings of a refusal that count as the lock at work.
        lock_by_firewall: The lock may be a firewall, so that nothing answers here.
        settle_s: Seconds until a changed setting is in force everywhere.
        roles: Who does here what others do elsewhere, by who they are elsewhere (see `Words.who`).
        cloud_part: The platform whose tenant takes mail for the same domains, ``""`` for none.
    """

    code: str
    cloud: bool
    families: tuple[str, ...]
    hosts: str
    lock: frozenset[str]
    lock_by_firewall: bool
    settle_s: int
    roles: Mapping[str, str] = field(default_factory=dict)
    cloud_part: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """
    The doors of one provider.

    Args:
        code: ``microsoft`` or ``google``.
        title: For people.
        forms: Host names of tenants, whole-name patterns.
        never: Names of the same provider that are no tenant's door.
        example: One good name.
        ranges: Addresses its doors lie in, empty where not known.
        ranges_as_of: Date of the ranges, ``""`` for none.
        ranges_source: Their source.
        ranges_at: Where today's are published, ``""`` where that is not known.
        sends_as: What its servers are called where they deliver to others, ``""`` where they do not.
        doors: Names that are a door to every tenant.
        newer_form: Pattern of the newer host form, ``""`` for none.
        older_form: Template of the door that stays beside it.
        tenant_domains: Domains below these are the provider's own, one or two for each tenant.
        servers: Its own servers are named below these domains.
        source: Where the forms are from.
    """

    code: str
    title: str
    forms: tuple[str, ...]
    never: tuple[str, ...]
    example: str
    source: str
    ranges: tuple[str, ...] = ()
    ranges_as_of: str = ""
    ranges_source: str = ""
    ranges_at: str = ""
    sends_as: str = ""
    doors: tuple[str, ...] = ()
    newer_form: str = ""
    older_form: str = ""
    tenant_domains: tuple[str, ...] = ()
    servers: tuple[str, ...] = ()

    def is_form(self, host: str) -> bool:
        """
        True for a host name that a tenant of this provider can have.
        """
        return any(re.fullmatch(form, host) for form in self.forms) and not self.is_never(host)

    def is_server(self, name: str) -> bool:
        """
        True for the name of one of the provider's own servers, as a Received field has it.
        """
        return any(name == domain or name.endswith(f".{domain}") for domain in self.servers)

    def is_never(self, host: str) -> bool:
        """
        True for a name of this provider that is no tenant's door.
        """
        return any(re.fullmatch(form, host) for form in self.never)

    def other_doors(self, domain: str, host: str) -> tuple[str, ...]:
        """
        The names, besides the inbound host, by which the same tenant takes mail.

        Args:
            domain: The customer's domain, A-label.
            host: The inbound host.
        """
        if not self.is_form(host):
            return ()
        doors = list(self.doors)
        if self.newer_form and re.fullmatch(self.newer_form, host):
            doors.append(self.older_door(domain))
        return tuple(door for door in doors if door != host)

    def older_door(self, domain: str) -> str:
        """
        The door whose name follows from the domain, be it there or not; ``""`` where this provider has none.

        Args:
            domain: The customer's domain, A-label.
        """
        return self.older_form.format(dashed=domain.replace(".", "-"))


def platform_facts(code: str) -> PlatformFacts:
    """
    The facts of one platform.

    Raises:
        KnowledgeError: There is no such platform.
    """
    entry = _data().get(code)
    if not isinstance(entry, Mapping) or "cloud" not in entry:
        raise KnowledgeError(f"There is no platform {code!r}.")
    return PlatformFacts(
        code,
        entry["cloud"],
        tuple(entry["families"]),
        entry["hosts"],
        frozenset(entry["lock"]),
        entry["lock_by_firewall"],
        entry["settle_s"],
        entry.get("roles", {}),
        entry.get("cloud_part", ""),
    )


def provider(code: str) -> Provider:
    """
    One provider's doors.

    Raises:
        KnowledgeError: There is no such provider.
    """
    try:
        entry = _data()["hosts"][code]
    except KeyError:
        raise KnowledgeError(f"There is no provider {code!r}.") from None
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    return Provider(code, **fields)


def providers() -> tuple[Provider, ...]:
    """
    All providers.
    """
    return tuple(provider(code) for code in _data()["hosts"])


def provider_of(host: str) -> Provider | None:
    """
    The provider whose name a host bears, be it a tenant's door or not; None for a host of somebody's own.
    """
    return next((each for each in providers() if each.is_form(host) or each.is_never(host)), None)


def tenant_domain(name: str) -> bool:
    """
    True for a domain that a tenant has from its provider: its MX records cannot be changed.
    """
    return any(name.endswith(f".{domain}") for each in providers() for domain in each.tenant_domains)


def plausible(platform: str, host: str) -> bool:
    """
    True where a host name can be the inbound host of a platform.
    """
    hosts = platform_facts(platform).hosts
    found = provider_of(host)
    if found is not None and found.is_never(host):
        return False
    if hosts == OWN:
        return found is None
    if hosts == OWN_OR_MICROSOFT:
        return found is None or found.code == "microsoft"
    return hosts == "any" or (found is not None and found.code == hosts)


def wanted_provider(platform: str) -> Provider | None:
    """
    The provider one of whose hosts a platform has to have, None where hosts of the customer's own will do.
    """
    hosts = platform_facts(platform).hosts
    return provider(hosts) if hosts in _data()["hosts"] else None


def probe_domain() -> str:
    """
    The reserved domain used where the consultant names none of their own.
    """
    return str(_data()["probe"]["domain"])


def default_control_hosts() -> tuple[str, ...]:
    """
    Hosts that show whether port 25 is open from here, besides the region's own.
    """
    return tuple(_data()["control"]["hosts"])


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(files(__package__).joinpath("platforms.toml").read_text(encoding="utf-8"))
