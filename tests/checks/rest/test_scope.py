"""
`lockdown.scope`: every accepted domain's MX, before the lock.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.observations import DnsOutcome
from runbook_lib.results import Status

CHECK = "lockdown.scope"
DOOR = "0 other-example.mail.protection.outlook.com"


def _domain(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "DomainName": name,
        "Name": name,
        "DomainType": "Authoritative",
        "Default": False,
        "InitialDomain": name.endswith(".onmicrosoft.com"),
        "MatchSubDomains": False,
        "IsCoexistenceDomain": False,
        **changes,
    }


def _accepted(*names: str) -> dict[str, Any]:
    return {"accepted.json": [_domain(name) for name in names]}


@pytest.mark.parametrize(("phase", "status"), [("prepare", Status.NOT_APPLICABLE), ("cutover", Status.MANUAL), ("lockdown", Status.MANUAL)])
def test_no_export(desk: Any, phase: str, status: Status) -> None:
    """
    Without the accepted domains a person has to confirm, once domains move.
    """
    assert (status, "tenant") == (desk.one(CHECK, phase=phase).status, desk.one(CHECK, phase=phase).subject)


@pytest.mark.parametrize("phase", ["cutover", "lockdown"])
def test_each_domain_by_its_mx(desk: Any, gateway_mx: Any, phase: str) -> None:
    """
    At the gateway passes; straight at the platform, or anywhere else, fails; what takes no mail loses none.
    """
    desk.mx |= {
        "alder.example": gateway_mx,
        "other.example": (DOOR,),
        "third.example": ("10 mx.elsewhere.example",),
        "part.example": (*gateway_mx, "20 mx.elsewhere.example"),
        "null.example": ("0 .",),
        "gone.example": DnsOutcome.NXDOMAIN,
        "broken.example": DnsOutcome.SERVFAIL,
    }
    found = desk(CHECK, _accepted(*desk.mx), phase=phase)

    assert {name: finding.status for name, finding in found.items()} == {
        "alder.example": Status.PASS,
        "other.example": Status.FAIL,
        "third.example": Status.FAIL,
        "part.example": Status.FAIL,
        "null.example": Status.PASS,
        "gone.example": Status.PASS,
        "broken.example": Status.UNKNOWN,
    }
    assert found["other.example"].message.id == f"{CHECK}.at_platform"
    assert found["broken.example"].cause == "dns_servfail"
    assert "other.example. 300 IN MX 10" in found["other.example"].words.paste


def test_a_domain_whose_turn_comes_later_is_called_planned(desk: Any, gateway_mx: Any) -> None:
    """
    In waves the lock still has to wait for the last domain, but nobody is told to add a domain that is there already.
    """
    desk.mx |= {"alder.example": gateway_mx, "other.example": (DOOR,)}
    domains = ["alder.example", {"name": "other.example", "phase": "prepare"}]
    found = desk(CHECK, _accepted(*desk.mx), phase="cutover", domains=domains)["other.example"]

    assert (Status.FAIL, f"{CHECK}.planned") == (found.status, found.message.id)
    assert "as planned" in found.words.summary
    assert not found.words.paste


def test_tenant_domains_stand_on_lines_of_their_own(desk: Any, gateway_mx: Any) -> None:
    """
    A domain of the provider's cannot move: it is told, and its MX is not asked for.
    """
    desk.mx["alder.example"] = gateway_mx
    found = desk(CHECK, _accepted("alder.example", "alder.onmicrosoft.com", "alder.mail.onmicrosoft.com"), phase="lockdown")

    assert (Status.WARN, "cannot_move") == (found["alder.onmicrosoft.com"].status, found["alder.onmicrosoft.com"].cause)
    assert found["alder.mail.onmicrosoft.com"].message.id == f"{CHECK}.tenant_coexistence"
    assert not [question for question in desk.asked if "onmicrosoft" in question.name]


def test_empty_export_does_not_pass(desk: Any) -> None:
    """
    An export of nothing does not show that all is well.
    """
    scuba = {"accepted_domains": [], "inbound_connectors": [], "transport_rule": [], "conn_filter": []}

    assert (Status.UNKNOWN, "empty_export") == (
        desk.one(CHECK, {"s.json": scuba}, phase="lockdown").status,
        desk.one(CHECK, {"s.json": scuba}, phase="lockdown").cause,
    )


def test_wildcard_is_for_a_person(desk: Any) -> None:
    """
    A wildcard covers names that cannot be asked for.
    """
    found = desk.one(CHECK, _accepted("*.alder.example"), phase="lockdown", platform="on_premises", inbound_host="mail.alder.example")

    assert (Status.MANUAL, "*.alder.example") == (found.status, found.subject)


def test_wave_that_has_not_moved(desk: Any, gateway_mx: Any) -> None:
    """
    A listed domain still before its move loses its mail by the lock of another.
    """
    desk.mx["alder.example"] = gateway_mx
    desk.mx["alder-two.example"] = ("10 mail.alder.example",)
    domains = [{"name": "alder.example", "phase": "lockdown"}, "alder-two.example"]
    found = desk(CHECK, _accepted("alder.example", "alder-two.example"), domains=domains)

    assert (Status.PASS, Status.FAIL) == (found["alder.example"].status, found["alder-two.example"].status)


def test_bounded(desk: Any, gateway_mx: Any) -> None:
    """
    Two hundred domains are asked for; the rest is not known.
    """
    names = [f"d{number}.example" for number in range(230)]
    desk.mx |= dict.fromkeys(names, gateway_mx)
    found = desk(CHECK, _accepted(*names), phase="lockdown")

    assert (Status.UNKNOWN, "limit", 30) == (found["tenant"].status, found["tenant"].cause, found["tenant"].message.values["number"])
    assert len(found) == 201


def test_uncertain_hosts(desk: Any) -> None:
    """
    Gateway hosts that differ from names by analogy prove nothing.
    """
    desk.mx["alder.example"] = ("10 je-smtp-inbound-9.mimecast-offshore.com",)
    found = desk.one(CHECK, _accepted("alder.example"), phase="lockdown", region="je")

    assert found.status is Status.UNKNOWN


def test_dns_left_out(desk: Any) -> None:
    """
    A run without DNS says so.
    """
    assert desk.one(CHECK, _accepted("alder.example"), phase="lockdown", probes=["smtp"]).cause == "left_out"


def test_subdomains_of_a_domain_that_takes_them_as_well(desk: Any, gateway_mx: Any) -> None:
    """
    Nobody can look up names that nobody has listed: a person has to.
    """
    desk.mx["alder.example"] = gateway_mx
    found = desk(CHECK, {"accepted.json": [_domain("alder.example", MatchSubDomains=True)]}, phase="lockdown")

    assert {"alder.example": Status.PASS, "*.alder.example": Status.MANUAL} == {name: each.status for name, each in found.items()}


@pytest.mark.parametrize(
    ("address", "status", "cause"),
    [
        ("192.0.2.80", Status.WARN, "implicit_mx"),
        ("192.0.2.25", Status.FAIL, "implicit_mx"),
        (DnsOutcome.SERVFAIL, Status.UNKNOWN, "dns_servfail"),
        (DnsOutcome.NODATA, Status.PASS, "no_mx"),
    ],
)
def test_a_domain_without_mx_is_its_own_mail_host(desk: Any, address: Any, status: Status, cause: str) -> None:
    """
    Senders deliver to the address of a domain without MX; where that is the platform's, the lock loses the mail.
    """
    desk.addresses = {"legacy.example": address, "mail.alder.example": "192.0.2.25"}
    keys = {"phase": "lockdown", "platform": "on_premises", "inbound_host": "mail.alder.example"}
    found = desk(CHECK, {"accepted.json": [_domain("legacy.example")]}, **keys)["legacy.example"]

    assert (status, cause) == (found.status, found.cause)


def test_domains_are_told_apart_as_dns_does(desk: Any, gateway_mx: Any) -> None:
    """
    A sharp s is no double s: these are two domains, and each is asked for by its A-label.
    """
    desk.mx |= {"strasse.example": gateway_mx, "xn--strae-oqa.example": ("10 mx.elsewhere.example",)}
    found = desk(CHECK, {"accepted.json": [_domain("Stra\u00dfe.example"), _domain("STRASSE.Example.")]}, phase="lockdown")

    assert {"xn--strae-oqa.example": Status.FAIL, "strasse.example": Status.PASS} == {name: each.status for name, each in found.items()}
