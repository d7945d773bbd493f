"""
What a sentence calls things: people see the labels of the form and the titles of the report, so no sentence has a name for programs.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

import pytest

from runbook_lib.environment import Environment
from runbook_lib.knowledge.check_ids import CHECKS
from runbook_lib.knowledge.gates import gate_rules
from runbook_lib.knowledge.text import languages

TEXTS = files("runbook_lib.knowledge").joinpath("texts")
OF_THE_FILE = frozenset({"environment", "environment_words", "making", "command", "form"})
"""
Rooms that speak of the environment file itself, of the command line, and of what is typed into the form: there the key is what people see.
"""
FOR_PROGRAMS = frozenset({"paste", "way_back", "source"})
"""
What is pasted, and what a finding rests on: the key of the file is the evidence there.
"""
QUOTED = frozenset(
    {
        ("probe.test_message", "text"),  # goes to whoever got the message, with the line of the file that had it sent
    }
)
"""
Texts that quote the file, by id and field.
"""
KEYS = tuple(key for key in Environment.model_fields if "_" in key)
PROGRAM_NAMES = re.compile(
    r"(?<![\w.])(?:"
    + "|".join(map(re.escape, sorted((*CHECKS, *KEYS, *(name for name in gate_rules() if "_" in name)), key=len, reverse=True)))
    + r")(?![\w]|\.\w)"
    + rf"|\b(?:gate|Freigabe) (?:{'|'.join(gate_rules())})\b"
    + r"|\b[a-z]\w*\.\*(?!\w)"
)
COMMAND = re.compile(r"\brunbook (?:check|exports|explain|new|open|ranges|run|schema|watch)\b")
"""
A command of this tool.
"""
QUOTES_A_LINE = re.compile(r"(?<![\w.])(?:" + "|".join(KEYS) + r"): ")


def _texts(language: str) -> Iterator[tuple[str, str, str]]:
    for entry in sorted(TEXTS.joinpath(language).iterdir(), key=lambda entry: entry.name):
        if entry.name.removesuffix(".toml") not in OF_THE_FILE:
            yield from _walk(tomllib.loads(entry.read_text(encoding="utf-8")), ())


def _walk(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _walk(value, (*path, key))
        else:
            yield ".".join(path), key, value


def _prose(field: str, text: str) -> str:
    """
    A text without what it quotes: values, commands in backticks, and in what was observed a line of the file (``key: value``).
    """
    plain = re.sub(r"`[^`]*`|\{[^{}]*\}", "…", text)
    return QUOTES_A_LINE.sub("…", plain) if field == "observed" else plain


@pytest.mark.parametrize("language", languages())
def test_no_sentence_has_a_name_for_programs(language: str) -> None:
    """
    Checks, gates and keys of the file are named by ``{mx.gateway}``, ``{gate.lock}`` and ``{key.console_ranges}``, never bare.
    """
    bare = [
        (key, field, found)
        for key, field, text in _texts(language)
        if field not in FOR_PROGRAMS and (key, field) not in QUOTED
        for found in PROGRAM_NAMES.findall(_prose(field, text))
    ]

    assert [] == bare


@pytest.mark.parametrize("language", languages())
def test_only_the_consultant_is_told_to_use_this_tool(language: str) -> None:
    """
    Nobody else has its command line, so no remedy of theirs in a report has a command of it.
    """
    texts = {(key, field): text for key, field, text in _texts(language)}
    who = {key: text for key, field, text in _texts("en") if field == "who"}

    assert [] == [
        key
        for (key, field), text in texts.items()
        if field in ("remedy", "paste") and COMMAND.search(text) and who.get(key) != "consultant"
    ]


def test_bare_names_would_be_seen() -> None:
    """
    The search finds each kind, and passes over what only looks like one.
    """
    for text in ("Confirm domain.validation.", "under console_ranges", "the gate lock says", "the gate roll_back", "allowlist.* judges it"):
        assert PROGRAM_NAMES.search(_prose("remedy", text)), text
    for text in ("{key.console_ranges}", "`gateway_hosts`", "mta_sts.policy.example", "the gateway lock", "spam_filter_ip_allowlist"):
        assert not PROGRAM_NAMES.search(_prose("remedy", text)), text
    assert not PROGRAM_NAMES.search(_prose("observed", "test_recipient: anna@alder.example"))


def test_every_exception_is_needed() -> None:
    """
    What is let through is there, and would be found.
    """
    there = {(key, field): text for key, field, text in _texts("en")}

    assert [] == [one for one in QUOTED if not PROGRAM_NAMES.search(_prose(one[1], there.get(one, "")))]
