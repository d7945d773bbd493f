"""
What the command line says is in the catalogue, and so in every language.
"""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.core import TyperArgument, TyperOption

from runbook_lib.cli.app import command_line, run
from runbook_lib.knowledge.text import LANGUAGE_VARIABLE, Catalogue, languages


@pytest.mark.parametrize("language", languages())
def test_every_command_and_option_is_explained(language: str) -> None:
    """
    Each has its text, and there is none for what is no command or option.
    """
    catalogue = Catalogue(language)
    group = command_line(catalogue)
    commands = {"runbook": group, **group.commands}

    assert {"say", "verdict", *commands} == set(catalogue.names("command"))
    for name, command in commands.items():
        named = {parameter.name for parameter in command.params}
        assert {"help", *named} == set(catalogue.fields(f"command.{name}"))
        assert all(parameter.help for parameter in command.params if isinstance(parameter, TyperArgument | TyperOption))


def test_help_in_the_language_of_the_machine() -> None:
    """
    The overview has every summary whole, in German where the environment variable says so.
    """
    ran = subprocess.run(
        [sys.executable, "-m", "runbook_lib", "--help"], env={LANGUAGE_VARIABLE: "de", "COLUMNS": "200"}, capture_output=True, check=True
    )
    shown = " ".join(ran.stdout.decode().split())

    assert [] == [
        name
        for name in command_line(Catalogue("de")).commands
        if Catalogue("de").text(f"command.{name}", "help").split("\n")[0] not in shown
    ]


@pytest.mark.parametrize(("language", "said"), [("en", "There is no region xx."), ("de", "Es gibt keine Region xx.")])
def test_messages(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], language: str, said: str) -> None:
    """
    A wrong value is said in that language.
    """
    monkeypatch.setenv(LANGUAGE_VARIABLE, language)

    assert 2 == run(["ranges", "xx"])
    assert said in capsys.readouterr().err
