"""
``runbook check``.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from runbook_lib.cli import run

Copy = Callable[..., Path]


@pytest.mark.parametrize(("name", "expected"), [("alder-pre", 0), ("birch-half-moved", 1), ("beech-unconfirmed", 3)])
def test_exit_status(name: str, expected: int, customer: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    """
    Ready is 0, not ready 1, incomplete 3, and the terminal says which.
    """
    status = run(["check", str(customer(name))])
    shown = capsys.readouterr().out

    assert expected == status
    assert {0: "Ready to move MX", 1: "Not ready", 3: "Not finished"}[expected] in shown


def test_json_of_one_file_is_the_result_document(customer: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    """
    One file: the document itself on stdout, nothing else there.
    """
    status = run(["check", "--json", str(customer("alder-pre"))])
    document = json.loads(capsys.readouterr().out)

    assert (0, "inbound-runbook/result/1", "ready") == (status, document["schema"], document["verdict"])


def test_a_wrong_file_among_several(customer: Copy, wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    A wrong file has its place in the list, is explained on stderr with the nearest key, does not stop the others, and decides the status.
    """
    status = run(["check", "--json", str(wrong), str(customer("alder-pre"))])
    shown = capsys.readouterr()
    first, second = json.loads(shown.out)

    assert (2, "inbound-runbook/error/1", "ready") == (status, first["schema"], second["verdict"])
    assert {"region", "test_recipent"} == {problem["key"] for problem in first["errors"]}
    assert "test_recipient" in shown.err
    assert str(wrong) in shown.err


def test_a_folder_gives_a_list(customer: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    """
    A folder stands for its environment files, and even one of them makes a list.
    """
    status = run(["check", "--json", str(customer("alder-pre", "some").parent)])

    assert 0 == status
    assert 1 == len(json.loads(capsys.readouterr().out))


def test_the_worst_counts(customer: Copy) -> None:
    """
    Not ready is worse than incomplete, which is worse than ready.
    """
    assert 1 == run(["check", *(str(customer(name)) for name in ("alder-pre", "beech-unconfirmed", "birch-half-moved"))])


@pytest.mark.parametrize("arguments", [["check"], ["check", "--nonsense", "x"], ["nonsense"], ["ranges", "eu", "--format", "xml"], []])
def test_a_wrong_command_line_is_2(arguments: list[str]) -> None:
    """
    What cannot be understood ends with 2 and nothing is probed.
    """
    assert 2 == run(arguments)


@pytest.mark.parametrize("name", ["missing.yaml", "empty-folder"])
def test_no_file(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    A file that is not there, or a folder without one, is named and ends with 2.
    """
    (tmp_path / "empty-folder").mkdir()

    assert 2 == run(["check", str(tmp_path / name)])
    assert name in capsys.readouterr().err


def test_hostile_text_never_reaches_the_terminal(customer: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    """
    Escape sequences of a customer's servers are shown, not emitted.
    """
    run(["check", str(customer("aspen-hostile"))])
    shown = capsys.readouterr()

    assert "\x1b[" not in shown.out.replace("\x1b[0m", "")
    assert not {character for character in shown.out + shown.err if ord(character) < 32 and character not in "\n\t"}


def test_a_closed_pipe_is_no_error(customer: Copy) -> None:
    """
    `runbook check … | head` ends quietly.
    """
    command = [sys.executable, "-m", "runbook_lib", "check", "--json", str(customer("alder-pre"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.wait(30)

        assert b"Traceback" not in process.stderr.read()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_ctrl_c_is_130_and_quick(customer: Copy) -> None:
    """
    Ctrl-C in the middle of a run ends it with 130 and no traceback.
    """
    command = [sys.executable, "-m", "runbook_lib", "check", str(customer("oak-silent"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)

        assert 130 == process.returncode
        assert "Traceback" not in errors
