"""
DMARC reports, delivered messages, and what the probe kit saw.
"""

from __future__ import annotations

import gzip
import io
import ipaddress
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from runbook_lib.errors import ExportError
from runbook_lib.exports import VANTAGE_SCHEMA, AggregateReport, Export, Exports, Kind
from runbook_lib.observations import DnsAnswer, DnsOutcome, DnsQuestion
from runbook_lib.observations.codec import to_json

Read = Callable[..., Export]
Several = Callable[..., Exports]
REPORT = b"""<?xml version="1.0" encoding="UTF-8"?>
<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">
  <report_metadata><org_name>Receiver</org_name><report_id>r1</report_id>
    <date_range><begin>1795392000</begin><end>1795478399</end></date_range></report_metadata>
  <policy_published><domain>Alder.example</domain><p>reject</p><sp>none</sp></policy_published>
  <record>
    <row><source_ip>192.0.2.7</source_ip><count>12</count>
      <policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>fail</spf>
        <reason><type>forwarded</type><comment>list</comment></reason></policy_evaluated></row>
    <identifiers><header_from>alder.example</header_from><envelope_from>b.example</envelope_from></identifiers>
    <auth_results><dkim><domain>alder.example</domain><selector>s1</selector><result>pass</result></dkim>
      <spf><domain>b.example</domain><result>softfail</result></spf></auth_results>
  </record>
</feedback>
"""
MESSAGE = (
    b"Received: from a.gateway.example (a.gateway.example [192.0.2.7])\r\n"
    b"\tby mail.alder.example with ESMTPS;\r\n Mon, 23 Nov 2026 16:00:02 +0000\r\n"
    b"Received: from b.example (b.example [198.51.100.7]) by a.gateway.example; Mon, 23 Nov 2026 16:00:00 +0000\r\n"
    b"Authentication-Results: mx.alder.example; spf=pass\r\nFrom: a@b.example\r\nSubject: test \xff\r\n\r\nbody\r\n"
)


def zipped(*parts: tuple[str, bytes]) -> bytes:
    """
    A zip file.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize(
    "content",
    [REPORT, b"\xef\xbb\xbf" + REPORT, gzip.compress(REPORT, mtime=0), zipped(("r.xml", REPORT))],
    ids=["xml", "bom", "gz", "zip"],
)
def test_a_report_packed_and_unpacked(read: Read, content: bytes) -> None:
    """
    XML, gzip and zip give the same report.
    """
    export = read(content)
    (report,) = export.objects

    assert isinstance(report, AggregateReport)
    assert (Kind.AGGREGATE_REPORTS, "Receiver", "alder.example", (("p", "reject"), ("sp", "none"))) == (
        export.kind,
        report.org_name,
        report.domain,
        report.policy,
    )
    assert datetime(2026, 11, 23, tzinfo=UTC) == report.begin
    (row,) = report.rows
    assert (ipaddress.ip_address("192.0.2.7"), 12, "none", "pass", "fail") == (row.source_ip, row.count, row.disposition, row.dkim, row.spf)
    assert (("forwarded", "list"),) == row.reasons
    assert [("dkim", "alder.example", "s1", "pass"), ("spf", "b.example", "", "softfail")] == [
        (one.method, one.domain, one.selector, one.result) for one in row.results
    ]


def test_a_zip_with_several_reports(exports: Several) -> None:
    """
    Each file in a zip is a report.
    """
    made = exports(zipped(("a.xml", REPORT), ("b.xml", REPORT.replace(b"r1", b"r2"))))

    assert ["r1", "r2"] == [report.report_id for report in made.aggregate_reports or ()]


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b'<!DOCTYPE a [<!ENTITY b "c">]><feedback>&b;</feedback>', "xml_entities"),
        (b'<?xml version="1.0"?><!DOCTYPE feedback SYSTEM "file:///etc/passwd"><feedback/>', "xml_entities"),
        (b"<a>" * 100_000, "too_deep"),
        (b"<html><body/></html>", "other_xml"),
        (b"<feedback/>", "other_xml"),
        (b"<Objs></Objs>", "clixml"),
        (b"<feedback>", "not_xml"),
        (gzip.compress(bytes(40 * 1024 * 1024), mtime=0), "bomb"),
        (zipped(("a", bytes(20 * 1024 * 1024)), ("b", bytes(20 * 1024 * 1024))), "bomb"),
        (zipped(("[Content_Types].xml", b"<a/>")), "spreadsheet"),
        (zipped(("a.json", b"[]")), "packed_other"),
        (gzip.compress(REPORT, mtime=0)[:60], "damaged_archive"),
        (zipped(("a", REPORT))[:60], "damaged_archive"),
    ],
    ids=lambda value: value if isinstance(value, str) else "content",  # an archive's bytes hold the time
)
def test_dangerous_and_damaged_reports_are_refused(read: Read, content: bytes, cause: str) -> None:
    """
    Entities, deep nesting, bombs, spreadsheets and torn archives end in an error.
    """
    with pytest.raises(ExportError) as caught:
        read(content)

    assert cause == caught.value.cause


def test_a_message_keeps_its_header_in_order(exports: Several) -> None:
    """
    Hops newest first, folded lines joined, the body only counted.
    """
    made = exports(MESSAGE)
    ((name, message),) = made.messages or ()

    assert "0.json" == name
    assert 2 == len(message.received)
    assert (
        "from a.gateway.example (a.gateway.example [192.0.2.7]) by mail.alder.example with ESMTPS; Mon, 23 Nov 2026 16:00:02 +0000"
        == message.received[0]
    )
    assert ("mx.alder.example; spf=pass",) == message.values("authentication-results")
    assert ("test \ufffd",) == message.values("Subject")


def test_a_message_with_line_feeds_or_an_mbox_line(exports: Several) -> None:
    """
    Bare line feeds and a leading ``From `` line make no difference.
    """
    one = exports(MESSAGE.replace(b"\r\n", b"\n")).messages or ()
    two = exports(b"From a@b.example Mon Nov 23 16:00:00 2026\n" + MESSAGE.replace(b"\r\n", b"\n")).messages or ()

    assert one[0][1].fields == two[0][1].fields


def test_a_message_with_an_endless_header_is_refused(read: Read) -> None:
    """
    A header of more than half a megabyte is an error.
    """
    with pytest.raises(ExportError, match="header"):
        read(MESSAGE.removesuffix(b"\r\nbody\r\n") + b"X-A: b\r\n" * 200_000)


def test_a_vantage_comes_back_with_its_observations(exports: Several) -> None:
    """
    The probe kit's observations are read as those of a result.
    """
    answer = DnsAnswer(DnsQuestion("alder.example", "MX"), DnsOutcome.NXDOMAIN, datetime(2026, 11, 23, tzinfo=UTC))
    made = exports(
        {
            "schema": VANTAGE_SCHEMA,
            "tool_version": "0.1",
            "started": "2026-11-23T16:00:00Z",
            "finished": "2026-11-23T16:01:00Z",
            "vantage": {"addresses": ["192.0.2.9"], "nameservers": ["192.0.2.53"], "proxy": None, "port_25": "open"},
            "observations": {"o1": to_json(answer)},
        }
    )
    ((_, vantage),) = made.vantages or ()

    assert (("o1", answer),) == vantage.observations
    assert ("open", ("192.0.2.9",)) == (vantage.port_25, vantage.addresses)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"schema": "inbound-runbook/vantage/2"}, "other_vantage"),
        ({"observations": []}, "damaged_vantage"),
        ({"observations": {"o1": {"kind": "dns"}}}, "damaged_vantage"),
    ],
)
def test_a_vantage_that_cannot_be_read_is_an_error(read: Read, change: dict[str, object], cause: str) -> None:
    """
    Another version or a damaged observation is named.
    """
    with pytest.raises(ExportError) as caught:
        read(json.dumps({"schema": VANTAGE_SCHEMA, "observations": {}, **change}).encode())

    assert cause == caught.value.cause
