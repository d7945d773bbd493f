"""
`route.host` and `route.resolves`.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.checks import route
from runbook_lib.observations import DnsOutcome, SmtpQuestion
from runbook_lib.results import Status


def _check(key: str) -> Any:
    return next(check for check in route.CHECKS if check.id == key)


HOST, RESOLVES, CONNECT = _check("route.host"), _check("route.resolves"), _check("route.connect")


def test_host_of_the_platform_passes(build: Any) -> None:
    """
    A tenant's own door is a plausible inbound host, in the older and in the newer form.
    """
    assert build.world().one(HOST).status is Status.PASS
    assert build.world({"inbound_host": "alder-example.e-v1.mx.microsoft"}).one(HOST).status is Status.PASS


@pytest.mark.parametrize(
    ("platform", "host"),
    [
        ("microsoft_365", "mail.alder.example"),
        ("microsoft_365", "alder-example.olc.protection.outlook.com"),
        ("google_workspace", "smtp.gmail.com"),
        ("on_premises", "alder-example.mail.protection.outlook.com"),
        ("hybrid", "smtp.google.com"),
    ],
)
def test_implausible_host_is_warned_of(build: Any, platform: str, host: str) -> None:
    """
    A host that the platform does not give its customers is warned of.
    """
    found = build.world({"platform": platform, "inbound_host": host}).one(HOST)

    assert (Status.WARN, "unknown_form") == (found.status, found.cause)
    assert host in found.words.summary


def test_gateway_as_inbound_host_fails(build: Any) -> None:
    """
    The gateway's own MX host as inbound host is a mail loop; another host of the gateway fails as well; both are probed all the same.
    """
    world = build.world(
        {"inbound_host": "eu-smtp-inbound-1.mimecast.com"}, addresses={"eu-smtp-inbound-1.mimecast.com": ("195.130.217.1",)}
    )
    loop = world.one(HOST)
    other = build.world({"inbound_host": "us-smtp-outbound-1.mimecast.com"}).one(HOST)

    assert (Status.FAIL, "mail_loop") == (loop.status, loop.cause)
    assert (Status.FAIL, "gateway") == (other.status, other.cause)
    assert any(isinstance(question, SmtpQuestion) for question in world.asked)


def test_alias_to_the_gateway_fails(build: Any) -> None:
    """
    A name of the customer's own that is an alias of the gateway is a loop as well.
    """
    world = build.own(aliases={"mail.alder.example": ("eu-smtp-inbound-2.mimecast.com",)})

    assert world.one(HOST).cause == "mail_loop"


def test_parked_domains_have_no_route(build: Any) -> None:
    """
    Where no domain receives mail every route check says so instead of vanishing.
    """
    world = build.world({"domains": [{"name": "alder.example", "role": "parked"}]})

    for check in route.CHECKS:
        assert world.one(check).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("outcome", "status", "cause"),
    [
        (DnsOutcome.NXDOMAIN, Status.FAIL, "nxdomain"),
        (DnsOutcome.NODATA, Status.FAIL, "no_address"),
        (DnsOutcome.LOOP, Status.FAIL, "cname_loop"),
        (DnsOutcome.SERVFAIL, Status.UNKNOWN, "dns_servfail"),
        (DnsOutcome.REFUSED, Status.UNKNOWN, "dns_refused"),
        (DnsOutcome.TIMEOUT, Status.UNKNOWN, "dns_timeout"),
        (DnsOutcome.BOGUS, Status.UNKNOWN, "bogus"),
        (DnsOutcome.LIMIT, Status.UNKNOWN, "limit"),
    ],
)
def test_host_without_address(build: Any, outcome: DnsOutcome, status: Status, cause: str) -> None:
    """
    A host that has no address fails, one that could not be looked up is unknown, and what follows says that it was not reached.
    """
    world = build.world(addresses={build.host: outcome})
    found, after = world.one(RESOLVES), world.one(CONNECT)

    assert (status, cause) == (found.status, found.cause)
    assert after.status is (Status.UNKNOWN if status is Status.UNKNOWN else Status.NOT_APPLICABLE)
    assert after.cause == "not_reached"
    assert after.evidence == (f"route.resolves {build.host}",)
    assert after.subject == build.host


def test_private_address_fails_and_is_not_connected_to(build: Any) -> None:
    """
    A private address fails; nothing is connected to in the consultant's own network.
    """
    world = build.own(addresses={"mail.alder.example": ("10.0.0.5",)})

    assert world.one(RESOLVES).cause == "private_address"
    assert world.one(CONNECT).evidence == ("route.resolves mail.alder.example",)
    assert not any(isinstance(question, SmtpQuestion) for question in world.asked)


@pytest.mark.parametrize("keys", [{"allow_private": True}, {"connect_to": {"10.0.0.5:25": "127.0.0.1:2525"}}])
def test_private_address_that_is_expected(build: Any, keys: dict[str, Any]) -> None:
    """
    With `allow_private` or `connect_to` a private address is not held against a host.
    """
    world = build.own(keys, addresses={"mail.alder.example": ("10.0.0.5",)})

    assert world.one(RESOLVES).status is Status.PASS
    assert world.one(CONNECT).subject == "10.0.0.5"


def test_microsoft_host_outside_its_ranges(build: Any) -> None:
    """
    A tenant's door that resolves outside Microsoft's ranges is warned of, but not where private addresses are expected.
    """
    addresses = {build.host: ("93.184.216.34",)}
    found = build.world(addresses=addresses).one(RESOLVES)

    assert (Status.WARN, "outside_ranges") == (found.status, found.cause)
    assert build.world({"allow_private": True}, addresses=addresses).one(RESOLVES).status is Status.PASS


def test_unpublished_host_is_probed_all_the_same(build: Any) -> None:
    """
    A host that only `connect_to` knows is warned of and probed under its name.
    """
    world = build.world({"connect_to": {f"{build.host}:25": "127.0.0.1:2525"}}, addresses={})
    found = world.one(RESOLVES)

    assert (Status.WARN, "not_published") == (found.status, found.cause)
    assert (build.host, Status.PASS) == (world.one(CONNECT).subject, world.one(CONNECT).status)


def test_probes_left_out(build: Any) -> None:
    """
    What this run may not do is not needed, with the reason; addresses are still looked up.
    """
    world = build.world({"probes": ["dns"]})

    assert world.one(RESOLVES).status is Status.PASS
    assert (Status.NOT_APPLICABLE, "left_out") == (world.one(CONNECT).status, world.one(CONNECT).cause)
    assert not any(isinstance(question, SmtpQuestion) for question in world.asked)


def test_two_hosts_with_one_address_give_one_finding(build: Any) -> None:
    """
    Where two inbound hosts share an address, check and subject stay unique.
    """
    keys = {"domains": ["alder.example", {"name": "alder-two.example", "inbound_host": "mx2.alder.example"}]}
    world = build.own(keys, addresses={"mail.alder.example": ("93.184.216.34",), "mx2.alder.example": ("93.184.216.34",)})

    assert list(world.judge(CONNECT)) == ["93.184.216.34"]
    assert set(world.judge(RESOLVES)) == {"mail.alder.example", "mx2.alder.example"}
