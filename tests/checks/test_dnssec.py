"""
``dnssec.status``.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.observations import DnsOutcome

D = "alder.example"


def seen(finding: Any) -> tuple[str, str | None]:
    """
    Status and cause.
    """
    return finding.status.value, finding.cause


def test_insecure(look: Any) -> None:
    """
    A domain that is not signed passes.
    """
    finding = look.one("dnssec.status")

    assert ("pass", "dnssec.status.insecure") == (finding.status.value, finding.message.id)


def test_secure(look: Any, world: Any) -> None:
    """
    A domain the resolver could verify passes.
    """
    world.secure = True

    finding = look.one("dnssec.status")

    assert ("pass", "dnssec.status.secure") == (finding.status.value, finding.message.id)


@pytest.mark.parametrize("rdtype", ["SOA", "MX", "*"])
def test_bogus(look: Any, world: Any, rdtype: str) -> None:
    """
    Validation that fails for any type is a failure.
    """
    world.fails[D, rdtype, ""] = DnsOutcome.BOGUS

    assert ("fail", "bogus") == seen(look.one("dnssec.status"))


def test_resolver_that_does_not_validate(look: Any, world: Any) -> None:
    """
    A DS record without AD means that nobody checked.
    """
    world.records[D, "DS"] = ["12345 13 2 aa"]

    assert ("unknown", "not_validating") == seen(look.one("dnssec.status"))


def test_subdomain_asks_its_zone(look: Any, world: Any) -> None:
    """
    For a domain that is no zone of its own the DS record of its zone counts.
    """
    world.records |= {(D, "DS"): ["12345 13 2 aa"], ("eu.alder.example", "MX"): ["10 mail.alder.example"]}

    assert ("unknown", "not_validating") == seen(look.one("dnssec.status", domains=["eu.alder.example"]))


@pytest.mark.parametrize(("outcome", "cause"), [(DnsOutcome.SERVFAIL, "dns_servfail"), (DnsOutcome.TIMEOUT, "dns_timeout")])
def test_could_not_ask(look: Any, world: Any, outcome: DnsOutcome, cause: str) -> None:
    """
    What could not be asked is unknown.
    """
    world.fails["*", "*", ""] = outcome

    assert ("unknown", cause) == seen(look.one("dnssec.status"))


def test_no_such_domain(look: Any, world: Any) -> None:
    """
    A domain that does not exist stops it.
    """
    world.records.clear()

    assert ("not_applicable", "not_reached") == seen(look.one("dnssec.status"))
