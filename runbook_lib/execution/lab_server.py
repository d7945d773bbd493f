"""
The server's process of ``runbook open``: ``python -m runbook_lib.execution.lab_server``, started by `lab` and by nobody else.

The first line of standard input says what to serve; when standard input ends, this ends, and with it the kernels.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
from importlib import import_module
from typing import Any

POLICY = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; connect-src 'self' ws: data: blob:; frame-ancestors 'self'"
"""
What a Voilà page may load. Its template names a style sheet on a server elsewhere; nobody needs it, and it would be told of every visit.
"""


REPORT = r"/report\.html"
"""
What of the workspace an app hands out.
"""


def main() -> None:
    """
    Serve until told to end.
    """
    asked = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with, args=(sys.stdin.fileno(),), daemon=True).start()
    # JupyterLab and Voilà are extras: they are loaded by name, where it is known that they are there.
    if asked["front"] == "voila":
        configuration = {
            "VoilaConfiguration": {"prelaunch_hook": interactive},
            # Without the paths, a file in the workspace would be run as Voilà's configuration.
            "Voila": {"config_file_paths": [], "tornado_settings": {"headers": {"Content-Security-Policy": POLICY}}},
        }
        config = import_module("traitlets.config").Config(configuration)
        app().launch_instance(argv=asked["arguments"], config=config)
    else:
        import_module("jupyterlab.labapp").LabApp.launch_instance(argv=asked["arguments"])


def app() -> Any:
    """
    Voilà with one thing more: the reports of the workspace, for whoever has the token. Voilà's own files are for everybody on this machine.
    """
    voila, handlers = import_module("voila.app").Voila, import_module("jupyter_server.base.handlers")
    plain = import_module("tornado.web").StaticFileHandler

    class Reports(handlers.AuthenticatedFileHandler):  # type: ignore[misc, name-defined]  # known only here
        def validate_absolute_path(self, root: str, absolute_path: str) -> Any:
            return plain.validate_absolute_path(self, root, absolute_path)  # Jupyter's asks a contents manager, which Voilà has not

    class App(voila):  # type: ignore[misc, valid-type]  # known only here
        name = "voila"

        def init_handlers(self) -> list[Any]:
            path = f"{self.server_url or self.base_url}voila/files/(.*{REPORT})"
            return [(path, Reports, {"path": self.root_dir}), *super().init_handlers()]

    return App


def interactive(_request: Any, notebook: Any, cwd: str) -> Any:
    """
    The notebook as Voilà is to run it: with forms, which it would leave out, since nobody can answer an ``input()`` there.

    Args:
        notebook: As it is on the disk.
        cwd: Its folder.
    """
    del cwd
    from papermill.parameterize import parameterize_notebook  # noqa: PLC0415  # only Voilà needs it

    logging.getLogger("papermill").setLevel(logging.ERROR)  # it warns of a notebook that has no parameters
    notebook.metadata.setdefault("papermill", {})  # as papermill's own loader has it
    for cell in notebook.cells:
        cell.metadata.setdefault("tags", [])
    return parameterize_notebook(notebook, {"interactive": True}, kernel_name="python3", language="python")


def _end_with(descriptor: int) -> None:
    # Not through `sys.stdin`: its lock, held here when the interpreter ends for another reason, would be a crash.
    while os.read(descriptor, 1024):
        pass
    if os.name == "posix":
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
    else:
        signal.raise_signal(signal.SIGTERM)


if __name__ == "__main__":
    main()
