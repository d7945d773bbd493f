"""
Whatever is wrong is refused before the first packet, with file, key, value and what would be right.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import runbook_lib.environment
from runbook_lib.environment import EnvironmentFileError, KeyProblem, environment_from_parameters
from runbook_lib.knowledge.check_ids import CHECKS, STEPS
from runbook_lib.knowledge.text import Catalogue

Refused = Callable[..., list[KeyProblem]]


@pytest.mark.parametrize(
    ("given", "key", "part"),
    [
        ({"customer": 12345}, "customer", "Put it in quotes"),
        ({"customer": True}, "customer", "Put it in quotes"),
        ({"customer": "a\x1b[31m"}, "customer", r"control character \x1b at position 2"),
        ({"customer": "a\u202eb"}, "customer", r"control character \u202e"),
        ({"customer": "a\nb"}, "customer", "several lines"),
        ({"customer": "  "}, "customer", "Nothing but white space"),
        ({"customer": "x" * 201}, "customer", "at most 200"),
        ({"platform": "m365"}, "platform", "Did you mean microsoft_365?"),
        ({"platform": "google"}, "platform", "Did you mean google_workspace?"),
        ({"phase": "lockdwn"}, "phase", "Did you mean lockdown?"),
        ({"region": "uk"}, "region", "Did you mean eu (Europe / United Kingdom)?"),
        ({"region": "germany"}, "region", "Did you mean de (Germany)?"),
        ({"region": "zz"}, "region", "not one of eu, de, us, usb, ca, za, au, je, uspcom, custom"),
        ({"account_code": 10}, "account_code", "Put it in quotes"),
        ({"account_code": "CUSA12"}, "account_code", "region us (United States (grid A)), but region is eu (Europe / United Kingdom)"),
        ({"region": "custom"}, "gateway_hosts", "has to be given"),
        ({"region": "custom"}, "console_ranges", "has to be given"),
        ({"gateway_hosts": ["a b.example"]}, "gateway_hosts[0]", "There is a blank in it"),
        ({"domains": "alder.example"}, "domains", "Write it as [alder.example]"),
        ({"domains": ["alder.example", "ALDER.example."]}, "domains", "listed twice, as domains[0] and domains[1]"),
        ({"domains": ["alder"]}, "domains[0].name", "no dot"),
        ({"domains": ["anna@alder.example"]}, "domains[0].name", "behind the @"),
        ({"domains": ["192.0.2.1"]}, "domains[0].name", "is an address"),
        ({"domains": [{"nam": "alder.example"}]}, "domains[0].nam", "Did you mean name?"),
        ({"domains": [{"name": "a.example", "role": "park"}]}, "domains[0].role", "Did you mean parked?"),
        ({"domains": [7]}, "domains[0]", "Put it in quotes"),
        ({"domains": [f"d{number}.example" for number in range(501)]}, "domains", "at most 500"),
        ({"inbound_host": "192.0.2.7"}, "inbound_host", "is an address"),
        ({"inbound_host": "[2001:db8::7]"}, "inbound_host", "is an address"),
        ({"inbound_host": "mail.alder.example:25"}, "inbound_host", "inbound_port"),
        ({"inbound_host": "https://mail.alder.example"}, "inbound_host", "is a URL"),
        ({"inbound_host": "mail"}, "inbound_host", "in full"),
        ({"inbound_host": "a_b.example"}, "inbound_host", "underscore"),
        ({"inbound_host": "a..example"}, "inbound_host", "two in a row"),
        ({"inbound_host": f"{'a' * 64}.example"}, "inbound_host", "64 characters"),
        ({"inbound_host": ".".join(["a" * 60] * 5)}, "inbound_host", "at most 253"),
        ({"inbound_host": "192.0.2.256"}, "inbound_host", "reads as an address"),
        ({"inbound_host": "a\u2028b.example"}, "inbound_host", "control character"),
        ({"inbound_host": "☃\u0300b.example"}, "inbound_host", "internationalised name"),
        ({"domains": ["a.example, b.example"]}, "domains[0].name", '"a.example, b.example" holds several domains. One domain a row'),
        ({"domains": ["a.example b.example"]}, "domains[0].name", '"a.example b.example" holds several domains. One domain a row'),
        ({"inbound_host": "a.example;b.example"}, "inbound_host", '"a.example;b.example" holds several hosts, and one is due'),
        ({"inbound_host": "a.example:25"}, "inbound_host", '"a.example:25" names a port. Write the host name alone; for the inbound'),
        ({"test_recipient": "a@b.example, c@d.example"}, "test_recipient", '"a@b.example, c@d.example" holds several mail addresses'),
        ({"inbound_host": "mail .alder.example"}, "inbound_host", 'There is a blank in it: "mail .alder.example"'),
        ({"inbound_host": "mail.alder.\u00a0example"}, "inbound_host", r'hard to see, \xa0: "mail.alder.\xa0example"'),
        ({"inbound_host": "mail\u200b.alder.example"}, "inbound_host", r'hard to see, \u200b: "mail\u200b.alder.example"'),
        ({"gateway_hosts": ["mail.alder.example\ufeff"]}, "gateway_hosts[0]", r"hard to see, \ufeff"),
        ({"test_recipient": "anna@ alder.example"}, "test_recipient", "There is a blank in it"),
        ({"vendor_process": "onbording"}, "vendor_process", "Did you mean onboarding?"),
        ({"contacts": "Anna"}, "contacts", "A list is due"),
        ({"contacts": ["Anna"]}, "contacts[0]", "A map is due"),
        ({"contacts": [{"phone": "112"}]}, "contacts[0].name", "missing"),
        ({"contacts": [{"name": "Anna", "phone": "112"}, {"name": "Ben", "phone": ""}]}, "contacts[1].phone", "nobody can be called"),
        ({"contacts": [{"name": "Anna", "phone": 441632960001}]}, "contacts[0].phone", "Put it in quotes"),
        ({"contacts": [{"name": "Anna", "phone": "at the desk"}]}, "contacts[0].phone", "no telephone number"),
        ({"contacts": [{"name": "Anna", "phone": "1" * 61}]}, "contacts[0].phone", "at most 60"),
        ({"contacts": [{"name": "Anna", "phone": "+44 1632\x1b960001"}]}, "contacts[0].phone", "control character"),
        ({"contacts": [{"name": "Anna", "phone": "112", "telephone": "113"}]}, "contacts[0].telephone", "Did you mean phone?"),
        ({"contacts": [{"name": "Anna", "email": "anna"}]}, "contacts[0].email", "no mail address"),
        ({"contacts": [{"name": "A\u202enna", "phone": "112"}]}, "contacts[0].name", "control character"),
        ({"contacts": [{"name": "Anna", "phone": "112", "role": "x" * 201}]}, "contacts[0].role", "at most 200"),
        ({"contacts": [{"name": "Anna", "phone": "112", "emergency": "perhaps"}]}, "contacts[0].emergency", "neither true nor false"),
        ({"contacts": [{"name": "Anna", "phone": "112"}] * 51}, "contacts", "at most 50"),
        ({"inbound_port": 0}, "inbound_port", "from 1 to 65535"),
        ({"inbound_port": 65536}, "inbound_port", "from 1 to 65535"),
        ({"inbound_port": 25.5}, "inbound_port", "whole number"),
        ({"inbound_port": True}, "inbound_port", "whole number"),
        ({"tls_policy": "strikt"}, "tls_policy", "Did you mean strict?"),
        ({"test_recipient": "Anna <anna@alder.example>"}, "test_recipient", "the address alone"),
        ({"test_recipient": "anna"}, "test_recipient", "no mail address"),
        ({"test_recipient": "anna@alder.example/"}, "test_recipient", "no mail address"),
        ({"test_recipient": "a b@alder.example"}, "test_recipient", "in front of the @"),
        ({"test_recipient": "a\u200bb@alder.example"}, "test_recipient", "in front of the @"),
        ({"test_recipient": f"{'ü' * 33}@alder.example"}, "test_recipient", "at most 64"),
        ({"test_recipient": "anna@[192.0.2.1]"}, "test_recipient", "at an IP address"),
        ({"probes": ["dns", "smpt"]}, "probes[1]", "Did you mean smtp?"),
        ({"probes": []}, "probes", "could do nothing"),
        ({"send_test_message": "maybe"}, "send_test_message", "neither true nor false"),
        ({"send_test_message": 1}, "send_test_message", "neither true nor false"),
        ({"ehlo_name": "[::1]"}, "ehlo_name", "no address literal"),
        ({"relay_test_domain": "sub.alder.example"}, "relay_test_domain", "one of the domains of this customer"),
        ({"validation_codes": {"alder.example": 12}}, 'validation_codes["alder.example"]', "Put it in quotes"),
        ({"validation_codes": {"a.example": "1", "A.example": "2"}}, "validation_codes", "same thing"),
        ({"console_ranges": ["192.0.2.0/24", "x"]}, "console_ranges[1]", "no address range"),
        ({"present_gateway": {"locked": "perhaps"}}, "present_gateway.locked", "neither true nor false"),
        ({"present_gateway": {"host": ["a.example"]}}, "present_gateway.host", "Did you mean hosts?"),
        ({"senders": [{"from": "a@b.example"}]}, "senders[0].name", "missing"),
        ({"senders": [{"name": "x", "ip": "here"}]}, "senders[0].ip", "no address range"),
        ({"allowlist": ["192.0.2.0/24"]}, "allowlist", "as it was pasted"),
        ({"allowlist": 5}, "allowlist", "Put it in quotes"),
        ({"allowlist": "x" * ((1 << 20) + 1)}, "allowlist", "at most 1048576"),
        ({"gateway_options": {"require-tls": True}}, 'gateway_options["require-tls"]', "Did you mean require_tls?"),
        ({"exports": ["a.json"]}, "exports[0]", "a.json"),
        (
            {"attestations": {"gateway.test_conection": {}}},
            'attestations["gateway.test_conection"]',
            "Did you mean gateway.test_connection?",
        ),
        ({"attestations": {"mx": {"by": "A", "at": "today", "phase": "prepare"}}}, "attestations.mx.at", "2026-11-23T16:00:00Z"),
        ({"waivers": {"mx.tll": {}}}, 'waivers["mx.tll"]', "Did you mean mx.ttl?"),
        ({"waivers": {"mx.ttl": {"reason": "r", "by": "b"}}}, 'waivers["mx.ttl"].expires', "missing"),
        ({"waivers": {"mx.ttl": {"reason": "r", "by": "b", "expires": "2026-02-30"}}}, 'waivers["mx.ttl"].expires', "2026-12-31"),
        ({"waivers": {"mx.ttl": None}}, 'waivers["mx.ttl"]', "A map is due"),
        ({"nameservers": ["ns.example"]}, "nameservers[0]", "no name server"),
        ({"nameservers": ["192.0.2.53:70000"]}, "nameservers[0]", "no name server"),
        ({"nameservers": ["tls://dns.example"]}, "nameservers[0]", "no name server"),
        ({"nameservers": ["https://user:hunter2@dns.example/"]}, "nameservers[0]", "without user name"),
        ({"propagation_resolvers": ["x"]}, "propagation_resolvers[0]", "no name server"),
        ({"control_hosts": ["smtp.google.com:0"]}, "control_hosts[0]", "no host with a port"),
        ({"connect_to": {"mail.alder.example": "127.0.0.1:25"}}, 'connect_to["mail.alder.example"]', "no host with a port"),
        ({"connect_to": {"mail.alder.example:25": "localhost:25"}}, 'connect_to["mail.alder.example:25"]', "no address with a port"),
        ({"connect_to": {"a.example:25": "127.0.0.1:1", "A.example:25": "127.0.0.1:2"}}, "connect_to", "same thing"),
        ({"proxy": "http://proxy.example:3128"}, "proxy", "socks5://HOST:PORT"),
        ({"proxy": "socks5://proxy.example"}, "proxy", "socks5://HOST:PORT"),
        ({"proxy": "socks5://user:hunter2@proxy.example:1080"}, "proxy", "Secrets never stand"),
        ({"proxy": "socks5://127.0.0.1:1080", "source_address": "192.0.2.1"}, "source_address", "do not go together"),
        ({"source_address": "here"}, "source_address", "no IP address"),
        ({"timeout": 0}, "timeout", "from 0.1 to 120"),
        ({"timeout": float("nan")}, "timeout", "from 0.1 to 120"),
        ({"timeout": 10**400}, "timeout", "from 0.1 to 120"),
        ({"time_limit": 86401}, "time_limit", "from 1 to 86400"),
        ({"sandbox": "../x"}, "sandbox", "no name of a practice world"),
        ({"sandbox": "alder-pre", "nameservers": ["192.0.2.53"]}, "nameservers", "does not go together with sandbox"),
        ({"sandbox": "alder-pre", "control_hosts": []}, "control_hosts", "does not go together with sandbox"),
        ({"language": "xx"}, "language", "not one of"),
        ({"interactive": "yes"}, "interactive", "True, False or None"),
        ({"customr": "Alder"}, "customr", "Did you mean customer?"),
        ({"tls-policy": "strict"}, '["tls-policy"]', "Did you mean tls_policy?"),
        ({"smtp_password": "hunter2"}, "smtp_password", "not a key here"),
    ],
    ids=lambda value: str(value)[:60] if isinstance(value, dict) else "",
)
def test_refused(refused: Refused, given: dict[str, Any], key: str, part: str) -> None:
    """
    Each wrong value is refused at its key with a sentence that says what would be right, and no secret comes back.
    """
    found = {problem.key.strip() or '""': problem for problem in refused(**given)}
    key = key.removeprefix('["').removesuffix('"]') if key.startswith("[") else key

    assert key in found
    assert part in found[key].message
    assert "hunter2" not in "".join(problem.value + problem.message for problem in found.values())


def test_all_at_once(refused: Refused) -> None:
    """
    Everything that is wrong is named in one go, keys that do not fit together included.
    """
    keys = {problem.key for problem in refused(customer=None, region="us", account_code="CDE1", inbound_port=0, phas="x")}

    assert {"customer", "account_code", "inbound_port", "phas"} == keys


def test_missing_domains_say_why() -> None:
    """
    A real customer's name never stands over practice data: any key without domains is refused.
    """
    with pytest.raises(EnvironmentFileError, match="practice data is used only where no other key is given"):
        environment_from_parameters({"customer": "Alder"})


def test_a_derived_default_is_not_blamed(refused: Refused) -> None:
    """
    A wrong gateway host is told once, at its own key.
    """
    assert ["gateway_hosts[1]"] == [problem.key for problem in refused(gateway_hosts=["mx.gw.example", "not a host"])]


def test_many_problems_are_bounded(refused: Refused) -> None:
    """
    A hundred problems are told, then how many more there are.
    """
    found = refused(**{f"unknown{number}": "x" for number in range(150)})

    assert 101 == len(found)
    assert "50 more" in found[-1].message


def test_values_are_shortened_and_printable(refused: Refused) -> None:
    """
    What stands in the file is repeated on one line, at most 80 characters, nothing raw.
    """
    (found,) = refused(region="\x1b]0;" + "x" * 400)

    assert len(found.value) <= 80
    assert found.value.isprintable()
    assert found.message.isprintable()


def test_ca_file(refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A file of trust roots is found from the current folder, must exist, and must hold certificates.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.pem").write_text("nothing", encoding="utf-8")

    assert f"There is no file {tmp_path / 'ca.pem'}" in refused(ca_file="ca.pem")[0].message
    assert "no certificate" in refused(ca_file="empty.pem")[0].message


def test_every_refusal_has_its_words() -> None:
    """
    Each message the code names is in the catalogue, and no other.
    """
    folder = Path(runbook_lib.environment.__file__).parent
    code = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    quoted = set(re.findall(r'"([a-z_0-9]+)"', code))
    kinds = {f"{kind}_{rest}" for kind in ("host", "domain") for rest in ("is_url", "is_mailbox", "has_port", "single_label", "several")}
    required = {f"required_{key}" for key in ("customer", "platform", "region", "domains", "inbound_host")}
    named = set(re.findall(r'Refusal\(\s*"([a-z_0-9]+)"', code)) | kinds | required
    texts = Path(runbook_lib.environment.__file__).parents[1] / "knowledge" / "texts" / "en" / "environment.toml"
    known = set(re.findall(r"^\[environment\.([a-z_0-9]+)\]$", texts.read_text(encoding="utf-8"), re.MULTILINE))

    assert set() == named - known
    assert set() == known - named - quoted - {"attested_near", "waived_near"}
    assert all(Catalogue().has(f"environment.{name}") for name in known)


def test_check_ids_have_known_steps() -> None:
    """
    Every check belongs to a step of the runbooks.
    """
    assert set() == {check.step for check in CHECKS.values()} - set(STEPS)
    assert 54 == len(CHECKS)
