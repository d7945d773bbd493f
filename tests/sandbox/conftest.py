"""
Shared by the sandbox's tests: a running healthy customer, and clients that know nothing of the package.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest

from runbook_lib.sandbox import World, running

TENANT = "alder-pre-example.mail.protection.outlook.com"


@dataclass(frozen=True)
class Client:
    """
    Asks the servers of one world.
    """

    world: World

    def where(self, peer: str) -> tuple[str, int]:
        """
        The loopback peer behind ``ADDRESS:PORT``.
        """
        host, _, port = self.world.network_keys()["connect_to"].get(peer, peer).rpartition(":")
        return host, int(port)

    def dig(
        self,
        name: str,
        rdtype: str,
        server: str | None = None,
        *,
        tcp: bool = False,
        flags: int = dns.flags.RD,
        edns: bool = True,
        timeout: float = 2,
    ) -> dns.message.Message:
        """
        Ask one question of the world's resolver, or of a server by its address in the zones.
        """
        query = dns.message.make_query(name, rdtype, use_edns=0 if edns else -1, want_dnssec=edns, payload=1232, flags=flags)
        host, port = self.where(f"{server}:53" if server else self.world.nameserver)
        ask = dns.query.tcp if tcp else dns.query.udp
        return ask(query, host, port=port, timeout=timeout)

    def data(self, name: str, rdtype: str, server: str | None = None) -> list[str]:
        """
        The data of all records of an answer, sorted.
        """
        answer = self.dig(name, rdtype, server).answer
        return sorted(record.to_text() for records in answer for record in records)

    def smtp(self, host: str, address: str) -> smtplib.SMTP:
        """
        A connection that has said EHLO.
        """
        connection = smtplib.SMTP(*self.where(f"{address}:25"), local_hostname="probe.example", timeout=2)
        connection.ehlo()
        connection._host = host
        return connection

    def raw(self, address: str) -> socket.socket:
        """
        A plain socket to a mail server.
        """
        return socket.create_connection(self.where(f"{address}:25"), timeout=2)

    def trust(self) -> ssl.SSLContext:
        """
        A context that trusts the world's authority and nobody else.
        """
        return ssl.create_default_context(cafile=self.world.network_keys()["ca_file"])


@pytest.fixture
def client() -> Iterator[Client]:
    """
    The healthy customer, running.
    """
    with running("alder-pre") as world:
        yield Client(world)


@pytest.fixture
def client_of() -> Iterator[Callable[[str], Client]]:
    """
    Any customer, running.
    """
    worlds: list[World] = []

    def begin(name: str) -> Client:
        worlds.append(running(name))
        return Client(worlds[-1])

    yield begin
    for world in worlds:
        world.stop()


@pytest.fixture
def tenant() -> str:
    """
    The healthy customer's inbound host.
    """
    return TENANT
