"""
Who was seen to deliver straight to the platform, in message traces and DMARC aggregate reports.

Before the MX records move everybody delivers straight to whatever they name. So only what came after the first delivery by the gateway (or
by the one that stands in front today) tells anything; and for a day after it mail still follows the old answer of DNS.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..environment import DomainScope, Platform
from ..exports import Exports
from ..exports.addresses import Address
from ..knowledge.platforms import provider
from ..knowledge.sending_ranges import sending_ranges
from ..standards.addresses import is_private
from ..standards.ranges import AddressSet, Network
from .exported import spellings

SETTLED = timedelta(days=1)
"""
After the move mail may follow the old MX records as long as their old TTL; of nearly all zones that is a day at most.
"""
_REJECTED = ("failed", "filteredasspam", "quarantined", "rejected")
_NOT_INBOUND = ("outbound", "originating", "outgoing", "intra", "internal")


@dataclass(frozen=True, slots=True)
class Source:
    """
    One address that delivered past the gateway.

    Args:
        address: Who delivered.
        count: How many messages.
        first: When first, UTC.
        last: When last, UTC.
        sender: The sender of the newest message.
        connector: The connector it was taken by, ``""`` where not told.
        inside: Every message was from the customer's own domains and the export does not say whether it came from outside: it may be a
            user's own mail program.
    """

    address: Address
    count: int
    first: datetime
    last: datetime
    sender: str
    connector: str
    inside: bool


@dataclass(frozen=True, slots=True)
class Sightings:
    """
    What traces and reports show.

    Args:
        since: When the gateway first delivered, None where it never did.
        last: The newest delivery of all, None for none.
        through: Messages that came through the gateway.
        sources: Everybody else afterwards, busiest first.
    """

    since: datetime | None
    last: datetime | None
    through: int
    sources: tuple[Source, ...]

    @property
    def days(self) -> int:
        """
        Whole days after the move that are covered.
        """
        return 0 if self.since is None or self.last is None else max(0, (self.last - self.since - SETTLED).days)


@dataclass(frozen=True, slots=True)
class _Delivery:
    address: Address
    at: datetime
    count: int
    sender: str
    connector: str
    inside: bool


def sightings(exports: Exports, scopes: Iterable[DomainScope], front: Iterable[Network]) -> Sightings:
    """
    Who delivered mail for some domains past the gateway.

    Args:
        exports: Traces and reports among them.
        scopes: The domains.
        front: The addresses of the gateway that stands in front.
    """
    mine = tuple(scopes)
    names = spellings(mine)
    gate = AddressSet(front)
    own = AddressSet(_own(mine))
    found = sorted((*_of_traces(exports, names), *_of_reports(exports, names)), key=lambda each: each.at)
    through = [each for each in found if _in(gate, each.address)]
    since = through[0].at if through else None
    past: dict[Address, list[_Delivery]] = {}
    for each in found:
        passing = _in(gate, each.address) or _in(own, each.address) or is_private(str(each.address))
        if since is not None and each.at >= since + SETTLED and not passing:
            past.setdefault(each.address, []).append(each)
    sources = sorted(map(_source, past.values()), key=lambda source: (-source.count, str(source.address)))
    return Sightings(since, found[-1].at if found else None, sum(each.count for each in through), tuple(sources))


def _source(deliveries: list[_Delivery]) -> Source:
    last = deliveries[-1]
    return Source(
        last.address,
        sum(each.count for each in deliveries),
        deliveries[0].at,
        last.at,
        last.sender,
        next((each.connector for each in reversed(deliveries) if each.connector), ""),
        all(each.inside for each in deliveries),
    )


def _in(networks: AddressSet, address: Address) -> bool:
    return networks.covers(ipaddress.ip_network(address))


def _own(scopes: tuple[DomainScope, ...]) -> list[Network]:
    """
    The addresses from which the platform itself delivers.
    """
    at_google = any(scope.platform is Platform.GOOGLE_WORKSPACE for scope in scopes)
    texts = [*provider("microsoft").ranges, *(sending_ranges("google_workspace") if at_google else ())]
    return [ipaddress.ip_network(text) for text in texts]


def _of_traces(exports: Exports, names: dict[str, str]) -> Iterator[_Delivery]:
    for row in exports.message_trace or ():
        address = _address(row.from_ip or "")
        status, direction = (row.status or "").replace(" ", "").casefold(), (row.direction or "").casefold()
        if address is None or row.received is None or status.startswith(_REJECTED) or direction.startswith(_NOT_INBOUND):
            continue
        if _domain(row.recipient) in names:
            inside = not direction and _domain(row.sender) in names
            yield _Delivery(address, row.received, 1, row.sender, row.connector or "", inside)


def _of_reports(exports: Exports, names: dict[str, str]) -> Iterator[_Delivery]:
    # A report is about mail to the reporter's users: only rows with a recipient in the customer's own domain tell of this platform.
    for report in exports.aggregate_reports or ():
        for row in report.rows:
            if row.source_ip is not None and report.begin is not None and row.envelope_to in names:
                yield _Delivery(row.source_ip, report.begin, row.count, row.header_from, "", inside=False)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip().rstrip(".>").lower()


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text.strip().strip("[]"))
    except ValueError:
        return None
