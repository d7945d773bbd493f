"""
`gateway.accepts`.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.checks import gateway
from runbook_lib.observations import DnsOutcome, SmtpQuestion
from runbook_lib.results import Status

(ACCEPTS,) = gateway.CHECKS
ONE, TWO = "eu-smtp-inbound-1.mimecast.com", "eu-smtp-inbound-2.mimecast.com"
ADDRESSES = {ONE: ("195.130.217.1", "195.130.217.2", "195.130.217.3"), TWO: ("195.130.217.9",)}


def test_accepted_at_every_host(build: Any) -> None:
    """
    Where every host takes the test recipient the domain passes; at most two addresses a host are asked, on port 25.
    """
    world = build.world({"inbound_port": 2525}, addresses=ADDRESSES)
    found = world.one(ACCEPTS)
    asked = [each for each in world.asked if isinstance(each, SmtpQuestion)]

    assert (Status.PASS, "alder.example") == (found.status, found.subject)
    assert ["195.130.217.1", "195.130.217.2", "195.130.217.9"] == [each.address for each in asked]
    assert {25} == {each.port for each in asked}


@pytest.mark.parametrize(
    ("wire", "status", "cause"),
    [
        ("451 Open relay is not allowed", Status.FAIL, "not_registered"),
        ("550 Open relay not allowed", Status.FAIL, "not_registered"),
        ("550 Invalid Recipient", Status.FAIL, "recipient_validation"),
        ("550 The incorrect hostname used for inbounds", Status.FAIL, "outbound_host"),
        ("451 Account inbounds disabled", Status.FAIL, "inbound_disabled"),
        ("451 Internal resources are temporarily unavailable", Status.UNKNOWN, "greylisted"),
        ("451 Recipient temporarily unavailable", Status.UNKNOWN, "temporary"),
        ("451 IP temporarily blacklisted", Status.UNKNOWN, "probe_reputation"),
        ("451 Account service is temporarily unavailable", Status.UNKNOWN, "rate_limited"),
        ("550 hm", Status.FAIL, "refused"),
        ("mail:550 hm", Status.UNKNOWN, "probe_reputation"),
    ],
)
def test_replies_of_the_gateway(build: Any, wire: str, status: Status, cause: str) -> None:
    """
    What the gateway says of the domain fails with its cause; what it says of the probe, or later, is unknown.
    """
    found = build.world(addresses=ADDRESSES, default=build.server(valid=wire)).one(ACCEPTS)

    assert (status, cause) == (found.status, found.cause)


def test_unknown_domain_may_be_the_wrong_region(build: Any) -> None:
    """
    "Open relay not allowed" names both possible causes.
    """
    found = build.world(addresses=ADDRESSES, default=build.server(valid="550 Open relay not allowed")).one(ACCEPTS)

    assert ("not_registered", "wrong_region") == found.causes


@pytest.mark.parametrize("problem", ["timeout", "refused"])
def test_gateway_that_does_not_talk_is_unknown(build: Any, problem: str) -> None:
    """
    The gateway drops unknown probes: a time-out or refusal of the connection is never a fault, and no control host is asked.
    """
    world = build.world(addresses=ADDRESSES, default=build.server(problem=getattr(build, problem)))

    assert world.one(ACCEPTS).status is Status.UNKNOWN
    assert {"DnsQuestion", "SmtpQuestion"} == {type(each).__name__ for each in world.asked}


def test_one_address_a_host_is_enough_but_each_host_counts(build: Any) -> None:
    """
    An address that stays silent is made up for by another of the same host, not by another host.
    """
    silent = build.server(problem=build.timeout)

    assert build.world(addresses=ADDRESSES, servers={"195.130.217.1": silent}).one(ACCEPTS).status is Status.PASS
    assert build.world(addresses=ADDRESSES, servers={"195.130.217.9": silent}).one(ACCEPTS).status is Status.UNKNOWN


def test_refusal_of_one_host_fails(build: Any) -> None:
    """
    A domain that one host refuses fails, whatever the others say.
    """
    refusing = build.server(valid="550 Open relay not allowed")

    assert build.world(addresses=ADDRESSES, servers={"195.130.217.2": refusing}).one(ACCEPTS).status is Status.FAIL


def test_host_that_does_not_resolve_is_unknown(build: Any) -> None:
    """
    A gateway host that could not be looked up leaves the question open; only of one that has no address the name is doubted.
    """
    silent, absent = (
        build.world(addresses={ONE: ("195.130.217.1",), TWO: end}).one(ACCEPTS) for end in (DnsOutcome.SERVFAIL, DnsOutcome.NXDOMAIN)
    )

    assert (Status.UNKNOWN, "dns_servfail", "gateway.accepts.not_looked_up") == (silent.status, silent.cause, silent.message.id)
    assert (Status.UNKNOWN, "gateway.accepts.not_resolved") == (absent.status, absent.message.id)


def test_no_recipient_is_manual(build: Any) -> None:
    """
    Without a test recipient in the domain itself a person has to find out, and the gateway is not bothered.
    """
    none = build.world({"test_recipient": None}, addresses=ADDRESSES)
    elsewhere = build.world({"test_recipient": "erika@birch.example"}, addresses=ADDRESSES)

    assert none.one(ACCEPTS).status is Status.MANUAL
    assert elsewhere.one(ACCEPTS).message.id == "gateway.accepts.elsewhere"
    assert not any(isinstance(each, SmtpQuestion) for each in none.asked + elsewhere.asked)


def test_all_domains_in_one_dialogue(build: Any) -> None:
    """
    Several domains are asked in one dialogue an address, and each has a finding of its own; a parked one is not needed.
    """
    domains = [
        "alder.example",
        {"name": "alder-two.example", "test_recipient": "max@alder-two.example"},
        {"name": "alder-parked.example", "role": "parked"},
    ]
    world = build.world({"domains": domains}, addresses={ONE: ("195.130.217.1",), TWO: ("195.130.217.9",)})
    found = world.judge(ACCEPTS)
    asked = [each for each in world.asked if isinstance(each, SmtpQuestion)]

    assert ["erika@alder.example", "max@alder-two.example"] == [each.recipient for each in asked[0].transactions]
    assert 2 == len(asked)
    assert ["pass", "pass", "not_applicable"] == [each.status.value for each in found.values()]


def test_left_out(build: Any) -> None:
    """
    A run without SMTP probes says that it did not look, and so does one that may not look the hosts up.
    """
    unknown = {ONE: DnsOutcome.NOT_ASKED, TWO: DnsOutcome.NOT_ASKED}

    assert (Status.NOT_APPLICABLE, "left_out") == _brief(build.world({"probes": ["dns"]}, addresses=ADDRESSES).one(ACCEPTS))
    assert (Status.NOT_APPLICABLE, "left_out") == _brief(build.world({"probes": ["smtp"]}, addresses=unknown).one(ACCEPTS))


def _brief(finding: Any) -> tuple[Status, str | None]:
    return finding.status, finding.cause
