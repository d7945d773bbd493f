"""
``exchange.hybrid``: nothing stands between on-premises and Exchange Online, and each knows the other's mail.

Microsoft: transport routing in hybrid deployments; enhanced filtering for connectors.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from ..exports import InboundConnector, OutboundConnector
from ..exports.kinds import Kind
from ..knowledge.gateway import gateway
from ..observations import Plan
from ..results import Finding, Status
from ..standards.ranges import AddressSet, Network, outermost, subtract
from .case import Case, Check
from .configured import about_ranges, in_one
from .exchange_certificate import names_of
from .exchange_view import delivers_online
from .exported import evidence_of_kinds
from .m365_remedies import UNDO, listed, quoted
from .m365_view import SETTLE
from .ranges import Reference, reference
from .said import Said
from .tenant import TENANT, concerned, facts, not_concerned

HYBRID = ("hybrid",)
_KINDS = (Kind.INBOUND_CONNECTORS, Kind.OUTBOUND_CONNECTORS, Kind.HYBRID_CONFIGURATIONS, Kind.SEND_CONNECTORS, Kind.EXCHANGE_CERTIFICATES)
_CENTRAL = "centralizedtransport"
OWN_ADDRESS = "ADDRESS"
"""
Stands in a command for an address that only the customer knows.
"""


def plan(case: Case) -> Plan[Reference | None]:
    """
    The gateway's ranges, where inbound connectors were exported.
    """
    if not concerned(case, HYBRID) or not case.exports.inbound_connectors:
        return None
    return (yield from reference(case.environment))


def judge(case: Case, check: Check) -> list[Finding]:
    """
    Judge ``exchange.hybrid`` for the connectors between the two, and for the tenant.
    """
    scopes = concerned(case, HYBRID)
    if not scopes:
        return [not_concerned(case, check)]
    values = facts(case, scopes)
    exports = case.exports
    if exports.inbound_connectors is None and exports.outbound_connectors is None and exports.hybrid_configurations is None:
        return [check.finding(TENANT, Status.MANUAL, "manual", values)]
    found = case.replay(plan(case)) or Reference((), (), "snapshot")
    evidence = (*evidence_of_kinds(case, *_KINDS), *case.evidence(*found.answers))
    missing = _missing(case)
    said: dict[str, list[Said]] = {}
    for subject, item in (*_central(case), *_between(case, found), *_attribution(case, found)):
        said.setdefault(subject, []).append(item)
    if missing:
        said.setdefault(TENANT, []).append(Said(Status.MANUAL, "partly", causes=("nothing_given",)))
    if not any(subject == TENANT for subject in said):
        said[TENANT] = [Said(Status.PASS, "direct")]
    values |= about_ranges(case, found) | {"missing_exports": missing}
    return [in_one(check, subject, items, {"connector": subject, **values}, evidence) for subject, items in said.items()]


def _missing(case: Case) -> list[str]:
    """
    The commands whose output is needed as well.
    """
    exports = case.exports
    missing = []
    if exports.inbound_connectors is None:
        missing.append("Get-InboundConnector")
    if exports.outbound_connectors is None and exports.hybrid_configurations is None:
        missing.append("Get-OutboundConnector")
    return missing


def _central(case: Case) -> list[tuple[str, Said]]:
    """
    Centralised mail transport: all mail of the cloud goes round by on-premises.
    """
    found = []
    for connector in case.exports.outbound_connectors or ():
        own = (connector.connector_type or "").casefold() == "onpremises" or connector.route_all_messages_via_on_premises is True
        if own and _is_new(case, connector):
            found.append((connector.name or TENANT, _settling(case, connector)))
        elif connector.route_all_messages_via_on_premises and connector.enabled is not False:
            name = quoted(connector.name)
            paste = [
                f"Set-OutboundConnector -Identity {name} -RouteAllMessagesViaOnPremises $false",
                f"{UNDO}Set-OutboundConnector -Identity {name} -RouteAllMessagesViaOnPremises $true",
            ]
            said = Said(
                Status.FAIL, "centralized_transport", {"paste": paste, "seen": "RouteAllMessagesViaOnPremises"}, ("centralized_transport",)
            )
            found.append((connector.name or TENANT, said))
    features = {feature.casefold() for each in case.exports.hybrid_configurations or () for feature in each.features or ()}
    if _CENTRAL in features and not found:
        said = Said(
            Status.FAIL, "centralized_transport", {"paste": [], "seen": "Features: CentralizedTransport"}, ("centralized_transport",)
        )
        found.append((TENANT, said))
    return found


def _between(case: Case, found: Reference) -> list[tuple[str, Said]]:
    """
    The gateway as the next hop between the two sides.
    """
    exports = case.exports
    hops = [
        *(
            (each.name, each.smart_hosts)
            for each in exports.outbound_connectors or ()
            if (each.connector_type or "").casefold() == "onpremises"
        ),
        *((each.name, each.smart_hosts) for each in exports.send_connectors or () if _to_cloud(each.address_spaces)),
        *((each.name, (each.on_premises_smart_host or "",)) for each in exports.hybrid_configurations or ()),
    ]
    ranges = AddressSet(found.required)
    return [
        (name or TENANT, Said(Status.FAIL, "between", {"hops": wrong}, ("between",)))
        for name, hosts in hops
        if (wrong := [host for host in hosts or () if _is_gateway(host, ranges)])
    ]


def _to_cloud(spaces: Iterable[Any] | None) -> bool:
    return any(space.domain.endswith(".mail.onmicrosoft.com") for space in spaces or ())


def _is_gateway(host: str, ranges: AddressSet) -> bool:
    name = host.strip().strip("[]").casefold().rstrip(".")
    try:
        return ranges.touches(ipaddress.ip_network(name))
    except ValueError:
        return gateway().host(name) is not None


def _attribution(case: Case, found: Reference) -> list[tuple[str, Said]]:
    """
    Whether Exchange Online knows the organisation's own mail: by a connector that names the certificate or the addresses of its servers.
    """
    connectors = case.exports.inbound_connectors
    if connectors is None:
        return []
    own = [each for each in connectors if (each.connector_type or "").casefold() == "onpremises" and each.enabled is not False]
    if not own:
        locked = _locked(connectors)
        return [(TENANT, Said(Status.FAIL, "no_connector_locked" if locked else "no_connector", causes=("attribution",)))]
    said = []
    for each in own:
        items = [_settling(case, each)] if _is_new(case, each) else [*_known(case, each, found), *_skipping(case, each, found)]
        said += [(each.name or TENANT, item) for item in items]
    return said


def _locked(connectors: Sequence[InboundConnector]) -> bool:
    """
    True where a partner connector for everybody restricts who may deliver.
    """
    return any(
        each.enabled is not False
        and (each.connector_type or "").casefold() == "partner"
        and any(space.domain == "*" for space in each.sender_domains or ())
        and (each.restrict_domains_to_ip_addresses or each.restrict_domains_to_certificate)
        for each in connectors
    )


def _is_new(case: Case, connector: InboundConnector | OutboundConnector) -> bool:
    changed = connector.when_changed
    return changed is not None and timedelta(0) <= case.now - changed < SETTLE


def _settling(case: Case, connector: InboundConnector | OutboundConnector) -> Said:
    changed = connector.when_changed or case.now
    return Said(Status.UNKNOWN, "settling", {"changed": changed.isoformat(), "until": (changed + SETTLE).isoformat()}, ("settling",))


def _known(case: Case, connector: InboundConnector, found: Reference) -> list[Said]:
    name = _certificate_name(connector.tls_sender_certificate_name or "")
    gateway_set = AddressSet(found.required)
    addresses = connector.sender_ip_addresses.networks if connector.sender_ip_addresses is not None else ()
    if name:
        exported = case.exports.exchange_certificates
        carried = {each for certificate in exported or () for each in names_of(certificate)}
        if exported and not _among(name, carried):
            values = {"name": name, "carried": sorted(carried)[:20]}
            return [Said(Status.FAIL, "other_certificate", values, ("attribution",))]
        return [Said(Status.PASS, "known", {"by": name})]
    if connector.tls_sender_certificate_name is None and connector.sender_ip_addresses is None:
        return [Said(Status.MANUAL, "not_told", causes=("incomplete_export",))]
    if addresses and not any(gateway_set.touches(network) for network in addresses):
        return [Said(Status.PASS, "known", {"by": ", ".join(map(str, addresses[:10]))})]
    paste = [
        f"Set-InboundConnector -Identity {quoted(connector.name)} -RequireTls $true -TlsSenderCertificateName {quoted(host)}"
        for host in _hosts(case)
    ]
    return [Said(Status.FAIL, "unattributed", {"paste": paste[:1]}, ("attribution",))]


def _hosts(case: Case) -> list[str]:
    """
    The names that on-premises certificates carry for SMTP.
    """
    fit = [each for each in case.exports.exchange_certificates or () if not each.is_self_signed and "SMTP" in (each.services or ())]
    return [name for each in fit for name in names_of(each)]


def _certificate_name(text: str) -> str:
    match = re.search(r"(?:^|<S>|,)\s*CN=([^,<]+)", text, re.IGNORECASE)
    return (match.group(1) if match else "" if "<" in text else text).strip().strip('"').casefold()


def _among(name: str, carried: Iterable[str]) -> bool:
    """
    True where a certificate with one of these names proves the name of a connector, which may have a wildcard itself.
    """
    parent = name.partition(".")[2]
    return any(each in (name, f"*.{parent}") or (name.startswith("*.") and each.endswith(name[1:])) for each in carried)


def _skipping(case: Case, connector: InboundConnector, found: Reference) -> list[Said]:
    """
    Enhanced Filtering on the connector from on-premises, where the gateway's mail comes that way: else a hop of one's own is judged.
    """
    scopes = concerned(case, HYBRID)
    if delivers_online(scopes) or (connector.ef_skip_last_ip is None and connector.ef_skip_ips is None):
        return []
    if not found.certain:
        return [Said(Status.UNKNOWN, "unknown", causes=found.causes or ("no_reference",))]
    skipped: Sequence[Network] = connector.ef_skip_ips.networks if connector.ef_skip_ips is not None else ()
    missing = subtract(outermost(found.required), AddressSet(skipped))
    own = _own_addresses(connector, found)
    own_missing = subtract(own, AddressSet(skipped))
    values = {"skips": list(map(str, skipped))[:20], "lacking": [str(network) for network in missing]}
    if connector.ef_skip_last_ip is True or missing or connector.ef_users or connector.ef_test_mode:
        paste = _skip_all(connector, [*missing, *own_missing])
        return [Said(Status.WARN, "enhanced_filtering", {**values, "paste": paste}, ("enhanced_filtering",))]
    # The last hop before Exchange Online is a server of the customer's own: where only the gateway's are skipped, it counts as the sender.
    if own_missing or not (own or subtract(skipped, AddressSet((*found.required, *found.tolerated)))):
        paste = _skip(connector, [str(network) for network in own_missing] or [OWN_ADDRESS])
        return [Said(Status.WARN, "own_servers", {**values, "paste": paste, "place": OWN_ADDRESS}, ("enhanced_filtering",))]
    return []


def _own_addresses(connector: InboundConnector, found: Reference) -> list[Network]:
    """
    The addresses by which a connector knows the organisation's own servers, as far as it names any.
    """
    named = connector.sender_ip_addresses.networks if connector.sender_ip_addresses is not None else ()
    return [network for network in named if not AddressSet(found.required).touches(network)]


def _skip(connector: InboundConnector, addresses: Sequence[str]) -> list[str]:
    command, text = f"Set-InboundConnector -Identity {quoted(connector.name)} -EFSkipIPs", listed(addresses)
    return [f"{command} @{{Add={text}}}", f"{UNDO}{command} @{{Remove={text}}}"]


def _skip_all(connector: InboundConnector, missing: Sequence[Network]) -> list[str]:
    """
    The command that makes Enhanced Filtering skip what is missing for everybody, and its way back.
    """
    identity = quoted(connector.name)
    text = listed(map(str, missing))
    users = listed(connector.ef_users or ())
    there, back = ["-EFSkipLastIP $false"], [f"-EFSkipLastIP ${str(bool(connector.ef_skip_last_ip)).lower()}"]
    if missing:
        there.append(f"-EFSkipIPs @{{Add={text}}}")
        back.append(f"-EFSkipIPs @{{Remove={text}}}")
    if users:
        there.append("-EFUsers $null")
        back.append(f"-EFUsers {users}")
    if connector.ef_test_mode:
        there.append("-EFTestMode $false")
        back.append("-EFTestMode $true")
    command = f"Set-InboundConnector -Identity {identity}"
    return [f"{command} {' '.join(there)}", f"{UNDO}{command} {' '.join(back)}"]
