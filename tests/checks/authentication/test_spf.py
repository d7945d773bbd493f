"""
``spf.record``.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.checks.spf import with_include
from runbook_lib.observations import DnsOutcome

D = "alder.example"
REGION = "eu._netblocks.mimecast.com"
RANGES = "v=spf1 ip4:195.130.217.0/24 ip4:91.220.42.0/24 ~all"


def seen(finding: Any) -> tuple[str, str | None]:
    """
    Status and cause.
    """
    return finding.status.value, finding.cause


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (["v=spf1 ip4:192.0.2.0/24 -all"], ("pass", None)),
        (["v=spf1 mx ~all", "other"], ("pass", None)),
        ([], ("warn", "absent")),
        (["v=spf2.0/pra -all"], ("warn", "absent")),
        ([" v=spf1 -all"], ("warn", "not_recognised")),
        (["v=spf1 -all", "v=spf1 mx -all"], ("fail", "several")),
        (["v=spf1 ip4:192.0.2.0/33 -all"], ("fail", "syntax")),
        (["v=spf1 include:nowhere.example -all"], ("fail", "no_record")),
        (["v=spf1 include:alder.example -all"], ("fail", "loop")),
        ([f"v=spf1 {'mx ' * 11}-all"], ("fail", "lookups")),
        ([f"v=spf1 {'mx ' * 10}-all"], ("pass", None)),
        (["v=spf1 a:x.example a:y.example a:z.example -all"], ("warn", "void_lookups")),
        (["v=spf1 +all"], ("warn", "allows_all")),
        (["v=spf1 ptr -all"], ("warn", "ptr")),
        (["v=spf1 mx ?all"], ("warn", "open_end")),
        (["v=spf1 mx"], ("warn", "open_end")),
    ],
)
def test_records(judge: Any, net: Any, records: list[str], expected: tuple[str, str | None]) -> None:
    """
    What receivers give up at is a failure; what is absent or should be changed is a warning.
    """
    net.publish(D, "TXT", *records)

    assert expected == seen(judge.one("spf.record"))


def test_tree_is_told(judge: Any, net: Any) -> None:
    """
    The look-ups are counted and shown as a tree.
    """
    net.publish(D, "TXT", "v=spf1 mx include:a.example -all")
    net.publish("a.example", "TXT", "v=spf1 include:b.example ~all")
    net.publish("b.example", "TXT", "v=spf1 ip4:192.0.2.0/24 ~all")

    finding = judge.one("spf.record")

    assert (3, ["alder.example: 3", "  mx: 1", "  include:a.example: 2", "    include:b.example: 1"]) == (
        finding.message.values["lookups"],
        finding.message.values["tree"],
    )
    assert "3 of 10" in finding.words.summary


@pytest.mark.parametrize(("name", "outcome", "cause"), [(D, "TIMEOUT", "dns_timeout"), ("a.example", "SERVFAIL", "dns_servfail")])
def test_could_not_ask(judge: Any, net: Any, name: str, outcome: str, cause: str) -> None:
    """
    A record, or a part of it, that could not be asked for is unknown.
    """
    net.publish(D, "TXT", "v=spf1 include:a.example -all")
    net.dns.fails[name, "TXT", ""] = DnsOutcome[outcome]

    assert ("unknown", cause) == seen(judge.one("spf.record"))


def test_no_such_domain(judge: Any, net: Any) -> None:
    """
    A domain that does not exist stops the check.
    """
    net.dns.records.clear()

    assert ("not_applicable", "not_reached") == seen(judge.one("spf.record"))


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (["v=spf1 -all"], ("pass", None)),
        (["v=spf1 mx -all"], ("warn", "not_closed")),
        (["v=spf1 ~all"], ("warn", "not_closed")),
        ([], ("warn", "absent")),
    ],
)
def test_parked(judge: Any, net: Any, records: list[str], expected: tuple[str, str | None]) -> None:
    """
    A parked domain lets nobody send.
    """
    net.publish(D, "TXT", *records)

    finding = judge.one("spf.record", domains=[{"name": D, "role": "parked"}], outbound_via_gateway=True)

    assert expected == seen(finding)
    assert [f'{D}. 3600 IN TXT "v=spf1 -all"'] == finding.message.values["publish"]


class TestGateway:
    """
    Would mail that leaves through the gateway pass?
    """

    @pytest.mark.parametrize(
        ("record", "expected", "message"),
        [
            (f"v=spf1 include:{REGION} -all", ("pass", None), "gateway_passes"),
            ("v=spf1 include:nested.example -all", ("pass", None), "gateway_passes"),
            ("v=spf1 mx -all", ("warn", "region_include"), "region_include"),
            ("v=spf1 ip4:195.130.217.0/24 ip4:91.220.42.0/24 -all", ("warn", "region_include"), "region_include_passes"),
            (f"v=spf1 -ip4:195.130.217.0/28 include:{REGION} -all", ("warn", "gateway_fails"), "gateway_fails"),
        ],
    )
    def test_outbound(self, judge: Any, net: Any, record: str, expected: tuple[str, str | None], message: str) -> None:
        """
        The region's include is expected, wherever in the tree, and an address of each range has to pass.
        """
        net.publish(D, "TXT", record)
        net.publish(REGION, "TXT", RANGES)
        net.publish("nested.example", "TXT", f"v=spf1 include:{REGION} ?all")

        finding = judge.one("spf.record", outbound_via_gateway=True)

        assert (*expected, f"spf.record.{message}") == (*seen(finding), finding.message.id)

    def test_not_expected(self, judge: Any, net: Any) -> None:
        """
        Where outbound mail takes another way, neither is asked for.
        """
        net.publish(D, "TXT", "v=spf1 mx -all")

        assert ("pass", None) == seen(judge.one("spf.record"))
        assert REGION not in [question.name for question in judge.asked]

    def test_region_that_is_silent(self, judge: Any, net: Any) -> None:
        """
        Where the region's record cannot be asked for, nothing is said to pass.
        """
        net.publish(D, "TXT", f"v=spf1 include:{REGION} -all")
        net.dns.fails[REGION, "TXT", ""] = DnsOutcome.TIMEOUT

        assert ("unknown", "dns_timeout") == seen(judge.one("spf.record", outbound_via_gateway=True))

    def test_remedy_passes(self, judge: Any, net: Any) -> None:
        """
        The record to paste satisfies the check it comes from.
        """
        net.publish(D, "TXT", "v=spf1 mx -all")
        net.publish(REGION, "TXT", RANGES)
        (line,) = judge.one("spf.record", outbound_via_gateway=True).message.values["publish"]

        net.publish(D, "TXT", line.partition('"')[2].removesuffix('"'))

        assert ("pass", None) == seen(judge.one("spf.record", outbound_via_gateway=True))

    def test_custom_region(self, judge: Any, net: Any) -> None:
        """
        A region of its own is tried by the console's ranges.
        """
        net.publish(D, "TXT", "v=spf1 ip4:198.51.100.0/24 -all")
        own = {"region": "custom", "gateway_hosts": ["mx.gate.example"], "outbound_via_gateway": True}

        assert ("pass", None) == seen(judge.one("spf.record", **own, console_ranges=["198.51.100.0/25"]))
        assert ("warn", "gateway_fails") == seen(judge.one("spf.record", **own, console_ranges=["203.0.113.0/25"]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v=spf1 mx -all", "v=spf1 mx include:g.example -all"),
        ("v=spf1 redirect=x.example", "v=spf1 include:g.example redirect=x.example"),
        ("v=spf1 mx", "v=spf1 mx include:g.example"),
        ("v=spf1 include:G.example -all", "v=spf1 include:G.example -all"),
    ],
)
def test_with_include(text: str, expected: str) -> None:
    """
    An include goes in front of what ends a record, once.
    """
    assert expected == with_include(text, "g.example")


def test_left_out(judge: Any) -> None:
    """
    A run without DNS says so.
    """
    assert ("not_applicable", "left_out") == seen(judge.one("spf.record", probes=["smtp"]))


def test_too_many_mail_hosts(judge: Any, net: Any) -> None:
    """
    One ``mx`` term stands for ten hosts at most.
    """
    net.publish(D, "TXT", "v=spf1 mx -all")
    net.publish(D, "MX", *(f"10 mail{index}.alder.example" for index in range(11)))

    assert ("fail", "mx_hosts") == seen(judge.one("spf.record"))
