"""
The JSON Schema of the environment file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from runbook_lib.environment import NOTEBOOK_DEFAULTS, environment_schema

LEAST = {"customer": "A", "platform": "hybrid", "region": "eu", "domains": ["a.example"], "inbound_host": "m.a.example"}


def accepts(**more: Any) -> bool:
    """
    True where the schema takes the least that is needed and what the test names.
    """
    return Draft202012Validator(environment_schema()).is_valid(LEAST | more)


def test_is_a_schema() -> None:
    """
    It is a valid schema of the version it says, and knows every key a file can have.
    """
    schema = environment_schema()
    Draft202012Validator.check_schema(schema)

    assert "https://json-schema.org/draft/2020-12/schema" == schema["$schema"]
    assert [key for key in NOTEBOOK_DEFAULTS if key != "interactive"] == list(schema["properties"])
    assert ["customer", "platform", "region", "domains", "inbound_host"] == schema["required"]
    assert all(shape["description"] for shape in schema["properties"].values())


@pytest.mark.parametrize(
    "more",
    [
        {
            "domains": [
                "a.example",
                {"name": "b.example", "role": "parked", "phase": "cutover", "platform": "hybrid", "inbound_host": "m.b.example"},
            ]
        },
        {"allow_private": "Yes", "send_test_message": True, "internal_route": None},
        {"account_code": 12345},
        {"inbound_port": 25, "timeout": 2.5, "time_limit": 60},
        {"console_ranges": "192.0.2.0/24"},
        {"console_ranges": ["192.0.2.0/24"]},
        {"senders": [{"name": "Scanner", "from": "a.example", "ip": "192.0.2.1", "tls": False}]},
        {"contacts": [{"name": "Anna", "phone": "112", "emergency": "yes"}, {"name": "Ben", "email": "b@b.example", "role": None}]},
        {"vendor_process": "connect_process", "contacts": [{"name": "Anna", "phone": 441632960001}]},
        {"validation_codes": {"a.example": "x"}, "connect_to": {"a.example:25": "127.0.0.1:25"}},
        {"waivers": {"mx.ttl": {"reason": "r", "by": "b", "expires": "2026-12-31"}}},
        {"nameservers": None, "ca_file": None, "allowlist": " 192.0.2.0/24 "},
    ],
)
def test_accepts(more: dict[str, Any]) -> None:
    """
    What the loader takes the schema takes.
    """
    assert accepts(**more)


@pytest.mark.parametrize(
    "more",
    [
        {"customr": "A"},
        {"customer": None},
        {"region": "uk"},
        {"platform": "m365"},
        {"allow_private": "perhaps"},
        {"domains": [{"name": "a.example", "rol": "parked"}]},
        {"domains": "a.example"},
        {"vendor_process": "wizard"},
        {"contacts": [{"phone": "112"}]},
        {"contacts": [{"name": "Anna", "telephone": "112"}]},
        {"contacts": [{"name": "Anna", "phone": "112"}] * 51},
        {"waivers": {"mx.ttl": {"reason": "r"}}},
        {"interactive": True},
    ],
)
def test_refuses(more: dict[str, Any]) -> None:
    """
    What an editor can see to be wrong the schema refuses.
    """
    assert not accepts(**more)


def test_accepts_the_examples() -> None:
    """
    The example environments are taken, as whichever YAML reader reads their dates.
    """
    examples = sorted(Path(__file__).parents[2].joinpath("environments").glob("*.yaml"))
    validator = Draft202012Validator(environment_schema())

    assert examples
    for path in examples:
        for loader in (yaml.SafeLoader, yaml.BaseLoader):
            document = yaml.load(path.read_text(encoding="utf-8"), loader)

            assert [] == [error.message for error in validator.iter_errors(document)], path.name


def test_the_guide_names_every_key() -> None:
    """
    The guide's table has a row for every key, in the contract's order, and its examples are right.
    """
    guide = Path(__file__).parents[2].joinpath("docs", "environment-file.md").read_text(encoding="utf-8")
    rows = [
        key.strip("` ")
        for line in guide.partition("## All keys")[2].splitlines()
        if line.startswith("| `")
        for key in line.split("|")[1].split(",")
    ]
    examples = [part.partition("```")[0] for part in guide.split("```yaml\n")[1:]]

    assert [key for key in NOTEBOOK_DEFAULTS if key != "interactive"] == rows
    assert examples
    assert [] == [
        str(error.message) for text in examples for error in Draft202012Validator(environment_schema()).iter_errors(yaml.safe_load(text))
    ]
