"""
The walkthrough in front of a person: from `runbook open` to a form one can use, from a click on Verify to the first finding and to the
last, and what the kernel has grown to when all is done. In the sandbox, in Chromium, on this machine.

    python benchmarks/walkthrough.py [--runs N]

Side by side in each run: JupyterLab by itself until its kernel is idle, and `runbook check` of the same customer.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from figures import machine, plain_environment, spread, table
from playwright.sync_api import sync_playwright

from runbook_lib.environment import load_environment
from runbook_lib.sandbox import scenario
from runbook_lib.workspace import Workspace

CUSTOMER = "alder-cutover"
BROWSER = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync")
FRONT = ".jp-NotebookPanel:not(.lm-mod-hidden)"
WAIT_MS = 120_000
Measured = dict[str, list[float]]


@contextmanager
def started(command: list[str], folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """
    A server, and the first line it prints.
    """
    environment = {**plain_environment(), "HOME": str(folder)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=folder, env=environment)
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def kernels(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """
    The kernels of a server.
    """
    return [each for each in psutil.Process(process.pid).children(recursive=True) if "ipykernel_launcher" in " ".join(each.cmdline())]


def walk(browser: Any, figures: Measured) -> None:
    """
    One walk, from the start of the server to the last finding.
    """
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        begin = time.perf_counter()
        command = [sys.executable, "-m", "runbook_lib", "open", "--no-browser", "--workspace", str(folder / "work")]
        with started(command, folder) as (process, url):
            page = browser.new_page()
            page.set_default_timeout(WAIT_MS)
            page.goto(url, wait_until="domcontentloaded")
            page.get_by_label("Customer", exact=True).wait_for()
            figures["`runbook open` to the form of the start page, s"].append(time.perf_counter() - begin)
            workspace = Workspace(folder / "work")
            entry = workspace.create(load_environment(scenario(CUSTOMER).environment_file).as_parameters())
            path = workspace.notebook_for(entry).relative_to(workspace.root).as_posix()
            begin = time.perf_counter()
            page.evaluate("(path) => window.inboundRunbook.open(path)", path)
            card = page.locator(f"{FRONT} .rb-live-card", has=page.locator('h2[data-rb-step="route"]'))
            button = card.get_by_role("button", name="Verify", exact=True)
            button.wait_for()
            page.locator(f"{FRONT} button", has_text="Write the report").wait_for()
            figures["link on the start page to every card of the notebook, s"].append(time.perf_counter() - begin)
            begin = time.perf_counter()
            button.click()
            card.locator(".rb-findings").first.wait_for()
            figures["click on Verify (route) to the first finding, s"].append(time.perf_counter() - begin)
            card.locator(".rb-status [role=status]", has_text="Looked at").wait_for()
            figures["click on Verify (route) to complete, s"].append(time.perf_counter() - begin)
            overview = page.locator(f"{FRONT} .rb-live-card", has=page.get_by_role("heading", name="Where we are"))
            begin = time.perf_counter()
            overview.get_by_role("button", name="Verify everything").click()
            overview.locator(".rb-status [role=status]", has_text="Looked at").wait_for()
            figures["click on Verify everything to complete, s"].append(time.perf_counter() - begin)
            page.locator(f"{FRONT} button", has_text="Write the report").click()
            page.locator(f"{FRONT} a", has_text="Open the report").wait_for()
            largest = max(each.memory_info().rss for each in kernels(process))
            figures["memory of the kernel after a full walkthrough, MiB"].append(largest / 2**20)
            page.close()


def plain_lab(browser: Any, figures: Measured) -> None:
    """
    JupyterLab by itself: from the start of the server to an idle kernel of an empty notebook.
    """
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        shutil.copy(Path(__file__).parent.parent / "notebooks" / "start_here.ipynb", folder / "plain.ipynb")
        port, token = "18991", "benchmark"
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"]
        command += [f"--IdentityProvider.token={token}", "--LabApp.expose_app_in_browser=True", f"--ServerApp.root_dir={folder}"]
        begin = time.perf_counter()
        environment = {**plain_environment(), "HOME": home}
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, env=environment)
        page = browser.new_page()
        try:
            page.set_default_timeout(WAIT_MS)
            while True:
                try:
                    page.goto(f"http://127.0.0.1:{port}/lab/tree/plain.ipynb?token={token}", wait_until="domcontentloaded")
                    break
                except Exception:  # noqa: BLE001  # the server is not up yet
                    time.sleep(0.1)
            page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'")
            figures["JupyterLab alone to an idle kernel, s"].append(time.perf_counter() - begin)
            memory = [each.memory_info().rss for each in psutil.Process(process.pid).children(recursive=True)]
            figures["memory of a kernel that has done nothing, MiB"].append(max(memory) / 2**20)
        finally:
            page.close()
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def checked(figures: Measured) -> None:
    """
    `runbook check` of the same customer.
    """
    file = scenario(CUSTOMER).environment_file
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-m", "runbook_lib", "check", str(file)], stdout=subprocess.DEVNULL, check=False)
    figures["`runbook check` of the same customer, whole process, s"].append(time.perf_counter() - begin)


def main() -> None:
    """
    Measure and print.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    figures: Measured = defaultdict(list)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(BROWSER))
        for _ in range(runs):
            walk(browser, figures)
            plain_lab(browser, figures)
            checked(figures)
        browser.close()
    print(machine())
    print(table([("what", "measured"), *((name, spread(values)) for name, values in figures.items())]))


if __name__ == "__main__":
    main()
