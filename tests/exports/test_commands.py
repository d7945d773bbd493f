"""
The commands that are handed out, and the data and words behind the readers.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import runbook_lib.exports
from runbook_lib.exports import Kind
from runbook_lib.exports.kinds import Other, recognition
from runbook_lib.knowledge.export_commands import ExportCommand, commands_for, export_commands
from runbook_lib.knowledge.text import Catalogue

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "exports.md"


@pytest.mark.parametrize("command", export_commands(), ids=lambda command: command.id)
def test_a_command_only_reads_and_stands_in_the_documentation(command: ExportCommand) -> None:
    """
    Every verb is Get-, Select-, ConvertTo- and the like; the guide has the command word for word; there is a title.
    """
    verbs = set(re.findall(r"\b([A-Z][A-Za-z]+)-[A-Z]\w+", re.sub(r"'Get-\w+'", "", command.command)))

    assert verbs <= {"Get", "Select", "ConvertTo", "Out", "Export", "ForEach", "Where", "Connect"}
    assert not re.search(r"\bgam\b.*\b(create|update|delete|add)\b", command.command)
    assert command.command in DOCUMENT.read_text(encoding="utf-8")
    assert Catalogue().text(f"exports.command.{command.id}")
    assert {Kind(kind) for kind in command.kinds}


@pytest.mark.parametrize("command", [one for one in export_commands() if one.file.endswith(".json")], ids=lambda command: command.id)
def test_a_command_names_its_sections_as_the_reader_knows_them(command: ExportCommand) -> None:
    """
    The sections a command writes are those of the kinds it names.
    """
    sections = [name for name in re.findall(r"'([\w-]+)'\s*=", command.command) if name.startswith("Get-")]

    assert set(command.kinds) == {recognition().sections[name.replace("-", "").casefold()].value for name in sections}


def test_every_platform_has_its_commands() -> None:
    """
    Commands are found by platform and kind.
    """
    assert {"exchange_online"} == {one.id for one in commands_for("microsoft_365", "inbound_connectors")}
    assert {"google_policies", "google_recipients"} == {one.id for one in commands_for("google_workspace")}
    assert "exchange_server_hybrid" in {one.id for one in commands_for("hybrid")}
    assert () == commands_for("hosted_exchange")


def test_every_kind_and_refusal_has_words() -> None:
    """
    Titles for kinds, sentences for what is recognised, for each refusal and each problem that the readers name.
    """
    texts = Catalogue()
    source = "".join(path.read_text(encoding="utf-8") for path in Path(runbook_lib.exports.__file__).parent.glob("*.py"))
    causes = set(re.findall(r'Refused\("(\w+)"', source)) - {"other"}
    notes = set(re.findall(r'note\([^\n]*?, "(\w+)"', source)) | {"host_bits", "reversed", "mixed", "not_an_address", "not_utf8", "ragged"}

    assert not [kind for kind in Kind if not texts.has(f"exports.kind.{kind}")]
    assert not [other for other in Other if not texts.has(f"exports.other.{other}")]
    assert not [cause for cause in causes | {"lost_lists", "truncated"} if not texts.has(f"exports.{cause}")]
    assert not [note for note in notes if not texts.has(f"exports.problem.{note}")]
