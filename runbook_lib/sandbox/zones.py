"""
The sandbox's DNS data: zones, what each of their servers has in them, and what it therefore answers. No socket here.

A zone has the same records on all of its servers, but for what `Zone.change` says of one of them: so servers can disagree.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import dns.exception
import dns.flags
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from ..errors import SandboxError

Key = tuple[dns.name.Name, dns.rdatatype.RdataType]
"""
Owner name and type of a record set.
"""
DEFAULT_TTL = 3600
MINIMUM_TTL = 300
"""
How long a negative answer may be kept, seconds (RFC 2308 section 4).
"""
DEFAULT_SERIAL = 2026110901


def absolute(name: str, origin: dns.name.Name = dns.name.root) -> dns.name.Name:
    """
    A name in presentation form (``@`` is the origin) as an absolute name in lower case.

    Raises:
        SandboxError: It is not a domain name.
    """
    try:
        return dns.name.from_text(name, origin).canonicalize()
    except dns.exception.DNSException as error:
        raise SandboxError(f"{name!r} is not a domain name: {error}") from error


def plain(name: dns.name.Name) -> str:
    """
    A name as the rest of the package writes it: lower case, no final dot.
    """
    return name.canonicalize().to_text(omit_final_dot=True) if name != dns.name.root else ""


def record_set(
    name: dns.name.Name, rdtype: str, data: Iterable[str], *, ttl: int = DEFAULT_TTL, origin: dns.name.Name
) -> dns.rrset.RRset | None:
    """
    A record set from presentation form, None for no data.

    Raises:
        SandboxError: The data are not of this type.
    """
    texts = list(data)
    if not texts:
        return None
    try:
        return dns.rrset.from_text_list(name, ttl, "IN", rdtype, texts, origin=origin, relativize=False)
    except (dns.exception.DNSException, ValueError) as error:
        raise SandboxError(f"{plain(name)} {rdtype}: {error} in {texts!r}") from error


def with_ttl(records: dns.rrset.RRset, ttl: int) -> dns.rrset.RRset:
    """
    The same record set with another TTL.
    """
    return dns.rrset.from_rdata_list(records.name, ttl, list(records))


@dataclass(frozen=True, slots=True)
class Lookup:
    """
    What one server says of one name and type.

    Args:
        rcode: Response code.
        answer: Record sets of the answer section, aliases first.
        authority: Record sets of the authority section: SOA of a negative answer, NS of a referral.
        additional: Addresses of the servers of a referral.
        authoritative: False for a referral.
        alias: Where the answer ends in an alias out of the zone, its target.
    """

    rcode: dns.rcode.Rcode = dns.rcode.NOERROR
    answer: tuple[dns.rrset.RRset, ...] = ()
    authority: tuple[dns.rrset.RRset, ...] = ()
    additional: tuple[dns.rrset.RRset, ...] = ()
    authoritative: bool = True
    alias: dns.name.Name | None = None


@dataclass(slots=True)
class Zone:
    """
    One zone.

    Args:
        origin: Its name.
        servers: Host names of its servers, no final dot.
        records: What all its servers have.
        changes: What a server has instead, by server; None for a record set it lacks.
        rcodes: Response code a server gives to every question in this zone, by server; ``""`` stands for all of them.
        secure: A validating resolver says AD.
        bogus: A validating resolver says SERVFAIL unless asked with CD.
    """

    origin: dns.name.Name
    servers: tuple[str, ...]
    records: dict[Key, dns.rrset.RRset] = field(default_factory=dict)
    changes: dict[str, dict[Key, dns.rrset.RRset | None]] = field(default_factory=dict)
    rcodes: dict[str, dns.rcode.Rcode] = field(default_factory=dict)
    secure: bool = False
    bogus: bool = False

    def put(self, name: dns.name.Name, rdtype: str, data: Iterable[str], *, ttl: int = DEFAULT_TTL, server: str | None = None) -> None:
        """
        Replace one record set everywhere or on one server; without data it is taken away.

        Raises:
            SandboxError: The name is not in this zone, or the data are not of this type.
        """
        if not name.is_subdomain(self.origin):
            raise SandboxError(f"{plain(name)} is not in the zone {plain(self.origin)}.")
        found = record_set(name, rdtype, data, ttl=ttl, origin=self.origin)
        key = (name, dns.rdatatype.from_text(rdtype))
        if server is not None:
            self.changes.setdefault(server, {})[key] = found
            return
        for changed in self.changes.values():
            changed.pop(key, None)
        if found is None:
            self.records.pop(key, None)
        else:
            self.records[key] = found

    def set_soa(self, serial: int, *, server: str | None = None) -> None:
        """
        Write the SOA record with this serial number.
        """
        master = self.servers[0] if self.servers else "invalid"
        self.put(self.origin, "SOA", [f"{master}. hostmaster.{master}. {serial} 7200 900 1209600 {MINIMUM_TTL}"], server=server)

    def rcode_of(self, server: str) -> dns.rcode.Rcode | None:
        """
        The response code a server gives to everything in this zone, None where it answers.
        """
        return self.rcodes.get(server, self.rcodes.get(""))

    def view(self, server: str) -> Mapping[Key, dns.rrset.RRset]:
        """
        What one server has in this zone.
        """
        changed = self.changes.get(server)
        if not changed:
            return self.records
        merged = {key: changed.get(key, value) for key, value in self.records.items()}
        merged.update(changed)
        return {key: value for key, value in merged.items() if value is not None}

    def lookup(self, server: str, name: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> Lookup:
        """
        What a server of this zone answers (RFC 1034 section 4.3.2, without wildcards).
        """
        records = self.view(server)
        answer: list[dns.rrset.RRset] = []
        visited: set[dns.name.Name] = set()
        while name.is_subdomain(self.origin) and name not in visited:
            visited.add(name)
            referral = self._referral(records, name, rdtype)
            if referral is not None:
                return referral if not answer else Lookup(answer=tuple(answer), alias=name)
            found = records.get((name, rdtype))
            if found is not None:
                return Lookup(answer=(*answer, found))
            alias = records.get((name, dns.rdatatype.CNAME))
            if alias is None:
                exists = any(owner.is_subdomain(name) for owner, _ in records)
                rcode = dns.rcode.NOERROR if exists else dns.rcode.NXDOMAIN
                return Lookup(rcode, tuple(answer), self._soa(records))
            answer.append(alias)
            name = alias[0].target
        return Lookup(answer=tuple(answer), alias=name)

    def _referral(self, records: Mapping[Key, dns.rrset.RRset], name: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> Lookup | None:
        depth = len(self.origin)
        for length in range(depth + 1, len(name) + 1):
            cut = name.split(length)[1]
            servers = records.get((cut, dns.rdatatype.NS))
            if servers is not None and not (cut == name and rdtype == dns.rdatatype.DS):
                glue = [records.get((server.target, dns.rdatatype.A)) for server in servers]
                return Lookup(authority=(servers,), additional=tuple(item for item in glue if item is not None), authoritative=False)
        return None

    def _soa(self, records: Mapping[Key, dns.rrset.RRset]) -> tuple[dns.rrset.RRset, ...]:
        soa = records.get((self.origin, dns.rdatatype.SOA))
        if soa is None:
            return ()
        return (with_ttl(soa, min(soa.ttl, soa[0].minimum)),)


class Internet:
    """
    All zones of a world, with the delegations between them. Everything that changes or reads them holds `lock`.

    Args:
        zones: By name, as a world's description has them.
    """

    def __init__(self, zones: Mapping[str, Mapping[str, Any]]) -> None:
        self.lock = threading.RLock()
        self.zones: dict[dns.name.Name, Zone] = {}
        for name, description in zones.items():
            zone = _zone(name, description)
            self.zones[zone.origin] = zone
        self._delegate()

    def zone_of(self, name: dns.name.Name, rdtype: dns.rdatatype.RdataType = dns.rdatatype.A) -> Zone:
        """
        The zone that holds a name; for a DS record the one above the cut (RFC 4035 section 3.1.4.1).
        """
        if rdtype == dns.rdatatype.DS and name != dns.name.root:
            name = name.parent()
        while name not in self.zones:
            name = name.parent()
        return self.zones[name]

    def zone(self, name: str) -> Zone:
        """
        A zone by its exact name.

        Raises:
            SandboxError: There is none.
        """
        origin = absolute(name)
        if origin not in self.zones:
            raise SandboxError(f"The sandbox has no zone {name!r}; it has {', '.join(sorted(plain(zone) for zone in self.zones))}.")
        return self.zones[origin]

    def addresses(self, host: str) -> tuple[str, ...]:
        """
        The addresses of a host as the first server of its zone has them.
        """
        name = absolute(host)
        zone = self.zone_of(name)
        view = zone.view(zone.servers[0])
        found = [view.get((name, rdtype)) for rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA)]
        return tuple(record.address for records in found if records is not None for record in records)

    def all_addresses(self) -> tuple[str, ...]:
        """
        Every address that stands in any zone on any server.
        """
        found: dict[str, None] = {}
        for zone in self.zones.values():
            for server in ("", *zone.changes):
                for (_, rdtype), records in zone.view(server).items():
                    if rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA):
                        found.update((record.address, None) for record in records)
        return tuple(found)

    def servers(self) -> tuple[str, ...]:
        """
        The host names of all name servers.
        """
        return tuple(dict.fromkeys(server for zone in self.zones.values() for server in zone.servers))

    def _delegate(self) -> None:
        root = self.zones.get(dns.name.root)
        if root is None:
            raise SandboxError("A world needs a root zone '.'.")
        for origin in list(self.zones):
            top = absolute(plain(origin).rsplit(".", 1)[-1] or ".")
            if top not in self.zones:
                self.zones[top] = _zone(top.to_text(), {"servers": root.servers})
        for origin, zone in self.zones.items():
            if origin == dns.name.root:
                continue
            parent = self.zone_of(origin.parent())
            key = (origin, dns.rdatatype.NS)
            if key in parent.records or key not in zone.records:
                continue
            parent.records[key] = zone.records[key]
            for server in zone.servers:
                addresses = zone.records.get((absolute(server), dns.rdatatype.A))
                if addresses is not None:
                    parent.records.setdefault((absolute(server), dns.rdatatype.A), addresses)


def with_key(description: Any, digest: str) -> Any:
    """
    A description of zones with the SHA-256 of the mail servers' public key put in for ``{key}``, which a TLSA record needs.
    """
    if isinstance(description, str):
        return description.replace("{key}", digest)
    if isinstance(description, Mapping):
        return {key: with_key(value, digest) for key, value in description.items()}
    if isinstance(description, list):
        return [with_key(value, digest) for value in description]
    return description


def _zone(name: str, description: Mapping[str, Any]) -> Zone:
    """
    A zone from its description: ``servers``, ``serial``, ``ttl``, ``secure``, ``bogus``, ``rcode``, ``records``; and ``at`` with
    the ``serial``, ``rcode`` and ``records`` of one server.
    """
    origin = absolute(name)
    zone = Zone(origin, tuple(description["servers"]), secure=description.get("secure", False), bogus=description.get("bogus", False))
    ttl = description.get("ttl", DEFAULT_TTL)
    serial = description.get("serial", DEFAULT_SERIAL)
    zone.set_soa(serial)
    zone.put(origin, "NS", [f"{server}." for server in zone.servers])
    _put_all(zone, description.get("records", {}), ttl, None)
    if "rcode" in description:
        zone.rcodes[""] = dns.rcode.from_text(description["rcode"])
    for server, different in description.get("at", {}).items():
        if "serial" in different:
            zone.set_soa(different["serial"], server=server)
        if "rcode" in different:
            zone.rcodes[server] = dns.rcode.from_text(different["rcode"])
        _put_all(zone, different.get("records", {}), ttl, server)
    return zone


def _put_all(zone: Zone, records: Mapping[str, Any], ttl: int, server: str | None) -> None:
    for key, value in records.items():
        owner, _, rdtype = key.rpartition(" ")
        data, own_ttl = (value["data"], value.get("ttl", ttl)) if isinstance(value, Mapping) else (value, ttl)
        zone.put(absolute(owner, zone.origin), rdtype, data, ttl=own_ttl, server=server)
