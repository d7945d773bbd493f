"""
Errors in the language that the environment names.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runbook_lib.environment import (
    Environment,
    EnvironmentFileError,
    KeyProblem,
    environment_from_parameters,
    load_environment,
    save_environment,
    value_from_text,
    with_network,
)
from runbook_lib.environment.refusal import Refusal, Word
from runbook_lib.knowledge.text import Catalogue

Refused = Callable[..., list[KeyProblem]]
GERMAN = Catalogue("de")


def test_the_language_of_the_environment(refused: Refused) -> None:
    """
    A sentence comes in the language the environment names, even where much else is wrong.
    """
    said = {one.key: one.message for one in refused(language=" de", region="uk", phase="later", customer="")}

    assert GERMAN.text("environment.choice", value="later", choices="prepare, cutover, lockdown") == said["phase"]
    assert GERMAN.text("environment.required_customer") == said["customer"]
    assert {"phase", "customer", "region"} == set(said)


@pytest.mark.parametrize("language", ["xx", "../en", 7, None, ["de"]])
def test_no_such_language(refused: Refused, language: Any) -> None:
    """
    Where the language itself is wrong, all is said in English.
    """
    said = {one.key: one.message for one in refused(language=language, phase="later")}

    assert '"later" is not one of prepare, cutover, lockdown.' == said["phase"]


def test_words_in_place_of_values(refused: Refused) -> None:
    """
    Our own words among the values are in the same language: for lists, maps, long numbers, and for what is not shown.
    """
    said = refused(language="de", customer=["a", "b"], inbound_host={"a": 1}, inbound_port=10**70, proxy="socks5://a:b@c.example:1")

    assert {
        "customer": "eine Liste mit 2 Einträgen",
        "inbound_host": "eine Zuordnung mit 1 Eintrag",
        "inbound_port": "eine Zahl mit mehr als 60 Ziffern",
        "proxy": "(nicht gezeigt)",
    } == {one.key: one.value for one in said}
    assert GERMAN.text("environment.not_text", value="eine Liste mit 2 Einträgen") == next(
        one.message for one in said if one.key == "customer"
    )


def test_keys_that_do_not_fit_together(refused: Refused) -> None:
    """
    What is wrong between two keys, and an unknown key, are said in the language too.
    """
    said = {one.key: one.message for one in refused(language="de", account_code="CUSA1", test_recipent="a@b.example")}

    assert GERMAN.text("environment.account_region", value="CUSA1", says="us", region="eu") == said["account_code"]
    assert GERMAN.text("environment.unknown_near", name="test_recipent", nearest="test_recipient") == said["test_recipent"]


def test_contacts_nobody_can_call(refused: Refused) -> None:
    """
    What is wrong with a contact is said in the language of the environment, at the key where it is to be mended.
    """
    said = {one.key: one.message for one in refused(language="de", contacts=[{"name": "Anna"}, {"name": "Ben", "phone": "Zentrale"}])}

    assert {
        "contacts[0].phone": GERMAN.text("environment.contact_unreachable"),
        "contacts[1].phone": GERMAN.text("environment.phone", value="Zentrale"),
    } == said


def test_files(tmp_path: Path) -> None:
    """
    A file's errors are in its language; one that cannot be read as YAML has none, and gets English.
    """
    path = tmp_path / "a.yaml"
    path.write_text("language: de\ninteractive: true\n", encoding="utf-8")
    with pytest.raises(EnvironmentFileError) as caught:
        load_environment(path)

    assert GERMAN.text("environment.interactive_in_file") == caught.value.problems[0].message

    path.write_text("language: de\ncustomer: [\n", encoding="utf-8")
    with pytest.raises(EnvironmentFileError, match="this is not YAML"):
        load_environment(path)


def test_saving(tmp_path: Path) -> None:
    """
    Why a file is not saved is said in the language of the values.
    """
    path = tmp_path / "a.yaml"
    path.write_text("- a\n", encoding="utf-8")
    values = {"customer": "A", "platform": "hybrid", "region": "eu", "domains": ["a.example"], "inbound_host": "m.a.example"}
    with pytest.raises(EnvironmentFileError) as caught:
        save_environment(path, values | {"language": "de"})

    assert "eine Liste" in caught.value.problems[0].message
    assert caught.value.problems[0].message.startswith("Die Datei wurde nicht überschrieben")


def test_the_sandbox_network(make: Callable[..., Environment]) -> None:
    """
    A key that is no network key is refused in the environment's language.
    """
    with pytest.raises(EnvironmentFileError) as caught:
        with_network(make(language="de"), {"region": "eu"})

    assert caught.value.problems[0].message.startswith(GERMAN.text("environment.unknown", name="region", known="")[:12])


def test_english_is_the_default() -> None:
    """
    A refusal as text is English, its words too.
    """
    assert "It is a list." in str(Refusal("yaml_not_map", found=Word("list")))
    assert "Text is due here, not a map of 2." == str(Refusal("not_text", {"a": 1, "b": 2}))


@pytest.mark.parametrize(
    ("key", "written", "value"),
    [
        ("account_code", "1e5", "1e5"),
        ("account_code", "null", "null"),
        ("timeout", "5", 5),
        ("allow_private", "yes", True),
        ("nameservers", "192.0.2.1, 192.0.2.2", ["192.0.2.1", "192.0.2.2"]),
        ("nameservers", "[192.0.2.1]", ["192.0.2.1"]),
        ("probes", "dns", ["dns"]),
        ("validation_codes", "{a.example: 12345e6789012}", {"a.example": "12345e6789012"}),
        ("present_gateway", "{name: Old, locked: no}", {"name": "Old", "locked": False}),
        ("console_ranges", "[192.0.2.0/24]", ["192.0.2.0/24"]),
        ("console_ranges", "192.0.2.0/24,", "192.0.2.0/24,"),
        ("strange", "[x", "[x"),
    ],
)
def test_values_of_a_command_line(key: str, written: str, value: Any) -> None:
    """
    A value on a command line means what it would mean behind its key in a file; text is never taken for anything else.
    """
    assert value == value_from_text(key, written)


def test_a_list_that_does_not_close() -> None:
    """
    Brackets that do not close are refused with the key.
    """
    with pytest.raises(EnvironmentFileError, match=r"--set: nameservers: .*this is not YAML"):
        value_from_text("nameservers", "[192.0.2.1")


def test_long_fractions(make: Callable[..., Environment]) -> None:
    """
    A number keeps all its digits when it is written and read.
    """
    third = 100 / 3

    assert third == environment_from_parameters({**make().as_given(), "timeout": str(third)}).timeout
