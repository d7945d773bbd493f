"""
``runbook open``: a server on loopback with a token, JupyterLab that runs our notebooks by itself, and nothing left behind.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import nbformat
import psutil
import pytest

from runbook_lib.cli import run
from runbook_lib.errors import OpenError
from runbook_lib.execution import lab
from runbook_lib.execution.lab_server import interactive
from runbook_lib.knowledge.headings import titles
from runbook_lib.knowledge.shipped import shipped
from runbook_lib.knowledge.text import Catalogue, languages, own_language
from runbook_lib.sandbox import scenario

CHROMIUM = shutil.which("chromium")
ARGUMENTS = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")
needs_lab = pytest.mark.skipif(importlib.util.find_spec("jupyterlab") is None, reason="JupyterLab is not installed")
needs_app = pytest.mark.skipif(importlib.util.find_spec("voila") is None, reason="Voilà is not installed")
needs_browser = pytest.mark.skipif(
    CHROMIUM is None or importlib.util.find_spec("playwright") is None, reason="Chromium or Playwright is not installed"
)
PANEL = "window.jupyterapp.shell.currentWidget"


@dataclass(frozen=True)
class Opened:
    """
    A running ``runbook open``.
    """

    process: subprocess.Popen[str]
    url: str
    workspace: Path

    @property
    def root(self) -> str:
        """
        The server's address.
        """
        return self.url.partition("/lab/")[0].partition("/voila/")[0]

    @property
    def token(self) -> str:
        """
        What it wants to see.
        """
        return parse_qs(urlsplit(self.url).query)["token"][0]

    def ask(self, path: str, *, token: bool = True, data: bytes | None = None) -> tuple[int, str]:
        """
        Status and body of an answer.
        """
        request = urllib.request.Request(f"{self.root}{path}", data, {"Authorization": f"token {self.token}"} if token else {})
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, ""

    def start_kernel(self) -> int:
        """
        Start one more kernel; the answer's status.
        """
        return self.ask("/api/kernels", data=b'{"name": "python3"}')[0]

    def listening(self) -> set[str]:
        """
        The addresses that it listens on.
        """
        connections = [peer for each in self.family() for peer in each.net_connections("inet")]
        return {peer.laddr.ip for peer in connections if peer.status == psutil.CONN_LISTEN}

    def family(self) -> list[psutil.Process]:
        """
        The server and its kernels.
        """
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture(scope="module")
def opening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Opened]]:
    """
    Starts ``runbook open`` in a home and a workspace of its own, and ends what is still there.
    """
    started: list[subprocess.Popen[str]] = []

    def opened(*arguments: str) -> Opened:
        home = tmp_path_factory.mktemp("home")
        (home / "tmp").mkdir()
        command = [sys.executable, "-m", "runbook_lib", "open", *arguments, "--no-browser", "--workspace", str(home / "work space")]
        # The folder of sockets has to have a short name.
        environment = {**os.environ, "HOME": str(home), "JUPYTER_TOKEN": "not this one"}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=home, env=environment)
        started.append(process)
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url:
            pytest.fail(process.communicate()[1])
        return Opened(process, url, home / "work space")

    yield opened
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


@pytest.fixture(scope="module")
def start_page(opening: Callable[..., Opened]) -> Opened:
    """
    One server with the start page, for the tests that only look at it.
    """
    return opening()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """
    One Chromium.
    """
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  # it may be missing, and then these tests are skipped

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@dataclass
class Visit:
    """
    A page, and the requests it made to other machines; they were not carried out.
    """

    page: Any
    outside: list[str]


@pytest.fixture
def visit(browser: Any) -> Iterator[Visit]:
    """
    An empty page of a new profile.
    """
    outside: list[str] = []

    def routed(route: Any) -> None:
        address = urlsplit(route.request.url)
        if address.scheme in ("data", "blob") or address.hostname == "127.0.0.1":
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(60_000)
    context.route("**/*", routed)
    yield Visit(context.new_page(), outside)
    context.close()


def _wait_for_run(page: Any, count: int) -> None:
    """
    Wait until the last code cell of the notebook in front has been run, the kernel's `count`-th execution, and is saved.
    """
    page.wait_for_function(
        f"""count => {{
            const panel = window.jupyterapp && {PANEL};
            const cells = [...(panel?.content?.widgets ?? [])].filter(cell => cell.model.type === 'code');
            return cells.length > 0 && cells.at(-1).model.executionCount === count && !panel.context.model.dirty;
        }}""",
        arg=count,
    )


@needs_lab
def test_it_listens_on_loopback_alone(start_page: Opened) -> None:
    """
    No process of it listens anywhere but on 127.0.0.1, with a kernel running too.
    """
    kernel = start_page.start_kernel()

    assert 201 == kernel
    assert {"127.0.0.1"} == start_page.listening()


@needs_lab
def test_it_wants_its_token(start_page: Opened) -> None:
    """
    Without the token nothing is told, with another one neither; with it, the workspace.
    """
    assert [403, 200] == [start_page.ask("/api/contents", token=token)[0] for token in (False, True)]
    assert 403 == start_page.ask("/api/contents?token=not%20this%20one", token=False)[0]


@needs_lab
def test_the_token_is_in_no_command_line(start_page: Opened) -> None:
    """
    Nobody can read it from a list of processes, and no kernel finds it in its environment.
    """
    start_page.start_kernel()
    lines = [" ".join(each.info["cmdline"] or []) for each in psutil.process_iter(["cmdline"])]
    environments = [value for each in start_page.family() for value in each.environ().values()]

    assert [] == [line for line in lines if start_page.token in line]
    assert [] == [value for value in environments if start_page.token in value]


@needs_lab
def test_a_kernel_is_this_interpreter_and_knows_the_workspace(start_page: Opened) -> None:
    """
    Its environment names the workspace, so that a notebook finds its customer; nobody's IPython start-up files take part.
    """
    start_page.start_kernel()
    kernels = [each for each in start_page.family() if "ipykernel_launcher" in " ".join(each.cmdline())]

    assert kernels
    assert {sys.executable} == {each.cmdline()[0] for each in kernels}
    assert {str(start_page.workspace)} == {each.environ()["RUNBOOK_WORKSPACE"] for each in kernels}
    assert all(not each.environ()["IPYTHONDIR"].startswith(each.environ()["HOME"]) for each in kernels)


@needs_lab
def test_the_page_can_name_another_tab_in_every_language(start_page: Opened) -> None:
    """
    It has the words for a notebook that goes on in another tab, and the headings that tell which language a notebook is in.
    """
    found = re.search('<script id="jupyter-config-data"[^>]*>(.*?)</script>', start_page.ask("/lab")[1], re.DOTALL)
    assert found is not None
    words = json.loads(found[1])["inboundRunbookElsewhere"]
    starts = {language: titles("start_here", Catalogue(language))["title"] for language in languages()}

    assert own_language() == words[0]["language"]
    assert starts == {each["language"]: next(one for one in starts.values() if one in each["headings"]) for each in words}
    assert all(each[name] for each in words for name in ("title", "text", "go_on"))


@pytest.mark.browser
@needs_lab
@needs_browser
def test_the_start_page_is_there_without_a_click(start_page: Opened, visit: Visit) -> None:
    """
    It shows what it has to show, code folded, at the top, with no question and no news over it, and asks no other machine for anything.
    """
    page = visit.page
    page.goto(start_page.url, wait_until="domcontentloaded")
    _wait_for_run(page, 2)
    outputs = page.locator(".jp-CodeCell .jp-OutputArea-output")
    outputs.first.wait_for()
    folded = page.evaluate(f"() => [...{PANEL}.content.widgets].filter(cell => cell.model.type === 'code').map(cell => cell.inputHidden)")

    assert "start_here.ipynb" == page.evaluate(f"() => {PANEL}.context.path")
    assert 0 == page.locator("[data-mime-type='application/vnd.jupyter.error'], [data-mime-type='application/vnd.jupyter.stderr']").count()
    assert {True} == set(folded)
    assert (0, 0) == (page.locator(".jp-Dialog").count(), page.locator(".Toastify__toast").count())
    assert not page.locator(".jp-SideBar.jp-mod-left").is_visible()
    assert not page.locator("#filebrowser").is_visible()
    assert (0, 0) == tuple(page.evaluate(f"() => [{PANEL}.content.activeCellIndex, {PANEL}.content.outerNode.scrollTop]"))
    assert "token" not in page.url
    assert [] == visit.outside


@pytest.mark.browser
@needs_lab
@needs_browser
def test_a_page_loaded_anew_is_run_anew_and_once(opening: Callable[..., Opened], visit: Visit) -> None:
    """
    The kernel stays, its cells are run a second time, and no third time; another notebook opens in the same window and is run as well.
    """
    opened, page = opening(), visit.page
    page.goto(opened.url, wait_until="domcontentloaded")
    _wait_for_run(page, 2)
    page.reload(wait_until="domcontentloaded")
    _wait_for_run(page, 4)
    page.evaluate("() => window.inboundRunbook.open('troubleshooting.ipynb')")
    page.wait_for_function(f"() => {PANEL}.context?.path === 'troubleshooting.ipynb'")
    _wait_for_run(page, 2)  # its second cell
    page.evaluate("() => window.inboundRunbook.open('start_here.ipynb')")
    page.wait_for_function(f"() => {PANEL}.context?.path === 'start_here.ipynb'")

    assert "" != page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output").first.inner_html()
    assert 4 == page.evaluate(f"() => [...{PANEL}.content.widgets].at(-1).model.executionCount")
    assert 2 == len(json.loads(opened.ask("/api/sessions")[1]))
    assert [] == visit.outside


@needs_lab
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0), (signal.SIGKILL, -9)], ids=["ctrl-c", "terminated", "killed"]
)
def test_nothing_is_left_behind(opening: Callable[..., Opened], number: signal.Signals, status: int) -> None:
    """
    However it ends, server and kernels are gone; where it could, it has tidied up as well.
    """
    before = set(Path(tempfile.gettempdir()).glob("rb*"))
    opened = opening("troubleshooting")
    opened.start_kernel()
    page = lab.page_to(opened.url, opened.workspace)
    family = opened.family()
    scratch = next(Path(each.environ()["JUPYTER_RUNTIME_DIR"]).parent for each in family)
    opened.process.send_signal(number)
    _, errors = opened.process.communicate(timeout=60)
    _, alive = psutil.wait_procs(family, timeout=30)

    assert len(family) >= 2
    assert (status, []) == (opened.process.returncode, alive)
    assert "Traceback" not in errors
    assert scratch not in before
    if number != signal.SIGKILL:
        assert not scratch.exists()
        assert not page.exists()
    else:
        shutil.rmtree(scratch, ignore_errors=True)


@needs_lab
def test_an_environment_file_is_opened_where_it_is(opening: Callable[..., Opened], tmp_path: Path) -> None:
    """
    Its copy of the platform's notebook is opened, in a folder of its own; the file itself stays where it is.
    """
    file = Path(shutil.copy(scenario("birch-half-moved").environment_file, tmp_path / "birch.yaml"))
    opened = opening(str(file))
    notebook = opened.workspace / "birch" / "birch.ipynb"

    assert urlsplit(opened.url).path == "/lab/tree/birch/birch.ipynb"
    assert notebook.is_file()
    assert [] == list((opened.workspace / "environments").iterdir())
    assert 200 == opened.ask("/api/contents/birch/birch.ipynb")[0]


@pytest.mark.browser
@needs_app
@needs_browser
def test_as_an_app(opening: Callable[..., Opened], visit: Visit) -> None:
    """
    Voilà wants the token too, listens on loopback alone, shows the output without its code, and loads nothing from elsewhere.
    """
    opened, page = opening("troubleshooting", "--app"), visit.page
    page.goto(f"{opened.root}/voila/render/troubleshooting.ipynb", wait_until="domcontentloaded")
    without = urlsplit(page.url).path
    page.goto(opened.url, wait_until="domcontentloaded")
    page.locator(".jp-OutputArea-output").first.wait_for()

    assert ({"127.0.0.1"}, "/login") == (opened.listening(), without)
    assert 403 == opened.ask("/voila/api/contents", token=False)[0]
    assert "rb.troubleshoot" not in page.content()
    assert [] == visit.outside


@pytest.mark.parametrize("name", ["start_here", "troubleshooting", "microsoft_365"])
def test_voila_is_told_to_show_forms(name: str) -> None:
    """
    The notebook gets the parameter `interactive`, and keeps all its cells.
    """
    notebook = nbformat.read(shipped("notebooks") / f"{name}.ipynb", as_version=4)
    cells = list(notebook.cells)
    made = interactive(None, notebook, "")
    sources = [cell.source for cell in made.cells if "injected-parameters" in cell.metadata.tags]

    assert ["interactive = True"] == [line for source in sources for line in source.splitlines() if "=" in line]
    assert cells == [cell for cell in made.cells if "injected-parameters" not in cell.metadata.tags]


@needs_lab
def test_an_unknown_name_names_what_there_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    Status 2, and the notebooks are named.
    """
    status = run(["open", "micrsoft", "--no-browser", "--workspace", str(tmp_path / "ws")])
    shown = capsys.readouterr()

    assert (2, "") == (status, shown.out)
    assert "microsoft_365" in shown.err


@needs_lab
def test_a_wrong_environment_file_is_not_opened(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    Status 2, and it is said what is wrong with it.
    """
    (tmp_path / "x.yaml").write_text("customer: X\nregion: uk\n", encoding="utf-8")
    status = run(["open", str(tmp_path / "x.yaml"), "--no-browser", "--workspace", str(tmp_path / "ws")])

    assert 2 == status
    assert "region" in capsys.readouterr().err


@needs_lab
def test_a_port_in_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    Status 2, and the port is named.
    """
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        status = run(["open", "--port", port, "--no-browser", "--workspace", str(tmp_path / "ws")])

    assert 2 == status
    assert port in capsys.readouterr().err


@needs_lab
@pytest.mark.parametrize("front", [lab.Front.LAB, pytest.param(lab.Front.APP, marks=needs_app)])
def test_a_port_that_is_taken_while_the_server_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, front: lab.Front) -> None:
    """
    Another one is taken, unless this one was asked for: then what the server said is told, and it did not crash.
    """
    notebook = Path(shutil.copy(shipped("notebooks") / "start_here.ipynb", tmp_path))
    urls: list[str] = []
    free = lab._free

    def opened(url: str) -> None:
        urls.append(url)
        raise KeyboardInterrupt

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        chosen = iter([port])
        monkeypatch.setattr(lab, "_free", lambda wanted: next(chosen, None) or free(wanted))
        with pytest.raises(KeyboardInterrupt):
            lab.serve(lab.Site(tmp_path, notebook, front), opened)
        monkeypatch.setattr(lab, "_free", lambda _wanted: port)
        with pytest.raises(OpenError) as asked_for:
            lab.serve(lab.Site(tmp_path, notebook, front, port), opened)

    assert [True] == [urlsplit(url).port not in (None, port) for url in urls]
    assert "could not be started" in str(asked_for.value)
    assert "Fatal" not in str(asked_for.value)


@needs_lab
def test_a_workspace_that_cannot_be_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    Status 2, and the way out is said.
    """
    (tmp_path / "ws").write_text("a file", encoding="utf-8")
    status = run(["open", "--no-browser", "--workspace", str(tmp_path / "ws")])

    assert 2 == status
    assert "--workspace" in capsys.readouterr().err


def test_what_is_not_installed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Status 2, how to install it, and no workspace is made.
    """
    monkeypatch.setitem(sys.modules, "jupyterlab", None)
    monkeypatch.setitem(sys.modules, "voila", None)
    as_lab, lab_said = run(["open", "--workspace", str(tmp_path / "ws")]), capsys.readouterr()
    as_app, app_said = run(["open", "--app", "--workspace", str(tmp_path / "ws")]), capsys.readouterr()

    assert (2, 2) == (as_lab, as_app)
    assert "setup --lab" in lab_said.err
    assert "[lab,app]" in app_said.err
    assert not (tmp_path / "ws").exists()


def test_the_page_that_leads_there_is_for_this_user_alone(tmp_path: Path) -> None:
    """
    It holds the token, so that the browser's command line need not, and nobody else can read it.
    """
    (tmp_path / lab.FOLDER).mkdir()
    page = lab.page_to('http://127.0.0.1:1/lab?reset&token=a"b', tmp_path)

    assert "token=a&quot;b" in page.read_text(encoding="utf-8")
    assert 0o600 == page.stat().st_mode & 0o777 or os.name == "nt"
