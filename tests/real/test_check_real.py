"""
The whole command on an environment file of a customer with an own mail server, against Postfix, Unbound and Knot started here on loopback.

What these servers do is known, so what `runbook check` has to say of them is known as well.
"""

from __future__ import annotations

import json
import shutil
import socketserver
import subprocess
import sysconfig
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from runbook_lib.cli import run
from runbook_lib.knowledge.regions import region

pytestmark = pytest.mark.real

HOST, STAYING, MOVED = "mail.alder.example", "alder.example", "birch.example"
GOOD, PLAIN, EXPIRED, GREYLISTING, RELAYING, CLOSED = (f"10.20.0.{number}" for number in range(1, 7))
LOCKED_HOST, LOCKED = "locked.birch.example", "10.20.0.9"
ADDRESSES = {"good": GOOD, "plain": PLAIN, "expired": EXPIRED, "grey": GREYLISTING, "relay": RELAYING, "locked": LOCKED}
GATEWAY = {"eu-smtp-inbound-1.mimecast.com": "10.30.0.1", "eu-smtp-inbound-2.mimecast.com": "10.30.0.2"}
CODE = "c0123456701234"
FACES = """
{good} inet n - n - - smtpd
{plain} inet n - n - - smtpd -o smtpd_tls_security_level=none
{expired} inet n - n - - smtpd -o smtpd_tls_chain_files={folder}/expired.pem
{grey} inet n - n - - smtpd -o smtpd_recipient_restrictions=check_policy_service,inet:127.0.0.1:POLICY
{relay} inet n - n - - smtpd -o mynetworks=0.0.0.0/0 -o smtpd_relay_restrictions=permit_mynetworks,reject_unauth_destination
{locked} inet n - n - - smtpd -o smtpd_client_restrictions=reject -o smtpd_delay_reject=no
"""
MAIN = """
myhostname = mail.alder.example
mydestination = alder.example, birch.example
local_recipient_maps = inline:{{ anna@alder.example=x, anna@birch.example=x }}
smtpd_tls_chain_files = {folder}/good.pem
"""
OWN_ZONE = """
$ORIGIN alder.example.
$TTL 300
@ SOA ns1 admin 7 3600 600 86400 300
@ NS ns1
ns1 A 192.0.2.53
@ MX 10 mail
@ TXT "v=spf1 mx -all"
@ TXT "{code}"
mail A {good}
mail A {plain}
mail A {expired}
mail A {grey}
mail A {relay}
mail A {closed}
"""
MOVED_ZONE = """
$ORIGIN birch.example.
$TTL 7200
@ SOA ns1 admin 7 3600 600 86400 300
@ NS ns1
ns1 A 192.0.2.53
@ MX 10 eu-smtp-inbound-1.mimecast.com.
@ MX 10 eu-smtp-inbound-2.mimecast.com.
mail A {good}
locked A {locked}
"""
PARENT_ZONE = """
$ORIGIN example.
$TTL 300
@ SOA ns1 admin 7 3600 600 86400 300
@ NS ns1
ns1 A 192.0.2.53
alder NS ns1.alder
ns1.alder A 192.0.2.53
birch NS ns1.birch
ns1.birch A 192.0.2.53
"""
GATEWAY_ZONE = """
$ORIGIN mimecast.com.
$TTL 300
@ SOA ns1 admin 7 3600 600 86400 300
@ NS ns1
ns1 A 192.0.2.53
"""


@dataclass(frozen=True)
class Lab:
    """
    All servers, and the network keys that lead to them.
    """

    keys: dict[str, Any]
    folder: Path

    def file(self, **keys: Any) -> Path:
        """
        Write an environment file.
        """
        file = self.folder / "customer.yaml"
        given = {
            "customer": "Alder Machines",
            "platform": "on_premises",
            "region": "eu",
            "inbound_host": HOST,
            "domains": [STAYING],
            "test_recipient": f"anna@{STAYING}",
            "ehlo_name": "probe.example",
            "relay_test_domain": "foreign.example",
            "validation_codes": {STAYING: CODE},
            "timeout": 5,
            "time_limit": 30,
        }
        file.write_text(json.dumps({**given, **self.keys, **keys}))
        return file

    def check(self, capsys: pytest.CaptureFixture[str], **keys: Any) -> tuple[int, dict[tuple[str, str], Found]]:
        """
        Run the command on a file written here.

        Returns:
            Exit status, and status and gravest cause by check and subject.
        """
        status = run(["check", "--json", str(self.file(**keys))])
        return status, found_in(json.loads(capsys.readouterr().out))


Found = tuple[str, str | None]


def found_in(document: dict[str, Any]) -> dict[tuple[str, str], Found]:
    """
    Status and gravest cause by check and subject.
    """
    return {(one["check"], one["subject"]): (one["status"], one["cause"]) for one in document["findings"]}


@pytest.fixture(scope="module")
def greylisting() -> Iterator[int]:
    """
    The port of a policy server (Postfix' SMTPD_POLICY_README) that defers everybody.
    """

    class Policy(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for line in self.rfile:
                if line == b"\n":
                    self.wfile.write(b"action=450 4.2.0 Greylisted, see again in five minutes\n\n")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Policy) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def lab(
    tools: Any, start_postfix: Callable[..., tuple[Path, dict[str, int]]], greylisting: int, tmp_path_factory: pytest.TempPathFactory
) -> Lab:
    """
    One Postfix with a face for each address, Knot with the zones, Unbound in front of it.
    """
    folder = tmp_path_factory.mktemp("lab")
    knotd, unbound = tools.find("knotd", "unbound")
    knot_port, port, closed = tools.free_ports(3)
    knot = tools.start([knotd, "-c", str(_knot(folder, knot_port))], folder / "knot.log")
    tools.answering(knot, knot_port, STAYING, "MX", folder / "knot.log")
    resolver = tools.start([unbound, "-d", "-c", str(_unbound(folder, port, knot_port))], folder / "unbound.log")
    tools.answering(resolver, port, STAYING, "MX", folder / "unbound.log")
    postfix, ports = start_postfix(MAIN, FACES.replace("POLICY", str(greylisting)), tuple(ADDRESSES), _certificates)
    targets = {f"{address}:25": f"127.0.0.1:{ports[name]}" for name, address in ADDRESSES.items()}
    targets |= {f"{address}:25": f"127.0.0.1:{ports['good']}" for address in GATEWAY.values()}
    keys = {
        "nameservers": [f"127.0.0.1:{port}"],
        "propagation_resolvers": [f"127.0.0.1:{port}"],
        "connect_to": {**targets, f"{CLOSED}:25": f"127.0.0.1:{closed}", "192.0.2.53:53": f"127.0.0.1:{knot_port}"},
        "allow_private": True,
        "ca_file": str(postfix / "ca.pem"),
    }
    return Lab(keys, folder)


def _certificates(folder: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    now = datetime.now(UTC)
    for name, ends in (("good", now + timedelta(days=200)), ("expired", now - timedelta(days=3))):
        leaf = authority.issue_cert(HOST, *GATEWAY, LOCKED_HOST, not_before=now - timedelta(days=90), not_after=ends)
        leaf.private_key_and_cert_chain_pem.write_to_path(str(folder / f"{name}.pem"))


def _knot(folder: Path, port: int) -> Path:
    spf = region("eu").spf or ""
    blocks = " ".join(f'"{part} "' for part in ("v=spf1", *(f"ip4:{cidr}" for cidr in region("eu").cidrs), "~all"))
    gateway = GATEWAY_ZONE + "".join(f"{host}. A {address}\n" for host, address in GATEWAY.items()) + f"{spf}. TXT {blocks}\n"
    own = OWN_ZONE.format(code=CODE, good=GOOD, plain=PLAIN, expired=EXPIRED, grey=GREYLISTING, relay=RELAYING, closed=CLOSED)
    zones = {"example": PARENT_ZONE, STAYING: own, MOVED: MOVED_ZONE.format(good=GOOD, locked=LOCKED), "mimecast.com": gateway}
    lines = [
        f"server:\n    rundir: {folder}\n    listen: 127.0.0.1@{port}\n    udp-workers: 1\n    tcp-workers: 1\n    background-workers: 1"
    ]
    lines.append(f"database:\n    storage: {folder}\n    journal-db-max-size: 16M\n    kasp-db-max-size: 16M\n    timer-db-max-size: 16M")
    lines.append("log:\n  - target: stderr\n    any: info\nzone:")
    for name, text in zones.items():
        (folder / f"{name}.zone").write_text(text)
        lines.append(f"  - domain: {name}\n    file: {name}.zone\n    storage: {folder}")
    config = folder / "knot.conf"
    config.write_text("\n".join(lines) + "\n")
    return config


def _unbound(folder: Path, port: int, knot_port: int) -> Path:
    stubs = "".join(
        f'stub-zone:\n  name: "{zone}"\n  stub-addr: 127.0.0.1@{knot_port}\n' for zone in ("example", STAYING, MOVED, "mimecast.com")
    )
    config = folder / "unbound.conf"
    config.write_text(
        f"server:\n  interface: 127.0.0.1@{port}\n"
        f'  directory: "{folder}"\n  chroot: ""\n  username: ""\n  pidfile: "{folder / "unbound.pid"}"\n  use-syslog: no\n  logfile: ""\n'
        '  module-config: "iterator"\n  do-not-query-localhost: no\n  do-ip6: no\n  num-threads: 1\n'
        f"remote-control:\n  control-enable: no\n{stubs}"
    )
    return config


PASS: Found = ("pass", None)
NOT_REACHED: Found = ("not_applicable", "not_reached")
ROUTE: dict[tuple[str, str], Found] = {
    ("route.host", HOST): PASS,
    ("route.resolves", HOST): PASS,
    **{("route.connect", address): PASS for address in (GOOD, PLAIN, EXPIRED, GREYLISTING, RELAYING)},
    ("route.connect", CLOSED): ("fail", "connection_refused"),
    **{("route.greeting", address): PASS for address in (GOOD, PLAIN, EXPIRED, GREYLISTING, RELAYING)},
    ("route.greeting", CLOSED): NOT_REACHED,
    **{("route.starttls", address): PASS for address in (GOOD, EXPIRED, GREYLISTING, RELAYING)},
    ("route.tls_version", GOOD): PASS,
    ("route.tls_version", PLAIN): NOT_REACHED,
    ("route.certificate", GOOD): PASS,
    ("route.certificate", PLAIN): NOT_REACHED,
    **{("route.recipient", address): PASS for address in (GOOD, PLAIN, EXPIRED, RELAYING)},
    ("route.recipient", GREYLISTING): ("unknown", "greylisted"),
    ("route.recipient", CLOSED): NOT_REACHED,
    **{("route.unknown_recipient", address): PASS for address in (GOOD, PLAIN, EXPIRED, RELAYING)},
    **{("route.relay", address): PASS for address in (GOOD, PLAIN, EXPIRED, GREYLISTING)},
    ("route.relay", RELAYING): ("fail", "relay"),
    ("route.delivery", GOOD): ("not_applicable", "not_asked_for"),
}
"""
What is true of the inbound host's addresses before anything is locked, whatever else holds.
"""


def some(found: dict[tuple[str, str], Found], expected: dict[tuple[str, str], Found]) -> dict[tuple[str, str], Found]:
    """
    What was found of what is expected.
    """
    return {key: found.get(key, ("", None)) for key in expected}


def test_prepare(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """
    Before the move every address of the inbound host is judged by what it does, the domain is in order, and the open relay decides.
    """
    status, found = lab.check(capsys)
    expected = ROUTE | {
        ("route.starttls", PLAIN): ("warn", "absent"),
        ("route.certificate", EXPIRED): ("warn", "expired"),
        ("domain.delegation", STAYING): PASS,
        ("domain.validation", STAYING): PASS,
        ("ranges.current", "eu"): PASS,
        ("gateway.accepts", STAYING): PASS,
        ("mx.present", STAYING): PASS,
        ("mx.target", HOST): PASS,
        ("mx.gateway", STAYING): PASS,
        ("mx.consistency", STAYING): PASS,
        ("mx.ttl", STAYING): PASS,
        ("mx.propagation", STAYING): ("not_applicable", "phase"),
        ("dnssec.status", STAYING): PASS,
        ("lockdown.direct", HOST): ("unknown", "greylisted"),
    }

    assert expected == some(found, expected)
    assert 1 == status


def test_cutover(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """
    At the move the domain that moved is told from the one that has not, and where TLS is demanded its faults count.
    """
    status, found = lab.check(capsys, phase="cutover", tls_policy="strict", domains=[STAYING, MOVED])
    expected = ROUTE | {
        ("route.starttls", PLAIN): ("fail", "absent"),
        ("route.certificate", EXPIRED): ("fail", "expired"),
        ("domain.validation", STAYING): PASS,
        ("domain.validation", MOVED): ("manual", "no_code"),
        ("mx.gateway", STAYING): ("fail", "not_moved"),
        ("mx.gateway", MOVED): PASS,
        **{("mx.target", host): PASS for host in GATEWAY},
        ("mx.propagation", STAYING): ("warn", "old_served"),
        ("mx.propagation", MOVED): PASS,
        ("dnssec.status", MOVED): PASS,
    }

    assert expected == some(found, expected)
    assert 1 == status


def test_locked(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """
    In lockdown a host that greets strangers with a refusal is locked, so nothing is said of the route behind it.
    """
    keys = {"phase": "lockdown", "domains": [MOVED], "inbound_host": LOCKED_HOST, "test_recipient": f"anna@{MOVED}"}
    status, found = lab.check(capsys, **keys)
    expected: dict[tuple[str, str], Found] = {
        **{(f"route.{check}", LOCKED): ("not_applicable", "firewalled") for check in ("connect", "greeting", "recipient", "relay")},
        ("lockdown.direct", LOCKED_HOST): ("pass", "unreachable_from_here"),
        ("ranges.current", "eu"): ("manual", "no_console_ranges"),
        ("mx.gateway", MOVED): PASS,
        ("gateway.accepts", MOVED): PASS,
    }

    assert expected == some(found, expected)
    assert 3 == status


def test_left_open(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """
    In lockdown a host that still takes mail from strangers is broken, and a certificate without its name is told.
    """
    host = f"mail.{MOVED}"
    status, found = lab.check(capsys, phase="lockdown", domains=[MOVED], inbound_host=host, test_recipient=f"anna@{MOVED}")
    expected: dict[tuple[str, str], Found] = {
        ("route.certificate", GOOD): ("warn", "hostname_mismatch"),
        ("route.recipient", GOOD): PASS,
        ("lockdown.direct", host): ("fail", "open"),
    }

    assert expected == some(found, expected)
    assert 1 == status


@pytest.mark.notebook
def test_plain_papermill(lab: Lab, tmp_path: Path) -> None:
    """
    Papermill alone carries the notebook out on such a file and leaves result and report; for a cloud platform TLS faults are failures.
    """
    papermill = shutil.which("papermill", path=sysconfig.get_path("scripts"))
    if papermill is None:
        pytest.skip("papermill is not installed beside this Python")
    notebook = Path(__file__).resolve().parents[2] / "notebooks" / "microsoft_365.ipynb"
    file = lab.file(platform="microsoft_365", domains=[STAYING])
    command = [papermill, str(notebook), "out.ipynb", "-f", str(file), "-k", "python3", "--no-progress-bar"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=90)
    folder = tmp_path / "reports" / "Alder-Machines"
    found = found_in(json.loads((folder / "result.json").read_text(encoding="utf-8")))
    expected = {key: value for key, value in ROUTE.items() if key != ("route.host", HOST)} | {
        ("route.host", HOST): ("warn", "unknown_form"),
        ("route.starttls", PLAIN): ("fail", "absent"),
        ("route.certificate", EXPIRED): ("fail", "expired"),
        ("mx.gateway", STAYING): PASS,
    }

    assert expected == some(found, expected)
    assert (folder / "report.html").is_file()
