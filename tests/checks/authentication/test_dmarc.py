"""
``dmarc.record``.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.checks.dmarc import tidied
from runbook_lib.observations import DnsOutcome
from runbook_lib.standards.dmarc import parse_record

D = "alder.example"
AT = f"_dmarc.{D}"


def seen(finding: Any) -> tuple[str, str | None]:
    """
    Status and cause.
    """
    return finding.status.value, finding.cause


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (["v=DMARC1; p=reject; rua=mailto:dmarc@alder.example"], ("pass", None)),
        (["v=DMARC1;p=none", "other"], ("pass", None)),
        (["v=DMARC1; p=reject; t=y"], ("pass", None)),
        (["v=DMARC1; p=reject; x-unknown=1; foo=bar"], ("warn", "syntax")),
        (["v=DMARC1; p=reject; foo=bar"], ("pass", None)),
        ([], ("warn", "absent")),
        (["v=dmarc1; p=reject"], ("warn", "not_recognised")),
        (["p=reject; v=DMARC1"], ("warn", "not_recognised")),
        (["v=DMARC1; p=reject", "v=DMARC1; p=none"], ("fail", "several")),
        (["v=DMARC1; p=rejct"], ("fail", "syntax")),
        (["v=DMARC1; p=reject; sp=quarantin; rua=mailto:a@alder.example"], ("fail", "syntax")),
        (["v=DMARC1; rua=mailto:a@alder.example"], ("warn", "no_policy")),
        (["v=DMARC1; p=reject; aspf=strict"], ("warn", "syntax")),
        (["v=DMARC1; p=reject; rua=a@alder.example"], ("warn", "syntax")),
        (["v=DMARC1; p=reject; pct=50; ri=3600"], ("warn", "removed_tags")),
    ],
)
def test_records(judge: Any, net: Any, records: list[str], expected: tuple[str, str | None]) -> None:
    """
    A record whose policy is lost is a failure; what is absent or passed over is a warning.
    """
    net.publish(AT, "TXT", *records)

    assert expected == seen(judge.one("dmarc.record"))


def test_older_rule_is_told(judge: Any, net: Any) -> None:
    """
    Where RFC 7489 reads a record differently, both readings are told.
    """
    net.publish(AT, "TXT", "v=DMARC1; p=reject; np=none; t=y")

    finding = judge.one("dmarc.record")

    assert ("quarantine", "reject", ["np", "t"]) == tuple(finding.message.values[key] for key in ("policy", "older_policy", "newer"))
    assert "RFC 7489" in finding.words.summary


@pytest.mark.parametrize(
    ("records", "found", "policy"),
    [
        ({"_dmarc.alder.example": "v=DMARC1; p=reject; sp=quarantine"}, "alder.example", "quarantine"),
        ({"_dmarc.b.alder.example": "v=DMARC1; p=none", "_dmarc.alder.example": "v=DMARC1; p=reject"}, "alder.example", "reject"),
        ({"_dmarc.b.alder.example": "v=DMARC1; p=none; psd=n", "_dmarc.alder.example": "v=DMARC1; p=reject"}, "b.alder.example", "none"),
        ({"_dmarc.alder.example": "v=DMARC1; p=reject", "_dmarc.example": "v=DMARC1; p=none; psd=y"}, "alder.example", "reject"),
        ({"_dmarc.example": "v=DMARC1; p=reject; sp=none; psd=y"}, "example", "none"),
    ],
)
def test_inherited(judge: Any, net: Any, records: dict[str, str], found: str, policy: str) -> None:
    """
    A domain without a record of its own takes that of its organizational domain, by the walk of RFC 9989; where RFC 7489 differs is said.
    """
    for name, text in records.items():
        net.publish(name, "TXT", text)

    finding = judge.one("dmarc.record", domains=["a.b.alder.example"])

    assert ("pass", found, policy) == (finding.status.value, finding.message.values["found"], finding.message.values["policy"])
    assert "RFC 7489" in finding.words.observed


@pytest.mark.parametrize(("name", "outcome", "cause"), [(AT, "TIMEOUT", "dns_timeout"), ("_dmarc.example", "SERVFAIL", "dns_servfail")])
def test_could_not_ask(judge: Any, net: Any, name: str, outcome: str, cause: str) -> None:
    """
    As long as a name was not answered for, there is no saying that there is no record.
    """
    net.dns.fails[name, "TXT", ""] = DnsOutcome[outcome]

    assert ("unknown", cause) == seen(judge.one("dmarc.record"))


@pytest.mark.parametrize("name", [D, f"_dmarc.{D}.{D}"])
def test_misplaced(judge: Any, net: Any, name: str) -> None:
    """
    A record at the domain itself, or with the zone doubled, is named.
    """
    net.publish(name, "TXT", "v=DMARC1; p=reject")

    finding = judge.one("dmarc.record")

    assert ("warn", "misplaced", [name]) == (*seen(finding), finding.message.values["misplaced"])


def test_no_such_domain(judge: Any, net: Any) -> None:
    """
    A domain that does not exist stops the check.
    """
    net.dns.records.clear()

    assert ("not_applicable", "not_reached") == seen(judge.one("dmarc.record"))


class TestReports:
    """
    Reports to somebody else's domain need its consent.
    """

    RECORD = "v=DMARC1; p=reject; rua=mailto:alder@reports.example!10m,mailto:own@mail.alder.example"

    def test_given(self, judge: Any, net: Any) -> None:
        """
        A record at the other domain gives it.
        """
        net.publish(AT, "TXT", self.RECORD)
        net.publish("alder.example._report._dmarc.reports.example", "TXT", "v=DMARC1;")

        assert ("pass", None) == seen(judge.one("dmarc.record"))

    def test_refused(self, judge: Any, net: Any) -> None:
        """
        Without one it is a warning, with the record the other domain has to publish.
        """
        net.publish(AT, "TXT", self.RECORD)

        finding = judge.one("dmarc.record")

        assert ("warn", "report_refused") == seen(finding)
        assert 'alder.example._report._dmarc.reports.example. 3600 IN TXT "v=DMARC1;"' == finding.words.paste

    def test_silent(self, judge: Any, net: Any) -> None:
        """
        One that could not be asked for is unknown.
        """
        net.publish(AT, "TXT", self.RECORD)
        net.dns.fails["alder.example._report._dmarc.reports.example", "TXT", ""] = DnsOutcome.TIMEOUT

        assert ("unknown", "dns_timeout") == seen(judge.one("dmarc.record"))

    def test_same_organization(self, judge: Any, net: Any) -> None:
        """
        A subdomain needs no consent of its own organizational domain.
        """
        net.publish(AT, "TXT", "v=DMARC1; p=reject")
        net.publish(f"_dmarc.eu.{D}", "TXT", f"v=DMARC1; p=reject; rua=mailto:dmarc@{D}")

        assert ("pass", None) == seen(judge.one("dmarc.record", domains=[f"eu.{D}"]))


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (["v=DMARC1; p=reject;"], ("pass", None)),
        (["v=DMARC1; p=none;"], ("warn", "not_closed")),
        (["v=DMARC1; p=reject; t=y"], ("warn", "not_closed")),
        ([], ("warn", "absent")),
    ],
)
def test_parked(judge: Any, net: Any, records: list[str], expected: tuple[str, str | None]) -> None:
    """
    A parked domain has everything refused.
    """
    net.publish(AT, "TXT", *records)

    finding = judge.one("dmarc.record", domains=[{"name": D, "role": "parked"}])

    assert expected == seen(finding)
    assert [f'{AT}. 3600 IN TXT "v=DMARC1; p=reject;"'] == finding.message.values["publish"]


@pytest.mark.parametrize(
    "record",
    [
        "v=DMARC1; p=reject; pct=50; ri=3600; rf=afrf",
        "v=DMARC1; rua=mailto:a@alder.example; p=none; fo=0:1; p=reject; junk",
        "v=DMARC1; p=rejct; rua=nowhere,mailto:a@alder.example",
        "v=DMARC1; sp=reject",
    ],
)
def test_remedy_passes(judge: Any, net: Any, record: str) -> None:
    """
    The record to paste satisfies the check it comes from.
    """
    net.publish(AT, "TXT", record)
    (line,) = judge.one("dmarc.record").message.values["publish"]

    net.publish(AT, "TXT", line.partition('"')[2].removesuffix('"'))

    assert ("pass", None) == seen(judge.one("dmarc.record"))


def test_tidied_keeps_what_counts() -> None:
    """
    Tidying keeps the policy and every tag that holds.
    """
    assert "v=DMARC1; p=reject; sp=none; np=reject; adkim=s;" == tidied(parse_record("v=DMARC1;sp=none;p=reject;np=reject;pct=10;adkim=s"))
