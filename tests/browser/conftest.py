"""
A real JupyterLab, started by ``runbook open``, in front of a real Chromium; one server a worker, one workspace a test session.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from runbook_lib.environment import load_environment
from runbook_lib.sandbox import scenario
from runbook_lib.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

CHROMIUM = shutil.which("chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE ::1",
)
LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "::1"}
ARTEFACTS = Path(os.environ.get("RUNBOOK_ARTEFACTS") or Path(__file__).resolve().parents[2] / "test-artefacts" / "browser")
"""
Where the screenshots go.
"""
PATIENCE_MS = 60_000
LONGEST_S = 300
"""
Seconds for one test: two browsers and two kernels on two cores are slow at times.
"""
MISSING = [name for name in ("playwright", "jupyterlab", "anywidget") if importlib.util.find_spec(name) is None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Everything in this folder needs Chromium and Playwright; where one is missing it is said which.
    """
    lacking = [*MISSING, *([] if CHROMIUM else ["chromium"])]
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(LONGEST_S))
            if lacking:
                item.add_marker(pytest.mark.skip(reason=f"not installed: {', '.join(lacking)}"))


@dataclass(frozen=True)
class Server:
    """
    A running ``runbook open``.
    """

    process: subprocess.Popen[str]
    url: str
    workspace: Path

    @property
    def root(self) -> str:
        """
        Its address.
        """
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


@pytest.fixture(scope="session")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """
    Starts ``runbook open`` with some arguments; all that were started end with the tests.
    """
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, workspace: Path | None = None) -> Server:
        home = tmp_path_factory.mktemp("home")
        folder = workspace or home / "work"
        command = [sys.executable, "-m", "runbook_lib", "open", *arguments, "--no-browser", "--workspace", str(folder)]
        environment = {**os.environ, "HOME": str(home)}
        with (home / "errors.txt").open("w") as errors:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=home, env=environment)
        started.append(process)
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url:
            pytest.fail((home / "errors.txt").read_text())
        return Server(process, url, folder)

    yield begin
    for process in started:
        process.send_signal(signal.SIGTERM)
    for process in started:
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture(scope="session")
def server(serving: Callable[..., Server]) -> Server:
    """
    The worker's JupyterLab.
    """
    return serving()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """
    The worker's browser.
    """
    from playwright.sync_api import expect, sync_playwright  # noqa: PLC0415  # without it these tests are skipped, and say so

    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@dataclass
class Visitor:
    """
    A person in front of the browser.

    Args:
        page: What they see.
        server: Which server.
        name: Of the test, for screenshots.
        outside: Requests for what is not on loopback.
        errors: What the page complained about.
    """

    page: Page
    server: Server
    name: str
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def start(self) -> None:
        """
        Open the start page and wait until it can be used.
        """
        self.page.goto(self.server.url, wait_until="domcontentloaded")
        self.button("Make it and open the notebook").wait_for()
        self.page.wait_for_function("() => window.jupyterapp !== undefined && window.inboundRunbook !== undefined")

    def practise(self, customer: str) -> None:
        """
        Go from the start page to the notebook of a made-up customer.
        """
        platform, listed = self.panel.get_by_label("Its platform"), self.panel.get_by_label("Made-up customers")
        platform.select_option(label=platform.locator("option", has_text="Every platform").text_content())
        self.panel.get_by_label("Words to look for").fill(customer)
        listed.locator("option:only-child", has_text=f"({customer})").wait_for(state="attached")
        self.button("Open the practice customer").click()
        self.overview.wait_for()
        self.card("Summary").locator("button", has_text="Write the report").wait_for()

    def visit(self, customer: str) -> None:
        """
        Go straight to the notebook of a made-up customer, as the link on the start page does.
        """
        workspace = Workspace(self.server.workspace)
        entry = workspace.create(load_environment(scenario(customer).environment_file).as_parameters())
        path = workspace.notebook_for(entry).relative_to(workspace.root).as_posix()
        self.page.goto(self.server.url.replace("/tree/start_here.ipynb", f"/tree/{path}"), wait_until="domcontentloaded")
        self.card("Summary").locator("button", has_text="Write the report").wait_for()
        self.page.wait_for_function("() => window.jupyterapp !== undefined && window.inboundRunbook !== undefined")

    @property
    def panel(self) -> Locator:
        """
        The notebook in front.
        """
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")

    @property
    def overview(self) -> Locator:
        """
        The list of steps.
        """
        return self.panel.locator(".rb-live-card", has=self.page.get_by_role("heading", name="Where we are"))

    def card(self, title: str) -> Locator:
        """
        The live card of a step.
        """
        return self.panel.locator(".rb-live-card", has=self.page.locator("h2[data-rb-step]", has_text=re.compile(f"^{re.escape(title)}")))

    def button(self, name: str, *, within: Locator | None = None) -> Locator:
        """
        A button of the notebook in front, or of a card.
        """
        return (within or self.panel).get_by_role("button", name=name, exact=True)

    def shot(self, stage: str) -> None:
        """
        Keep a picture.
        """
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=ARTEFACTS / f"{self.name}-{stage}.png")

    def focused(self) -> str:
        """
        What has the focus: its text or label.
        """
        script = "() => { const e = document.activeElement; return (e.labels?.[0]?.textContent || e.textContent || '').trim(); }"
        return str(self.page.evaluate(script))

    def tab_to(self, name: str, *, most: int = 120) -> None:
        """
        Press Tab until something of this text has the focus.
        """
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if self.focused() == name:
                return
        pytest.fail(f"{name!r} was not reached with Tab; the focus is on {self.focused()!r}")

    def command(self, name: str, **arguments: Any) -> None:
        """
        Give JupyterLab a command, without waiting for what comes of it.
        """
        self.page.evaluate("([name, given]) => { void window.jupyterapp.commands.execute(name, given); }", [name, arguments])

    def restart(self) -> None:
        """
        Restart the kernel and run every cell.
        """
        self.command("notebook:restart-run-all")
        self.page.locator(".jp-Dialog .jp-mod-accept").click()
        self.page.locator(".jp-Dialog").wait_for(state="detached")

    def saved(self) -> None:
        """
        Save the notebook in front.
        """
        self.page.evaluate("async () => { await window.jupyterapp.commands.execute('docmanager:save'); }")


@pytest.fixture
def visitor(chromium: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """
    A person with a fresh browser; nothing they do may ask anything outside loopback.
    """
    settings: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, **getattr(request, "param", {})}
    context = chromium.new_context(**settings)
    context.set_default_timeout(PATIENCE_MS)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    made = Visitor(page, server, re.sub(r"\W+", "-", request.node.name).strip("-"))
    page.on("console", lambda message: made.errors.append(message.text) if message.type == "error" else None)

    def note(address: str) -> None:
        if not address.startswith(("data:", "blob:")) and urlsplit(address).hostname not in LOOPBACK:
            made.outside.append(address)

    # Chromium is told to find no other host, so no request has to be stopped and let go on one by one. What the page's own policy forbids
    # is not sent.
    context.on("requestfinished", lambda request: note(request.url))
    context.on("requestfailed", lambda request: note(request.url) if request.failure != "csp" else None)
    page.on("websocket", lambda socket: note(socket.url))
    yield made
    if getattr(getattr(request.node, "rep_call", None), "failed", False):
        made.shot("failed")
    context.close()
    _shut_kernels(server)
    assert [] == made.outside


def _shut_kernels(server: Server) -> None:
    """
    End the kernels that a test used, so that the next one has the machine to itself.
    """
    token = dict(part.split("=") for part in urlsplit(server.url).query.split("&") if "=" in part)["token"]
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(path: str, method: str = "GET") -> bytes:
        request = urllib.request.Request(f"{server.root}{path}", method=method, headers={"Authorization": f"token {token}"})
        with opener.open(request, timeout=20) as answer:
            return bytes(answer.read())

    for session in json.loads(ask("/api/sessions")):
        ask(f"/api/sessions/{session['id']}", "DELETE")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """
    Let fixtures know how the test went.
    """
    report = yield
    setattr(item, f"rep_{report.when}", report)
    return report
