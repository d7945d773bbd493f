"""
``mx.*``.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.observations import DnsOutcome, DnsQuestion, Via

NEW = ["10 eu-smtp-inbound-1.mimecast.com", "10 eu-smtp-inbound-2.mimecast.com"]
D = "alder.example"


def seen(finding: Any) -> tuple[str, str | None]:
    """
    Status and cause.
    """
    return finding.status.value, finding.cause


class TestPresent:
    """
    ``mx.present``.
    """

    def test_listed(self, look: Any) -> None:
        """
        A domain with MX passes, and its records are told.
        """
        finding = look.one("mx.present")

        assert ("pass", None) == seen(finding)
        assert ["10 mail.alder.example"] == finding.message.values["records"]
        assert finding.evidence

    @pytest.mark.parametrize(("phase", "status"), [("prepare", "warn"), ("cutover", "fail"), ("lockdown", "fail")])
    def test_implicit(self, look: Any, world: Any, phase: str, status: str) -> None:
        """
        No MX is a warning before the move and a failure afterwards; an address of the domain's own makes it an implicit MX.
        """
        del world.records[D, "MX"]

        assert (status, "no_mx") == seen(look.one("mx.present", phase=phase))

        world.records[D, "A"] = ["194.1.1.80"]

        assert (status, "implicit_mx") == seen(look.one("mx.present", phase=phase))

    @pytest.mark.parametrize(
        ("role", "records", "expected"),
        [
            ("mail", ["0 ."], ("fail", "null_mx")),
            ("mail", ["0 .", "10 mail.alder.example"], ("fail", "null_mx")),
            ("parked", ["0 ."], ("pass", None)),
            ("parked", [], ("pass", None)),
            ("parked", ["10 mail.alder.example"], ("warn", "receives_mail")),
            ("send_only", [], ("pass", None)),
            ("send_only", ["10 mail.alder.example"], ("pass", None)),
            ("send_only", ["0 ."], ("warn", "null_mx")),
        ],
    )
    def test_roles(self, look: Any, world: Any, role: str, records: list[str], expected: tuple[str, str | None]) -> None:
        """
        A null MX is right on a parked domain only; a domain that only sends may go without.
        """
        world.records[D, "MX"] = records

        assert expected == seen(look.one("mx.present", domains=[{"name": D, "role": role}]))

    def test_parked_with_address(self, look: Any, world: Any) -> None:
        """
        A parked domain with an address and no null MX still attracts mail.
        """
        world.records |= {(D, "MX"): [], (D, "A"): ["194.1.1.80"]}

        assert ("warn", "implicit_mx") == seen(look.one("mx.present", domains=[{"name": D, "role": "parked"}]))

    def test_no_such_domain(self, look: Any, world: Any) -> None:
        """
        A domain that does not exist fails, and where its mail goes is not reached.
        """
        world.records.clear()

        assert ("fail", "nxdomain") == seen(look.one("mx.present"))
        finding = look.one("mx.gateway", phase="cutover")
        assert ("not_applicable", "not_reached") == seen(finding)
        assert (f"mx.present {D}",) == finding.evidence

    def test_alias_loop(self, look: Any, world: Any) -> None:
        """
        A domain that is an alias of itself fails: nobody can find its MX.
        """
        world.records = {(D, "CNAME"): [D]}

        assert ("fail", "cname_loop") == seen(look.one("mx.present"))
        assert ("not_applicable", "not_reached") == seen(look.one("mx.gateway", phase="cutover"))

    @pytest.mark.parametrize(
        ("outcome", "cause"),
        [
            (DnsOutcome.SERVFAIL, "dns_servfail"),
            (DnsOutcome.TIMEOUT, "dns_timeout"),
            (DnsOutcome.REFUSED, "dns_refused"),
            (DnsOutcome.LIMIT, "limit"),
            (DnsOutcome.BOGUS, "bogus"),
        ],
    )
    def test_could_not_ask(self, look: Any, world: Any, outcome: DnsOutcome, cause: str) -> None:
        """
        What could not be asked is unknown with its cause, for every check that rests on it; never absent.
        """
        world.fails["*", "*", "*"] = outcome

        assert ("unknown", cause) == seen(look.one("mx.present"))
        assert ("unknown", cause) == seen(look.one("mx.gateway", phase="cutover"))
        assert ("unknown", cause) == seen(look.one("mx.consistency"))
        assert ("unknown", cause) == seen(look.one("mx.ttl"))
        assert {"tenant": ("unknown", "not_reached")} == {key: seen(one) for key, one in look("mx.target").items()}

    def test_bogus_beats_authority(self, look: Any, world: Any) -> None:
        """
        A bogus answer counts as could not ask, whatever the name servers themselves say.
        """
        world.fails[D, "MX", ""] = DnsOutcome.BOGUS

        assert ("unknown", "bogus") == seen(look.one("mx.present"))
        assert ("unknown", "bogus") == seen(look.one("mx.gateway", phase="lockdown"))

    def test_resolver_stands_in(self, look: Any, world: Any) -> None:
        """
        Where no name server can be asked directly, the resolver's answer is used and named as such.
        """
        for server in ("194.1.1.1", "194.1.1.2"):
            world.fails["*", "*", server] = DnsOutcome.INTERCEPTED

        finding = look.one("mx.present")

        assert ("pass", None) == seen(finding)
        assert "mx.present.listed_resolver" == finding.message.id
        assert ("unknown", "intercepted") == seen(look.one("mx.consistency"))
        assert ("unknown", "intercepted") == seen(look.one("mx.ttl"))

    def test_left_out(self, look: Any) -> None:
        """
        A run that may not use DNS says so for every domain, and asks nothing.
        """
        for check in ("mx.present", "mx.target", "mx.gateway", "mx.consistency", "mx.ttl", "mx.propagation"):
            finding = look.one(check, probes=["smtp"])

            assert ("not_applicable", "common.left_out") == (finding.status.value, finding.message.id)


class TestTarget:
    """
    ``mx.target``.
    """

    @pytest.mark.parametrize(
        ("host", "more", "expected"),
        [
            ("mail.alder.example", {}, ("pass", None)),
            ("192.0.2.1", {}, ("fail", "ip_literal")),
            ("nowhere.alder.example", {}, ("fail", "dangling")),
            ("bad_name.alder.example", {}, ("fail", "invalid_name")),
            ("a\\032b.alder.example", {}, ("fail", "invalid_name")),
            ("eu-smtp-inbound-1.mimecast.com.alder.example", {}, ("fail", "zone_doubled")),
            ("mail.alder.example.alder.example", {}, ("fail", "zone_doubled")),
            ("alias.alder.example", {("alias.alder.example", "CNAME"): ["mail.alder.example"]}, ("warn", "cname")),
            ("alias.alder.example", {("alias.alder.example", "CNAME"): ["nowhere.alder.example"]}, ("fail", "dangling")),
            ("loop.alder.example", {("loop.alder.example", "CNAME"): ["loop.alder.example"]}, ("fail", "cname_loop")),
            ("inside.alder.example", {("inside.alder.example", "A"): ["10.0.0.7"]}, ("fail", "private_address")),
            ("inside.alder.example", {("inside.alder.example", "AAAA"): ["::1"]}, ("fail", "private_address")),
        ],
    )
    def test_hosts(self, look: Any, world: Any, host: str, more: dict[Any, Any], expected: tuple[str, str | None]) -> None:
        """
        Each kind of wrong MX host has its own cause.
        """
        world.records |= {(D, "MX"): [f"10 {host}"], **more}

        found = look("mx.target")

        assert {host: expected} == {subject: seen(one) for subject, one in found.items()}

    def test_address_is_not_asked_for(self, look: Any, world: Any) -> None:
        """
        An IP address in an MX record is never resolved.
        """
        world.records[D, "MX"] = ["10 192.0.2.1"]
        look("mx.target")

        assert not [question for question in world.asked if question.name == "192.0.2.1"]

    def test_private_is_excused(self, look: Any, world: Any) -> None:
        """
        Private addresses are right with `allow_private`, or where `connect_to` leads elsewhere.
        """
        world.records["mail.alder.example", "A"] = ["10.0.0.7"]

        assert "pass" == look.one("mx.target", allow_private=True).status
        assert "pass" == look.one("mx.target", connect_to={"10.0.0.7:25": "127.0.0.1:2525"}).status

    def test_unknown_addresses(self, look: Any, world: Any) -> None:
        """
        An MX host whose addresses could not be asked for is unknown.
        """
        world.fails["mail.alder.example", "*", "*"] = DnsOutcome.TIMEOUT

        assert ("unknown", "dns_timeout") == seen(look.one("mx.target"))

    def test_shared_host_once(self, look: Any, world: Any) -> None:
        """
        A host that serves two domains has one finding.
        """
        world.records |= {("birch.example", key): world.records[D, key] for key in ("SOA", "NS", "MX")}

        found = look("mx.target", domains=[D, "birch.example"])

        assert ["mail.alder.example"] == list(found)
        assert [D, "birch.example"] == found["mail.alder.example"].message.values["domains"]

    def test_nothing_listed(self, look: Any, world: Any) -> None:
        """
        Without MX hosts nothing is looked at, with the reason.
        """
        world.records[D, "MX"] = ["0 ."]

        assert ("not_applicable", "not_reached") == seen(look.one("mx.target"))
        assert ("not_applicable", "no_mail") == seen(look.one("mx.target", domains=[{"name": D, "role": "parked"}]))


class TestGateway:
    """
    ``mx.gateway``.
    """

    @pytest.mark.parametrize(
        ("records", "prepare", "cutover"),
        [
            (["10 mail.alder.example"], ("pass", None), ("fail", "not_moved")),
            (NEW, ("warn", "moved"), ("pass", None)),
            ([*NEW, "20 mail.alder.example"], ("fail", "residual"), ("fail", "residual")),
            (NEW[:1], ("fail", "one_missing"), ("fail", "one_missing")),
            ([NEW[0], "20 mail.alder.example"], ("fail", "residual"), ("fail", "residual")),
            (["10 de-smtp-inbound-1.mimecast.com"], ("fail", "wrong_region"), ("fail", "wrong_region")),
            (["10 eu-smtp-outbound-1.mimecast.com"], ("fail", "outbound_host"), ("fail", "outbound_host")),
            (["10 eu-smtp-inbound-3.mimecast.com"], ("fail", "unknown_gateway_host"), ("fail", "unknown_gateway_host")),
            ([*NEW, "0 ."], ("fail", "residual"), ("fail", "residual")),
        ],
    )
    def test_phases(
        self, look: Any, world: Any, records: list[str], prepare: tuple[str, str | None], cutover: tuple[str, str | None]
    ) -> None:
        """
        The same records can be right in one phase and wrong in another.
        """
        world.records[D, "MX"] = records

        assert prepare == seen(look.one("mx.gateway"))
        assert cutover == seen(look.one("mx.gateway", phase="cutover"))
        assert cutover == seen(look.one("mx.gateway", phase="lockdown"))

    def test_all_causes_gravest_first(self, look: Any, world: Any) -> None:
        """
        Every cause is named, the gravest first.
        """
        world.records[D, "MX"] = [
            NEW[0],
            "10 us-smtp-inbound-1.mimecast.com",
            "10 eu-smtp-outbound-1.mimecast.com",
            "10 x.mimecast.com",
            "20 mail.alder.example",
        ]
        expected = ("wrong_region", "outbound_host", "unknown_gateway_host", "residual", "one_missing")

        assert expected == look.one("mx.gateway", phase="cutover").causes

    def test_recorded_for_the_way_back(self, look: Any) -> None:
        """
        Before the move the present records are kept in the finding.
        """
        assert ["10 mail.alder.example"] == look.one("mx.gateway").message.values["present"]

    def test_console_hosts_are_the_authority(self, look: Any, world: Any) -> None:
        """
        The hosts the console shows go before the region's.
        """
        world.records[D, "MX"] = ["10 mx1.gateway.example"]

        assert "pass" == look.one("mx.gateway", phase="cutover", gateway_hosts=["mx1.gateway.example"]).status

    def test_uncertain_names(self, look: Any, world: Any) -> None:
        """
        A mismatch against names of low confidence is unknown, a match passes.
        """
        world.records[D, "MX"] = ["10 ca-smtp-inbound-9.mimecast.com"]

        assert ("unknown", "unknown_gateway_host") == seen(look.one("mx.gateway", phase="cutover", region="ca"))

        world.records[D, "MX"] = ["10 ca-smtp-inbound-1.mimecast.com", "10 ca-smtp-inbound-2.mimecast.com"]

        assert "pass" == look.one("mx.gateway", phase="cutover", region="ca").status

    def test_present_gateway_of_the_same_maker(self, look: Any, world: Any) -> None:
        """
        Hosts named as the present gateway's are old hosts: right before the move, left over after it.
        """
        old = ["de-smtp-inbound-1.mimecast.com", "de-smtp-inbound-2.mimecast.com"]
        world.records[D, "MX"] = [f"10 {host}" for host in old]

        assert "pass" == look.one("mx.gateway", present_gateway={"hosts": old}).status
        assert ("fail", "not_moved") == seen(look.one("mx.gateway", phase="cutover", present_gateway={"hosts": old}))

    def test_own_phase(self, look: Any, world: Any) -> None:
        """
        A domain's own phase goes before the environment's.
        """
        world.records[D, "MX"] = NEW

        assert "pass" == look.one("mx.gateway", domains=[{"name": D, "phase": "cutover"}]).status

    @pytest.mark.parametrize("language", ["en", "de"])
    def test_what_goes_is_named_and_what_stays_is_in_the_block(self, look: Any, world: Any, language: str) -> None:
        """
        Nobody takes the records in the block for those that are to be removed.
        """
        world.records[D, "MX"] = [*NEW, "20 mail.alder.example", "0 ."]
        words = look.one("mx.gateway", phase="cutover", language=language).words

        assert "MX 0 . and 20 mail.alder.example" in words.remedy.replace(" und ", " and ")
        first, *block = words.paste.splitlines()
        assert first.startswith("; ")
        assert [f"{D}. 300 IN MX {record}." for record in NEW] == block

    def test_straggler_counts(self, look: Any, world: Any) -> None:
        """
        An old host that only one name server still gives is left over.
        """
        world.records[D, "MX"] = NEW
        world.at["194.1.1.2"] = {(D, "MX"): ["10 mail.alder.example"]}

        assert ("fail", "residual") == seen(look.one("mx.gateway", phase="cutover"))

    def test_no_mail_role(self, look: Any, world: Any) -> None:
        """
        A parked domain has nothing to move.
        """
        world.records[D, "MX"] = ["0 ."]

        assert ("not_applicable", "no_mail") == seen(look.one("mx.gateway", domains=[{"name": D, "role": "parked"}]))


class TestConsistency:
    """
    ``mx.consistency``.
    """

    def test_same(self, look: Any) -> None:
        """
        The same everywhere passes.
        """
        assert ("pass", None) == seen(look.one("mx.consistency"))

    @pytest.mark.parametrize(("phase", "status"), [("prepare", "warn"), ("cutover", "fail"), ("lockdown", "fail")])
    def test_differ(self, look: Any, world: Any, phase: str, status: str) -> None:
        """
        Different sets warn before the move and fail afterwards, and who says what is told.
        """
        world.at["194.1.1.2"] = {(D, "MX"): NEW}

        finding = look.one("mx.consistency", phase=phase)

        assert (status, "differ") == seen(finding)
        assert "ns2.alder.example (194.1.1.2): MX 10 eu-smtp-inbound-1" in finding.words.observed

    def test_absent_on_one(self, look: Any, world: Any) -> None:
        """
        A server that has no MX disagrees with one that has.
        """
        world.at["194.1.1.2"] = {(D, "MX"): []}

        assert ("fail", "differ") == seen(look.one("mx.consistency", phase="cutover"))

    @pytest.mark.parametrize(
        ("outcome", "expected"),
        [
            (DnsOutcome.TIMEOUT, ("unknown", "dns_timeout")),
            (DnsOutcome.SERVFAIL, ("unknown", "dns_servfail")),
            (DnsOutcome.LAME, ("pass", None)),
            (DnsOutcome.REFUSED, ("pass", None)),
        ],
    )
    def test_one_not_heard(self, look: Any, world: Any, outcome: DnsOutcome, expected: tuple[str, str | None]) -> None:
        """
        Of a silent server nobody knows what it gives others; one that holds nothing gives nothing.
        """
        world.fails["*", "*", "194.1.1.2"] = outcome

        assert expected == seen(look.one("mx.consistency"))

    @pytest.mark.parametrize(("outcome", "expected"), [(None, ("pass", None)), (DnsOutcome.TIMEOUT, ("unknown", "dns_timeout"))])
    def test_address_not_found(self, look: Any, world: Any, outcome: DnsOutcome | None, expected: tuple[str, str | None]) -> None:
        """
        A server that has no address gives nothing; one whose address could not be looked up may give others something else.
        """
        world.records[D, "NS"] = ["ns1.alder.example", "ns9.alder.example"]
        if outcome is not None:
            world.fails["ns9.alder.example", "*", ""] = outcome

        assert expected == seen(look.one("mx.consistency"))

    def test_silent_ipv6_of_a_heard_server(self, look: Any, world: Any) -> None:
        """
        A server that answers at one address is heard, even where its other address is silent from here.
        """
        world.records["ns2.alder.example", "AAAA"] = ["2a01:111::2"]
        world.fails["*", "*", "2a01:111::2"] = DnsOutcome.TIMEOUT

        assert "pass" == look.one("mx.consistency").status


class TestTtl:
    """
    ``mx.ttl``.
    """

    @pytest.mark.parametrize(("ttl", "expected"), [(600, ("pass", None)), (601, ("warn", "long_ttl")), (86400, ("warn", "long_ttl"))])
    def test_limit(self, look: Any, world: Any, ttl: int, expected: tuple[str, str | None]) -> None:
        """
        Up to 600 seconds is short enough.
        """
        world.ttl, world.resolver_ttl = ttl, 17

        assert expected == seen(look.one("mx.ttl"))

    def test_time_to_wait(self, look: Any, world: Any) -> None:
        """
        A long TTL says from when on the move can be made.
        """
        world.ttl = 3600

        assert "26 November 2026 22:00 UTC" in look.one("mx.ttl").words.remedy

    def test_old_ttl_still_kept(self, look: Any, world: Any) -> None:
        """
        A TTL lowered a moment ago is not yet in force.
        """
        world.resolver_ttl = 80000

        assert ("warn", "old_ttl_kept") == seen(look.one("mx.ttl"))

    @pytest.mark.parametrize("phase", ["cutover", "lockdown"])
    def test_only_before_the_move(self, look: Any, world: Any, phase: str) -> None:
        """
        After the move the TTL is not judged.
        """
        world.ttl = 86400

        assert "not_applicable" == look.one("mx.ttl", phase=phase).status


class TestPropagation:
    """
    ``mx.propagation``.
    """

    def test_everywhere(self, look: Any, world: Any) -> None:
        """
        All resolvers show the new set.
        """
        world.records[D, "MX"] = NEW

        assert ("pass", None) == seen(look.one("mx.propagation", phase="cutover"))
        assert 3 == len([one for one in world.asked if isinstance(one, DnsQuestion) and one.via is Via.PROPAGATION])

    def test_old_still_served(self, look: Any, world: Any) -> None:
        """
        A resolver with the old answer is named with the time it has left.
        """
        world.records[D, "MX"] = NEW
        world.at["8.8.8.8"] = {(D, "MX"): ["10 mail.alder.example"]}

        finding = look.one("mx.propagation", phase="cutover")

        assert ("warn", "old_served") == seen(finding)
        assert 300 == finding.message.values["left"]
        assert "8.8.8.8: MX 10 mail.alder.example" in finding.words.observed

    def test_not_moved(self, look: Any) -> None:
        """
        Where the zone itself has not moved, waiting is not the advice.
        """
        finding = look.one("mx.propagation", phase="cutover")

        assert ("warn", "old_served") == seen(finding)
        assert "MX and the gateway" in finding.words.remedy
        assert "do not show the gateway's hosts" in finding.words.summary

    @pytest.mark.parametrize(
        ("records", "message"),
        [
            ([*NEW, "20 mail.alder.example"], "beside"),
            ([*NEW, "0 ."], "beside"),
            (NEW[:1], "part"),
            ([NEW[0], "20 mail.alder.example"], "part"),
        ],
    )
    def test_half_moved(self, look: Any, world: Any, records: list[str], message: str) -> None:
        """
        Where the zone names the gateway's hosts with others, or not all of them, nobody is told that resolvers do not show them.
        """
        world.records[D, "MX"] = records

        assert f"mx.propagation.{message}" == look.one("mx.propagation", phase="cutover").message.id

    def test_half_moved_and_still_old(self, look: Any, world: Any) -> None:
        """
        A resolver without any of the gateway's hosts is not said to show them.
        """
        world.records[D, "MX"] = [*NEW, "20 mail.alder.example"]
        world.at["8.8.8.8"] = {(D, "MX"): ["20 mail.alder.example"]}

        assert "mx.propagation.part" == look.one("mx.propagation", phase="cutover").message.id

    def test_one_silent(self, look: Any, world: Any) -> None:
        """
        A resolver that does not answer does not count.
        """
        world.records[D, "MX"] = NEW
        world.fails["*", "*", "8.8.8.8"] = DnsOutcome.TIMEOUT

        assert "pass" == look.one("mx.propagation", phase="cutover").status

    def test_none_answers(self, look: Any, world: Any) -> None:
        """
        Without any answer it is unknown.
        """
        for resolver in ("1.1.1.1", "8.8.8.8", "9.9.9.9"):
            world.fails["*", "*", resolver] = DnsOutcome.TIMEOUT

        assert ("unknown", "dns_timeout") == seen(look.one("mx.propagation", phase="lockdown"))

    def test_none_to_ask(self, look: Any) -> None:
        """
        With no resolver named there is nothing to look at.
        """
        assert "not_applicable" == look.one("mx.propagation", phase="cutover", nameservers=["194.1.1.53"]).status

    def test_not_before_the_move(self, look: Any) -> None:
        """
        Before the move nobody is asked.
        """
        assert ("not_applicable", "phase") == seen(look.one("mx.propagation"))
