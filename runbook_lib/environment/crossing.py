"""
What the keys of an environment mean together. Works on what was given, before or after the single values are checked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import KnowledgeError
from ..knowledge.accounts import region_of
from ..knowledge.platforms import default_control_hosts
from ..knowledge.regions import CUSTOM, region
from . import addresses
from .refusal import Refusal

NETWORK_KEYS = (
    "nameservers",
    "propagation_resolvers",
    "control_hosts",
    "connect_to",
    "allow_private",
    "proxy",
    "source_address",
    "ca_file",
)
"""
The keys a sandbox's world sets, and a file with `sandbox` therefore cannot.
"""
PUBLIC_RESOLVERS = ("1.1.1.1", "8.8.8.8", "9.9.9.9")
"""
Asked for `mx.propagation` where nothing else is said.
"""


def defaults(given: Mapping[str, Any]) -> dict[str, Any]:
    """
    What was given, and the defaults that depend on other keys.
    """
    filled = dict(given)
    if "propagation_resolvers" not in given and "nameservers" not in given:
        filled["propagation_resolvers"] = PUBLIC_RESOLVERS
    if "control_hosts" not in given:
        filled["control_hosts"] = (*default_control_hosts(), *_gateway_hosts(given))
    return filled


def _gateway_hosts(given: Mapping[str, Any]) -> tuple[str, ...]:
    named = given.get("gateway_hosts")
    if isinstance(named, list | tuple) and named:
        return tuple(name for name in named if _is_host(name))
    try:
        return region(_word(given, "region")).mx
    except KnowledgeError:
        return ()


def _is_host(name: Any) -> bool:
    try:
        addresses.host(name)
    except Refusal:
        return False
    return True


def _word(given: Mapping[str, Any], key: str) -> str:
    value = given.get(key)
    return value.strip(" \t\r\n") if isinstance(value, str) else ""


def misfits(given: Mapping[str, Any]) -> list[tuple[str, Any, Refusal]]:
    """
    The keys that do not fit together.

    Returns:
        Key, what stands there, why it is refused.
    """
    found: list[tuple[str, Any, Refusal]] = []
    code, region_code = _word(given, "account_code"), _word(given, "region")
    if code and region_code:
        said = region_of(code)
        if said and region_code not in (said, CUSTOM):
            found.append(("account_code", code, Refusal("account_region", code, says=said, region=region_code)))
    if region_code == CUSTOM:
        found += [(key, "", Refusal("custom_needs", "", name=key)) for key in ("gateway_hosts", "console_ranges") if key not in given]
    if "proxy" in given and "source_address" in given:
        found.append(("source_address", given["source_address"], Refusal("proxy_and_source", given["source_address"])))
    if "sandbox" in given:
        found += [
            (key, given[key], Refusal("sandbox_network", given[key], name=key, sandbox=str(given["sandbox"])[:63]))
            for key in NETWORK_KEYS
            if key in given and not _is_no(given[key])
        ]
    return found


def own_relay_target(relay_test_domain: str | None, domains: Sequence[str]) -> list[tuple[str, Any, Refusal]]:
    """
    The open-relay question asked with one of the customer's own domains would call every server an open relay.
    """
    if relay_test_domain is None or not any(f".{relay_test_domain}".endswith(f".{name}") for name in domains):
        return []
    return [("relay_test_domain", relay_test_domain, Refusal("relay_own", relay_test_domain))]


def _is_no(value: Any) -> bool:
    return value is False or (isinstance(value, str) and value.casefold() in ("false", "no", "off"))
