"""
``allowlist.*``.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.knowledge.regions import region
from runbook_lib.observations import DnsOutcome

EU = region("eu")
LIVE = "v=spf1 " + " ".join(f"ip4:{cidr}" for cidr in EU.cidrs) + " ~all"
ALL = ",".join(EU.cidrs)


def seen(finding: Any) -> tuple[str, str | None]:
    """
    Status and cause.
    """
    return finding.status.value, finding.cause


@pytest.fixture(autouse=True)
def _live(world: Any) -> None:
    world.records[EU.spf, "TXT"] = [LIVE]


class TestSyntax:
    """
    ``allowlist.syntax``.
    """

    @pytest.mark.parametrize(
        ("text", "microsoft", "google"),
        [
            ("198.41.0.0/24,9.9.9.9", ("pass", None), ("pass", None)),
            ("198.41.0.0/24\r\n9.9.9.9\n", ("pass", None), ("pass", None)),
            ("2a01:111::/32", ("pass", None), ("pass", None)),
            ("198.41.0.0/24, 9.9.9.9", ("warn", "stray_spaces"), ("fail", "stray_spaces")),
            ("198.41.0.0/24\u00a0", ("fail", "invisible_characters"), ("fail", "invisible_characters")),
            ("\ufeff198.41.0.0/24", ("fail", "invisible_characters"), ("fail", "invisible_characters")),
            ("198.41.0.0\u200b/24", ("fail", "invisible_characters"), ("fail", "invisible_characters")),
            ("9.9.9.1\u20139.9.9.9", ("fail", "stray_characters"), ("fail", "stray_characters")),
            ("'9.9.9.9'", ("fail", "stray_characters"), ("fail", "stray_characters")),
            ("9.9.9.9;9.9.9.10", ("fail", "separator"), ("fail", "separator")),
            ("9.9.9.9 9.9.9.10", ("fail", "separator"), ("fail", "separator")),
            ("9.9.9.9,,9.9.9.10", ("fail", "separator"), ("fail", "separator")),
            ("9.9.9.0 /24", ("fail", "stray_spaces"), ("fail", "stray_spaces")),
            ("9.9.9.0\u00a0/24", ("fail", "invisible_characters"), ("fail", "invisible_characters")),
            ("9.9.9.1 - 9.9.9.9", ("warn", "stray_spaces"), ("fail", "stray_spaces")),
            ("9.9.9.0 /33", ("fail", "wrong_prefix"), ("fail", "wrong_prefix")),
            ("9.9.9.0\n/24", ("fail", "unclear"), ("fail", "unclear")),
            ("9.9.9.1/24", ("fail", "host_bits"), ("fail", "host_bits")),
            ("9.9.9.0/255.255.255.0", ("fail", "notation"), ("fail", "notation")),
            ("9.9.9.0/024", ("fail", "notation"), ("fail", "notation")),
            ("9.9.9.1-9.9.9.9", ("pass", None), ("warn", "range_notation")),
            ("9.9.9.9-9.9.9.1", ("fail", "not_an_address"), ("fail", "not_an_address")),
            ("9.9.9.256", ("fail", "not_an_address"), ("fail", "not_an_address")),
            ("010.9.9.9", ("fail", "not_an_address"), ("fail", "not_an_address")),
            ("9.9.9.9,9.9.9.9", ("warn", "duplicate"), ("warn", "duplicate")),
            ("9.9.9.0/24,9.9.9.9", ("warn", "overlap"), ("warn", "overlap")),
            ("10.1.0.0/24", ("fail", "private"), ("fail", "private")),
            ("fe80::/64", ("fail", "private"), ("fail", "private")),
            ("198.51.100.0/24", ("warn", "reserved"), ("warn", "reserved")),
            ("0.0.0.0/0", ("fail", "everything"), ("fail", "everything")),
            ("  \n", ("not_applicable", "empty"), ("not_applicable", "empty")),
        ],
    )
    def test_entries(self, look: Any, text: str, microsoft: tuple[str, str | None], google: tuple[str, str | None]) -> None:
        """
        Every fault has its cause; what Google does not clean fails there.
        """
        assert microsoft == seen(look.one("allowlist.syntax", allowlist=text))
        assert google == seen(look.one("allowlist.syntax", allowlist=text, platform="google_workspace", inbound_host="smtp.google.com"))

    def test_position_and_cleaned_list(self, look: Any) -> None:
        """
        Faults have line and column, what fails comes before what is only untidy, and the cleaned list is there to paste.
        """
        finding = look.one("allowlist.syntax", allowlist="9.9.9.9,\n 8.8.8.1/24,8.8.8.8\n")

        assert [
            '2:2 "8.8.8.1/24" host_bits → 8.8.8.0/24',
            '2:1 " 8.8.8.1/24" stray_spaces → 8.8.8.1/24',
            '2:13 "8.8.8.8" overlap → 8.8.8.1/24',
        ] == finding.message.values["issues"]
        assert "9.9.9.9/32\n8.8.8.0/24" == finding.words.paste

    def test_every_list(self, look: Any) -> None:
        """
        Each list given has its finding; the console's is only read, so ordinary spaces do no harm there.
        """
        found = look("allowlist.syntax", allowlist="9.9.9.9", gateway_list="9.9.9.9;", console_ranges="9.9.9.0/24; 8.8.8.0/24")

        assert {"allowlist": "pass", "gateway_list": "fail", "console_ranges": "pass"} == {
            key: one.status.value for key, one in found.items()
        }

    def test_blank_inside_an_entry(self, look: Any) -> None:
        """
        A blank before the slash fails the platform's list and never narrows the cleaned one; in the console's list it is worth a look.
        """
        found = look("allowlist.syntax", allowlist="207.82.80.0 /24", console_ranges="207.82.80.0 /24")

        assert {"allowlist": "fail", "console_ranges": "warn"} == {key: one.status.value for key, one in found.items()}
        assert {"207.82.80.0/24"} == {one.words.paste for one in found.values()}

    def test_console_excuses(self, look: Any) -> None:
        """
        A reserved range that the console shows is not held against the list.
        """
        found = look("allowlist.syntax", allowlist="198.51.100.0/24", console_ranges=["198.51.100.0/24"])

        assert "pass" == found["allowlist"].status

    def test_nothing_given(self, look: Any) -> None:
        """
        Without a list there is nothing to look at.
        """
        assert {"tenant": "not_applicable"} == {key: one.status.value for key, one in look("allowlist.syntax").items()}

    def test_endless_list(self, look: Any) -> None:
        """
        A list without end is cut off and said to be.
        """
        text = "\n".join(["9.9.9.9"] * 20_001)

        assert ("fail", "too_many") == seen(look.one("allowlist.syntax", allowlist=text))
        assert ("unknown", "limit") == seen(look.one("allowlist.coverage", allowlist=text))
        assert ("unknown", "limit") == seen(look.one("allowlist.excess", allowlist=text))


class TestCoverage:
    """
    ``allowlist.coverage``.
    """

    def test_covered(self, look: Any) -> None:
        """
        A list with all live ranges passes, also where a wider network holds them.
        """
        assert ("pass", None) == seen(look.one("allowlist.coverage", allowlist=ALL))
        assert ("pass", None) == seen(look.one("allowlist.coverage", allowlist=ALL.replace("185.58.85.0/24", "185.58.84.0/22")))

    def test_missing(self, look: Any) -> None:
        """
        What is missing is named and is there to paste.
        """
        finding = look.one("allowlist.coverage", allowlist=",".join(EU.cidrs[1:]))

        assert ("fail", "missing") == seen(finding)
        assert EU.cidrs[0] == finding.words.paste

    def test_faulty_and_incomplete_is_one_list_to_paste(self, look: Any) -> None:
        """
        Nobody pastes twice: what is wrong with a list and what it lacks are put right by the same one.
        """
        given = {"allowlist": " 9.9.9.0/24;8.8.8.8", "console_ranges": ["9.9.9.0/24", "8.8.8.0/24"], "platform": "on_premises"}
        syntax, coverage = look("allowlist.syntax", **given)["allowlist"], look.one("allowlist.coverage", **given)

        assert "9.9.9.0/24\n8.8.8.0/24" == syntax.words.paste
        assert (syntax.words.remedy, syntax.words.paste) == (coverage.words.remedy, coverage.words.paste)
        assert ("fail", "missing") == seen(coverage)

    def test_what_is_left_out_covers_nothing(self, look: Any) -> None:
        """
        A list with the whole Internet in it is cleaned to one that has the gateway's ranges.
        """
        given = {"allowlist": "0.0.0.0/0", "console_ranges": ["9.9.9.0/24"], "platform": "on_premises"}

        assert "9.9.9.0/24" == look("allowlist.syntax", **given)["allowlist"].words.paste

    def test_what_the_console_shows_is_not_read_to_the_end(self, look: Any) -> None:
        """
        A list that covers all that could be read of the console's does not pass: a range may be missing in both.
        """
        finding = look.one("allowlist.coverage", allowlist="9.9.9.0/24", console_ranges="9.9.9.0/24\n300.1.2.0/24")

        assert ("unknown", "console_faulty") == seen(finding)
        assert "Not read: 300.1.2.0/24." in finding.words.summary

    def test_a_private_range_is_none_of_the_gateway_wherever_it_stands(self, look: Any) -> None:
        """
        One in the console's list, copied from a wrong place, excuses none in the platform's and is not handed out.
        """
        both = "9.9.9.0/24\n10.20.0.0/16"
        found = look("allowlist.syntax", allowlist=both, console_ranges=both)

        assert {"fail"} == {one.status.value for one in found.values()}
        assert ["9.9.9.0/24"] * 2 == [one.words.paste for one in found.values()]
        assert "pass" == look.one("allowlist.syntax", allowlist=both, allow_private=True).status.value

    def test_missing_part_is_split(self, look: Any) -> None:
        """
        Of a range that is covered in part only the rest is missing.
        """
        finding = look.one("allowlist.coverage", allowlist="9.9.9.0/25", console_ranges=["9.9.9.0/24"])

        assert ["9.9.9.128/25"] == finding.message.values["missing"]

    def test_exchange_online_pieces(self, look: Any) -> None:
        """
        For Exchange Online what is to be added is split to /24.
        """
        finding = look.one("allowlist.coverage", allowlist="9.9.9.9", console_ranges=["41.74.192.0/22"])

        assert "41.74.192.0/24\n41.74.193.0/24\n41.74.194.0/24\n41.74.195.0/24" == finding.words.paste

    def test_console_is_the_authority(self, look: Any) -> None:
        """
        With console ranges only these are required, and DNS is not asked.
        """
        assert "pass" == look.one("allowlist.coverage", allowlist="9.9.9.0/24", console_ranges="9.9.9.0/24", probes=["smtp"]).status

    @pytest.mark.parametrize(("allowlist", "missing"), [(ALL, "none"), ("9.9.9.9", EU.cidrs[0])])
    def test_live_not_known(self, look: Any, world: Any, allowlist: str, missing: str) -> None:
        """
        The snapshot fails nothing and passes nothing.
        """
        world.fails[EU.spf, "TXT", "*"] = DnsOutcome.TIMEOUT

        finding = look.one("allowlist.coverage", allowlist=allowlist)

        assert ("unknown", "dns_timeout") == seen(finding)
        assert missing in finding.words.observed
        assert not finding.words.paste

    def test_dns_left_out(self, look: Any) -> None:
        """
        Without DNS and without console ranges a person has to say.
        """
        assert ("manual", "no_reference") == seen(look.one("allowlist.coverage", allowlist=ALL, probes=["smtp"]))
        assert ("manual", "no_reference") == seen(look.one("allowlist.excess", allowlist="9.9.9.9", probes=["smtp"]))

    def test_nothing_given(self, look: Any) -> None:
        """
        Without a list it is manual.
        """
        assert {"tenant": ("manual", "nothing_given")} == {key: seen(one) for key, one in look("allowlist.coverage").items()}

    @pytest.mark.parametrize(("platform", "host", "both"), [("microsoft_365", "", False), ("google_workspace", "smtp.google.com", True)])
    def test_nothing_given_names_the_lists_of_the_platform(self, look: Any, platform: str, host: str, *, both: bool) -> None:
        """
        Only a customer at Google is asked for the list of the inbound gateway.
        """
        remedy = look.one("allowlist.coverage", platform=platform, **({"inbound_host": host} if host else {})).words.remedy

        assert "(allowlist)" in remedy
        assert both == ("(gateway_list)" in remedy)

    def test_empty_list(self, look: Any) -> None:
        """
        An empty list never passes: at Microsoft a person confirms Enhanced Filtering, elsewhere it fails.
        """
        assert ("manual", "empty") == seen(look.one("allowlist.coverage", allowlist=" \n"))
        own = {"platform": "on_premises", "inbound_host": "mail.alder.example"}
        assert ("fail", "missing") == seen(look.one("allowlist.coverage", allowlist=" \n", **own))

    @pytest.mark.parametrize(
        ("lists", "expected"),
        [
            ({"allowlist": ALL, "gateway_list": ALL}, {"allowlist": "pass", "gateway_list": "pass"}),
            ({"allowlist": "9.9.9.9", "gateway_list": ALL}, {"allowlist": "pass", "gateway_list": "pass"}),
            ({"gateway_list": ALL}, {"allowlist": "pass", "gateway_list": "pass"}),
            ({"allowlist": ALL}, {"allowlist": "pass", "gateway_list": "manual"}),
            ({"allowlist": ALL, "gateway_list": "9.9.9.9"}, {"allowlist": "pass", "gateway_list": "fail"}),
            ({"allowlist": "9.9.9.9", "gateway_list": "9.9.9.9"}, {"allowlist": "fail", "gateway_list": "fail"}),
            ({}, {"tenant": "manual"}),
        ],
    )
    def test_google(self, look: Any, lists: dict[str, str], expected: dict[str, str]) -> None:
        """
        At Google a range in the inbound gateway list counts for the allow list, not the other way round.
        """
        found = look("allowlist.coverage", platform="google_workspace", inbound_host="smtp.google.com", **lists)

        assert expected == {key: one.status.value for key, one in found.items()}

    def test_region_in_anothers_record(self, look: Any) -> None:
        """
        A region that rides in another's record needs its own ranges, and the others are tolerated.
        """
        assert "pass" == look.one("allowlist.coverage", region="je", allowlist="213.167.81.0/25,213.167.75.0/25").status
        assert "pass" == look.one("allowlist.excess", region="je", allowlist=ALL).status

    def test_region_gone_from_anothers_record(self, look: Any, world: Any) -> None:
        """
        Where the other's record no longer holds any of its ranges, what is required is not known.
        """
        world.records[EU.spf, "TXT"] = ["v=spf1 ip4:195.130.217.0/24 ~all"]

        assert "unknown" == look.one("allowlist.coverage", region="je", allowlist="213.167.81.0/25").status


class TestExcess:
    """
    ``allowlist.excess``.
    """

    @pytest.mark.parametrize(
        ("more", "expected"),
        [
            ("", ("pass", None)),
            (",0.0.0.0/0", ("fail", "too_wide")),
            (",170.0.0.0/8", ("fail", "too_wide")),
            (",103.13.69.0/24", ("warn", "other_region")),
            (",209.85.128.0/17", ("warn", "google_ranges")),
            (",185.58.84.0/22", ("warn", "wider_than_needed")),
            (",9.9.9.0/24", ("warn", "not_the_gateway")),
        ],
    )
    def test_kinds(self, look: Any, more: str, expected: tuple[str, str | None]) -> None:
        """
        Each kind of excess has its cause.
        """
        assert expected == seen(look.one("allowlist.excess", allowlist=ALL + more))

    def test_console_is_the_authority(self, look: Any) -> None:
        """
        With console ranges a range of the region that the console does not show is too much.
        """
        finding = look.one("allowlist.excess", allowlist=ALL, console_ranges=list(EU.cidrs[1:]))

        assert ("warn", "not_in_console") == seen(finding)

    def test_google_with_internal_route(self, look: Any) -> None:
        """
        Google's own ranges are right on the allow list with an internal route, never in the gateway list.
        """
        lists = {"allowlist": f"{ALL},209.85.128.0/17", "gateway_list": f"{ALL},209.85.128.0/17"}

        found = look("allowlist.excess", platform="google_workspace", inbound_host="smtp.google.com", internal_route=True, **lists)

        assert {"allowlist": ("pass", None), "gateway_list": ("warn", "google_ranges")} == {key: seen(one) for key, one in found.items()}

    @pytest.mark.parametrize(
        ("phase", "expected"), [("prepare", ("pass", None)), ("cutover", ("pass", None)), ("lockdown", ("warn", "old_gateway"))]
    )
    def test_present_gateway(self, look: Any, phase: str, expected: tuple[str, str | None]) -> None:
        """
        The old gateway's ranges may stay until the lock.
        """
        finding = look.one("allowlist.excess", allowlist=f"{ALL},9.9.9.0/24", present_gateway={"ranges": ["9.9.9.0/24"]}, phase=phase)

        assert expected == seen(finding)

    def test_live_not_known(self, look: Any, world: Any) -> None:
        """
        What is not in the snapshot may be new: unknown. What is in it is tolerated.
        """
        world.fails[EU.spf, "TXT", "*"] = DnsOutcome.SERVFAIL

        assert ("unknown", "dns_servfail") == seen(look.one("allowlist.excess", allowlist=f"{ALL},9.9.9.0/24"))
        assert ("pass", None) == seen(look.one("allowlist.excess", allowlist=ALL))

    def test_nothing_given(self, look: Any) -> None:
        """
        Without a list there is nothing to look at, and an empty one holds nothing.
        """
        assert "not_applicable" == look.one("allowlist.excess").status
        assert "not_applicable" == look.one("allowlist.excess", allowlist=" \n").status
