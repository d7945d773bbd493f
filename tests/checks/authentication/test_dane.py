"""
``dane.tlsa``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from runbook_lib.observations import DnsOutcome, DnsQuestion, SmtpQuestion, Trouble

D = "alder.example"
OLD = "mail.alder.example"
TLSA = f"_25._tcp.{OLD}"
NEW = ("eu-smtp-inbound-1.mimecast.com", "eu-smtp-inbound-2.mimecast.com")


def seen(finding: Any) -> tuple[str, str | None]:
    """
    Status and cause.
    """
    return finding.status.value, finding.cause


@pytest.fixture
def signed(net: Any, chain_for: Any) -> Any:
    """
    The world, signed but for the gateway's zone; the present host serves a certificate of its own.
    """
    net.dns.secure = True
    net.unsigned = ("mimecast.com",)
    net.chains[OLD] = chain_for(OLD)
    return net


def fits(net: Any, *, host: str = OLD, usage: int = 3) -> None:
    """
    Publish a TLSA record that fits what a host serves: its own key, or its authority.
    """
    served = net.chains[host][0 if usage == 3 else 1]
    net.publish(f"_25._tcp.{host}", "TLSA", f"{usage} 1 1 {served.spki_sha256}")


@pytest.mark.parametrize("usage", [2, 3])
def test_fits_after_the_move(judge: Any, signed: Any, usage: int) -> None:
    """
    A record of the server's own key or of its authority that fits is a pass.
    """
    fits(signed, usage=usage)

    assert ("pass", None) == seen(judge.one("dane.tlsa", phase="cutover"))


def test_ends_with_the_move(judge: Any, signed: Any) -> None:
    """
    Before the move, a protection that the gateway does not have is a warning.
    """
    fits(signed)

    assert ("warn", "ends_with_move") == seen(judge.one("dane.tlsa"))


def test_goes_on_at_the_gateway(judge: Any, signed: Any) -> None:
    """
    Where the gateway publishes TLSA records too, nothing ends.
    """
    signed.unsigned = ()
    fits(signed)
    for host in NEW:
        signed.publish(f"_25._tcp.{host}", "TLSA", f"3 1 1 {'ab' * 32}")

    assert ("pass", None) == seen(judge.one("dane.tlsa"))


def test_gateway_could_not_be_asked(judge: Any, signed: Any) -> None:
    """
    Where the gateway could not be asked, whether the protection ends is unknown.
    """
    fits(signed)
    signed.dns.fails["eu-smtp-inbound-1.mimecast.com", "*", ""] = DnsOutcome.TIMEOUT

    assert ("unknown", "dns_timeout") == seen(judge.one("dane.tlsa"))


def test_mismatch(judge: Any, signed: Any) -> None:
    """
    A record that does not fit is a failure in every phase, and the record to paste fits.
    """
    signed.publish(TLSA, "TLSA", f"3 1 1 {'ab' * 32}", f"2 0 2 {'cd' * 64}")
    finding = judge.one("dane.tlsa", phase="cutover")

    signed.publish(TLSA, "TLSA", finding.words.paste.partition(" TLSA ")[2])

    assert ("fail", "mismatch") == seen(finding)
    assert ("pass", None) == seen(judge.one("dane.tlsa", phase="cutover"))


def test_one_fitting_record_is_enough(judge: Any, signed: Any) -> None:
    """
    While keys change two records stand side by side.
    """
    spki = signed.chains[OLD][0].spki_sha256
    signed.publish(TLSA, "TLSA", f"3 1 1 {'ab' * 32}", f"3 1 1 {spki}")

    assert ("pass", None) == seen(judge.one("dane.tlsa", phase="cutover"))


def test_authority_with_another_name(judge: Any, signed: Any, chain_for: Any) -> None:
    """
    Under an authority the name counts; the domain is as good as the host.
    """
    signed.chains[OLD] = chain_for("other.example")
    fits(signed, usage=2)

    finding = judge.one("dane.tlsa", phase="cutover")

    assert ("fail", ("mismatch", "hostname_mismatch")) == (finding.status.value, finding.causes)

    signed.chains[OLD] = chain_for(D)

    assert ("pass", None) == seen(judge.one("dane.tlsa", phase="cutover"))


def test_dates(judge: Any, signed: Any, chain_for: Any) -> None:
    """
    Under an authority the dates count, for the server's own key they do not.
    """
    signed.chains[OLD] = chain_for(OLD, until=datetime(2026, 11, 1, tzinfo=UTC))
    fits(signed, usage=2)

    assert ("mismatch", "expired") == judge.one("dane.tlsa", phase="cutover").causes

    fits(signed, usage=3)

    assert ("pass", None) == seen(judge.one("dane.tlsa", phase="cutover"))


def test_authority_that_did_not_sign(judge: Any, signed: Any, chain_for: Any) -> None:
    """
    An authority that is sent without having signed proves nothing; one that is not sent and stands whole in the record is not decided.
    """
    own, other = signed.chains[OLD], chain_for("other.example")
    signed.chains[OLD] = (own[0], other[0])
    signed.publish(TLSA, "TLSA", f"2 1 1 {other[0].spki_sha256}")

    assert ("mismatch", "incomplete_chain") == judge.one("dane.tlsa", phase="cutover").causes

    signed.publish(TLSA, "TLSA", f"2 0 0 {'30' * 40}")

    assert ("unknown", "incomplete_chain") == seen(judge.one("dane.tlsa", phase="cutover"))


@pytest.mark.parametrize("data", [f"1 1 1 {'ab' * 32}", f"3 1 1 {'ab' * 31}", f"3 2 1 {'ab' * 32}", f"3 1 3 {'ab' * 32}"])
def test_unusable(judge: Any, signed: Any, data: str) -> None:
    """
    Records no mail sender can use are a warning, and nobody is connected to for them.
    """
    signed.publish(TLSA, "TLSA", data)

    assert ("warn", "unusable") == seen(judge.one("dane.tlsa"))
    assert not any(isinstance(question, SmtpQuestion) for question in judge.asked)


def test_not_signed(judge: Any, net: Any) -> None:
    """
    Without DNSSEC there is no DANE, and nothing is asked for.
    """
    net.publish(TLSA, "TLSA", f"3 1 1 {'ab' * 32}")

    finding = judge.one("dane.tlsa")

    assert ("pass", "dane.tlsa.not_signed") == (finding.status.value, finding.message.id)
    assert not any(isinstance(question, DnsQuestion) and question.rdtype == "TLSA" for question in judge.asked)


def test_host_not_signed(judge: Any, signed: Any) -> None:
    """
    An MX host in a zone that is not signed has no DANE.
    """
    signed.publish(D, "MX", "10 mx.hosted.example")
    signed.publish("mx.hosted.example", "A", "198.51.100.7")
    signed.unsigned = ("hosted.example",)

    assert ("pass", "dane.tlsa.host_not_signed") == (judge.one("dane.tlsa").status.value, judge.one("dane.tlsa").message.id)


@pytest.mark.usefixtures("signed")
def test_none(judge: Any) -> None:
    """
    A signed host without TLSA records passes.
    """
    assert ("pass", "dane.tlsa.none") == (judge.one("dane.tlsa").status.value, judge.one("dane.tlsa").message.id)


def test_alias(judge: Any, signed: Any, chain_for: Any) -> None:
    """
    For an alias the records stand at the host it leads to, and either name is right in the certificate.
    """
    signed.publish(D, "MX", "10 mx.alder.example")
    signed.publish("mx.alder.example", "CNAME", OLD)
    signed.chains["mx.alder.example"] = chain_for(OLD)
    signed.publish(TLSA, "TLSA", f"2 1 1 {signed.chains['mx.alder.example'][1].spki_sha256}")

    assert ("pass", None) == seen(judge.one("dane.tlsa", phase="cutover"))


@pytest.mark.parametrize(
    ("question", "outcome", "expected"),
    [
        ((TLSA, "TLSA"), DnsOutcome.BOGUS, ("fail", "bogus")),
        ((OLD, "A"), DnsOutcome.BOGUS, ("fail", "bogus")),
        ((TLSA, "TLSA"), DnsOutcome.SERVFAIL, ("unknown", "dns_servfail")),
        ((OLD, "*"), DnsOutcome.TIMEOUT, ("unknown", "dns_timeout")),
        ((OLD, "*"), DnsOutcome.NXDOMAIN, ("not_applicable", "not_reached")),
    ],
)
def test_could_not_ask(judge: Any, signed: Any, question: tuple[str, str], outcome: DnsOutcome, expected: Any) -> None:
    """
    Broken DNSSEC is a failure; what could not be asked for is unknown.
    """
    signed.dns.fails[(*question, "")] = outcome

    assert expected == seen(judge.one("dane.tlsa"))


def test_resolver_that_does_not_validate(judge: Any, net: Any) -> None:
    """
    A signed domain seen through a resolver that does not check is unknown, and so is one of which it is not known whether it is signed.
    """
    net.publish(D, "DS", "12345 13 2 aa")

    assert ("unknown", "not_validating") == seen(judge.one("dane.tlsa"))

    net.dns.fails[D, "DS", ""] = DnsOutcome.TIMEOUT

    assert ("unknown", "dns_timeout") == seen(judge.one("dane.tlsa"))


def test_mx_could_not_be_asked(judge: Any, net: Any) -> None:
    """
    Without MX records there is no host to speak of; the check says why.
    """
    net.dns.fails["*", "MX", "*"] = DnsOutcome.SERVFAIL

    assert {"tenant": ("unknown", "not_reached")} == {subject: seen(one) for subject, one in judge("dane.tlsa").items()}

    net.dns.fails.clear()
    net.dns.records[D, "MX"] = []

    assert {"tenant": ("not_applicable", "not_reached")} == {subject: seen(one) for subject, one in judge("dane.tlsa").items()}


def test_server_that_could_not_be_seen(judge: Any, signed: Any) -> None:
    """
    A server that cannot be reached from here leaves it open; one without STARTTLS does not.
    """
    fits(signed)
    signed.trouble[OLD] = Trouble.TIMEOUT

    assert ("unknown", "connect_timeout") == seen(judge.one("dane.tlsa"))

    del signed.trouble[OLD], signed.chains[OLD]

    assert ("fail", "absent") == seen(judge.one("dane.tlsa"))


def test_without_smtp(judge: Any, signed: Any) -> None:
    """
    A run without SMTP says that the certificate was not looked at.
    """
    fits(signed)

    assert ("not_applicable", "left_out") == seen(judge.one("dane.tlsa", probes=["dns"]))


def test_private_address(judge: Any, signed: Any) -> None:
    """
    A stranger's zone does not send the probe into a private network.
    """
    fits(signed)
    signed.publish(OLD, "A", "10.0.0.7")

    assert ("unknown", "private_address") == seen(judge.one("dane.tlsa"))
    assert not any(isinstance(question, SmtpQuestion) for question in judge.asked)


def test_shares_the_dialogue_of_the_route(judge: Any, signed: Any) -> None:
    """
    An MX host that is the inbound host is asked in the dialogue of the route, not in one more.
    """
    fits(signed)

    assert ("warn", "ends_with_move") == seen(judge.one("dane.tlsa", inbound_host=OLD, platform="on_premises"))
    assert all(question.transactions for question in judge.asked if isinstance(question, SmtpQuestion))


def test_no_domain_receives_mail(judge: Any) -> None:
    """
    Where no domain receives mail, nothing is needed.
    """
    assert ("not_applicable", "no_mail") == seen(judge.one("dane.tlsa", domains=[{"name": D, "role": "parked"}]))


def test_address_as_mx(judge: Any, signed: Any) -> None:
    """
    An IP address in an MX record has no TLSA record; what is wrong with it is said elsewhere.
    """
    signed.publish(D, "MX", "10 198.51.100.7")

    assert ("not_applicable", "invalid_name") == seen(judge.one("dane.tlsa"))
