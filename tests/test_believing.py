"""
A resolver that denies names known to exist is not believed when it denies the customer's.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import dns.message
import dns.rcode
import dns.rrset
import pytest

from runbook_lib.environment import environment_from_parameters
from runbook_lib.reporting.actions import next_actions
from runbook_lib.results import Finding, Status
from runbook_lib.session import Session

GATEWAY = "eu-smtp-inbound-1.mimecast.com"


class _Resolver(asyncio.DatagramProtocol):
    """
    Knows the names it is given, and denies every other.
    """

    def __init__(self, known: frozenset[str], rcode: dns.rcode.Rcode) -> None:
        self._known, self._rcode = known, rcode
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        """
        Keep what answers are sent by.
        """
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """
        Answer one question.
        """
        query = dns.message.from_wire(data)
        reply = dns.message.make_response(query)
        question = query.question[0]
        if question.name.to_text(omit_final_dot=True) not in self._known:
            reply.set_rcode(self._rcode)
        elif dns.rdatatype.to_text(question.rdtype) == "A":
            reply.answer.append(dns.rrset.from_text(question.name, 60, "IN", "A", "198.51.100.7"))
        self._transport.sendto(reply.to_wire(), addr)


@asynccontextmanager
async def _resolver(*known: str, rcode: dns.rcode.Rcode = dns.rcode.NXDOMAIN) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Resolver(frozenset(known), rcode), local_addr=("127.0.0.1", 0))
    try:
        yield "{}:{}".format(*transport.get_extra_info("sockname"))
    finally:
        transport.close()


async def _findings(nameserver: str, **changed: Any) -> dict[str, Finding]:
    values = {
        "customer": "Alder",
        "platform": "microsoft_365",
        "region": "eu",
        "domains": ["alder.example"],
        "inbound_host": "alder-example.mail.protection.outlook.com",
        "nameservers": [nameserver],
        "probes": ["dns"],
        "timeout": 2,
        **changed,
    }
    async with Session(environment_from_parameters(values)) as session:
        await session.run()
        return {finding.check: finding for finding in session.findings()}


async def test_a_resolver_that_knows_nothing_is_not_believed() -> None:
    """
    Where the gateway's own hosts are denied as well nothing is called absent, broken or right for it; the reason is said with the names.
    """
    async with _resolver() as nameserver:
        found = await _findings(nameserver)

    assert found["domain.delegation"].status is Status.UNKNOWN
    assert found["domain.delegation"].cause == "resolver_denies_all"
    assert GATEWAY in found["domain.delegation"].words.observed
    checks = (
        "mx.present",
        "mx.gateway",
        "spf.record",
        "dmarc.record",
        "mta_sts.policy",
        "tls_rpt.record",
        "dnssec.status",
        "route.resolves",
    )
    assert {check: found[check].status for check in checks} == dict.fromkeys(checks, Status.UNKNOWN)
    assert not [name for name, finding in found.items() if finding.status is Status.FAIL]
    assert not [finding.name for finding in found.values() if "NXDOMAIN" in finding.words.summary or "disbelieved" in finding.words.summary]
    actions = [action for action in next_actions(tuple(found.values())) if action.status is Status.UNKNOWN]
    assert [("domain.delegation alder.example",)] == [tuple(each.name for each in action.findings) for action in actions]
    assert {finding.name for finding in found.values() if finding.status is Status.UNKNOWN} == {
        each.name for action in actions for each in (*action.findings, *action.consequences)
    }


@pytest.mark.parametrize(
    ("known", "changed"),
    [((GATEWAY,), {}), (("smtp.google.com",), {}), (("mx.gateway.example",), {"gateway_hosts": ["mx.gateway.example"]})],
    ids=["gateway", "control host", "hosts of the console"],
)
async def test_a_resolver_that_knows_one_of_them_is_believed(known: tuple[str, ...], changed: dict[str, Any]) -> None:
    """
    Then a domain that it denies does not exist.
    """
    async with _resolver(*known) as nameserver:
        found = await _findings(nameserver, **changed)

    assert (found["domain.delegation"].status, found["domain.delegation"].cause) == (Status.FAIL, "nxdomain")
    assert (found["mx.present"].status, found["mx.present"].cause) == (Status.FAIL, "nxdomain")


async def test_only_nxdomain_is_held_against_it() -> None:
    """
    A resolver that refuses has said nothing about any name; it goes by its own name.
    """
    async with _resolver(rcode=dns.rcode.REFUSED) as nameserver:
        found = await _findings(nameserver)

    assert found["domain.delegation"].causes == ("dns_refused", "resolver_silent")
