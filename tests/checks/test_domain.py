"""
``domain.*``.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.observations import DnsOutcome

D = "alder.example"
CODE = "e893873f1410f"
TARGET = "validate-domain.mimecast.com"
CODES = {D: CODE}


def seen(finding: Any) -> tuple[str, str | None]:
    """
    Status and cause.
    """
    return finding.status.value, finding.cause


class TestDelegation:
    """
    ``domain.delegation``.
    """

    def test_agree(self, look: Any) -> None:
        """
        Servers that answer and agree pass.
        """
        assert ("pass", None) == seen(look.one("domain.delegation"))

    @pytest.mark.parametrize(
        ("outcome", "cause"),
        [
            (DnsOutcome.LAME, "lame"),
            (DnsOutcome.TIMEOUT, "silent"),
            (DnsOutcome.UNREACHABLE, "silent"),
            (DnsOutcome.REFUSED, "refused"),
            (DnsOutcome.SERVFAIL, "servfail"),
            (DnsOutcome.MALFORMED, "protocol_error"),
        ],
    )
    def test_one_faulty(self, look: Any, world: Any, outcome: DnsOutcome, cause: str) -> None:
        """
        One server that does not do its work is a warning that names it.
        """
        world.fails["*", "*", "194.1.1.2"] = outcome

        finding = look.one("domain.delegation")

        assert ("warn", cause) == seen(finding)
        assert "ns2.alder.example (194.1.1.2)" in finding.words.summary

    def test_disagree(self, look: Any, world: Any) -> None:
        """
        Different serials are a warning.
        """
        world.at["194.1.1.2"] = {(D, "SOA"): ["ns1.alder.example hostmaster.alder.example 6 3600 600 86400 300"]}

        finding = look.one("domain.delegation")

        assert ("warn", "disagree") == seen(finding)
        assert [6, 7] == finding.message.values["serials"]

    def test_server_without_address(self, look: Any, world: Any) -> None:
        """
        A name server whose name leads nowhere is a warning.
        """
        world.records[D, "NS"] = ["ns1.alder.example", "ns9.alder.example"]

        assert ("warn", "no_address") == seen(look.one("domain.delegation"))

    @pytest.mark.parametrize(
        ("outcome", "cause"),
        [
            (DnsOutcome.TIMEOUT, "dns_timeout"),
            (DnsOutcome.REFUSED, "dns_refused"),
            (DnsOutcome.LAME, "lame"),
            (DnsOutcome.INTERCEPTED, "intercepted"),
        ],
    )
    def test_none_answers(self, look: Any, world: Any, outcome: DnsOutcome, cause: str) -> None:
        """
        Where none answers it is unknown.
        """
        for server in ("194.1.1.1", "194.1.1.2"):
            world.fails["*", "*", server] = outcome

        assert ("unknown", cause) == seen(look.one("domain.delegation"))

    def test_one_intercepted(self, look: Any, world: Any) -> None:
        """
        An answer without authority from one server leaves the question open.
        """
        world.fails["*", "*", "194.1.1.2"] = DnsOutcome.INTERCEPTED

        assert ("unknown", "intercepted") == seen(look.one("domain.delegation"))

    def test_no_such_domain(self, look: Any, world: Any) -> None:
        """
        A domain that does not exist fails.
        """
        world.records.clear()

        assert ("fail", "nxdomain") == seen(look.one("domain.delegation"))

    @pytest.mark.parametrize("check", ["domain.delegation", "mx.present"])
    @pytest.mark.parametrize(("role", "word"), [("parked", "parked"), ("send_only", "only used for sending")])
    def test_no_such_domain_without_mail(self, look: Any, world: Any, check: str, role: str, word: str) -> None:
        """
        A domain that takes no mail fails as well, and nothing is said of mail it should get.
        """
        world.records.clear()

        finding = look.one(check, domains=[{"name": "alder.example", "role": role}])

        assert ("fail", "nxdomain") == seen(finding)
        assert f"alder.example is {word}, and it does not exist in DNS." == finding.words.summary
        assert "with MX records" not in finding.words.expected

    def test_zone_not_found(self, look: Any, world: Any) -> None:
        """
        A resolver that fails leaves it unknown.
        """
        world.fails["*", "*", ""] = DnsOutcome.SERVFAIL

        assert ("unknown", "dns_servfail") == seen(look.one("domain.delegation"))

    @pytest.mark.parametrize(
        ("failing", "message", "causes"),
        [
            ("*", "resolver_silent", ("dns_timeout", "resolver_silent")),
            (D, "no_zone", ("dns_timeout",)),
        ],
        ids=["every name", "this name"],
    )
    def test_silent_for_every_name(self, look: Any, world: Any, failing: str, message: str, causes: tuple[str, ...]) -> None:
        """
        A resolver with no word on names that are known to exist is told from one that has none on this domain alone.
        """
        world.fails[failing, "*", ""] = DnsOutcome.TIMEOUT

        finding = look.one("domain.delegation")
        assert (f"domain.delegation.{message}", causes) == (finding.message.id, finding.causes)
        assert ("(nameservers)" in finding.words.remedy) is (message == "resolver_silent")

    def test_subdomain_uses_its_zone(self, look: Any, world: Any) -> None:
        """
        A domain that is no zone of its own is answered for by the zone it stands in.
        """
        world.records["eu.alder.example", "MX"] = ["10 mail.alder.example"]

        finding = look.one("domain.delegation", domains=["eu.alder.example"])

        assert ("pass", None) == seen(finding)
        assert D == finding.message.values["zone"]

    def test_very_many_servers(self, look: Any, world: Any) -> None:
        """
        A zone with more name servers than are asked is told to have fewer.
        """
        names = [f"ns{number}.alder.example" for number in range(20)]
        world.records |= {(D, "NS"): names, **{(name, "A"): [f"194.1.2.{number}"] for number, name in enumerate(names)}}

        assert ("warn", "too_many") == seen(look.one("domain.delegation"))

    def test_no_ipv6_from_here(self, look: Any, world: Any) -> None:
        """
        An IPv6 address that cannot be reached from a machine without IPv6 is not held against the server.
        """
        world.records["ns2.alder.example", "AAAA"] = ["2a01:111::2"]
        world.fails["*", "*", "2a01:111::2"] = DnsOutcome.UNREACHABLE

        assert "pass" == look.one("domain.delegation").status


class TestValidation:
    """
    ``domain.validation``.
    """

    @pytest.mark.parametrize(
        ("records", "method"),
        [
            ({(D, "TXT"): ["v=spf1 -all", CODE]}, "any"),
            ({(D, "TXT"): [CODE]}, "txt"),
            ({(f"{CODE}.{D}", "CNAME"): [TARGET]}, "any"),
            ({(f"{CODE}.{D}", "CNAME"): [TARGET]}, "cname"),
        ],
    )
    def test_published(self, look: Any, world: Any, records: dict[Any, Any], method: str) -> None:
        """
        The code as TXT at the apex or as CNAME passes.
        """
        world.records |= records

        assert ("pass", None) == seen(look.one("domain.validation", validation_codes=CODES, validation_method=method))

    @pytest.mark.parametrize(("phase", "status"), [("prepare", "fail"), ("cutover", "warn"), ("lockdown", "warn")])
    def test_absent(self, look: Any, phase: str, status: str) -> None:
        """
        An absent code fails before the move and warns afterwards; what to publish is there to paste.
        """
        finding = look.one("domain.validation", validation_codes=CODES, phase=phase)

        assert (status, "absent") == seen(finding)
        assert f'{D}. 300 IN TXT "{CODE}"' == finding.words.paste

    @pytest.mark.parametrize(
        ("records", "cause"),
        [
            ({(D, "TXT"): [f'"{CODE}"']}, "stray_characters"),
            ({(D, "TXT"): [f" {CODE}"]}, "stray_characters"),
            ({(D, "TXT"): [f"{CODE[:4]} {CODE[4:]}"]}, "stray_characters"),
            ({(D, "TXT"): [CODE.upper()]}, "stray_characters"),
            ({(f"{D}.{D}", "TXT"): [CODE]}, "zone_doubled"),
            ({(f"{CODE}.{D}.{D}", "CNAME"): [TARGET]}, "zone_doubled"),
            ({(f"{CODE}.{D}", "CNAME"): [f"{TARGET}.{D}"]}, "zone_doubled"),
            ({(f"{CODE}.{D}", "TXT"): [CODE]}, "wrong_place"),
            ({(f"{CODE}.{D}", "CNAME"): ["elsewhere.example"]}, "wrong_target"),
        ],
    )
    @pytest.mark.parametrize("phase", ["prepare", "cutover"])
    def test_misplaced(self, look: Any, world: Any, records: dict[Any, Any], cause: str, phase: str) -> None:
        """
        A code in the wrong place or with something in it fails in every phase and says which.
        """
        world.records |= records

        assert ("fail", cause) == seen(look.one("domain.validation", validation_codes=CODES, phase=phase))

    @pytest.mark.parametrize(("records", "method"), [({(D, "TXT"): [CODE]}, "cname"), ({(f"{CODE}.{D}", "CNAME"): [TARGET]}, "txt")])
    def test_other_method(self, look: Any, world: Any, records: dict[Any, Any], method: str) -> None:
        """
        A code published by the method that was not chosen fails.
        """
        world.records |= records

        assert ("fail", "other_method") == seen(look.one("domain.validation", validation_codes=CODES, validation_method=method))

    def test_wildcard_is_no_wrong_target(self, look: Any, world: Any) -> None:
        """
        A wildcard CNAME answers every name below the zone; that is absence, not a wrong target.
        """
        world.records |= {(f"{CODE}.{D}", "CNAME"): ["web.example"], (f"{CODE}.{D}.{D}", "CNAME"): ["web.example"]}

        assert ("fail", "absent") == seen(look.one("domain.validation", validation_codes=CODES))

    @pytest.mark.parametrize(("phase", "status"), [("prepare", "fail"), ("cutover", "warn")])
    def test_not_everywhere(self, look: Any, world: Any, phase: str, status: str) -> None:
        """
        A code that one server lacks is not published.
        """
        world.at["194.1.1.1"] = {(D, "TXT"): [CODE]}

        finding = look.one("domain.validation", validation_codes=CODES, phase=phase)

        assert (status, "not_everywhere") == seen(finding)
        assert ["ns2.alder.example (194.1.1.2)"] == finding.message.values["lacks"]

    @pytest.mark.parametrize("published", [True, False])
    def test_silent_server(self, look: Any, world: Any, published: bool) -> None:
        """
        With one server silent a code that is there is unknown elsewhere; one that is missing on another is missing.
        """
        world.records[D, "TXT"] = [CODE] if published else []
        world.fails["*", "*", "194.1.1.2"] = DnsOutcome.TIMEOUT
        expected = ("unknown", "dns_timeout") if published else ("fail", "absent")

        assert expected == seen(look.one("domain.validation", validation_codes=CODES))

    @pytest.mark.parametrize("outcome", [DnsOutcome.LAME, DnsOutcome.REFUSED])
    def test_server_that_holds_nothing(self, look: Any, world: Any, outcome: DnsOutcome) -> None:
        """
        A listed server without the zone is the delegation's fault; it takes nothing from a code that all others publish.
        """
        world.records[D, "TXT"] = [CODE]
        world.fails["*", "*", "194.1.1.2"] = outcome

        assert ("pass", None) == seen(look.one("domain.validation", validation_codes=CODES))

    @pytest.mark.parametrize(("outcome", "expected"), [(None, ("pass", None)), (DnsOutcome.TIMEOUT, ("unknown", "dns_timeout"))])
    def test_server_whose_address_is_not_found(
        self, look: Any, world: Any, outcome: DnsOutcome | None, expected: tuple[str, str | None]
    ) -> None:
        """
        A server without an address holds nothing; one whose address could not be looked up may.
        """
        world.records |= {(D, "TXT"): [CODE], (D, "NS"): ["ns1.alder.example", "ns9.alder.example"]}
        if outcome is not None:
            world.fails["ns9.alder.example", "*", ""] = outcome

        assert expected == seen(look.one("domain.validation", validation_codes=CODES))

    def test_all_silent(self, look: Any, world: Any) -> None:
        """
        Where no server answers it is unknown, never absent.
        """
        for server in ("194.1.1.1", "194.1.1.2"):
            world.fails["*", "*", server] = DnsOutcome.TIMEOUT

        assert ("unknown", "dns_timeout") == seen(look.one("domain.validation", validation_codes=CODES))

    def test_resolver_fails(self, look: Any, world: Any) -> None:
        """
        Where the zone cannot be found it is unknown.
        """
        world.fails["*", "*", ""] = DnsOutcome.SERVFAIL

        assert ("unknown", "dns_servfail") == seen(look.one("domain.validation", validation_codes=CODES))

    def test_no_code(self, look: Any) -> None:
        """
        Without a code a person has to say.
        """
        assert ("manual", "no_code") == seen(look.one("domain.validation"))

    def test_a_parked_domain_needs_none(self, look: Any) -> None:
        """
        A parked domain without a code has nothing to prove to the gateway.
        """
        found = look("domain.validation", domains=[D, {"name": "parked.example", "role": "parked"}])

        assert ("not_applicable", "no_mail") == seen(found["parked.example"])

    def test_subdomain(self, look: Any) -> None:
        """
        A subdomain of a listed domain rides on its parent.
        """
        found = look("domain.validation", domains=[D, "eu.alder.example"])

        assert {D: "manual", "eu.alder.example": "not_applicable"} == {key: one.status.value for key, one in found.items()}

    def test_no_such_domain(self, look: Any, world: Any) -> None:
        """
        A domain that does not exist stops it.
        """
        world.records.clear()

        finding = look.one("domain.validation", validation_codes=CODES)

        assert ("not_applicable", "not_reached") == seen(finding)
        assert (f"domain.delegation {D}",) == finding.evidence

    def test_left_out(self, look: Any) -> None:
        """
        A run without DNS says so.
        """
        assert ("not_applicable", "left_out") == seen(look.one("domain.validation", validation_codes=CODES, probes=["smtp"]))

    def test_internationalised(self, look: Any, world: Any) -> None:
        """
        An internationalised domain is shown in both forms and asked for as A-label.
        """
        name = "xn--bcher-kva.example"
        world.records |= {(name, key): world.records[D, key] for key in ("SOA", "NS")}
        world.records[name, "TXT"] = [CODE]

        found = look("domain.validation", domains=["bücher.example"], validation_codes={"bücher.example": CODE})

        assert [name] == list(found)
        assert "bücher.example (xn--bcher-kva.example)" in found[name].words.summary
        assert "pass" == found[name].status
