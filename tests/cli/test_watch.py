"""
``runbook watch``.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runbook_lib.cli import run
from runbook_lib.sandbox import running, scenario

Copy = Callable[..., Path]


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """
    The command in a process of its own.
    """
    command = [sys.executable, "-m", "runbook_lib", "watch", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8") as process:
        yield process


@pytest.mark.parametrize("name", ["alder-cutover", "alder-locked"])
def test_complete_is_0(name: str, customer: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    """
    Where all show the new records, one line says so and the watch ends with 0.
    """
    status = run(["watch", str(customer(name))])
    shown = capsys.readouterr()

    assert (0, 1) == (status, len(shown.out.splitlines()))
    assert "The cut-over is complete: 5 of 5 answers show the new MX records." in shown.out
    assert f"Watching {name}.example" in shown.err
    assert "Practice data" in shown.err


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("birch-half-moved", "Partly new (10 eu-smtp-inbound-1.mimecast.com + 10 eu-smtp-inbound-2.mimecast.com + 20 mail.birch"),
        ("elm-one-mx", "Partly new (10 za-smtp-inbound-1.mimecast.co.za)"),
        (
            "linden-slow-resolvers",
            "resolver 8.8.8.8: Other records (0 linden-slow-resolvers-example.mail.protection.outlook.com), 29 minutes left",
        ),
        ("teak-disagreeing", "name server ns2.northwind-dns.example (185.136.97.66): Other records"),
    ],
)
def test_not_complete_is_3(name: str, said: str, customer: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    """
    A watch that is over before the cut-over is complete ends with 3, and has said who shows what.
    """
    status = run(["watch", "--for", "0", str(customer(name))])
    shown = capsys.readouterr()

    assert 3 == status
    assert said in shown.out
    assert "Stopped before the cut-over was complete everywhere." in shown.err


def test_phase_prepare_is_judged_as_cutover(customer: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    """
    A file still at prepare is watched all the same, and stderr says how it is judged.
    """
    status = run(["watch", "--for", "0", str(customer("alder-pre"))])
    shown = capsys.readouterr()

    assert 3 == status
    assert 'judges as for "Cut-over" (cutover)' in shown.err
    assert "Broken: Mail for alder-pre.example does not go to the gateway" in shown.out


def test_a_later_wave_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """
    A domain that is still at prepare beside one that moves is not waited for, and stderr says so.
    """
    assert 0 == run(["watch", str(scenario("zinnia-waves").environment_file)])
    assert 'Not watched, still at the phase "Prepare" (prepare): zinnia-shop.example.' in capsys.readouterr().err


def test_json_lines(customer: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    """
    With --json each look is one object on one line, and nothing else is on stdout.
    """
    status = run(["watch", "--json", "--for", "0", str(customer("linden-slow-resolvers"))])
    (document,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert (3, "inbound-runbook/watch/1", False, 4, 5) == (status, *(document[key] for key in ("schema", "complete", "shown", "asked")))


def test_german(customer: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    """
    The words are those of the environment's language.
    """
    path = customer("alder-cutover")
    path.write_text(path.read_text(encoding="utf-8") + "language: de\n", encoding="utf-8")

    assert 0 == run(["watch", str(path)])
    assert "Die Umstellung ist vollständig" in capsys.readouterr().out


def test_a_wrong_file_is_2(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    A wrong environment file is explained on stderr and ends with 2; with --json the error is on stdout as well.
    """
    assert 2 == run(["watch", str(wrong)])
    assert "test_recipient" in capsys.readouterr().err
    assert 2 == run(["watch", "--json", str(wrong)])
    assert "inbound-runbook/error/1" == json.loads(capsys.readouterr().out)["schema"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("time_limit: 40", "time_limit: 40\nprobes: [smtp]", 'Add dns under "What this run may do" (probes).'),
        ("  - alder-cutover.example", "  - {name: alder-cutover.example, role: parked}", "None of these domains receives mail"),
    ],
)
def test_nothing_to_watch_is_2(old: str, new: str, said: str, customer: Copy, capsys: pytest.CaptureFixture[str]) -> None:
    """
    An environment of which nothing can be watched says which key is the reason, and nothing is asked.
    """
    path = customer("alder-cutover")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

    assert 2 == run(["watch", str(path)])
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--every", "1", "x.yaml"], ["--for", "-1", "x.yaml"], ["missing.yaml"], ["."]])
def test_a_wrong_command_line_is_2(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    No file, a folder, one that is not there, or looks closer together than 5 s: 2.
    """
    monkeypatch.chdir(tmp_path)

    assert 2 == run(["watch", *arguments])


def test_it_completes_while_it_watches(customer: Copy) -> None:
    """
    The name server that lagged behind takes over the zone after the first look; the next one tells of it and ends the watch with 0.
    """
    path = customer("teak-disagreeing")
    with running("teak-disagreeing") as world:
        text = path.read_text(encoding="utf-8").replace("sandbox: teak-disagreeing\n", "")
        network = "".join(f"{key}: {json.dumps(value)}\n" for key, value in world.network_keys().items())
        path.write_text(text + network, encoding="utf-8")
        with started("--every", "5", str(path)) as process:
            assert process.stdout is not None
            first = process.stdout.readline()
            world.faults.set_records(
                "teak-disagreeing.example", "MX", ["10 eu-smtp-inbound-1.mimecast.com.", "10 eu-smtp-inbound-2.mimecast.com."]
            )
            rest, errors = process.communicate(timeout=60)

    assert (0, "") == (process.returncode, errors.partition("Traceback")[2])
    assert "look 1: 4 of 5 answers" in first
    assert "look 2: The cut-over is complete" in rest
    assert "name server ns2.northwind-dns.example (185.136.97.66): New records" in rest


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_ctrl_c_is_3(customer: Copy) -> None:
    """
    Ctrl-C between two looks ends the watch with 3, a sentence and no traceback.
    """
    with started(str(customer("birch-half-moved"))) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)

    assert 3 == process.returncode
    assert "Stopped before the cut-over was complete everywhere." in errors
    assert "Traceback" not in errors


def test_a_closed_pipe_is_3(customer: Copy) -> None:
    """
    `runbook watch … | head -1` has not seen the end, so its status is no 0.
    """
    with started("--every", "5", str(customer("birch-half-moved"))) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        process.wait(60)

        assert 3 == process.returncode
        assert "Traceback" not in process.stderr.read()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_a_terminal_gets_a_table(customer: Copy) -> None:
    """
    On a terminal there is one table that is kept up to date, its answer above it.
    """
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "runbook_lib", "watch", str(customer("alder-cutover"))]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "40"}
    with subprocess.Popen(command, stdout=theirs, stderr=subprocess.PIPE, env=environment) as process:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
        process.wait(60)
    os.close(ours)

    text = shown.decode()
    assert 0 == process.returncode
    assert text.index("The cut-over is complete") < text.index("ns1.northwind-dns.example")
    assert "✓ New records" in text


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux's word for the end of a terminal nobody writes to any more
        return b""
