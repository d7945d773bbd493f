"""
The connection filter: the allow list holds the gateway, the block list does not.
"""

from __future__ import annotations

from typing import Any

import pytest

FILTER = "m365.connection_filter"
NOT_NEEDED = ("not_applicable", "trusted_otherwise")


@pytest.mark.parametrize(
    ("policy", "cause"),
    [
        ({"IPAllowList": ["195.130.217.0/24"]}, "missing"),
        ({"IPAllowList": ["195.130.217.0/24", "91.220.42.0/25", "213.167.81.0/25"]}, "missing"),
        ({"IPAllowList": ["195.130.217.0/24", "91.220.40.0/22", "213.167.81.0/25"]}, "too_wide"),
        ({"IPAllowList": ["195.130.217.0/24", "91.220.42.0/24", "213.167.81.0/25", "2001:db8::/64"]}, "too_wide"),
        ({"IPAllowList": ["195.130.217.0-195.130.218.10", "91.220.42.0/24", "213.167.81.0/25"]}, "too_wide"),
        ({"IPBlockList": ["91.220.42.7"], "IPAllowList": ["195.130.217.0/24", "91.220.42.0/24", "213.167.81.0/25"]}, "blocked"),
    ],
)
def test_connection_filter(make: Any, policy: dict[str, Any], cause: str) -> None:
    """
    Each fault of the allow and block lists is named, and the command that is given puts it right and can be undone.
    """
    tenant = make.trusting(policies=[make.policy(**policy)])
    finding = tenant.one(FILTER)
    before = tenant.policies[0].copy()

    assert ("fail", cause, "Default") == (finding.status, finding.cause, finding.subject)
    tenant.paste(finding)
    assert ("pass", None) == tenant.brief(FILTER)
    tenant.undo(finding)
    assert {key: sorted(value) if isinstance(value, list) else value for key, value in before.items()} == {
        key: sorted(value) if isinstance(value, list) else value for key, value in tenant.policies[0].items()
    }


def test_over_the_limit(make: Any) -> None:
    """
    More than 1273 entries fail, though they cover what is required.
    """
    many = [f"10.{high}.{low}.1" for high in range(5) for low in range(256)]
    tenant = make.trusting(policies=[make.policy(*make.ranges, *many)])

    assert ("fail", "over_limit") == tenant.brief(FILTER)


def test_a_range_of_256_addresses_is_taken(make: Any) -> None:
    """
    A range of exactly 256 addresses is what Exchange Online still takes.
    """
    tenant = make.trusting(policies=[make.policy("195.130.217.0-195.130.217.255", *make.ranges[1:])])

    assert ("pass", None) == tenant.brief(FILTER)


def test_blocked_fails_whatever_else_is_sound(make: Any) -> None:
    """
    A blocked gateway address fails beside sound Enhanced Filtering, and the command touches the block list alone.
    """
    policy = make.policy(IPBlockList=["198.51.100.9", "195.130.217.5"])
    tenant = make.trusting(policies=[policy], connectors=[make.connector(EFSkipIPs=make.ranges)])

    assert ("fail", "blocked") == tenant.brief(FILTER)
    tenant.paste(tenant.one(FILTER))
    assert (["198.51.100.9"], []) == (tenant.policies[0]["IPBlockList"], tenant.policies[0]["IPAllowList"])
    assert NOT_NEEDED == tenant.brief(FILTER)


def test_another_regions_ranges_are_too_much(make: Any) -> None:
    """
    Ranges of another region beside the right ones are warned of and can be taken out.
    """
    tenant = make.trusting(policies=[make.policy(*make.ranges, "41.74.206.0/24")])

    assert ("warn", "other_region") == tenant.brief(FILTER)
    tenant.paste(tenant.one(FILTER))
    assert ("pass", None) == tenant.brief(FILTER)


def test_wrong_region_is_missing_and_begun(make: Any) -> None:
    """
    A list with only another region's ranges was meant for the gateway: it fails, and both are put right.
    """
    tenant = make.trusting(policies=[make.policy("41.74.206.0/24")])

    assert ("fail", "missing") == tenant.brief(FILTER)
    tenant.paste(tenant.one(FILTER))
    assert ("pass", None) == tenant.brief(FILTER)


def test_wide_ranges_are_pasted_in_pieces(make: Any) -> None:
    """
    A region that publishes networks wider than /24 is pasted as networks of /24.
    """
    tenant = make.trusting(parameters={"region": "za", "console_ranges": ["41.74.192.0/22"]})
    paste = tenant.one(FILTER).words.paste.splitlines()[0]

    assert (
        "Set-HostedConnectionFilterPolicy -Identity 'Default' -IPAllowList @{Add='41.74.192.0/24','41.74.193.0/24','41.74.194.0/24',"
        in paste
    )
    assert "/22" not in paste


def test_settling(make: Any) -> None:
    """
    A right setting that is younger than an hour is not yet an answer; a wrong one is wrong at once.
    """
    young = "2026-11-24T21:30:00Z"
    right = make.trusting(policies=[make.policy(*make.ranges, WhenChangedUTC=young)])
    wrong = make.trusting(policies=[make.policy(make.ranges[0], WhenChangedUTC=young)])

    assert ("unknown", "settling") == right.brief(FILTER)
    assert ("fail", "missing") == wrong.brief(FILTER)


@pytest.mark.parametrize("allowed", [["195.130.217.0/24"], None])
def test_unknown_ranges(make: Any, allowed: list[str] | None) -> None:
    """
    Where the gateway's ranges are not known, a list is neither right nor wrong.
    """
    shipped = ["195.130.217.0/24", "91.220.42.0/24", "146.101.78.0/24", "207.82.80.0/24"]
    tenant = make.trusting(policies=[make.policy(*(allowed or shipped))], parameters={"console_ranges": None})

    assert ("unknown", "dns_servfail") == tenant.brief(FILTER)


def test_live_ranges(make: Any) -> None:
    """
    Without console ranges the live SPF record says what is required.
    """
    spf = {"eu._netblocks.mimecast.com": "v=spf1 ip4:195.130.217.0/24 ip4:91.220.42.0/24 -all"}
    tenant = make.trusting(policies=[make.policy("195.130.217.0/24")], parameters={"console_ranges": None}, spf=spf)
    finding = tenant.one(FILTER)

    assert ("fail", ["91.220.42.0/24"]) == (finding.status, finding.message.values["missing"])
    assert 2 == len(finding.evidence)


def test_without_dns_a_person_compares(make: Any) -> None:
    """
    Where this run may not ask DNS and no console ranges were given, a person has to compare.
    """
    tenant = make.trusting(policies=[make.policy(*make.ranges)], parameters={"console_ranges": None, "probes": ["smtp"]})

    assert ("manual", "no_reference") == tenant.brief(FILTER)


def test_incomplete_and_empty_exports(make: Any) -> None:
    """
    An export that leaves out what matters, or has no policy, says nothing.
    """
    policy = make.policy()
    del policy["IPAllowList"]
    cut = make.trusting(policies=[policy])
    empty = make.trusting(policies=[])

    assert ("unknown", "not_in_export") == cut.brief(FILTER)
    assert ("unknown", "empty_export") == empty.brief(FILTER)
