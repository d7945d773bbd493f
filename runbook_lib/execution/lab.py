"""
JupyterLab (or Voilà) on the workspace: a server of this interpreter on loopback, with a token of its own, that never outlives this process.

The server gets its settings and the token over its standard input, where no other process can see them, and ends when that is closed,
however this process comes to its end. Nothing of the user's own Jupyter settings takes part, and none of them is changed.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from pathlib import Path
from types import FrameType
from typing import IO, Any
from urllib.parse import quote

from ..errors import OpenError
from ..knowledge.headings import titles
from ..knowledge.text import Catalogue, languages, own_language, visible
from ..workspace import WORKSPACE_VARIABLE
from ..workspace.copies import digests, names
from ..workspace.files import write_text
from .managed import MANAGED

ADDRESS = "127.0.0.1"
FOLDER = ".jupyter"
"""
The workspace's folder for JupyterLab's settings here, and the server's log.
"""
_EXTENSIONS = Path(__file__).parent / "labextension"
_SETTINGS: dict[str, dict[str, Any]] = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "apputils-extension/kernels-settings": {"commsOverSubshells": "disabled"},
    "notebook-extension/tracker": {"scrollPastEnd": False},
    "statusbar-extension/plugin": {"visible": False},
}
"""
What JupyterLab's settings are here at first: no news, no question about them, no status bar, no white page below the last cell. Whoever
changes one keeps it. No subshells: a page that is loaded again ends them, and what is on its way to one then is lost, with no answer for a
cell that waits (ipykernel issue 1557).
"""
_WITHOUT = {"disabledExtensions": {"@jupyterlab/cell-toolbar-extension:plugin": True}}
"""
Buttons that move, copy and delete a cell lie over its heading; the same is in the menu.
"""
_PAGE = "open.html"
_RUNTIME = "r"
_SOCKET_NAME, _LONGEST_SOCKET = len(f"/kernel-{uuid.UUID(int=0)}-ipc-0"), 100
_LOG_LEVEL = 30
_IDLE_S = 300
_START_S, _STOP_S = 60.0, 15.0
_TAIL = 1500
_TRIES = 3
"""
How often a server is started that ends at once: the port that was free may be somebody else's by then.
"""


class Front(StrEnum):
    """
    What the notebooks are shown in, by the name of its package.
    """

    LAB = "jupyterlab"
    APP = "voila"


@dataclass(frozen=True, slots=True)
class Site:
    """
    What is to be served.

    Args:
        root: The workspace's folder.
        notebook: The one that is opened, in that folder.
        front: What shows it.
        port: To listen on; None takes a free one.
    """

    root: Path
    notebook: Path
    front: Front = Front.LAB
    port: int | None = None


def serve(site: Site, opened: Callable[[str], None]) -> int:
    """
    Serve until somebody ends it: Ctrl-C here, SIGTERM, or "Shut Down" in JupyterLab.

    Args:
        site: What is served.
        opened: Called with the address, token and all, once it can be opened.

    Returns:
        The server's exit status.

    Raises:
        OpenError: The port is taken, or the server did not start.
        KeyboardInterrupt: Ctrl-C; server and kernels are gone then.
    """
    token = secrets.token_urlsafe(32)
    folder = site.root / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="rb", ignore_cleanup_errors=True) as scratch, (folder / "server.log").open("w+b") as log:
        environment = _environment(site, Path(scratch))
        for _ in range(1 if site.port else _TRIES):
            port = _free(site.port)
            process = _start(_arguments(site, port, token, Path(scratch)), site, environment, log)
            try:
                with _ending_on(signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
                    if not _is_up(process, port, token, log):
                        continue
                    opened(_url(site, port, token))
                    process.wait()
            except _Ended:
                pass
            finally:
                _stop(process)
                (folder / _PAGE).unlink(missing_ok=True)
            return process.returncode
        raise _not_started(log)


def page_to(url: str, root: Path) -> Path:
    """
    A page that leads to an address: a browser's command line, on which a token would be, is there for all to see.

    Args:
        url: The address, with its token.
        root: The workspace's folder.

    Returns:
        The page, which this user alone can read; it goes when the server goes.
    """
    page = root / FOLDER / _PAGE
    text = escape(Catalogue().text("opening.say", "page"))
    link = f'<a href="{escape(url)}">{text}</a>'
    write_text(page, f'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={escape(url)}">{link}\n', 0o600)
    return page


class _Ended(BaseException):
    """
    SIGTERM came, or the terminal was closed.
    """


def _free(wanted: int | None) -> int:
    with socket.socket() as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, wanted or 0))
        except OSError:
            raise OpenError(Catalogue().text("opening.say", "port", port=wanted or 0)) from None
        return int(probe.getsockname()[1])


def _environment(site: Site, scratch: Path) -> dict[str, str]:
    """
    The server's environment: folders for this run alone, one kernel specification, and the settings that this workspace keeps.
    """
    kernel = scratch / "share" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    arguments = [sys.executable, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(json.dumps({"argv": arguments, "display_name": "Python 3", "language": "python"}), "utf-8")
    page = scratch / "config" / "labconfig" / "page_config.json"
    page.parent.mkdir(parents=True)
    page.write_text(json.dumps({**_WITHOUT, "inboundRunbook": digests(), "inboundRunbookElsewhere": _elsewhere()}), "utf-8")
    settings = site.root / FOLDER / "settings"
    for name, values in _SETTINGS.items():
        file = settings / "@jupyterlab" / f"{name}.jupyterlab-settings"
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values, indent=1) + "\n", "utf-8")
    kept = {name: value for name, value in os.environ.items() if name not in (MANAGED, "JUPYTER_TOKEN")}
    return {
        **kept,
        WORKSPACE_VARIABLE: str(site.root),
        "JUPYTER_PATH": os.pathsep.join([str(scratch / "share"), *filter(None, [os.environ.get("JUPYTER_PATH")])]),
        "JUPYTER_CONFIG_DIR": str(scratch / "config"),
        "JUPYTER_RUNTIME_DIR": str(scratch / _RUNTIME),
        "JUPYTERLAB_SETTINGS_DIR": str(settings),
        "JUPYTERLAB_WORKSPACES_DIR": str(scratch / "workspaces"),
        "IPYTHONDIR": str(scratch / "ipython"),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }


def _elsewhere() -> list[dict[str, Any]]:
    """
    What is said over a notebook that goes on in another tab, in each language, with the headings that tell which one a notebook is in.

    The language of what belongs to no customer comes first: it is taken where no heading is known.
    """
    catalogues = [Catalogue(own_language()), *(Catalogue(language) for language in languages() if language != own_language())]
    return [
        {
            "language": catalogue.language,
            "headings": sorted({title for name in names() for title in titles(name, catalogue).values()}),
            **{field: catalogue.text("opening.elsewhere", field) for field in ("title", "text", "go_on")},
        }
        for catalogue in catalogues
    ]


def _arguments(site: Site, port: int, token: str, scratch: Path) -> list[str]:
    """
    The server's settings, as its command line would have them.
    """
    # Kernels are reached over Unix sockets where there are any and their names are not too long, so that no other user can listen in.
    sockets = os.name == "posix" and len(str(scratch / _RUNTIME)) + _SOCKET_NAME <= _LONGEST_SOCKET
    common = ["--KernelManager.transport=ipc"] if sockets else []
    if site.front is Front.APP:
        own = {"ip": ADDRESS, "port": port, "port_retries": 0, "open_browser": False, "root_dir": site.root, "token": token}
        idle = [f"--MappingKernelManager.cull_{name}={_IDLE_S}" for name in ("idle_timeout", "interval")]  # of pages that were left
        return [*common, *idle, *(f"--Voila.{name}={value}" for name, value in own.items()), f"--Voila.log_level={_LOG_LEVEL}"]
    server = {"ip": ADDRESS, "port": port, "port_retries": 0, "open_browser": False, "root_dir": site.root, "allow_root": True}
    lab = {
        "expose_app_in_browser": True,
        "extra_labextensions_path": _EXTENSIONS,
        "news_url": None,
        "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "extension_manager": "readonly",
    }
    return [
        *common,
        f"--IdentityProvider.token={token}",
        *(f"--ServerApp.{name}={value}" for name, value in server.items()),
        *(f"--LabApp.{name}={value}" for name, value in lab.items()),
        f"--ServerApp.log_level={_LOG_LEVEL}",
    ]


def _start(arguments: list[str], site: Site, environment: dict[str, str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "runbook_lib.execution.lab_server"],
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        cwd=site.root,
        env=environment,
        start_new_session=True,  # Ctrl-C at the terminal is for this process; the server is told to end
    )
    if process.stdin is not None:
        process.stdin.write(json.dumps({"front": site.front.value, "arguments": arguments}).encode() + b"\n")
        process.stdin.flush()
    return process


def _is_up(process: subprocess.Popen[bytes], port: int, token: str, log: IO[bytes]) -> bool:
    """
    Wait until the server answers; False where it ended before that.

    Raises:
        OpenError: It does neither.
    """
    deadline = time.monotonic() + _START_S
    while process.poll() is None and time.monotonic() < deadline:
        if _answers(port, token):
            return True
        time.sleep(0.05)
    if process.returncode is None:
        raise _not_started(log)
    return False


def _not_started(log: IO[bytes]) -> OpenError:
    log.seek(0)
    told = log.read()[-_TAIL:].decode("utf-8", "replace")
    return OpenError(Catalogue().text("opening.say", "not_started", log="\n".join(visible(line) for line in told.splitlines())))


def _answers(port: int, token: str) -> bool:
    connection = http.client.HTTPConnection(ADDRESS, port, timeout=5)
    try:
        connection.request("GET", "/api/status", headers={"Authorization": f"token {token}"})
        return connection.getresponse().status in (http.HTTPStatus.OK, http.HTTPStatus.NOT_FOUND)  # Voilà has no status
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _url(site: Site, port: int, token: str) -> str:
    path = quote(site.notebook.relative_to(site.root).as_posix())
    if site.front is Front.APP:
        return f"http://{ADDRESS}:{port}/voila/render/{path}?token={token}"
    return f"http://{ADDRESS}:{port}/lab/tree/{path}?reset&token={token}"


@contextmanager
def _ending_on(*signals: signal.Signals) -> Iterator[None]:
    def end(_number: int, _frame: FrameType | None) -> None:
        raise _Ended

    before = {number: signal.signal(number, end) for number in set(signals)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """
    End the server and its kernels; one that does not end by itself is killed, and its kernels see that they are alone.
    """
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(_STOP_S)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()
        process.wait()
