"""
Set up and run, with nothing but Python 3.11 or newer and git: ``python3 run.py demo``, ``python3 run.py test --install``.

A virtual environment is made in ``.venv`` (none where one is active already), the pinned packages go into it, and the job is done there.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
NBVAL = ("--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout", "60", "-p", "no:xdist", "-p", "no:asyncio")
BROWSER = ("tests/browser",)
"""
Tests with a browser, in a process of their own: Playwright keeps an event loop running, which no test of a command line can be beside.
"""
SERVERS = ("postfix", "unbound", "knot", "nsd", "chromium", "poppler-utils")
"""
Debian's packages of the real servers and the browser that the full test talks to.
"""


def main() -> int:
    """
    Do what the command line says; returns the exit status.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    jobs = parser.add_subparsers(dest="job", required=True)
    jobs.add_parser("demo", help="run the notebooks for made-up customers; reports land in reports/demo")
    test = jobs.add_parser("test", help="lint, type-check and test")
    test.add_argument("--install", action="store_true", help="install the real servers and the browser with apt-get first (Debian)")
    jobs.add_parser("open", help="JupyterLab with the runbooks; the workspace is the folder runbook-workspace")
    setup = jobs.add_parser("setup", help="only make the environment")
    setup.add_argument("--lab", action="store_true", help="with JupyterLab")
    options = parser.parse_args()
    if sys.version_info < (3, 11):
        print("Python 3.11 or newer is needed; this is", sys.version.split()[0])
        return 2
    if options.job == "test":
        if options.install:
            install_servers()
        return run_tests(prepare(["dev"]))
    if options.job == "setup":
        python = prepare(["lab"] if options.lab else [])
        print(f"Ready: {script(python, 'runbook')} --help")
        return 0
    if options.job == "open":
        command = [script(prepare(["lab"]), "runbook"), "open"]
        try:
            return subprocess.run(command, cwd=HERE, check=False).returncode
        except KeyboardInterrupt:
            return 130
    return subprocess.run([script(prepare([]), "runbook"), "demo"], cwd=HERE, check=False).returncode


def prepare(extras: list[str]) -> Path:
    """
    Make the virtual environment and install into it what is not there yet; returns its interpreter.
    """
    if sys.prefix != sys.base_prefix:
        python = Path(sys.executable)
    else:
        folder = HERE / ".venv"
        python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        if not python.exists():
            print("Making a virtual environment in .venv", flush=True)
            venv.create(folder, with_pip=True)
    inputs = [(HERE / name).read_bytes() for name in ("pyproject.toml", "constraints.txt")]
    wanted = hashlib.sha256(b"".join(inputs) + repr(extras).encode()).hexdigest()
    prefix = subprocess.run([python, "-c", "import sys; print(sys.prefix)"], capture_output=True, text=True, check=True).stdout.strip()
    marker = Path(prefix) / f".inbound-runbook-{'-'.join(extras) or 'plain'}"
    if not (marker.exists() and marker.read_text() == wanted):
        print("Installing the pinned packages", flush=True)
        target = f"{HERE}[{','.join(extras)}]" if extras else str(HERE)
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", HERE / "constraints.txt", "-e", target]
        subprocess.run(command, check=True)
        marker.write_text(wanted)
    return python


def script(python: Path, name: str) -> str:
    """
    A program that was installed beside an interpreter.
    """
    return str(python.with_name(name + (".exe" if os.name == "nt" else "")))


def install_servers() -> None:
    """
    Install the real servers and the browser from Debian. None of them is started as a service.
    """
    if shutil.which("apt-get") is None:
        print("There is no apt-get here: tests against real servers and the browser will be skipped.")
        return
    front = [] if os.geteuid() == 0 else ["sudo"]
    settings = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    print("Installing with apt-get:", *SERVERS, flush=True)
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *SERVERS]):
        subprocess.run([*front, "apt-get", *arguments], stdout=subprocess.DEVNULL, env=settings, check=True)


def run_tests(python: Path) -> int:
    """
    Every check of the repository, the quick ones first; returns the first exit status that is not 0.
    """
    path = os.pathsep.join([str(python.parent), os.environ.get("PATH", ""), "/usr/sbin"])
    environment = {**os.environ, "PATH": path}
    parallel = ["-n", str(max(2, min(4, os.cpu_count() or 2))), "--dist", "worksteal"]
    with tempfile.TemporaryDirectory() as folder:
        # Notebooks write their report into the folder they run in: a copy keeps the clone clean.
        notebooks = shutil.copytree(HERE / "notebooks", Path(folder) / "notebooks")
        for title, command in (
            ("Lint", ["ruff", "check"]),
            ("Format", ["ruff", "format", "--check"]),
            ("Types", ["mypy"]),
            ("Rooms", ["lint-imports", "--no-logo"]),
            ("Notebooks", ["pytest", *NBVAL, f"--rootdir={folder}", "-c", os.devnull, str(notebooks)]),
            ("Tests", ["pytest", *parallel, *(f"--ignore={path}" for path in BROWSER), "tests"]),
            ("Browser", ["pytest", *parallel, *BROWSER]),
        ):
            print(f"\n== {title}: {' '.join(command)}", flush=True)
            status = subprocess.run([script(python, command[0]), *command[1:]], cwd=HERE, env=environment, check=False).returncode
            if status:
                print(f"== {title} failed")
                return status
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
