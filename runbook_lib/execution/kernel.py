"""
A kernel of its own for each notebook: this interpreter, Unix sockets where there are any, gone the moment it is not needed.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

from .managed import MANAGED


class OwnKernelManager(AsyncKernelManager):
    """
    Starts the interpreter that runs this program, whatever kernel specifications are installed.

    Where the platform has Unix sockets they are used, each kernel with a folder of its own: no port can be taken twice, and no other user
    of the machine can connect. (With ``transport="ipc"`` alone all kernels of a folder would share one socket name.)
    """

    def __init__(self, **settings: Any) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="rb"))
        if os.name == "posix":
            settings |= {"transport": "ipc", "ip": str(self._folder / "k")}
        super().__init__(connection_file=str(self._folder / "kernel.json"), **settings)

    @property
    def kernel_spec(self) -> KernelSpec:
        """
        The one specification this manager knows.
        """
        arguments = [sys.executable, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=arguments, display_name="Python 3", language="python")

    def discard(self) -> None:
        """
        Remove the folder of its sockets.
        """
        shutil.rmtree(self._folder, ignore_errors=True)

    def environment(self) -> dict[str, str]:
        """
        The environment of the kernel: this one, with an IPython folder of its own, so that nobody's start-up files take part.
        """
        return {**os.environ, "IPYTHONDIR": str(self._folder / "ipython"), "PYDEVD_DISABLE_FILE_VALIDATION": "1", MANAGED: "1"}


class Client(NotebookClient):
    """
    An nbclient whose kernel ends with it, however it ends, and which leaves signals alone.

    The original puts its own handlers for SIGINT in place, which turn Ctrl-C into a dead kernel.
    """

    km: OwnKernelManager

    @asynccontextmanager
    async def async_setup_kernel(self, **settings: Any) -> AsyncIterator[None]:
        """
        Start the kernel, and stop it in the end.
        """
        self.km = OwnKernelManager()
        try:
            await self.async_start_new_kernel(env=self.km.environment(), **settings)
            await self.async_start_new_kernel_client()
            yield
        finally:
            manager = self.km
            await self._async_cleanup_kernel()
            manager.discard()
