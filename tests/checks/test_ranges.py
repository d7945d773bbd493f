"""
``ranges.current`` and what the gateway's ranges are.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.checks.ranges import required_ranges
from runbook_lib.knowledge.regions import region
from runbook_lib.observations import DnsOutcome, Observations

EU = region("eu")


def seen(finding: Any) -> tuple[str, str | None]:
    """
    Status and cause.
    """
    return finding.status.value, finding.cause


def record(cidrs: Any) -> list[str]:
    """
    An SPF record with these ranges.
    """
    return ["v=spf1 " + " ".join(f"ip4:{cidr}" for cidr in cidrs) + " ~all"]


def test_equal(look: Any, world: Any) -> None:
    """
    A live list equal to the snapshot passes, in whatever order.
    """
    world.records[EU.spf, "TXT"] = record(reversed(EU.cidrs))

    assert {"eu": ("pass", None)} == {key: seen(one) for key, one in look("ranges.current").items()}


def test_differs(look: Any, world: Any) -> None:
    """
    Differences both ways are a warning; only live ranges are pasted.
    """
    world.records[EU.spf, "TXT"] = record([*EU.cidrs[1:], "203.0.113.0/24"])

    finding = look.one("ranges.current")

    assert ("warn", ("gone", "new")) == (finding.status.value, finding.causes)
    assert (["203.0.113.0/24"], [EU.cidrs[0]]) == (finding.message.values["new"], finding.message.values["gone"])
    assert EU.cidrs[0] not in finding.words.paste.split()


def test_region_in_anothers_record(look: Any, world: Any) -> None:
    """
    A region that rides in another's record is contained in it.
    """
    world.records[EU.spf, "TXT"] = record(EU.cidrs)

    assert ("pass", "ranges.current.contained") == (
        (found := look.one("ranges.current", region="je")).status.value,
        found.message.id,
    )

    world.records[EU.spf, "TXT"] = record(cidr for cidr in EU.cidrs if cidr != "213.167.75.0/25")

    assert ("warn", "gone") == seen(look.one("ranges.current", region="je"))


def test_no_snapshot(look: Any, world: Any) -> None:
    """
    A region of which only names are known is compared with nothing.
    """
    world.records[region("usb").spf, "TXT"] = record(["170.10.150.0/24"])

    assert ("pass", "ranges.current.live_only") == ((found := look.one("ranges.current", region="usb")).status.value, found.message.id)


@pytest.mark.parametrize(
    ("text", "outcome", "cause"),
    [
        (None, DnsOutcome.TIMEOUT, "dns_timeout"),
        (None, DnsOutcome.SERVFAIL, "dns_servfail"),
        (None, None, "no_record"),
        ("v=spf1 -all", None, "no_ranges"),
        ("v=spf1 ip4:1.2.3.0/24 ip4:nonsense -all", None, "spf_syntax"),
        ("v=spf1 ip4:1.2.3.0/24 a:mail.example -all", None, "spf_not_expanded"),
    ],
)
def test_not_resolvable(look: Any, world: Any, text: str | None, outcome: DnsOutcome | None, cause: str) -> None:
    """
    A list that could not be read to its end is unknown, and the snapshot is shown with its age.
    """
    if text:
        world.records[EU.spf, "TXT"] = [text]
    if outcome:
        world.fails[EU.spf, "TXT", "*"] = outcome

    finding = look.one("ranges.current")

    assert ("unknown", cause) == seen(finding)
    assert "Snapshot of 2025" in finding.words.observed


@pytest.mark.parametrize(
    ("given", "missing", "beyond"),
    [
        (["{0}", "{1}", "203.0.113.0/24"], EU.cidrs[2:], ["203.0.113.0/24"]),
        ("{0}\n8.8.8.8\n9.9.9.9", EU.cidrs[1:], ["8.8.8.8/32", "9.9.9.9/32"]),
        (["0.0.0.0/0"], [], ["0.0.0.0/0"]),
    ],
)
def test_not_resolvable_with_the_console(look: Any, given: str | list[str], missing: tuple[str, ...], beyond: list[str]) -> None:
    """
    A list from the console that is not the snapshot's is to be looked at again before anything is pasted: what is missing and what is
    foreign is named.
    """
    ranges = given.format(*EU.cidrs) if isinstance(given, str) else [one.format(*EU.cidrs) for one in given]

    finding = look.one("ranges.current", console_ranges=ranges)

    assert ("unknown", "no_record") == seen(finding)
    assert (list(missing), beyond) == (finding.message.values["missing"], finding.message.values["beyond"])
    assert all(text in finding.words.observed for text in (*missing, *beyond))
    assert "before anything is pasted" in finding.words.remedy


def test_not_resolvable_with_the_snapshots_list(look: Any) -> None:
    """
    The same list from the console is the required one: nobody is told to enter it again.
    """
    finding = look.one("ranges.current", console_ranges=list(EU.cidrs))

    assert ("unknown", "no_record") == seen(finding)
    assert "counts as the required one" in finding.words.summary
    assert "console_ranges" not in finding.words.remedy


@pytest.mark.parametrize(
    ("left_out", "more", "status", "message"),
    [
        (0, [], "pass", "ranges.current.equal"),
        (1, [], "warn", "ranges.current.console_differs"),
        (0, ["8.8.8.0/24"], "warn", "ranges.current.console_differs"),
    ],
)
def test_a_console_list_is_compared_with_what_is_published(  # noqa: PLR0917  # two fixtures, and four values of a case
    look: Any, world: Any, left_out: int, more: list[str], status: str, message: str
) -> None:
    """
    It counts, and what was copied wrong is said all the same.
    """
    world.records[EU.spf, "TXT"] = [f"v=spf1 {' '.join(f'ip4:{cidr}' for cidr in EU.cidrs)} ~all"]

    finding = look.one("ranges.current", console_ranges=[*EU.cidrs[left_out:], *more])

    assert (status, message) == (finding.status, finding.message.id)
    assert [*EU.cidrs[:left_out], *more] == [*finding.message.values["missing"], *finding.message.values["beyond"]]


def test_not_resolvable_with_the_console_alone(look: Any) -> None:
    """
    Where no snapshot is shipped there is nothing to count.
    """
    finding = look.one("ranges.current", region="usb", console_ranges=["203.0.113.0/24"])

    assert ("unknown", "ranges.current.unknown_given_alone") == (finding.status, finding.message.id)


def test_not_resolvable_with_an_unreadable_list(look: Any) -> None:
    """
    A list nobody can read counts as none: the ranges have to be entered.
    """
    finding = look.one("ranges.current", console_ranges="see the console")

    assert ("unknown", "ranges.current.unknown") == (finding.status, finding.message.id)
    assert '"Address ranges the console shows" (console_ranges)' in finding.words.remedy


def test_lockdown_needs_the_console(look: Any, world: Any) -> None:
    """
    At lockdown the console's ranges are asked for.
    """
    world.records[EU.spf, "TXT"] = record(EU.cidrs)

    assert ("manual", "no_console_ranges") == seen(look.one("ranges.current", phase="lockdown"))
    assert "pass" == look.one("ranges.current", phase="lockdown", console_ranges=list(EU.cidrs)).status


def test_custom(look: Any) -> None:
    """
    A custom region has nothing to compare.
    """
    finding = look.one("ranges.current", region="custom", gateway_hosts=["mx.gateway.example"], console_ranges=["198.51.100.0/24"])

    assert "not_applicable" == finding.status


def test_left_out(look: Any) -> None:
    """
    A run without DNS says so.
    """
    assert ("not_applicable", "left_out") == seen(look.one("ranges.current", probes=["smtp"]))


def test_required_ranges_never_from_the_snapshot(look: Any) -> None:
    """
    What is given out to paste comes from the console or from DNS, never from the snapshot.
    """
    assert [] == required_ranges(look.environment(), Observations())
    assert ["198.51.100.0/24"] == required_ranges(look.environment(console_ranges="198.51.100.0/24"), Observations())
