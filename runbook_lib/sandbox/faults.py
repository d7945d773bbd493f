"""
Faults: change the zones and servers of a world while it runs. For tests and for training.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import dns.rcode
import dns.rdatatype

from ..errors import SandboxError
from .answers import OldAnswer, ServerState
from .behaviour import Behaviour
from .zones import DEFAULT_TTL, Zone, absolute, record_set

if TYPE_CHECKING:
    from .mail_server import MailPort
    from .world import World


class Faults:
    """
    What can be changed in a running world. Every change holds from the next question or command on, and `reset` takes all back.

    Args:
        world: The world.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._zones = copy.deepcopy(world.internet.zones)
        self._behaviours = {name: copy.deepcopy(port.behaviour) for name, port in world.mail_servers.items()}
        self._documents = {name: dict(web.documents) for name, web in world.web_servers.items()}
        self._old = {name: dict(resolver.old) for name, resolver in world.resolvers.items()}

    def set_records(self, name: str, rdtype: str, records: Sequence[str], *, ttl: int = DEFAULT_TTL, server: str | None = None) -> None:
        """
        Replace a record set.

        Args:
            name: Owner name, no final dot needed.
            rdtype: Type mnemonic.
            records: Data in presentation form, names relative to the zone unless they end in a dot; none takes the record set away.
            ttl: Seconds.
            server: Host name of the one server it is changed on; None for all.

        Raises:
            SandboxError: The data are not of this type, or there is no such server.
        """
        with self._world.internet.lock:
            zone = self._zone_of(name, rdtype)
            if server is not None and server not in zone.servers:
                raise SandboxError(f"{server!r} does not serve {zone.origin}; {', '.join(zone.servers)} do.")
            zone.put(absolute(name), rdtype, records, ttl=ttl, server=server)

    def remove(self, name: str, rdtype: str | None = None, *, server: str | None = None) -> None:
        """
        Take a record set away, or everything a name has.
        """
        with self._world.internet.lock:
            owner = absolute(name)
            zone = self._zone_of(name, rdtype or "A")
            kinds = [rdtype] if rdtype is not None else [dns.rdatatype.to_text(kind) for found, kind in zone.records if found == owner]
            for kind in kinds:
                zone.put(owner, kind, (), server=server)

    def serial(self, zone: str, serial: int, *, server: str | None = None) -> None:
        """
        Change the serial number of a zone.
        """
        with self._world.internet.lock:
            self._world.internet.zone(zone).set_soa(serial, server=server)

    def rcode(self, zone: str, rcode: str, *, server: str = "") -> None:
        """
        Have the servers of a zone, or one of them, answer everything in it with a response code; ``NOERROR`` ends that.
        """
        with self._world.internet.lock:
            found = self._world.internet.zone(zone)
            if rcode == "NOERROR":
                found.rcodes.pop(server, None)
            else:
                found.rcodes[server] = dns.rcode.from_text(rcode)

    def dnssec(self, zone: str, *, secure: bool = False, bogus: bool = False) -> None:
        """
        Say what a validating resolver makes of a zone.
        """
        with self._world.internet.lock:
            found = self._world.internet.zone(zone)
            found.secure, found.bogus = secure, bogus

    def name_server(self, host: str) -> ServerState:
        """
        How a name server behaves, to be changed: an authoritative one by host name, a public resolver by address, the world's
        own as ``resolver``.
        """
        if host not in self._world.sources:
            raise SandboxError(f"The sandbox has no name server {host!r}; it has {', '.join(self._world.sources)}.")
        return self._world.sources[host].state

    def server_down(self, host: str) -> None:
        """
        Have a name server answer nothing any more.
        """
        self.name_server(host).silent = True

    def still_old(self, resolver: str, name: str, rdtype: str, records: Sequence[str], *, ttl: int) -> None:
        """
        Have a public resolver give an old answer for as many seconds as its TTL has left.
        """
        found = self._world.resolvers.get(resolver)
        if found is None:
            raise SandboxError(f"The sandbox has no resolver {resolver!r}; it has {', '.join(self._world.resolvers)}.")
        kept = record_set(absolute(name), rdtype, records, ttl=ttl, origin=absolute(name))
        with self._world.internet.lock:
            if kept is not None:
                found.old[(kept.name, kept.rdtype)] = OldAnswer(kept, time.monotonic())

    def smtp(self, host: str) -> Behaviour:
        """
        How a mail server behaves, to be changed.
        """
        return self._mail(host).behaviour

    def documents(self, host: str) -> dict[str, str]:
        """
        What a web server serves by path, to be changed.
        """
        if host not in self._world.web_servers:
            raise SandboxError(f"The sandbox has no web server {host!r}; it has {', '.join(self._world.web_servers) or 'none'}.")
        return self._world.web_servers[host].documents

    def refuse(self, host: str) -> None:
        """
        Have a mail server's port refuse connections.
        """
        self._world.carry_out(self._mail(host).open(refusing=True))

    def listen(self, host: str) -> None:
        """
        Have a mail server's port take connections again.
        """
        self._world.carry_out(self._mail(host).open())

    def delay(self, seconds: float) -> None:
        """
        Have every server wait before each reply: a long way.
        """
        for source in self._world.sources.values():
            source.state.delay = seconds
        for port in self._world.mail_servers.values():
            port.behaviour.delay = seconds

    def reset(self) -> None:
        """
        Take all changes back.
        """
        world = self._world
        with world.internet.lock:
            world.internet.zones = copy.deepcopy(self._zones)
            for name, resolver in world.resolvers.items():
                resolver.old = dict(self._old[name])
        for source in world.sources.values():
            source.state = ServerState()
        for name, web in world.web_servers.items():
            web.documents = dict(self._documents[name])
        for name, port in world.mail_servers.items():
            port.behaviour = copy.deepcopy(self._behaviours[name])
            port.seen.clear()
            refusing = world.scenario.smtp[name].get("connect") == "refused"
            if port.refusing != refusing:
                world.carry_out(port.open(refusing=refusing))

    def _zone_of(self, name: str, rdtype: str) -> Zone:
        return self._world.internet.zone_of(absolute(name), dns.rdatatype.from_text(rdtype))

    def _mail(self, host: str) -> MailPort:
        if host not in self._world.mail_servers:
            raise SandboxError(f"The sandbox has no mail server {host!r}; it has {', '.join(self._world.mail_servers)}.")
        return self._world.mail_servers[host]
