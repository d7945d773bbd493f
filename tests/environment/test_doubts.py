"""
What may not be meant: said, and used all the same.
"""

from __future__ import annotations

from typing import Any

import pytest

from runbook_lib.environment import doubts, environment_from_parameters, load_environment, of_another_phase
from runbook_lib.knowledge.slips import meant
from runbook_lib.knowledge.text import Catalogue
from runbook_lib.sandbox import names, scenario

ENOUGH = {
    "customer": "Alder",
    "platform": "on_premises",
    "region": "eu",
    "domains": ["alder.example"],
    "inbound_host": "mail.alder.example",
}


def _said(**given: Any) -> dict[str, str]:
    return {each.key: Catalogue().text(each.message.id, **each.message.values) for each in doubts({**ENOUGH, **given})}


@pytest.mark.parametrize(
    ("given", "key", "said"),
    [
        ({"domains": ["alder.example", "birch.con"]}, "domains[1].name", '"birch.con" ends in .con. Is .com meant?'),
        ({"domains": [{"name": "birch.CMO."}]}, "domains[0].name", '"birch.CMO." ends in .cmo. Is .com meant?'),
        (
            {"domains": [{"name": "alder.example", "inbound_host": "a.ney"}]},
            "domains[0].inbound_host",
            '"a.ney" ends in .ney. Is .net meant?',
        ),
        ({"inbound_host": "mail.alder.orgg"}, "inbound_host", '"mail.alder.orgg" ends in .orgg. Is .org meant?'),
        ({"test_recipient": "anna@alder.vom"}, "test_recipient", '"anna@alder.vom" ends in .vom. Is .com meant?'),
        ({"gateway_hosts": ["a.example", "b.nett"]}, "gateway_hosts[1]", '"b.nett" ends in .nett. Is .net meant?'),
        ({"control_hosts": ["b.comm:25"]}, "control_hosts[0]", '"b.comm:25" ends in .comm. Is .com meant?'),
        ({"present_gateway": {"hosts": ["b.xom"]}}, "present_gateway.hosts[0]", '"b.xom" ends in .xom. Is .com meant?'),
        ({"senders": [{"name": "ERP", "from": "b.cpm"}]}, "senders[0].from", '"b.cpm" ends in .cpm. Is .com meant?'),
        ({"test_recipient": "anna@birch.example"}, "test_recipient", "birch.example is not one of the domains above."),
        ({"test_recipient": "anna@sub.alder.example"}, "test_recipient", "sub.alder.example is not one of the domains above."),
        ({"test_recipient": "anna@xn--bcher-kva.example"}, "test_recipient", "bücher.example is not one of the domains above."),
        ({"inbound_host": "eu-smtp-inbound-1.mimecast.com"}, "inbound_host", "That is the gateway itself: mail would go round in circles."),
        ({"inbound_host": "MX.in.example", "gateway_hosts": ["mx.in.example."]}, "inbound_host", "That is the gateway itself"),
        ({"platform": "microsoft_365"}, "inbound_host", "Not a form that hosts of Microsoft 365 have, for example alder-example."),
        ({"platform": "google_workspace"}, "inbound_host", "Not a form that hosts of Google Workspace have, for example smtp."),
        ({"inbound_host": "smtp.google.com"}, "inbound_host", "A host of Google Workspace, not of Exchange on-premises; is it meant?"),
        (
            {"domains": [{"name": "alder.example", "platform": "microsoft_365", "inbound_host": "b.example"}]},
            "domains[0].inbound_host",
            "Not a form that hosts of Microsoft 365 have",
        ),
        (
            {"validation_codes": {"alder.exmaple": "0a1b"}},
            "validation_codes.alder.exmaple",
            "alder.exmaple is not one of the domains above",
        ),
        (
            {"validation_codes": {"alder.example": "0a1b 2c"}},
            "validation_codes.alder.example",
            "The code of alder.example has a blank in it.",
        ),
        (
            {"domains": [{"name": "alder.example", "test_recipient": "anna@birch.example"}]},
            "domains[0].test_recipient",
            "birch.example is not one of the domains in this list.",
        ),
    ],
    ids=lambda value: str(value)[:60] if isinstance(value, dict) else "",
)
def test_doubts(given: dict[str, Any], key: str, said: str) -> None:
    """
    One thing is said, at its place, and the environment can be used with it.
    """
    found = _said(**given)

    assert [key] == list(found)
    assert found[key].startswith(said)
    assert environment_from_parameters({**ENOUGH, **given}).customer


@pytest.mark.parametrize(
    "given",
    [
        {"domains": ["BÜCHER.example."], "test_recipient": "anna@xn--bcher-kva.example"},
        {"domains": ["alder.example", {"name": "birch.example", "test_recipient": "anna@alder.example"}]},
        {"domains": ["alder.example", "birch..example"], "test_recipient": "anna@birch.example"},
        {"domains": [], "test_recipient": "anna@birch.example"},
        {"domains": None, "test_recipient": "anna@birch.example"},
        {"domains": 5, "inbound_host": ["x", 7, {}], "test_recipient": {"a": 1}, "senders": "x.con", "present_gateway": ["x"]},
        {"inbound_host": "con", "test_recipient": "con"},
        {"platform": "hybrid", "inbound_host": "alder-example.mail.protection.outlook.com"},
        {"platform": "mail.example", "inbound_host": "b.example"},
        {"platform": {}, "inbound_host": "smtp.google.com"},
        {"inbound_host": "mail.alder.com", "ehlo_name": "[192.0.2.1]"},
    ],
    ids=lambda value: str(value)[:60],
)
def test_nothing_to_say(given: dict[str, Any]) -> None:
    """
    A mailbox in a listed domain, however that is written; domains that are not clear yet; and values of which an error says enough.
    """
    assert {} == _said(**given)


def test_real_endings_are_no_slips() -> None:
    """
    Endings that exist are left alone, however near they are.
    """
    assert [] == [ending for ending in ("com", "net", "org", "co", "cm", "om", "ne", "cam", "bet", "nec", "or", "example") if meant(ending)]


def test_made_up_customers_leave_no_doubt() -> None:
    """
    The customers of the sandbox have mailboxes in their own domains, and hosts of their platform; but for the one whose story is that.
    """
    assert ["wisteria-mail-loop"] == [name for name in names() if doubts(load_environment(scenario(name).environment_file).as_given())]


@pytest.mark.parametrize(
    ("given", "lost"),
    [
        ({}, 1),
        ({"phase": "prepare"}, 1),
        ({"phase": "cutover"}, 2),
        ({"phase": "lockdown"}, 1),
        ({"phase": "cutover", "domains": ["alder.example", {"name": "birch.example", "phase": "prepare"}]}, 1),
        ({"phase": "cutover", "attestations": "wrong"}, 0),
        ({"phase": "cutover", "attestations": {"route": "wrong"}, "domains": None}, 0),
    ],
)
def test_words_of_another_phase_are_counted(given: dict[str, Any], lost: int) -> None:
    """
    They are those of no phase that the customer or one of its domains is in.
    """
    attestations = {"route": {"phase": "prepare"}, "gateway.delivery_policy": {"phase": "lockdown"}}
    found = of_another_phase({"attestations": attestations, **given})

    assert [each.message.values["n"] for each in found] == ([lost] if lost else [])
