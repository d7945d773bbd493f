"""
``tls_rpt.record``.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.observations import DnsOutcome

D = "alder.example"
AT = f"_smtp._tls.{D}"


def seen(finding: Any) -> tuple[str, str | None]:
    """
    Status and cause.
    """
    return finding.status.value, finding.cause


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (["v=TLSRPTv1; rua=mailto:tls@alder.example"], ("pass", None)),
        (["v=TLSRPTv1;rua=mailto:tls@alder.example,https://reports.example/v1;", "other"], ("pass", None)),
        ([], ("warn", "absent")),
        (["v=tlsrptv1; rua=mailto:tls@alder.example"], ("warn", "not_recognised")),
        (["v=TLSRPTv1; rua=mailto:a@alder.example", "v=TLSRPTv1; rua=mailto:b@alder.example"], ("warn", "several")),
        (["v=TLSRPTv1; rua=tls@alder.example"], ("warn", "syntax")),
        (["v=TLSRPTv1;"], ("warn", "syntax")),
        (["v=TLSRPTv1; rua=http://reports.example/"], ("warn", "syntax")),
    ],
)
def test_records(judge: Any, net: Any, records: list[str], expected: tuple[str, str | None]) -> None:
    """
    A record that senders pass over is a warning, as one that is absent.
    """
    net.publish(AT, "TXT", *records)

    assert expected == seen(judge.one("tls_rpt.record"))


def test_could_not_ask(judge: Any, net: Any) -> None:
    """
    What could not be asked for is unknown.
    """
    net.dns.fails[AT, "TXT", ""] = DnsOutcome.REFUSED

    assert ("unknown", "dns_refused") == seen(judge.one("tls_rpt.record"))


def test_remedy_passes(judge: Any, net: Any) -> None:
    """
    The record to paste satisfies the check it comes from.
    """
    (line,) = judge.one("tls_rpt.record").message.values["publish"]

    net.publish(AT, "TXT", line.partition('"')[2].removesuffix('"'))

    assert ("pass", None) == seen(judge.one("tls_rpt.record"))


def test_where_it_does_not_concern(judge: Any, net: Any) -> None:
    """
    It concerns domains that exist and receive mail.
    """
    assert ("not_applicable", "no_mail") == seen(judge.one("tls_rpt.record", domains=[{"name": D, "role": "parked"}]))

    net.dns.records.clear()

    assert ("not_applicable", "not_reached") == seen(judge.one("tls_rpt.record"))
