"""
The sandbox's DNS speaks as real servers do: authority, referrals, negative answers, aliases, truncation, old answers.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import dns.flags
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import pytest

from runbook_lib.sandbox.zones import plain

if TYPE_CHECKING:
    from conftest import Client

NS1, NS2, ROOT = "185.136.96.66", "185.136.97.66", "198.41.0.4"
DOMAIN = "alder-pre.example"


def test_an_authoritative_answer(client: Client) -> None:
    """
    A zone's own server answers with AA and without RA.
    """
    reply = client.dig(DOMAIN, "MX", NS1, flags=0)

    assert dns.flags.AA == reply.flags & (dns.flags.AA | dns.flags.RA)
    assert "0 alder-pre-example.mail.protection.outlook.com." == reply.answer[0][0].to_text()


def test_an_unknown_zone_is_refused(client: Client) -> None:
    """
    An authoritative server that has neither the zone nor one above it refuses.
    """
    assert dns.rcode.REFUSED == client.dig("mimecast.com", "MX", NS1).rcode()


def test_the_parent_refers(client: Client) -> None:
    """
    The server above a zone cut answers with a referral: NS in the authority section, no AA.
    """
    reply = client.dig(DOMAIN, "MX", ROOT, flags=0)

    assert not reply.flags & dns.flags.AA
    assert [] == reply.answer
    assert DOMAIN == plain(reply.authority[0].name)


@pytest.mark.parametrize(("name", "rcode"), [(f"nothing.{DOMAIN}", dns.rcode.NXDOMAIN), (f"www.{DOMAIN}", dns.rcode.NOERROR)])
def test_negative_answers_carry_the_soa(client: Client, name: str, rcode: dns.rcode.Rcode) -> None:
    """
    No such name and no such data are told apart, each with the SOA and its negative TTL.
    """
    for server in (None, NS1):
        reply = client.dig(name, "TLSA", server)

        assert rcode == reply.rcode()
        assert 300 == reply.find_rrset(reply.authority, dns.name.from_text(DOMAIN), dns.rdataclass.IN, dns.rdatatype.SOA).ttl


def test_an_empty_non_terminal_exists(client: Client) -> None:
    """
    A name with nothing but names below it is no data, not NXDOMAIN.
    """
    reply = client.dig("_netblocks.mimecast.com", "TXT")

    assert (dns.rcode.NOERROR, []) == (reply.rcode(), reply.answer)


def test_the_resolver_follows_aliases_across_zones(client: Client) -> None:
    """
    The recursive resolver gives the whole chain, also into another zone.
    """
    client.world.faults.set_records(f"a.{DOMAIN}", "CNAME", ["smtp.google.com."])
    reply = client.dig(f"a.{DOMAIN}", "A")

    assert dns.flags.RA == reply.flags & (dns.flags.RA | dns.flags.AA)
    assert ["142.250.153.26", "smtp.google.com."] == client.data(f"a.{DOMAIN}", "A")


def test_an_alias_loop_is_servfail_but_each_alias_can_be_asked(client: Client) -> None:
    """
    A loop of aliases is SERVFAIL at the resolver; asked for CNAME it shows each link.
    """
    client.world.faults.set_records(f"a.{DOMAIN}", "CNAME", ["b"])
    client.world.faults.set_records(f"b.{DOMAIN}", "CNAME", ["a"])

    assert dns.rcode.SERVFAIL == client.dig(f"a.{DOMAIN}", "A").rcode()
    assert [f"b.{DOMAIN}."] == client.data(f"a.{DOMAIN}", "CNAME")


@pytest.mark.parametrize("tcp", [False, True])
def test_one_port_for_both_transports(client: Client, *, tcp: bool) -> None:
    """
    UDP and TCP answer alike on the same port.
    """
    assert 1 == len(client.dig(DOMAIN, "MX", tcp=tcp).answer)


def test_a_large_answer_is_truncated_over_udp(client: Client) -> None:
    """
    What does not fit goes out empty with TC, and whole over TCP; without EDNS 512 bytes are the limit.
    """
    client.world.faults.set_records(f"big.{DOMAIN}", "TXT", [f'"{number:0200d}"' for number in range(4)])
    small = client.dig(f"big.{DOMAIN}", "TXT", edns=False)

    assert (dns.flags.TC, []) == (small.flags & dns.flags.TC, small.answer)
    assert 4 == len(client.dig(f"big.{DOMAIN}", "TXT").answer[0])
    assert 4 == len(client.dig(f"big.{DOMAIN}", "TXT", tcp=True, edns=False).answer[0])


def test_ad_only_for_secure_zones(client: Client) -> None:
    """
    The resolver says AD where the data say secure, and not where the question sets CD.
    """
    before = client.dig(DOMAIN, "MX").flags & dns.flags.AD
    client.world.faults.dnssec(DOMAIN, secure=True)

    assert 0 == before
    assert dns.flags.AD == client.dig(DOMAIN, "MX").flags & dns.flags.AD
    assert 0 == client.dig(DOMAIN, "MX", flags=dns.flags.RD | dns.flags.CD).flags & dns.flags.AD


def test_a_bogus_zone_fails_unless_checking_is_off(client: Client) -> None:
    """
    A bogus zone is SERVFAIL with its extended error, and answers when asked with CD.
    """
    client.world.faults.dnssec(DOMAIN, bogus=True)
    failed = client.dig(DOMAIN, "MX")

    assert dns.rcode.SERVFAIL == failed.rcode()
    assert [6] == [option.code for option in failed.extended_errors()]
    assert 1 == len(client.dig(DOMAIN, "MX", flags=dns.flags.RD | dns.flags.CD).answer)


def test_zone_cuts_are_found_through_the_resolver(client: Client) -> None:
    """
    NS of a zone is answered by the resolver; NS of a name inside it is no data with the zone's SOA.
    """
    inside = client.dig(f"www.{DOMAIN}", "NS")

    assert ["ns1.northwind-dns.example.", "ns2.northwind-dns.example."] == client.data(DOMAIN, "NS")
    assert DOMAIN == plain(client.dig(f"_x.{DOMAIN}", "NS").authority[0].name)
    assert f"www.{DOMAIN}" == plain(inside.answer[0].name)
    assert ["185.136.96.66"] == client.data("ns1.northwind-dns.example", "A")


def test_a_public_resolver_forgets_the_old_answer(client: Client) -> None:
    """
    An old answer is given with what is left of its TTL, and the new one after that.
    """
    client.world.faults.still_old("8.8.8.8", DOMAIN, "MX", ["20 old.alder-pre.example."], ttl=1)
    old = client.data(DOMAIN, "MX", "8.8.8.8")
    other = client.data(DOMAIN, "MX", "1.1.1.1")
    time.sleep(1.1)

    assert ["20 old.alder-pre.example."] == old
    assert ["0 alder-pre-example.mail.protection.outlook.com."] == other == client.data(DOMAIN, "MX", "8.8.8.8")


def test_the_ttl_of_an_old_answer_falls(client_of: Callable[[str], Client]) -> None:
    """
    A world's old answers have the TTL that was left at the start, or less.
    """
    reply = client_of("linden-slow-resolvers").dig("linden-slow-resolvers.example", "MX", "8.8.8.8")

    assert 1700 < reply.answer[0].ttl <= 1740


def test_servers_can_disagree(client_of: Callable[[str], Client]) -> None:
    """
    One server of a zone may have another serial and other records.
    """
    client = client_of("teak-disagreeing")
    one, two = (client.dig("teak-disagreeing.example", "SOA", server).answer[0][0].serial for server in (NS1, NS2))

    assert one > two
    assert 2 == len(client.data("teak-disagreeing.example", "MX", NS1))
    assert 1 == len(client.data("teak-disagreeing.example", "MX", NS2))


def test_a_servfail_zone(client_of: Callable[[str], Client]) -> None:
    """
    A zone that answers SERVFAIL does so at its servers and through the resolver, and nothing else is touched by it.
    """
    client = client_of("spruce-servfail")

    assert [dns.rcode.SERVFAIL] * 2 == [client.dig("spruce-servfail.example", "MX", server).rcode() for server in (None, NS1)]
    assert dns.rcode.NOERROR == client.dig("eu-smtp-inbound-1.mimecast.com", "A").rcode()


def test_what_is_no_query_gets_no_answer(client: Client) -> None:
    """
    Bytes that are no DNS message are dropped, and the next query is answered.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.settimeout(0.2)
        sender.sendto(b"\xff" * 40, client.where(client.world.nameserver))
        with pytest.raises(TimeoutError):
            sender.recv(512)

    assert 1 == len(client.dig(DOMAIN, "MX").answer)


def test_queries_are_logged(client: Client) -> None:
    """
    Every query is noted with the server, the transport and its flags.
    """
    client.dig(DOMAIN, "MX", NS2, tcp=True, flags=0)
    noted = client.world.dns_log[-1]

    assert ("ns2.northwind-dns.example", DOMAIN, "MX", "tcp", False) == (
        noted.server,
        noted.name,
        noted.rdtype,
        noted.transport,
        noted.recursion,
    )
