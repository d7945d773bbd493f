"""
``runbook new``: an environment file from flags or from answers.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runbook_lib.cli import run
from runbook_lib.environment import NOTEBOOK_DEFAULTS, load_environment
from runbook_lib.sandbox import scenario

pty = pytest.importorskip("pty", reason="a terminal is played by a pseudo-terminal, which only POSIX systems have")
FLAGS = ["--customer", "Birch & Co", "--platform", "microsoft_365", "--region", "eu", "--domain", "birch.example"]
FLAGS += ["--domain", "birch-shop.example", "--inbound-host", "birch-example.mail.protection.outlook.com"]
GIVEN = {
    "customer": "Birch & Co",
    "platform": "microsoft_365",
    "region": "eu",
    "domains": ["birch.example", "birch-shop.example"],
    "inbound_host": "birch-example.mail.protection.outlook.com",
}


START = "import fcntl, termios, runpy; fcntl.ioctl(0, termios.TIOCSCTTY, 0); runpy.run_module('runbook_lib', run_name='__main__')"
"""
The command with its standard input as the terminal it is controlled by, so that Ctrl-C arrives.
"""


class Terminal:
    """
    A person at a terminal: what the program shows, and keys that are pressed when it asks.

    Args:
        folder: Where the command runs.
        arguments: Behind ``runbook new``.
    """

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._ours, theirs = os.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, "new", *arguments],
            cwd=folder,
            stdin=theirs,
            stderr=theirs,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        os.close(theirs)
        self.shown = ""
        self._seen = 0

    def type(self, *answers: str) -> str:
        """
        Wait for the prompt before each answer; returns what was shown by the next prompt or the end.
        """
        self._until_prompt()
        for answer in answers:
            self._seen = len(self.shown)
            os.write(self._ours, answer.encode())
            self._until_prompt()
        return self.shown[self._seen :]

    def press(self, key: str) -> None:
        """
        Press a key until the command ends: a Ctrl-C that comes just before a read waits for the next one.
        """
        end = time.monotonic() + 60
        while self.process.poll() is None and time.monotonic() < end:
            os.write(self._ours, key.encode())
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.5)

    def end(self) -> tuple[int, str]:
        """
        Exit status and standard output.
        """
        while self._read():
            pass
        out, _ = self.process.communicate(timeout=60)
        return self.process.returncode, out.decode()

    def close(self) -> None:
        """
        End what still runs.
        """
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()
        os.close(self._ours)

    def _until_prompt(self) -> None:
        end = time.monotonic() + 60
        while not re.search(r"\n> $", self.shown[self._seen :]) and time.monotonic() < end and self._read():
            pass

    def _read(self) -> bool:
        try:
            read = os.read(self._ours, 65536).decode().replace("\r\n", "\n")
        except OSError:
            return False
        self.shown += read
        return bool(read)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """
    Starts the command at a terminal.
    """
    with contextlib.ExitStack() as stack:

        def start(*arguments: str) -> Terminal:
            made = Terminal(tmp_path, *arguments)
            stack.callback(made.close)
            return made

        yield start


def test_flags(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    Everything by flags: the file says it, its path is on stdout, what to do next on stderr, and nothing is asked.
    """
    path = tmp_path / "customers" / "birch"
    more = ["--phase", "cutover", "--account-code", "CUK12345", "--test-recipient", "anna@birch.example"]
    status = run(["new", str(path), *FLAGS, *more, "--set", "timeout=5", "--set", "nameservers=192.0.2.1,192.0.2.2"])
    shown = capsys.readouterr()

    assert (0, f"{path}.yaml\n") == (status, shown.out)
    assert f"runbook check {path}.yaml" in shown.err
    assert (
        GIVEN
        | {
            "phase": "cutover",
            "account_code": "CUK12345",
            "test_recipient": "anna@birch.example",
            "timeout": 5,
            "nameservers": ["192.0.2.1", "192.0.2.2"],
        }
        == load_environment(f"{path}.yaml").as_given()
    )


def test_an_ending_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    A name with an ending is taken as it is.
    """
    run(["new", str(tmp_path / "birch.yml"), *FLAGS])

    assert f"{tmp_path / 'birch.yml'}\n" == capsys.readouterr().out


@pytest.mark.parametrize("language", ["en", "de"])
def test_what_is_commented_out_is_right_when_taken_in(tmp_path: Path, language: str) -> None:
    """
    Above each key stands a comment; what is commented out at the end is an environment once the signs are taken out.
    """
    path = tmp_path / "birch.yaml"
    run(["new", str(path), *FLAGS, "--set", f"language={language}"])
    text = path.read_text(encoding="utf-8")
    given, more = text.split("\n\n", maxsplit=1)
    path.write_text(f"{given}\n" + re.sub(r"(?m)^# ?", "", more), encoding="utf-8")
    (tmp_path / "tenant.json").write_text("[]", encoding="utf-8")
    taken_in = load_environment(path)

    assert text.startswith("# The mail environment" if language == "en" else "# Die Mail-Umgebung")
    assert [*GIVEN, "language"] == [line.split(":")[0] for line in given.splitlines() if not line.startswith(("#", " "))]
    assert given.count("\n# ") >= len(GIVEN)
    assert {"contacts", "test_recipient", "validation_codes", "console_ranges", "exports"} == set(taken_in.as_given()) - set(GIVEN) - {
        "language"
    }
    assert set(taken_in.as_given()) <= set(NOTEBOOK_DEFAULTS)


def test_check_takes_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    `runbook check` probes what the file says, here in the sandbox.
    """
    given = load_environment(scenario("alder-pre").environment_file).as_given()
    path = tmp_path / "alder.yaml"
    flags = ["--customer", "Alder", "--platform", given["platform"], "--region", "eu", "--domain", given["domains"][0]]
    flags += ["--inbound-host", given["inbound_host"], "--set", "sandbox=alder-pre", "--set", "time_limit=60", "--set", "timeout=2"]

    assert 0 == run(["new", str(path), *flags])

    capsys.readouterr()

    assert run(["check", str(path)]) in (1, 3)
    assert "Alder" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ([], "--customer, --platform, --region, --domain and --inbound-host are missing"),
        (FLAGS[:6], "--domain and --inbound-host are missing"),
        ([*FLAGS, "--region", "uk"], "Did you mean eu"),
        ([*FLAGS, "--phase", "later"], '"later" is not one of prepare, cutover, lockdown'),
        ([*FLAGS, "--account-code", "CUSA1234"], "belongs to the region us"),
        ([*FLAGS, "--set", "test_recipent=a@birch.example"], "Did you mean test_recipient?"),
        ([*FLAGS, "--set", "timeout"], "write it as KEY=VALUE"),
        ([*FLAGS, "--set", "=5"], "write it as KEY=VALUE"),
        ([*FLAGS, "--set", "nameservers=[192.0.2.1"], "nameservers: Line 1"),
        ([*FLAGS, "--set", "proxy=socks5://a:b@c.example:1"], "Secrets never stand"),
        ([*FLAGS, "--set", "exports=none.json"], "There is no file"),
        ([*FLAGS, "--region", "custom"], "gateway_hosts has to be given"),
        ([*FLAGS, "--set", "language=de", "--set", "domains=a"], "a"),
        (["--domain", "192.0.2.1"], "192.0.2.1"),
    ],
)
def test_wrong_or_missing_is_2(
    tmp_path: Path, arguments: list[str], part: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Without a terminal, what is missing is named by its flag and what is wrong in the loader's words; nothing is written.
    """
    monkeypatch.setattr("sys.stdin", io.StringIO())
    status = run(["new", str(tmp_path / "new" / "birch.yaml"), *arguments])
    shown = capsys.readouterr()

    assert (2, "") == (status, shown.out)
    assert part in shown.err
    assert [] == list(tmp_path.iterdir())


def test_no_file_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    A file that is there stays, whatever is in it; with ``--force`` it is made anew. A folder is refused.
    """
    path = tmp_path / "birch.yaml"
    path.write_text("- mine\n", encoding="utf-8")

    assert 2 == run(["new", str(tmp_path / "birch"), *FLAGS])
    assert "already there" in capsys.readouterr().err
    assert "- mine\n" == path.read_text(encoding="utf-8")
    assert 0 == run(["new", str(path), *FLAGS, "--force"])
    assert GIVEN == load_environment(path).as_given()
    assert 2 == run(["new", str(tmp_path), *FLAGS, "--force"])
    assert "is a folder" in capsys.readouterr().err


def test_questions(tmp_path: Path, terminal: Callable[..., Terminal]) -> None:
    """
    Each question has a line of help and an example; choices are taken by number or name; a wrong answer is refused and asked again.
    """
    person = terminal("birch")

    assert "Example: microsoft_365" in person.type("Birch & Co\n")
    assert '"amiga" is not one of' in person.type("amiga\n")
    assert "Europe / United Kingdom" in person.type("1\n")
    assert "Did you mean eu" in person.type("uk\n")
    assert "The mail domains" in person.type("eu\n")
    assert "The mail domains" in person.type("\n")
    assert "listed twice" in person.type("birch.example, birch.example\n")
    assert "Example: birch-example.mail.protection.outlook.com" in person.type("birch.example birch-shop.example\n")
    assert "A host name is due" in person.type("192.0.2.7\n")
    assert "Example: anna.berg@birch.example" in person.type("birch-example.mail.protection.outlook.com\n")

    person.type("\n")

    assert (0, "birch.yaml\n") == person.end()
    assert "runbook check birch.yaml" in person.shown
    assert GIVEN == load_environment(tmp_path / "birch.yaml").as_given()


def test_only_what_is_missing_is_asked(tmp_path: Path, terminal: Callable[..., Terminal]) -> None:
    """
    What flags say is not asked; a region of one's own needs hosts and ranges, and these are.
    """
    flags = ["--customer", "Birch", "--platform", "hybrid", "--domain", "birch.example", "--inbound-host", "mail.birch.example"]
    person = terminal("b.yaml", *flags, "--set", "language=de")

    assert "MX-Hosts" in person.type("custom\n")

    person.type("mx1.gateway.example mx2.gateway.example\n", "192.0.2.0/24\n", "anna@birch.example\n")

    assert (0, "b.yaml\n") == person.end()
    assert {
        "customer": "Birch",
        "platform": "hybrid",
        "region": "custom",
        "gateway_hosts": ["mx1.gateway.example", "mx2.gateway.example"],
        "domains": ["birch.example"],
        "inbound_host": "mail.birch.example",
        "test_recipient": "anna@birch.example",
        "console_ranges": ["192.0.2.0/24"],
        "language": "de",
    } == load_environment(tmp_path / "b.yaml").as_given()


@pytest.mark.parametrize(("key", "status"), [("\x03", 130), ("\x04", 2)])
def test_stopping(tmp_path: Path, terminal: Callable[..., Terminal], key: str, status: int) -> None:
    """
    Ctrl-C ends with 130 and the end of the input with 2; nothing is written.
    """
    person = terminal("birch")
    person.type("Birch\n")
    person.press(key)

    assert (status, "") == person.end()
    assert ("--platform" in person.shown) == (status == 2)
    assert [] == list(tmp_path.iterdir())
