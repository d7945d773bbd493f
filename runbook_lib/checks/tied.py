"""
What ties a platform to a gateway: connectors and rules that turn away whatever does not come from certain addresses or with a certain
certificate, and what each lacks to let the new gateway in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from ..environment import Environment
from ..exports import Exports
from ..exports.exchange import ReceiveConnector
from ..exports.microsoft import InboundConnector, TransportRule
from ..knowledge.gateway import gateway
from ..standards.addresses import is_private
from ..standards.ranges import AddressSet, Network, outermost, pieces, subtract
from .mail_rules import keeps_strangers_out
from .mx_gateway import expected_hosts

EXCHANGE_ONLINE_PREFIX = 24
_PORT = ":25"
_WHOLE_WORLD = 2**31


@dataclass(frozen=True, slots=True)
class Tie:
    """
    One thing that lets in only certain senders.

    Args:
        name: What it is called.
        kind: ``connector``, ``rule`` or ``receive_connector``.
        missing: The gateway's ranges that it turns away.
        touches: Some of the gateway's addresses are let in.
        certificate: The certificate name it demands, where the gateway does not have it; else ``""``.
        senders: The sender domains it is about; empty for all.
        entries: What it lets in, as exported.
        paste: The command that adds what is missing, ``""`` where there is none.
        item: The exported object.
    """

    name: str
    kind: str
    missing: tuple[Network, ...]
    touches: bool
    certificate: str
    senders: tuple[str, ...]
    entries: tuple[str, ...]
    paste: str
    item: InboundConnector | TransportRule | ReceiveConnector

    @property
    def right(self) -> bool:
        """
        True where it lets the gateway in.
        """
        return not self.missing and not self.certificate


def ties(environment: Environment, exports: Exports, required: Iterable[Network], now: datetime) -> list[Tie]:
    """
    Everything exported that lets in only certain senders.

    Args:
        environment: Whose gateway it is.
        exports: Of the tenant.
        required: The gateway's ranges.
        now: A rule that has ended ties nothing.
    """
    wanted = outermost(required)
    return [
        *_connectors(environment, exports.inbound_connectors or (), wanted),
        *_rules(exports.transport_rules or (), wanted, now),
        *_receiving(exports.receive_connectors or (), wanted),
    ]


def _connectors(environment: Environment, connectors: Iterable[InboundConnector], wanted: list[Network]) -> Iterator[Tie]:
    for each in connectors:
        by_address, by_certificate = bool(each.restrict_domains_to_ip_addresses), bool(each.restrict_domains_to_certificate)
        partner = (each.connector_type or "").casefold() == "partner"
        if each.enabled is False or not partner or not (by_address or by_certificate):
            continue
        listed = each.sender_ip_addresses
        networks = listed.networks if listed is not None else ()
        missing = subtract(wanted, AddressSet(networks)) if by_address else []
        demanded = each.tls_sender_certificate_name or "?"
        foreign = demanded if by_certificate and not gateway_certificate(environment, demanded) else ""
        spaces = tuple(space.domain for space in each.sender_domains or ())
        yield Tie(
            each.name,
            "connector",
            tuple(missing),
            _touches(wanted, networks),
            foreign,
            () if "*" in spaces else spaces,
            listed.texts if by_address and listed is not None else (),
            _command("Set-InboundConnector", "Get-InboundConnector", "SenderIPAddresses", each.name, missing),
            each,
        )


def gateway_certificate(environment: Environment, name: str) -> bool:
    """
    True where a certificate name can be the gateway's.
    """
    bare = name.casefold().removeprefix("*.").rstrip(".")
    return gateway().host(bare) is not None or any(host == bare or host.endswith(f".{bare}") for host in expected_hosts(environment))


def _rules(rules: Iterable[TransportRule], wanted: list[Network], now: datetime) -> Iterator[Tie]:
    for each in rules:
        excepted = each.except_if_sender_ip_ranges
        if excepted is None or not keeps_strangers_out(each, now):
            continue
        missing = subtract(wanted, AddressSet(excepted.networks))
        yield Tie(
            each.name,
            "rule",
            tuple(missing),
            _touches(wanted, excepted.networks),
            "",
            each.sender_domain_is or (),
            excepted.texts,
            _command("Set-TransportRule", "Get-TransportRule", "ExceptIfSenderIpRanges", each.name, missing),
            each,
        )


def _receiving(connectors: Iterable[ReceiveConnector], wanted: list[Network]) -> Iterator[Tie]:
    """
    Receive connectors for mail from outside, where none of them takes a connection from the gateway's addresses.

    Where one takes part of them it is the new gateway's own, and `exchange.receive_connector` says what it lacks.
    """
    facing = [each for each in connectors if _from_outside(each)]
    if any(_touches(wanted, each.remote_ip_ranges.networks) for each in facing if each.remote_ip_ranges is not None):
        return
    missing = subtract(
        wanted, AddressSet(network for each in facing if each.remote_ip_ranges for network in each.remote_ip_ranges.networks)
    )
    for each in facing:
        listed = each.remote_ip_ranges
        if listed is not None and any(entry.size > _WHOLE_WORLD for entry in listed.entries):
            continue
        networks = listed.networks if listed is not None else ()
        if all(is_private(str(network.network_address)) for network in networks):
            continue
        name = each.identity or each.name
        paste = _command("Set-ReceiveConnector", "Get-ReceiveConnector", "RemoteIPRanges", name, missing, split=False)
        texts = listed.texts if listed is not None else ()
        yield Tie(each.name, "receive_connector", tuple(missing), False, "", (), texts, paste, each)


def _from_outside(connector: ReceiveConnector) -> bool:
    anonymous = "anonymoususers" in {group.casefold() for group in connector.permission_groups or ()}
    on_port = not connector.bindings or any(binding.endswith(_PORT) for binding in connector.bindings)
    return connector.enabled is not False and anonymous and on_port and (connector.transport_role or "").casefold() != "hubtransport"


def _touches(wanted: list[Network], networks: Iterable[Network]) -> bool:
    listed = AddressSet(networks)
    return any(listed.touches(network) for network in wanted)


def quoted(text: str) -> str:
    """
    A text as a PowerShell literal: nothing in it is expanded (about_Quoting_Rules); typographic quotes end one too.
    """
    return "'" + "".join(character * 2 if character in "'‘’‚‛" else character for character in text) + "'"


def _command(setter: str, getter: str, parameter: str, name: str, missing: list[Network], *, split: bool = True) -> str:
    """
    The command that adds ranges to a list and takes none away.
    """
    if not missing or not name:
        return ""
    texts = [str(network) for network in missing]
    ranges = ",".join(quoted(text) for text in (pieces(texts, EXCHANGE_ONLINE_PREFIX) if split else texts))
    return f"{setter} -Identity {quoted(name)} -{parameter} (@(({getter} -Identity {quoted(name)}).{parameter}) + @({ranges}))"
