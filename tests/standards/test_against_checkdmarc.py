"""
Our parsers beside checkdmarc's, on the same records: an oracle, with the known differences listed.

Only its parsers of texts are asked; what would ask DNS is left out. SPF has a better oracle, the openspf suite.

Known differences, all of DMARC: checkdmarc refuses a record with a repeated tag, a part that is no tag, or a value of ``fo`` or ``psd``
that is not allowed, where RFC 9989 section 4.8 has only that part ignored; and one whose policy is none though it asks for reports, which
by section 4.10.1 counts as ``p=none``.
"""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from runbook_lib.standards import dmarc, mta_sts, tls_rpt

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    oracle = pytest.importorskip("checkdmarc", reason="checkdmarc is not installed")
    from checkdmarc.dmarc import parse_dmarc_record
    from checkdmarc.mta_sts import mx_in_mta_sts_patterns, parse_mta_sts_policy, parse_mta_sts_record
    from checkdmarc.smtp_tls_reporting import parse_smtp_tls_reporting_record


def accepts(parse: Any, *given: Any) -> Any:
    """
    What checkdmarc makes of a text, None where it refuses it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return parse(*given)
    except Exception:  # noqa: BLE001 - any refusal of the oracle is a refusal
        return None


@pytest.mark.parametrize(
    "text",
    [
        "v=DMARC1; p=none",
        "v=DMARC1; p=reject; sp=none; np=quarantine",
        "v=DMARC1;p=quarantine;adkim=s;aspf=r;",
        "v=DMARC1; p=reject; pct=50; ri=1; rf=afrf",
        "v=DMARC1; p=reject; t=y; psd=n; fo=1:d:s",
        "v=DMARC1; p=rejct",
        "v=DMARC1; sp=reject",
        "v=DMARC1; p=reject; unknown=1",
    ],
)
def test_dmarc(text: str) -> None:
    """
    Policies are read alike, and refused alike.
    """
    theirs = accepts(parse_dmarc_record, text, "alder.example")
    ours = dmarc.parse_record(text)

    if theirs is None:
        assert ours.invalid_policies
    else:
        expected = [theirs["tags"]["p"]["value"], theirs["tags"]["sp"]["value"]]
        assert expected == [ours.published(inherited=False), ours.published(inherited=True)]


@pytest.mark.parametrize(
    "text",
    ["v=STSv1; id=20260101", "v=STSv1;id=1;", "v=STSv1; id=2026-01-01", "v=STSv1;", "v=STSv2; id=1", f"v=STSv1; id={'a' * 33}"],
)
def test_mta_sts_record(text: str) -> None:
    """
    Records are taken alike.
    """
    theirs = accepts(parse_mta_sts_record, text)

    assert (theirs is not None) == (mta_sts.is_sts(text) and mta_sts.parse_record(text).valid)


@pytest.mark.parametrize(
    "text",
    [
        "version: STSv1\r\nmode: enforce\r\nmx: a.alder.example\r\nmx: *.alder.example\r\nmax_age: 86400\r\n",
        "version: STSv1\nmode: testing\nmx: a.alder.example\nmax_age: 86400\n",
        "version: STSv1\nmode: none\nmax_age: 86400\n",
        "version: STSv1\nmode: enforce\nmax_age: 86400\n",
        "version: STSv1\nmode: wrong\nmx: a.alder.example\nmax_age: 86400\n",
        "version: STSv1\nmode: enforce\nmx: a.alder.example\n",
        "version: STSv1\nmode: enforce\nmx: a.alder.example\nmax_age: 31557601\n",
    ],
)
def test_mta_sts_policy(text: str) -> None:
    """
    Policies are taken alike, with the same patterns.
    """
    theirs = accepts(parse_mta_sts_policy, text)
    ours = mta_sts.parse_policy(text)

    assert (theirs is not None) == ours.valid
    if theirs is not None:
        assert [theirs["policy"]["mode"], theirs["policy"]["max_age"], theirs["policy"].get("mx", [])] == [
            ours.mode,
            ours.max_age,
            [*ours.mx],
        ]


@pytest.mark.parametrize(
    "text",
    ["v=TLSRPTv1; rua=mailto:a@alder.example", "v=TLSRPTv1;rua=https://a.example/r;", "v=TLSRPTv1;", "v=TLSRPTv2; rua=mailto:a@b.example"],
)
def test_tls_rpt(text: str) -> None:
    """
    Records are taken alike.
    """
    theirs = accepts(parse_smtp_tls_reporting_record, text)

    assert (theirs is not None) == (tls_rpt.is_tls_rpt(text) and tls_rpt.parse_record(text).valid)


@pytest.mark.parametrize("pattern", ["mail.example.com", "*.example.com", "*.com", "*.b.example.com", "MAIL.example.com"])
@pytest.mark.parametrize(
    "host", ["mail.example.com", "mail.example.com.attacker.net", "a.b.example.com", "example.com", "xmail.example.com"]
)
def test_patterns(host: str, pattern: str) -> None:
    """
    Hosts are covered alike (checkdmarc before version 6 matched too widely).
    """
    assert mx_in_mta_sts_patterns(host, [pattern.lower()]) == mta_sts.covers(pattern, host)


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("v=DMARC1; p=none; p=reject", "none"),
        ("v=DMARC1; p=reject; fo=x", "reject"),
        ("v=DMARC1; p=reject; junk", "reject"),
        ("v=DMARC1; p=reject; psd=x", "reject"),
        ("v=DMARC1; p=rejct; rua=mailto:a@alder.example", "none"),
    ],
)
def test_known_differences(text: str, policy: str) -> None:
    """
    The differences listed above are still there.
    """
    assert accepts(parse_dmarc_record, text, "alder.example") is None
    assert policy == dmarc.parse_record(text).applied(inherited=False)
