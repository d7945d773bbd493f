"""
A world of the sandbox: its name servers and mail servers, running on one thread of this process.
"""

from __future__ import annotations

import asyncio
import itertools
import socket
import tempfile
import threading
import time
from collections.abc import Coroutine, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import dns.exception
import dns.flags
import dns.message
import dns.rdatatype

from ..errors import SandboxError
from .answers import NameServer, OldAnswer, Resolver
from .behaviour import behaviour
from .certificates import Authority
from .faults import Faults
from .mail_server import Delivered, LoggedCommand, MailPort
from .name_server import NamePort
from .scenarios import Scenario, scenario
from .sockets import LOOPBACK, bound_socket
from .web_server import WebPort
from .zones import DEFAULT_TTL, Internet, absolute, plain, record_set, with_key

T = TypeVar("T")
CONTROL_HOST = "smtp.google.com"
"""
Asked whether port 25 is open from here; every world has it.
"""
_PATIENCE = 10.0
"""
Seconds within which the servers must be up or down.
"""


@dataclass(frozen=True, slots=True)
class LoggedQuery:
    """
    One query a name server got.

    Args:
        server: Host name of the authoritative server, or the address of the resolver.
        name: Name asked for, lower case, no final dot.
        rdtype: Type mnemonic.
        transport: ``udp`` or ``tcp``.
        recursion: RD was set.
        checking_disabled: CD was set.
    """

    server: str
    name: str
    rdtype: str
    transport: str
    recursion: bool
    checking_disabled: bool


class World:
    """
    The running servers of one made-up customer. A context manager: leaving it stops everything.

    Args:
        customer: Who.

    Raises:
        SandboxError: The servers could not be started.
    """

    RESOLVER = "resolver"

    def __init__(self, customer: Scenario) -> None:
        self.scenario = customer
        self._folder = tempfile.TemporaryDirectory(prefix="runbook-sandbox-")
        self._commands: list[LoggedCommand] = []
        self._queries: list[LoggedQuery] = []
        self._messages: list[Delivered] = []
        self._names: dict[str, NamePort] = {}
        self._held: socket.socket | None = None
        self._connect_to: dict[str, str] = {}
        self._ended: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready: Future[None] = Future()
        try:
            self.authority = Authority(Path(self._folder.name))
            self.internet = Internet(with_key(customer.zones, self.authority.key_digest))
            self.name_servers = {host: NameServer(host, self.internet) for host in self.internet.servers()}
            self.resolvers = self._resolvers()
            self.sources: dict[str, NameServer | Resolver] = {**self.resolvers, **self.name_servers}
            self.mail_servers = self._mail_servers()
            self.web_servers = {name: WebPort(name, description, self.authority) for name, description in customer.https.items()}
            self.faults = Faults(self)
            self._thread = threading.Thread(target=self._run, name=f"sandbox {customer.name}", daemon=True)
            self._thread.start()
        except BaseException:
            self._folder.cleanup()
            raise
        try:
            self._ready.result(_PATIENCE)
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.stop()

    @property
    def name(self) -> str:
        """
        Name of the world.
        """
        return self.scenario.name

    @property
    def nameserver(self) -> str:
        """
        The world's resolver, ``ADDRESS:PORT``.
        """
        return f"{LOOPBACK}:{self._names[self.RESOLVER].port}"

    @property
    def smtp_log(self) -> tuple[LoggedCommand, ...]:
        """
        The commands the mail servers got so far.
        """
        return tuple(self._commands)

    @property
    def dns_log(self) -> tuple[LoggedQuery, ...]:
        """
        The queries the name servers got so far.
        """
        return tuple(self._queries)

    @property
    def messages(self) -> tuple[Delivered, ...]:
        """
        The messages the mail servers took so far.
        """
        return tuple(self._messages)

    def network_keys(self) -> dict[str, Any]:
        """
        The network keys of an environment that lives in this world.
        """
        return {
            "nameservers": [self.nameserver],
            "propagation_resolvers": [address for address in self.resolvers if address != self.RESOLVER],
            "control_hosts": [CONTROL_HOST],
            "connect_to": dict(self._connect_to),
            "ca_file": str(self.authority.ca_file),
            "allow_private": False,
        }

    def environment(self) -> dict[str, Any]:
        """
        The customer's environment as its file gives it, files by their full path, without network keys.
        """
        from ..environment import load_environment  # noqa: PLC0415 - the YAML reader is needed only here

        return dict(load_environment(self.scenario.environment_file).as_parameters())

    def stop(self) -> None:
        """
        Close everything and wait for the thread to end. May be called again.
        """
        if self._loop is not None and self._ended is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(_PATIENCE)
        self._folder.cleanup()
        if self._thread.is_alive():
            raise SandboxError(f"The servers of the sandbox did not stop within {_PATIENCE:.0f} s.")

    def carry_out(self, work: Coroutine[Any, Any, T]) -> T:
        """
        Run something on the servers' thread and wait for it; for the faults.

        Raises:
            SandboxError: The world has been stopped.
        """
        if self._loop is None or not self._thread.is_alive():
            work.close()
            raise SandboxError(f"The world {self.name!r} has been stopped.")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE)

    def _run(self) -> None:
        # The selector loop on every system: one behaviour, and UDP on Windows without surprises.
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            try:
                runner.run(self._live())
            except BaseException as error:  # noqa: BLE001 - who waits for the start has to hear of it
                if not self._ready.done():
                    self._ready.set_exception(error)

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        try:
            await self._open()
            self._ready.set_result(None)
            await self._ended.wait()
        finally:
            for names in self._names.values():
                await names.close()
            for mail in self.mail_servers.values():
                await mail.close()
            for web in self.web_servers.values():
                await web.close()
            if self._held is not None:
                self._held.close()
            await asyncio.sleep(0)

    async def _open(self) -> None:
        self._held = bound_socket(refusing=True)
        refusing = f"{LOOPBACK}:{self._held.getsockname()[1]}"
        for address in self.internet.all_addresses():
            for port in (25, 443):
                self._connect_to[_peer(address, port)] = refusing
        for name, source in self.sources.items():
            self._names[name] = NamePort(source, partial(self._note, name))
            await self._names[name].open()
            here = f"{LOOPBACK}:{self._names[name].port}"
            addresses = self.internet.addresses(name) if name in self.name_servers else [name]
            self._connect_to.update({_peer(address, 53): here for address in addresses if address != self.RESOLVER})
        for name, description in self.scenario.smtp.items():
            mail = self.mail_servers[name]
            await mail.open(refusing=description.get("connect") == "refused")
            for address in description.get("addresses") or self.internet.addresses(name):
                self._connect_to[_peer(address, 25)] = f"{LOOPBACK}:{mail.port}"
        for name, web in self.web_servers.items():
            await web.open()
            for address in self.internet.addresses(name):
                self._connect_to[_peer(address, 443)] = f"{LOOPBACK}:{web.port}" if web.port else refusing

    def _resolvers(self) -> dict[str, Resolver]:
        started = time.monotonic()
        found = {self.RESOLVER: Resolver(self.internet, self.name_servers)}
        for address, description in self.scenario.resolvers.items():
            old = {}
            for key, value in description.get("old", {}).items():
                owner, _, rdtype = key.rpartition(" ")
                records = record_set(absolute(owner), rdtype, value["data"], ttl=value.get("ttl", DEFAULT_TTL), origin=absolute(owner))
                if records is not None:
                    old[(records.name, records.rdtype)] = OldAnswer(records, started)
            found[address] = Resolver(self.internet, self.name_servers, old)
        return found

    def _mail_servers(self) -> dict[str, MailPort]:
        connections = itertools.count(1)
        servers = {}
        for name, description in self.scenario.smtp.items():
            own: Mapping[str, Any] = {key: value for key, value in description.items() if key not in ("addresses", "connect", "host")}
            does = behaviour(description.get("host", name), own)
            servers[name] = MailPort(does, self.authority, self._commands.append, self._messages.append, connections)
        return servers

    def _note(self, server: str, transport: str, wire: bytes) -> None:
        try:
            query = dns.message.from_wire(wire, question_only=True)
            question = query.question[0]
        except (dns.exception.DNSException, IndexError):
            return
        rdtype = dns.rdatatype.to_text(question.rdtype)
        recursion, disabled = bool(query.flags & dns.flags.RD), bool(query.flags & dns.flags.CD)
        self._queries.append(LoggedQuery(server, plain(question.name), rdtype, transport, recursion, disabled))


def start(name: str) -> World:
    """
    Start the servers of a made-up customer on a thread of this process; they are bound when this returns.

    Args:
        name: One of `scenarios.names`.

    Raises:
        SandboxError: There is no such customer, or the servers could not be started.
    """
    return World(scenario(name))


def running(name: str) -> World:
    """
    `start`, in the words of a ``with`` statement.
    """
    return start(name)


def _peer(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
