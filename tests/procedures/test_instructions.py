"""
What each platform's notebook asks of a person: its own rows and none of the others', filled with the customer's values.
"""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

import pytest

from runbook_lib.environment import Platform, environment_from_parameters, load_environment
from runbook_lib.knowledge.platforms import provider
from runbook_lib.knowledge.text import Catalogue, languages
from runbook_lib.observations import Observations
from runbook_lib.procedures import procedure
from runbook_lib.procedures.instructions import Instruction, instructions
from runbook_lib.sandbox import scenario

OWN = {
    Platform.MICROSOFT_365: {"M1", "M2", "M3", "M4", "M5", "C11.m365"},
    Platform.GOOGLE_WORKSPACE: {"G1", "G2", "G3", "G4", "G5", "G6", "C11.google"},
    Platform.ON_PREMISES: {"E1", "E2", "E5", "C11.exchange"},
    Platform.HYBRID: {"E1", "E1.hybrid", "E2", "E3", "E5", "M1", "C11.hybrid", "C11.m365", "C11.pair"},
    Platform.HOSTED_EXCHANGE: {"E4", "E5", "C11.hosted"},
}
CUSTOMERS = {
    Platform.MICROSOFT_365: "magnolia-pre",
    Platform.GOOGLE_WORKSPACE: "acacia-pre",
    Platform.ON_PREMISES: "ash-pre",
    Platform.HYBRID: "heather-hybrid",
    Platform.HOSTED_EXCHANGE: "lilac-hosted",
}
WAVES = {
    "customer": "Alder",
    "platform": "microsoft_365",
    "region": "eu",
    "domains": ["alder.example", "birch.example"],
    "inbound_host": "alder-example.mail.protection.outlook.com",
}
FOREIGN = {
    Platform.GOOGLE_WORKSPACE: ("Exchange", "Microsoft", "PowerShell", "firewall"),
    Platform.MICROSOFT_365: ("Google", "ReceiveConnector", "irewall"),
    Platform.ON_PREMISES: ("Google", "Exchange Online", "ExchangeOnline", "InboundConnector"),
    Platform.HYBRID: ("Google",),
    Platform.HOSTED_EXCHANGE: ("Google", "Microsoft", "PowerShell", "Exchange Online", "irewall"),
}


def asked(platform: Platform) -> list[Instruction]:
    """
    All that the platform's customer is asked to do.
    """
    environment = load_environment(scenario(CUSTOMERS[platform]).environment_file)
    return [
        item
        for step in procedure(platform).steps
        for item in instructions(step, environment, Observations(), Catalogue(environment.language))
    ]


def duties_of(platform: Platform) -> list[str]:
    """
    The ids of all duties of a platform, in order.
    """
    return [duty for step in procedure(platform).steps for duty in step.duties]


@pytest.mark.parametrize("platform", list(Platform))
def test_a_platform_has_its_own_rows_and_no_others(platform: Platform) -> None:
    """
    Beside the common rows stand the platform's own, each once, and a part of a common row stands right behind it.
    """
    duties = duties_of(platform)
    common = {duty for duty in duties if duty.startswith("C") and "." not in duty}
    parts = [(duties[index - 1].split(".")[0], duty.split(".")[0]) for index, duty in enumerate(duties) if "." in duty]

    assert len(set(duties)) == len(duties)
    assert OWN[platform] == set(duties) - common
    assert [] == [pair for pair in parts if pair[0] != pair[1]]


@pytest.mark.parametrize("platform", list(FOREIGN))
def test_no_word_is_of_another_platform(platform: Platform) -> None:
    """
    Neither what is said nor what is pasted on one platform speaks of another.
    """
    said = [
        (item.duty, text)
        for item in asked(platform)
        for text in (item.title, item.new, item.classic, item.note, *item.todo, *(f"{block.title} {block.text}" for block in item.blocks))
    ]

    assert [] == [(duty, word, text) for duty, text in said for word in FOREIGN[platform] if word in text]


@pytest.mark.parametrize("platform", list(Platform))
def test_every_row_is_complete(platform: Platform) -> None:
    """
    A row has a title, who does it and at least one action, nothing is left unfilled, and where there is something to paste it has a title.
    """
    for item in asked(platform):
        text = " ".join((item.title, item.new, item.classic, item.note, *item.todo, *(block.title for block in item.blocks)))

        assert item.title
        assert item.by
        assert item.todo
        assert not re.search(r"\{[a-z_:]+\}", text)
        assert all(block.title and block.text.strip() for block in item.blocks)


@pytest.mark.parametrize("platform", [each for each in Platform if each is not Platform.HOSTED_EXCHANGE])
def test_the_export_commands_are_handed_out_read_only(platform: Platform) -> None:
    """
    The platform step hands out the commands that export its configuration, and the route step those for its recipients.
    """
    steps = procedure(platform).steps
    handed = {duty: commands for step in steps for duty, commands in step.commands.items() if commands}

    assert {"C5", "C7a"} <= set(handed)
    assert all(platform.value in command.platforms for commands in handed.values() for command in commands)
    assert not re.search(r"\b(?:Set|New|Remove|Enable|Disable)-(?!Object)", " ".join(c.command for each in handed.values() for c in each))


def test_lists_are_added_to_and_never_overwritten() -> None:
    """
    What is pasted into Exchange Online adds the gateway's ranges to the allow list, in networks it takes.
    """
    (trust,) = [item for item in asked(Platform.MICROSOFT_365) if item.duty == "M1"]
    paste, way_back = trust.blocks

    assert "-IPAllowList @{Add=$ranges}" in paste.text
    assert "-IPAllowList @{Remove=$ranges}" in way_back.text
    assert all(24 <= int(prefix) <= 32 for prefix in re.findall(r"'[0-9.]+/([0-9]+)'", paste.text))


def test_one_way_of_trust_is_recommended() -> None:
    """
    What is pasted makes the connector with Enhanced Filtering; the allow list stands behind it, as a choice that is not carried out.
    """
    (trust,) = [item for item in asked(Platform.MICROSOFT_365) if item.duty == "M1"]
    done = [line for line in trust.blocks[0].text.splitlines() if not line.startswith("#")]

    assert "Enhanced Filtering" in trust.todo[0]
    assert "it is enough" in trust.todo[0]
    assert "allow list" in trust.todo[1]
    assert [True, False] == [any(cmdlet in line for line in done) for cmdlet in ("New-InboundConnector", "ConnectionFilterPolicy")]


def test_a_hybrid_firewall_admits_exchange_online() -> None:
    """
    Where port 25 is opened and where it is locked, the ranges Exchange Online delivers from stand beside the gateway's, with their day.
    """
    online = provider("microsoft")
    prepared, locked = [item for item in asked(Platform.HYBRID) if item.duty in ("E1.hybrid", "C11.pair")]

    for item in (prepared, locked):
        assert all(cidr in item.blocks[0].text for cidr in online.ranges)
        day = Catalogue().fill("{day:date}", {"day": online.ranges_as_of})
        assert f"{day}. Take today's: {online.ranges_at}." in " ".join(item.todo)
    assert "195.130.217.0/24" in locked.blocks[0].text


def test_no_command_takes_the_first_connector_it_finds() -> None:
    """
    A connector is named, and where its name is not known the list comes first.
    """
    (pair,) = [item for item in asked(Platform.HYBRID) if item.duty == "E3"]
    lines = pair.blocks[0].text.splitlines()

    assert "First 1" not in pair.blocks[0].text
    assert "Format-Table Name" in lines[1]
    assert "$name = 'NAME FROM THE LIST'" == lines[2]


@pytest.mark.parametrize("language", languages())
def test_the_hosting_provider_runs_a_hosted_platform(language: str) -> None:
    """
    Nobody there administers a tenant, a server or a firewall; no export commands are spoken of, and what is announced follows.
    """
    environment = load_environment(scenario("lilac-hosted").environment_file)
    steps = procedure(Platform.HOSTED_EXCHANGE).steps
    items = {each.duty: each for step in steps for each in instructions(step, environment, Observations(), Catalogue(language))}

    assert not {"tenant_admin", "server_admin", "network_admin"} & {each.by for each in items.values()}
    assert "provider" == items["C5"].by == items["C11"].by
    assert len(items["C5"].todo) == 1
    assert len(items["C7a"].todo) == 2
    assert re.search(r"directly|direkt", items["C11.hosted"].todo[0])


def test_google_takes_commas_without_spaces() -> None:
    """
    The list for Google holds the required ranges, separated by commas, with no white space in it.
    """
    (allowlist,) = [item for item in asked(Platform.GOOGLE_WORKSPACE) if item.duty == "G1"]
    environment = load_environment(scenario("acacia-pre").environment_file)

    assert ",".join(environment.as_given()["console_ranges"]) == allowlist.blocks[0].text


@pytest.mark.parametrize(
    ("phase", "moved", "expected"),
    [
        ("prepare", (), {"C9a", "C10", "C10a"}),
        ("cutover", (), {"C10", "C10a"}),
        ("cutover", ("alder.example",), {"C10", "C10a"}),
        ("prepare", ("alder.example",), {"C9a", "C10", "C10a"}),
        ("cutover", ("alder.example", "birch.example"), {"C10a"}),
    ],
)
def test_what_is_over_is_not_asked_for(phase: str, moved: tuple[str, ...], expected: set[str]) -> None:
    """
    The TTL is lowered before the cut-over alone, and only records of domains that have not moved are published.
    """
    environment = environment_from_parameters({**WAVES, "phase": phase})
    step = procedure(environment.platform).step("mx")
    found = {each.duty: each for each in instructions(step, environment, Observations(), Catalogue(), moved)}

    assert expected == set(found)
    published = {line.split(". ")[0] for line in found["C10"].blocks[0].text.splitlines()} if "C10" in found else set()
    assert {"alder.example", "birch.example"} - set(moved) == published


@pytest.mark.parametrize(("console", "blocks"), [(["91.220.42.0/24"], 2), (None, 1)])
def test_nobody_restricts_to_ranges_that_are_not_known(console: list[str] | None, blocks: int) -> None:
    """
    As long as the gateway's ranges are not known the commands that lock are left out, and those that unlock are not.
    """
    environment = environment_from_parameters({**WAVES, "console_ranges": console})
    step = procedure(environment.platform).step("lockdown")
    lock = next(each for each in instructions(step, environment, Observations(), Catalogue()) if each.duty == "C11.m365")

    assert blocks == len(lock.blocks)
    assert "-RestrictDomainsToIPAddresses $false" in lock.blocks[-1].text
    assert (console is None) == ("The block to paste is left out" in lock.note)


def test_no_text_is_left_without_a_row() -> None:
    """
    Every text of a duty is used by some platform.
    """
    source = files("runbook_lib.knowledge").joinpath("texts", "en", "duties.toml").read_text(encoding="utf-8")
    written = set()
    for row, table in tomllib.loads(source)["duties"].items():
        written |= {row, *(f"{row}.{part}" for part, value in table.items() if isinstance(value, dict))}

    assert written == {duty for platform in Platform for duty in duties_of(platform)}


@pytest.mark.parametrize(
    ("box", "said"),
    [
        ("anna@alder-pre.example", "Use anna@alder-pre.example."),
        ("anna@sub.alder-pre.example", "Use anna@sub."),
        ("anna@gmail.example", "Use …."),
    ],
)
def test_the_gateway_is_tested_with_a_mailbox_of_the_customers(box: str, said: str) -> None:
    """
    It takes no other; where none is named that is left open.
    """
    given = load_environment(scenario("alder-pre").environment_file).as_parameters() | {"test_recipient": box}
    environment = environment_from_parameters(given)
    todo = [
        line
        for step in procedure(Platform.MICROSOFT_365).steps
        for item in instructions(step, environment, Observations(), Catalogue("en"))
        if item.duty == "M4"
        for line in item.todo
    ]

    assert any(line.startswith(said) for line in todo)
