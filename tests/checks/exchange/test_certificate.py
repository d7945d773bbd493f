"""
The certificate of the connector that the gateway's mail ends at.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.results import Status

CHECK = "exchange.certificate"
CONNECTORS, CERTIFICATES = "Get-ReceiveConnector", "Get-ExchangeCertificate"
HOST = "mail.alder.example"
NAMED = "<I>CN=Public CA, O=Trust<S>CN=mail.alder.example"


def _brief(finding: Any) -> tuple[Status, tuple[str, ...]]:
    return finding.status, finding.causes


@pytest.fixture
def look(customer: Any, made: Any) -> Any:
    """
    The finding about the default front end with some certificates.
    """

    def _look(*certificates: dict[str, Any], connector: dict[str, Any] | None = None, **changes: Any) -> Any:
        files = {CONNECTORS: [made.connector(**(connector or {}))], CERTIFICATES: list(certificates)}
        return customer(CHECK, files, **changes)["Default Frontend EX1"]

    return _look


def test_each_name_is_said_once(look: Any, made: Any) -> None:
    """
    The connector's own name and the host the gateway asks for are often the same.
    """
    same = look(made.certificate(HOST), connector={"Fqdn": "Mail.Alder.Example"})
    other = look(made.certificate("ex1.alder.example", HOST), connector={"Fqdn": "ex1.alder.example"})

    assert f"A valid certificate for {HOST}, enabled for SMTP." == same.words.expected
    assert f"A valid certificate for one of ex1.alder.example and {HOST}, enabled for SMTP." == other.words.expected


def test_nothing_given(customer: Any, made: Any) -> None:
    """
    Connectors or certificates alone are not enough.
    """
    for files in ({}, {CONNECTORS: [made.connector()]}, {CERTIFICATES: [made.certificate(HOST)]}):
        assert "exchange.certificate.manual" == customer.one(CHECK, files).message.id


def test_no_connector(customer: Any, made: Any) -> None:
    """
    Where no connector takes the gateway's mail there is no certificate to look at.
    """
    files = {CONNECTORS: [made.connector(RemoteIPRanges=["10.0.0.0/8"])], CERTIFICATES: [made.certificate(HOST)]}

    assert (Status.NOT_APPLICABLE, ("not_reached",)) == _brief(customer.one(CHECK, files))


@pytest.mark.parametrize("names", [(HOST,), ("*.alder.example",), ("autodiscover.alder.example", "MAIL.Alder.Example.")])
def test_a_certificate_that_fits(look: Any, made: Any, names: tuple[str, ...]) -> None:
    """
    Exact names and wildcards of one label, in any case.
    """
    assert (Status.PASS, ()) == _brief(look(made.certificate(*names)))


@pytest.mark.parametrize(
    ("changes", "status", "causes"),
    [
        ({"NotAfter": "2026-11-01T00:00:00Z"}, Status.FAIL, ("expired",)),
        ({"NotAfter": None, "Status": "DateInvalid"}, Status.FAIL, ("expired",)),
        ({"NotBefore": "2026-12-01T00:00:00Z"}, Status.FAIL, ("not_yet_valid",)),
        ({"NotAfter": "2026-12-10T00:00:00Z"}, Status.WARN, ("ends_soon",)),
        ({"Status": "Revoked"}, Status.FAIL, ("revoked",)),
        ({"Services": "IIS"}, Status.FAIL, ("not_for_smtp",)),
        ({"IsSelfSigned": True}, Status.WARN, ("self_signed",)),
        ({"CertificateDomains": ["autodiscover.alder.example"]}, Status.FAIL, ("name_mismatch",)),
        ({"CertificateDomains": ["*.mail.alder.example", "alder.example"]}, Status.FAIL, ("name_mismatch",)),
    ],
)
def test_a_certificate_that_does_not_fit(look: Any, made: Any, changes: dict[str, Any], status: Status, causes: tuple[str, ...]) -> None:
    """
    Each fault has its name.
    """
    assert (status, causes) == _brief(look(made.certificate(HOST, **changes)))


def test_strict_tls(look: Any, made: Any) -> None:
    """
    What the gateway's strict test refuses is broken where the route demands it.
    """
    assert (Status.FAIL, ("self_signed",)) == _brief(look(made.certificate(HOST, IsSelfSigned=True), tls_policy="strict"))
    other = {"Fqdn": "ex1.alder.example"}
    assert (Status.WARN, ("name_mismatch",)) == _brief(look(made.certificate("ex1.alder.example"), connector=other))
    assert (Status.FAIL, ("name_mismatch",)) == _brief(look(made.certificate("ex1.alder.example"), connector=other, tls_policy="strict"))


def test_the_best_certificate_counts(look: Any, made: Any) -> None:
    """
    An old one beside a good one of the same name does no harm.
    """
    old = made.certificate(HOST, NotAfter="2026-11-01T00:00:00Z", Thumbprint="OLD")

    assert Status.PASS is look(old, made.certificate(HOST)).status


def test_a_named_certificate(look: Any, made: Any) -> None:
    """
    TlsCertificateName decides, whatever the connector is called; one that is not there is a fault.
    """
    inside = {"Fqdn": "EX1.alder.local", "TlsCertificateName": NAMED}

    assert Status.PASS is look(made.certificate(HOST), connector=inside).status
    assert ("name_mismatch",) == look(made.certificate(HOST, Issuer="CN=Other CA"), connector=inside).causes
    assert "not on the server" in look(made.certificate(HOST, Issuer="CN=Other CA"), connector=inside).words.summary
    spelt = {**inside, "TlsCertificateName": "<I>cn=Public CA,o=Trust<S>CN = mail.alder.example"}
    assert Status.PASS is look(made.certificate(HOST), connector=spelt).status


def test_the_command_names_a_certificate_that_fits(look: Any, made: Any, shell: Any, customer: Any) -> None:
    """
    Where a good certificate for the gateway's host is there, the command makes the connector use it, and the check passes.
    """
    before = made.connector(Fqdn="EX1.alder.local")
    certificates = [made.certificate("autodiscover.alder.example"), made.certificate(HOST)]
    text = look(*certificates, connector={"Fqdn": "EX1.alder.local"}).words.paste
    console = shell([before])
    console.paste(text)

    assert NAMED == console.connectors[0]["TlsCertificateName"]
    assert Status.PASS is customer.one(CHECK, {CONNECTORS: console.connectors, CERTIFICATES: certificates}).status
    console.undo(text)
    assert [before] == console.connectors
    assert "" == look(made.certificate("autodiscover.alder.example")).words.paste


def test_no_tls_at_all(look: Any, made: Any, shell: Any, customer: Any) -> None:
    """
    A connector whose mechanisms lack Tls offers none; the command adds it.
    """
    found = look(made.certificate(HOST), connector={"AuthMechanism": "None"})
    console = shell([made.connector(AuthMechanism="None")])
    console.paste(found.words.paste)

    assert (Status.WARN, ("not_offered",)) == _brief(found)
    assert Status.PASS is customer.one(CHECK, {CONNECTORS: console.connectors, CERTIFICATES: [made.certificate(HOST)]}).status


def test_another_servers_certificates(customer: Any, made: Any) -> None:
    """
    Get-ExchangeCertificate shows one server; nothing is said of another whose certificates were not exported.
    """
    connectors = [made.connector(Fqdn="ex1.alder.local"), made.connector("Default Frontend EX2", "EX2", Fqdn="ex2.alder.local")]
    found = customer(CHECK, {CONNECTORS: connectors, CERTIFICATES: [made.certificate("ex1", "ex1.alder.local")]})

    assert (Status.MANUAL, ("not_exported",)) == _brief(found["Default Frontend EX2"])
    assert (Status.WARN, ("name_mismatch",)) == _brief(found["Default Frontend EX1"])


def test_a_connector_without_a_name(look: Any, made: Any) -> None:
    """
    Without Fqdn and TlsCertificateName it is not known which certificate is used.
    """
    assert (Status.MANUAL, ("incomplete_export",)) == _brief(look(made.certificate(HOST), connector={"Fqdn": None}))
