"""
What the present MX records suggest, in real worlds.
"""

from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook_lib.environment import NOTEBOOK_DEFAULTS, Platform, environment_from_parameters, load_environment
from runbook_lib.knowledge.text import Catalogue
from runbook_lib.observations import together
from runbook_lib.sandbox import running, scenario
from runbook_lib.session import Session
from runbook_lib.standards.mx import see_mx
from runbook_lib.suggesting import MOST_DOMAINS, suggest, suggestions

LEAF = st.none() | st.booleans() | st.integers() | st.text(max_size=10)
NONSENSE = st.dictionaries(
    st.sampled_from([key for key in NOTEBOOK_DEFAULTS if key not in ("nameservers", "connect_to")]),
    LEAF | st.lists(LEAF, max_size=3) | st.dictionaries(st.text(max_size=5), LEAF, max_size=2),
    max_size=6,
)


def _given(name: str, **changed: Any) -> dict[str, Any]:
    """
    What somebody has typed so far: domains, and where to ask.
    """
    values = load_environment(scenario(name).environment_file).as_given()
    return {"domains": values["domains"], "sandbox": name, "timeout": 2, **changed}


async def _suggested(name: str, **changed: Any) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for each in await suggest(_given(name, **changed)):
        found.setdefault(each.key, set()).add(each.value)
    return found


@pytest.mark.parametrize(
    ("name", "platform"), [("alder-pre", "microsoft_365"), ("acacia-pre", "google_workspace"), ("ash-pre", ""), ("lilac-hosted", "")]
)
async def test_platform(name: str, platform: str) -> None:
    """
    MX records that lead to one provider's doors suggest its platform, and the inbound host; others suggest neither.
    """
    found = await _suggested(name)

    assert ({platform} if platform else set()) == found.get("platform", set())
    assert bool(platform) == ("inbound_host" in found)


@pytest.mark.parametrize(("name", "region"), [("alder-cutover", "eu"), ("acacia-cutover", "eu"), ("ash-cutover", "eu"), ("alder-pre", "")])
async def test_region(name: str, region: str) -> None:
    """
    Where MX is at the gateway already its host names say which region; before the move nothing does.
    """
    expected = load_environment(scenario(name).environment_file).region if region else ""
    found = await _suggested(name)

    assert ({expected} if expected else set()) == found.get("region", set())


async def test_usual_door_of_a_chosen_platform() -> None:
    """
    After the move MX tells nothing of the mailboxes; for a chosen platform the usual name of its door is suggested.
    """
    found = await _suggested("alder-cutover", platform="microsoft_365")

    assert {"alder-cutover-example.mail.protection.outlook.com"} == found["inbound_host"]
    assert "inbound_host" not in await _suggested("alder-cutover")


@pytest.mark.parametrize("name", ["alder-pre", "acacia-pre", "birch-half-moved"])
@pytest.mark.parametrize("language", ["en", "de"])
async def test_every_suggestion_has_its_words(name: str, language: str) -> None:
    """
    Each says why, in both languages, and its value is one that the environment takes.
    """
    full = load_environment(scenario(name).environment_file).as_parameters()
    full.pop("account_code", None)
    for each in await suggest(_given(name)):
        assert Catalogue(language).text(each.message.id, **each.message.values)
        assert each.value in str(environment_from_parameters({**full, each.key: each.value}).as_given()[each.key])


async def test_nothing_is_asked_where_dns_is_left_out() -> None:
    """
    Where probes leaves out DNS not a single query is sent; with it, MX is asked for, through the environment's own resolver alone.
    """
    given = {key: value for key, value in _given("alder-cutover").items() if key != "sandbox"}
    with running("alder-cutover") as world:
        network = {key: world.network_keys()[key] for key in ("nameservers", "connect_to")}
        without = await suggest({**given, **network, "platform": "microsoft_365", "probes": ["smtp", "https"]})
        quiet = world.dns_log
        found = await suggest({**given, **network})

        assert ((), ()) == (without, quiet)
        assert {"region"} == {each.key for each in found}
        assert {"MX"} <= {query.rdtype for query in world.dns_log}
        assert () == world.smtp_log


async def test_not_every_domain_is_asked_for() -> None:
    """
    Only the first domains that receive mail are asked about.
    """
    parked = [{"name": "parked.example", "role": "parked"}]
    given = _given("alder-cutover", domains=[*parked, *(f"d{number}.example" for number in range(MOST_DOMAINS + 3))])
    with running("alder-cutover") as world:
        network = {key: world.network_keys()[key] for key in ("nameservers", "connect_to")}
        await suggest({**{key: value for key, value in given.items() if key != "sandbox"}, **network})
        asked = {query.name for query in world.dns_log if query.rdtype == "MX"}

        assert {f"d{number}.example" for number in range(MOST_DOMAINS)} == asked


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"domains": None},
        {"domains": 5},
        {"domains": ["no domain"]},
        {"domains": ["a.example"], "sandbox": "nowhere"},
        {"domains": ["a.example"], "sandbox": "../../x"},
        {"domains": ["a.example"], "sandbox": "alder-pre", "nameservers": ["192.0.2.1"]},
        {"domains": ["a.example"], "nameservers": "here", "connect_to": []},
        {"domains": ["a.example"], "probes": []},
        {"domains": [{"name": "a.example", "role": "parked"}], "sandbox": "alder-pre"},
    ],
)
async def test_nonsense_suggests_nothing(given: dict[str, Any]) -> None:
    """
    As long as the domains or the network keys are not right nothing is asked, and nothing is raised.
    """
    assert () == await suggest(given)


@settings(max_examples=30)
@given(values=NONSENSE)
async def test_never_raises(values: dict[str, Any]) -> None:
    """
    Whatever a half-filled form gives, there is an answer.
    """
    assert isinstance(await suggest({**values, "probes": ["smtp"]}), tuple)


async def test_suggestions_are_pure() -> None:
    """
    The same records lead to the same suggestions, each once, whatever platform is chosen; without records there are none.
    """
    async with Session(load_environment(scenario("birch-half-moved").environment_file)) as session:
        views = await session.ask(together([see_mx("birch-half-moved.example"), see_mx("birch-half-moved.example")]))
    for platform in ("", *Platform, "nonsense"):
        found = suggestions(views, platform)

        assert found
        assert found == suggestions(views, platform)
        assert len({(each.key, each.value) for each in found}) == len(found)
        assert () == suggestions([], platform)


async def test_no_server_is_left() -> None:
    """
    The practice customer's servers, started to answer, are stopped again.
    """
    before = {thread.name for thread in threading.enumerate()}
    await suggest(_given("alder-pre"))

    assert before >= {thread.name for thread in threading.enumerate() if thread.name.startswith("sandbox")}
