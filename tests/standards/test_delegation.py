"""
Zones and their name servers.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.observations import DnsOutcome, Via
from runbook_lib.standards.delegation import MAX_HOSTS, ask_every_server, find_zone

D = "alder.example"
SERVERS: Any = {
    (D, "NS"): ["ns1.alder.example", "ns2.alder.example"],
    (D, "SOA"): ["ns1.alder.example h 1 2 3 4 5"],
    ("ns1.alder.example", "A"): ["194.1.1.1"],
    ("ns1.alder.example", "AAAA"): ["2a01::1"],
    ("ns2.alder.example", "A"): ["194.1.1.2"],
    ("ns2.alder.example", "AAAA"): DnsOutcome.NODATA,
}


def test_apex(carry_out: Any) -> None:
    """
    A zone's own name is found in two steps, with every address of every server.
    """
    zone, asked = carry_out(find_zone(D), SERVERS)

    assert (D, DnsOutcome.ANSWER) == (zone.apex, zone.outcome)
    assert ["194.1.1.1", "2a01::1", "194.1.1.2"] == [server.address for server in zone.servers]
    assert 6 == len(asked)


@pytest.mark.parametrize("name", ["eu.alder.example", "a.b.eu.alder.example"])
def test_below_the_apex(carry_out: Any, name: str) -> None:
    """
    The SOA record of a negative answer names the zone.
    """
    said = {**SERVERS, (name, "NS"): (DnsOutcome.NODATA, D), (name, "SOA"): (DnsOutcome.NODATA, D)}

    zone, _ = carry_out(find_zone(name), said)

    assert (D, 3) == (zone.apex, len(zone.servers))


def test_without_soa(carry_out: Any) -> None:
    """
    A resolver that gives no SOA record is asked for the names above.
    """
    name = "a.eu.alder.example"
    said = {**SERVERS, (name, "NS"): DnsOutcome.NODATA, (name, "SOA"): DnsOutcome.NODATA, ("eu.alder.example", "NS"): DnsOutcome.NODATA}

    zone, _ = carry_out(find_zone(name), said)

    assert (D, DnsOutcome.ANSWER) == (zone.apex, zone.outcome)


def test_no_such_domain(carry_out: Any) -> None:
    """
    A domain that does not exist has no servers.
    """
    zone, _ = carry_out(find_zone("nowhere.example"), {})

    assert (DnsOutcome.NXDOMAIN, ()) == (zone.outcome, zone.servers)


@pytest.mark.parametrize("outcome", [DnsOutcome.SERVFAIL, DnsOutcome.TIMEOUT, DnsOutcome.NOT_ASKED])
def test_failure(carry_out: Any, outcome: DnsOutcome) -> None:
    """
    A resolver that fails leaves the zone unknown, with the reason.
    """
    zone, asked = carry_out(find_zone(D), {(D, "NS"): outcome, (D, "SOA"): outcome})

    assert (outcome, "", 2) == (zone.outcome, zone.apex, len(asked))


def test_many_servers(carry_out: Any) -> None:
    """
    A zone that lists very many servers has the rest counted, not asked.
    """
    zone, asked = carry_out(find_zone(D), {(D, "NS"): [f"ns{n}.example" for n in range(50)], (D, "SOA"): ["x"]})

    assert 50 - MAX_HOSTS == zone.left_out
    assert 2 + 2 * MAX_HOSTS == len(asked)
    assert all(server.problem is DnsOutcome.NXDOMAIN for server in zone.servers)


def test_every_server_is_asked(carry_out: Any) -> None:
    """
    Every address is asked directly, and a server without one is there unasked.
    """
    said = {**SERVERS, (D, "NS"): ["ns1.alder.example", "ns9.alder.example"]}
    zone, _ = carry_out(find_zone(D), said)

    answers, asked = carry_out(ask_every_server(zone, D, "SOA"), said)

    assert [("194.1.1.1", Via.AUTHORITATIVE, D), ("2a01::1", Via.AUTHORITATIVE, D)] == [(one.server, one.via, one.zone) for one in asked]
    assert [True, True, False] == [one.definite for one in answers]
    assert DnsOutcome.NXDOMAIN is answers[2].outcome
