"""
What the tests against real servers share: finding programs and ports, starting servers and stopping them again.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import pytest

SEARCH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
MASTER = """
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
discard unix - - n - - discard
error unix - - n - - error
postlog unix-dgram n - n - 1 postlogd
"""
MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 192.0.2.200/32
local_transport = discard:
smtpd_relay_restrictions = reject_unauth_destination
smtpd_tls_security_level = may
smtpd_client_connection_rate_limit = 0
"""


PORTS = range(20_000, 32_000)


def find(*names: str) -> list[str]:
    """
    Where programs are installed; skips where one is not.
    """
    found = []
    for name in names:
        path = shutil.which(name, path=SEARCH)
        if path is None:
            pytest.skip(f"{name} is not installed")
        found.append(path)
    return found


def free_ports(count: int) -> list[int]:
    """
    Loopback ports free for UDP and TCP, below those that a connection or a query gets: one of these could be taken before the server is up.
    """
    found: list[int] = []
    with ExitStack() as held:
        while len(found) < count:
            tcp = held.enter_context(closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)))
            udp = held.enter_context(closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)))
            port = secrets.choice(PORTS)
            try:
                tcp.bind(("127.0.0.1", port))
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            found.append(port)
    return found


def answering(process: subprocess.Popen[bytes], port: int, name: str, rdtype: str, log: Path) -> dns.message.Message:
    """
    The first answer of a name server that is starting.
    """
    end = time.monotonic() + 15
    while time.monotonic() < end and process.poll() is None:
        try:
            reply = dns.query.udp(dns.message.make_query(name, rdtype), "127.0.0.1", timeout=0.3, port=port)
        except (dns.exception.DNSException, OSError):
            time.sleep(0.05)
            continue
        if reply.answer:
            return reply
        time.sleep(0.05)
    pytest.fail(f"it did not start: {log.read_text(errors='replace')[-2000:]}")


@dataclass(frozen=True)
class Tools:
    """
    What a test module starts servers with.

    Args:
        start: Starts a program whose output goes to a file; it is stopped with the module.
        find: See `find`.
        free_ports: See `free_ports`.
        answering: See `answering`.
    """

    start: Callable[[list[str], Path], subprocess.Popen[bytes]]
    find: Callable[..., list[str]] = find
    free_ports: Callable[[int], list[int]] = free_ports
    answering: Callable[..., dns.message.Message] = answering


@pytest.fixture(scope="module")
def tools() -> Iterator[Tools]:
    """
    Tools whose servers are stopped at the end of the module.
    """
    running: list[subprocess.Popen[bytes]] = []

    def start(command: list[str], log: Path) -> subprocess.Popen[bytes]:
        with log.open("wb") as output:
            running.append(subprocess.Popen(command, stdout=output, stderr=output))
        return running[-1]

    yield Tools(start)
    for process in running:
        process.terminate()
    for process in running:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


StartPostfix = Callable[[str, str, Sequence[str], Callable[[Path], None]], tuple[Path, dict[str, int]]]


@pytest.fixture(scope="module")
def start_postfix() -> Iterator[StartPostfix]:
    """
    Starts a Postfix of one's own: what is added to main.cf, its faces in master.cf, their names, and what puts certificates in its folder.

    In both texts ``{folder}`` is its folder; in master.cf ``{name}`` is the address and port of the face of that name.
    """
    (command,) = find("postfix")
    if os.geteuid() != 0:
        pytest.skip("Postfix can only be started by root")
    with ExitStack() as started:

        def start(main: str, faces: str, names: Sequence[str], prepare: Callable[[Path], None]) -> tuple[Path, dict[str, int]]:
            folder = Path(tempfile.mkdtemp(prefix="runbook-postfix-"))
            started.callback(shutil.rmtree, folder, ignore_errors=True)
            folder.chmod(0o755)
            for name in ("queue", "data"):
                (folder / name).mkdir()
            shutil.chown(folder / "data", "postfix")
            prepare(folder)
            ports = dict(zip(names, free_ports(len(names)), strict=True))
            (folder / "main.cf").write_text((MAIN + main).format(folder=folder))
            listening = {name: f"127.0.0.1:{port}" for name, port in ports.items()}
            (folder / "master.cf").write_text(faces.format(folder=folder, **listening) + MASTER)
            with (folder / "output").open("wb") as output:
                process = subprocess.Popen([command, "-c", str(folder), "start-fg"], stdout=output, stderr=output)
            started.callback(_stop, command, folder, process)
            _wait_until_open(ports[names[0]], process, folder)
            return folder, ports

        yield start


def _stop(command: str, folder: Path, process: subprocess.Popen[bytes]) -> None:
    subprocess.run([command, "-c", str(folder), "stop"], check=False, capture_output=True)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until_open(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    said = (folder / "output").read_text() + ((folder / "mail.log").read_text() if (folder / "mail.log").exists() else "")
    pytest.fail(f"Postfix did not start: {said}")
