"""
A zone's own servers, asked directly.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import dns.flags

from runbook_lib.observations import DnsAnswer, DnsOutcome, DnsQuestion, Via
from runbook_lib.probes import Network

AskOne = Callable[..., Awaitable[DnsAnswer]]
MX = "alder.example. 600 IN MX 10 mail.alder.example."
SOA = "alder.example. 300 IN SOA ns1.alder.example. admin.alder.example. 7 3600 600 86400 300"


async def test_answer_with_authority(ask: AskOne) -> None:
    """
    An answer with AA is an answer.
    """
    answer = await ask(lambda q: q.reply(MX, flags="AA"), "alder.example", "MX", via=Via.AUTHORITATIVE)

    assert (answer.outcome, answer.server) == (DnsOutcome.ANSWER, "192.0.2.53")
    assert "aa" in answer.flags


async def test_query_of_a_zones_server(dns_double: Callable[..., Awaitable[Any]], network_for: Callable[..., Network]) -> None:
    """
    Recursion is not asked for.
    """
    double = await dns_double(lambda q: q.reply(flags="AA"))
    question = DnsQuestion("alder.example", "MX", Via.AUTHORITATIVE, "192.0.2.53", "ns1.alder.example", "alder.example")
    await network_for(connect_to={"ns1.alder.example:53": double.address}).ask(question)

    assert not double.asked[0].message.flags & dns.flags.RD


async def test_no_data_and_no_such_name(ask: AskOne) -> None:
    """
    With authority, no data and no such name are definite.
    """
    nodata = await ask(lambda q: q.reply(authority=[SOA], flags="AA"), "alder.example", "MX", via=Via.AUTHORITATIVE)
    absent = await ask(lambda q: q.reply(authority=[SOA], flags="AA", rcode="NXDOMAIN"), "x.alder.example", "MX", via=Via.AUTHORITATIVE)

    assert (nodata.outcome, absent.outcome) == (DnsOutcome.NODATA, DnsOutcome.NXDOMAIN)


async def test_lame(ask: AskOne) -> None:
    """
    A server that refers elsewhere does not hold the zone.
    """
    referral = ["example. 60 IN NS a.nic.example."]
    answer = await ask(lambda q: q.reply(authority=referral, flags=""), "alder.example", "MX", via=Via.AUTHORITATIVE)

    assert answer.outcome == DnsOutcome.LAME
    assert [record.target for record in answer.referral] == ["a.nic.example"]


async def test_delegated_further_is_not_lame(ask: AskOne) -> None:
    """
    A referral below the zone shows that the server does hold it; nothing is said of absence.
    """
    referral = ["sub.alder.example. 60 IN NS ns1.sub.alder.example."]
    answer = await ask(lambda q: q.reply(authority=referral, flags=""), "www.sub.alder.example", "MX", via=Via.AUTHORITATIVE)

    assert answer.outcome == DnsOutcome.OTHER
    assert answer.detail == "delegated further, to sub.alder.example"


async def test_refused_and_failed(ask: AskOne) -> None:
    """
    A server that refuses or fails is named as such.
    """
    refused = await ask(lambda q: q.reply(rcode="REFUSED", flags=""), "alder.example", "MX", via=Via.AUTHORITATIVE)
    failed = await ask(lambda q: q.reply(rcode="SERVFAIL", flags=""), "alder.example", "MX", via=Via.AUTHORITATIVE)

    assert (refused.outcome, failed.outcome) == (DnsOutcome.REFUSED, DnsOutcome.SERVFAIL)


async def test_intercepted(ask: AskOne) -> None:
    """
    An answer without authority was given by something in between.
    """
    resolver = await ask(lambda q: q.reply(MX, flags="RA"), "alder.example", "MX", via=Via.AUTHORITATIVE)
    empty = await ask(lambda q: q.reply(flags="RA"), "alder.example", "MX", via=Via.AUTHORITATIVE)
    without_ra = await ask(lambda q: q.reply(MX, flags=""), "alder.example", "MX", via=Via.AUTHORITATIVE)

    assert {DnsOutcome.INTERCEPTED} == {resolver.outcome, empty.outcome, without_ra.outcome}


async def test_alias_out_of_the_zone(ask: AskOne) -> None:
    """
    A zone's server gives the alias only; it is kept and not followed elsewhere.
    """
    answer = await ask(
        lambda q: q.reply("www.alder.example. 60 IN CNAME elsewhere.example.", flags="AA"), "www.alder.example", "A", via=Via.AUTHORITATIVE
    )

    assert answer.outcome == DnsOutcome.NODATA
    assert answer.canonical_name == "elsewhere.example"


async def test_silent(ask: AskOne) -> None:
    """
    A silent server is a time-out.
    """
    answer = await ask(lambda _: None, "alder.example", "MX", via=Via.AUTHORITATIVE, timeout=0.2)

    assert answer.outcome == DnsOutcome.TIMEOUT


async def test_truncated_goes_to_tcp_at_the_mapped_address(ask: AskOne) -> None:
    """
    TCP goes where `connect_to` sends the server as well.
    """
    answer = await ask(
        lambda q: q.reply(flags="AA TC") if q.transport == "udp" else q.reply(MX, flags="AA"), "alder.example", "MX", via=Via.AUTHORITATIVE
    )

    assert (answer.outcome, answer.transport) == (DnsOutcome.ANSWER, "tcp")


async def test_address_entry_wins_over_host_entry(dns_double: Callable[..., Awaitable[Any]], network_for: Callable[..., Network]) -> None:
    """
    Where `connect_to` names both, the address decides.
    """
    by_address = await dns_double(lambda q: q.reply(MX, flags="AA"))
    by_host = await dns_double(lambda q: q.reply(flags="AA"))
    network = network_for(connect_to={"ns1.alder.example:53": by_host.address, "[2001:db8::53]:53": by_address.address})
    await network.ask(DnsQuestion("alder.example", "MX", Via.AUTHORITATIVE, "2001:db8::53", "ns1.alder.example", "alder.example"))

    assert (len(by_address.asked), len(by_host.asked)) == (1, 0)
