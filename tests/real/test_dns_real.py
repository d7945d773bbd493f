"""
Against Unbound, which validates, and Knot, which signs: both started here on loopback.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dns.rdatatype
import pytest
import trustme

from runbook_lib.observations import DnsAnswer, DnsOutcome, DnsQuestion, Via
from runbook_lib.probes import Network, Settings, network_with

pytestmark = pytest.mark.real

ZONE = r"""
$ORIGIN {zone}.
$TTL 300
@ SOA ns1 admin 7 3600 600 86400 300
@ NS ns1
ns1 A 192.0.2.53
@ MX 10 mail
@ MX 20 Mail2
@ TXT "v=spf1 -all" "\000\027\255"
mail A 192.0.2.25
mail AAAA 2001:db8::25
_25._tcp.mail TLSA 3 1 1 abababababababababababababababababababababababababababababababab
www CNAME mail
dangling CNAME gone
ring1 CNAME ring2
ring2 CNAME ring1
old DNAME new
mx.new A 192.0.2.26
odd\000label A 192.0.2.27
huge TXT {huge}
"""
ZONES = ("signed.example", "plain.example", "bogus.example")


@dataclass(frozen=True)
class Servers:
    """
    Where they are.
    """

    resolver: str
    resolver_tls: str
    authority: str
    ca_file: Path

    def network(self, **settings: object) -> Network:
        """
        A network that asks them.
        """
        chosen = {"nameservers": (self.resolver,), "connect_to": {"192.0.2.53:53": self.authority}, "timeout": 5.0, **settings}
        return network_with(Settings(**chosen))  # type: ignore[arg-type]


def configure_knot(folder: Path, port: int) -> Path:
    """
    The configuration of Knot with three zones, two of them signed.
    """
    huge = " ".join(f'"{"x" * 250}"' for _ in range(40))
    zones = []
    for zone in ZONES:
        (folder / f"{zone}.zone").write_text(ZONE.format(zone=zone, huge=huge))
        signing = "off" if zone == "plain.example" else "on"
        zones.append(f"  - domain: {zone}\n    file: {zone}.zone\n    storage: {folder}\n    zonefile-sync: -1\n    journal-content: all\n")
        zones.append(f"    dnssec-signing: {signing}\n")
    config = folder / "knot.conf"
    config.write_text(
        f"server:\n    rundir: {folder}\n    listen: 127.0.0.1@{port}\n    udp-workers: 1\n    tcp-workers: 1\n    background-workers: 1\n"
        f"database:\n    storage: {folder}\n    journal-db-max-size: 64M\n    kasp-db-max-size: 64M\n    timer-db-max-size: 16M\n"
        "log:\n  - target: stderr\n    any: info\nzone:\n" + "".join(zones)
    )
    return config


def configure_unbound(folder: Path, *, port: int, tls_port: int, knot_port: int, anchors: list[str]) -> Path:
    """
    The configuration of Unbound that finds the zones at Knot, one of which Knot does not have, and validates from the given anchors.
    """
    stubs = [
        f'stub-zone:\n  name: "{zone}"\n  stub-addr: 127.0.0.1@{knot_port}\n  stub-no-cache: no\n' for zone in (*ZONES, "dead.example")
    ]
    config = folder / "unbound.conf"
    config.write_text(
        f"server:\n  interface: 127.0.0.1@{port}\n  interface: 127.0.0.1@{tls_port}\n  tls-port: {tls_port}\n"
        f"  tls-service-key: {folder / 'tls.key'}\n  tls-service-pem: {folder / 'tls.pem'}\n"
        f'  directory: "{folder}"\n  chroot: ""\n  username: ""\n  pidfile: "{folder / "unbound.pid"}"\n  use-syslog: no\n  logfile: ""\n'
        '  module-config: "validator iterator"\n  do-not-query-localhost: no\n  do-ip6: no\n'
        "  access-control: 127.0.0.0/8 allow_snoop\n  num-threads: 1\n  ede: yes\n"
        + "".join(f'  trust-anchor: "{anchor}"\n' for anchor in anchors)
        + "remote-control:\n  control-enable: no\n"
        + "".join(stubs)
    )
    return config


@pytest.fixture(scope="module")
def servers(tools: Any, tmp_path_factory: pytest.TempPathFactory) -> Servers:
    """
    Both servers, running.
    """
    knotd, unbound = tools.find("knotd", "unbound")
    folder = tmp_path_factory.mktemp("dns")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    leaf = authority.issue_cert("127.0.0.1")
    leaf.private_key_pem.write_to_path(folder / "tls.key")
    leaf.cert_chain_pems[0].write_to_path(folder / "tls.pem")
    knot_port, port, tls_port = tools.free_ports(3)
    knot = tools.start([knotd, "-c", str(configure_knot(folder, knot_port))], folder / "knot.log")
    keys = tools.answering(knot, knot_port, "signed.example", "DNSKEY", folder / "knot.log")
    anchors = [f"signed.example. DNSKEY {key.to_text()}" for rrset in keys.answer for key in rrset if rrset.rdtype == dns.rdatatype.DNSKEY]
    anchors.append("bogus.example. DS 12345 13 2 " + "ab" * 32)
    config = configure_unbound(folder, port=port, tls_port=tls_port, knot_port=knot_port, anchors=anchors)
    resolver = tools.start([unbound, "-d", "-c", str(config)], folder / "unbound.log")
    tools.answering(resolver, port, "plain.example", "MX", folder / "unbound.log")
    return Servers(f"127.0.0.1:{port}", f"tls://127.0.0.1:{tls_port}", f"127.0.0.1:{knot_port}", folder / "ca.pem")


async def resolve(servers: Servers, name: str, rdtype: str, **settings: object) -> DnsAnswer:
    """
    Ask Unbound.
    """
    answer = await servers.network(**settings).ask(DnsQuestion(name, rdtype))
    assert isinstance(answer, DnsAnswer)
    return answer


async def authority(servers: Servers, name: str, rdtype: str, zone: str = "signed.example") -> DnsAnswer:
    """
    Ask Knot, as a zone's own server.
    """
    question = DnsQuestion(name, rdtype, Via.AUTHORITATIVE, server="192.0.2.53", server_name=f"ns1.{zone}", zone=zone)
    answer = await servers.network().ask(question)
    assert isinstance(answer, DnsAnswer)
    return answer


async def test_signed_answer_is_authentic(servers: Servers) -> None:
    """
    AD of a validating resolver is seen on a signed zone.
    """
    answer = await resolve(servers, "signed.example", "MX")

    assert answer.outcome == DnsOutcome.ANSWER
    assert answer.authentic
    assert sorted(record.data for record in answer.records) == ["10 mail.signed.example", "20 mail2.signed.example"]


async def test_unsigned_answer_is_not_authentic(servers: Servers) -> None:
    """
    Without a signature there is an answer and no AD.
    """
    answer = await resolve(servers, "plain.example", "MX")

    assert (answer.outcome, answer.authentic) == (DnsOutcome.ANSWER, False)


async def test_bogus_is_told_from_dead(servers: Servers) -> None:
    """
    A zone whose keys do not fit is bogus; one that nobody serves fails.
    """
    bogus, dead = await resolve(servers, "bogus.example", "MX"), await resolve(servers, "dead.example", "MX")

    assert (bogus.outcome, dead.outcome) == (DnsOutcome.BOGUS, DnsOutcome.SERVFAIL)
    assert bogus.extended_error is not None
    assert "EDE" in bogus.extended_error


async def test_absence_in_both_kinds(servers: Servers) -> None:
    """
    No such name and no such type, proven, with the zone's SOA.
    """
    absent, nodata = await resolve(servers, "no.signed.example", "MX"), await resolve(servers, "mail.signed.example", "MX")

    assert (absent.outcome, nodata.outcome) == (DnsOutcome.NXDOMAIN, DnsOutcome.NODATA)
    assert absent.authentic
    assert absent.soa is not None
    assert absent.soa.name == "signed.example"


async def test_tlsa_is_authentic(servers: Servers) -> None:
    """
    TLSA records are readable and authentic.
    """
    answer = await resolve(servers, "_25._tcp.mail.signed.example", "TLSA")

    assert [record.data for record in answer.records] == ["3 1 1 " + "ab" * 32]
    assert answer.authentic


@pytest.mark.parametrize("zone", ["signed.example", "plain.example"])
async def test_aliases(servers: Servers, zone: str) -> None:
    """
    An alias, a dangling one, and a DNAME.
    """
    www = await resolve(servers, f"www.{zone}", "A")
    dangling = await resolve(servers, f"dangling.{zone}", "A")
    renamed = await resolve(servers, f"mx.old.{zone}", "A")

    assert (www.canonical_name, www.records[0].data) == (f"mail.{zone}", "192.0.2.25")
    assert (dangling.outcome, dangling.canonical_name) == (DnsOutcome.NXDOMAIN, f"gone.{zone}")
    assert (renamed.canonical_name, renamed.records[0].data) == (f"mx.new.{zone}", "192.0.2.26")


@pytest.mark.parametrize("rdtype", ["A", "MX"])
async def test_circle(servers: Servers, rdtype: str) -> None:
    """
    A circle of aliases is a loop, whatever Unbound calls it.
    """
    answer = await resolve(servers, "ring1.plain.example", rdtype)

    assert answer.outcome == DnsOutcome.LOOP


async def test_large_answer(servers: Servers) -> None:
    """
    What does not fit into a packet comes over TCP.
    """
    answer = await resolve(servers, "huge.plain.example", "TXT")

    assert (answer.outcome, answer.transport, len(answer.records[0].text)) == (DnsOutcome.ANSWER, "tcp", 10_000)


async def test_odd_bytes(servers: Servers) -> None:
    """
    NUL in a label and bytes in a text survive both servers.
    """
    host, text = await resolve(servers, r"odd\000label.plain.example", "A"), await resolve(servers, "plain.example", "TXT")

    assert (host.records[0].name, host.records[0].data) == (r"odd\000label.plain.example", "192.0.2.27")
    assert text.records[0].texts == ("v=spf1 -all", "\x00\x1b\xff")


async def test_over_tls(servers: Servers) -> None:
    """
    Unbound's DNS over TLS is verified against `ca_file`.
    """
    trusted = await resolve(servers, "signed.example", "MX", nameservers=(servers.resolver_tls,), ca_file=servers.ca_file)
    unknown = await resolve(servers, "signed.example", "MX", nameservers=(servers.resolver_tls,))

    assert (trusted.outcome, trusted.transport) == (DnsOutcome.ANSWER, "tls")
    assert unknown.outcome == DnsOutcome.UNREACHABLE


async def test_zones_own_server(servers: Servers) -> None:
    """
    Knot answers with authority.
    """
    mx, absent = await authority(servers, "signed.example", "MX"), await authority(servers, "no.signed.example", "MX")
    huge = await authority(servers, "huge.signed.example", "TXT")

    assert (mx.outcome, absent.outcome) == (DnsOutcome.ANSWER, DnsOutcome.NXDOMAIN)
    assert "aa" in mx.flags
    assert (huge.outcome, huge.transport) == (DnsOutcome.ANSWER, "tcp")


async def test_server_that_does_not_hold_the_zone(servers: Servers) -> None:
    """
    Knot refuses what it does not hold.
    """
    answer = await authority(servers, "other.example", "MX", zone="other.example")

    assert answer.outcome == DnsOutcome.REFUSED


async def test_resolver_in_the_place_of_an_authority(servers: Servers) -> None:
    """
    Unbound in the place of a zone's server is an interception.
    """
    network = servers.network(connect_to={"192.0.2.53:53": servers.resolver})
    await network.ask(DnsQuestion("plain.example", "MX"))
    question = DnsQuestion(
        "plain.example", "MX", Via.AUTHORITATIVE, server="192.0.2.53", server_name="ns1.plain.example", zone="plain.example"
    )
    answer = await network.ask(question)

    assert isinstance(answer, DnsAnswer)
    assert answer.outcome == DnsOutcome.INTERCEPTED
