"""
Faults change a running world, and `reset` takes every one of them back.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import dns.exception
import dns.flags
import dns.rcode
import pytest

from runbook_lib.errors import SandboxError
from runbook_lib.sandbox import running
from runbook_lib.sandbox.behaviour import StartTls

if TYPE_CHECKING:
    from conftest import Client

NS1, NS2 = "185.136.96.66", "185.136.97.66"
DOMAIN = "alder-pre.example"
NAME1, NAME2 = "ns1.northwind-dns.example", "ns2.northwind-dns.example"
ADDRESS = "52.101.73.5"


def test_records_on_all_servers_and_on_one(client: Client) -> None:
    """
    A record set is changed everywhere, or on the one server that is named; a later change everywhere wins.
    """
    faults = client.world.faults
    faults.set_records(DOMAIN, "MX", ["10 one.example."], server=NAME2)
    on_one = [client.data(DOMAIN, "MX", server) for server in (NS1, NS2, None)]
    faults.set_records(DOMAIN, "MX", ["10 all.example."], ttl=60)

    assert [["0 alder-pre-example.mail.protection.outlook.com."], ["10 one.example."]] == on_one[:2]
    assert on_one[0] == on_one[2]
    assert [["10 all.example."]] * 3 == [client.data(DOMAIN, "MX", server) for server in (NS1, NS2, None)]
    assert 60 == client.dig(DOMAIN, "MX").answer[0].ttl


def test_removing(client: Client) -> None:
    """
    A record set, or everything a name has, can be taken away, on one server alone too.
    """
    faults = client.world.faults
    faults.remove(DOMAIN, "MX", server=NAME1)
    faults.remove(f"_dmarc.{DOMAIN}")

    assert [] == client.data(DOMAIN, "MX", NS1)
    assert 1 == len(client.data(DOMAIN, "MX", NS2))
    assert dns.rcode.NXDOMAIN == client.dig(f"_dmarc.{DOMAIN}", "TXT").rcode()


def test_a_server_that_is_down(client: Client) -> None:
    """
    A server that is down answers nothing; the resolver asks the other one, and fails when there is none.
    """
    faults = client.world.faults
    faults.server_down(NAME1)
    with pytest.raises(dns.exception.Timeout):
        client.dig(DOMAIN, "MX", NS1, timeout=0.2)

    assert 1 == len(client.data(DOMAIN, "MX"))
    faults.server_down(NAME2)
    assert dns.rcode.SERVFAIL == client.dig(DOMAIN, "MX").rcode()


def test_response_codes(client: Client) -> None:
    """
    A zone, or one server of it, can be made to answer with a code, and be made well again.
    """
    faults = client.world.faults
    faults.rcode(DOMAIN, "REFUSED", server=NAME1)
    one = [client.dig(DOMAIN, "MX", server).rcode() for server in (NS1, NS2)]
    faults.rcode(DOMAIN, "NOERROR", server=NAME1)
    faults.rcode(DOMAIN, "SERVFAIL")

    assert [dns.rcode.REFUSED, dns.rcode.NOERROR] == one
    assert dns.rcode.SERVFAIL == client.dig(DOMAIN, "MX").rcode()


def test_a_lame_server(client: Client) -> None:
    """
    A lame server answers without authority and with a referral.
    """
    client.world.faults.name_server(NAME1).lame = True
    reply = client.dig(DOMAIN, "MX", NS1, flags=0)

    assert not reply.flags & dns.flags.AA
    assert [] == reply.answer
    assert 1 == len(reply.authority)


def test_truncated_and_no_tcp(client: Client) -> None:
    """
    A server can be made to truncate everything and to close TCP without an answer.
    """
    state = client.world.faults.name_server("resolver")
    state.truncated, state.tcp = True, False

    assert client.dig(DOMAIN, "MX").flags & dns.flags.TC
    with pytest.raises(EOFError):
        client.dig(DOMAIN, "MX", tcp=True)


def test_refusing_and_listening_again(client: Client) -> None:
    """
    A mail server's port can refuse and take connections again, the same port, although a connection has just ended on it.
    """
    with client.raw("142.250.153.26") as raw:
        raw.sendall(b"QUIT\r\n")
        while raw.recv(100):
            pass
    client.world.faults.refuse("smtp.google.com")
    with pytest.raises(ConnectionRefusedError):
        client.raw("142.250.153.26")
    client.world.faults.listen("smtp.google.com")
    with client.raw("142.250.153.26") as raw:
        assert raw.recv(100).startswith(b"220 mx.google.com ESMTP")


def test_reset_takes_everything_back(client: Client, tenant: str) -> None:
    """
    After a reset the world is as it was started.
    """
    faults = client.world.faults
    before = {name: port.behaviour.replies for name, port in client.world.mail_servers.items()}
    faults.set_records(DOMAIN, "MX", [])
    faults.rcode("mimecast.com", "SERVFAIL")
    faults.server_down(NAME1)
    faults.still_old("8.8.8.8", DOMAIN, "MX", ["5 old.example."], ttl=300)
    faults.smtp(tenant).starttls = StartTls.ABSENT
    faults.smtp(tenant).replies["mail"] = "451 4.3.2 later"
    faults.refuse("smtp.google.com")
    faults.delay(5)
    faults.reset()

    assert ["0 alder-pre-example.mail.protection.outlook.com."] == client.data(DOMAIN, "MX", NS1) == client.data(DOMAIN, "MX", "8.8.8.8")
    assert 1 == len(client.data("eu._netblocks.mimecast.com", "TXT"))
    with client.smtp(tenant, ADDRESS) as connection:
        assert connection.has_extn("starttls")
        assert 250 == connection.mail("")[0]
    with client.raw("142.250.153.26") as raw:
        assert raw.recv(3) == b"220"
    assert {name: port.behaviour.replies for name, port in client.world.mail_servers.items()}.keys() == before.keys()


def test_changes_while_questions_come(client: Client) -> None:
    """
    Changes from one thread and questions from another never meet half-way: each answer is the old or the new one.
    """
    seen: set[tuple[str, ...]] = set()
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            seen.add(tuple(client.data(DOMAIN, "MX")))

    asker = threading.Thread(target=ask)
    asker.start()
    for number in range(200):
        client.world.faults.set_records(DOMAIN, "MX", [f"{number % 2} a.example.", f"{number % 2} b.example."])
    done.set()
    asker.join()

    assert seen <= {
        ("0 alder-pre-example.mail.protection.outlook.com.",),
        ("0 a.example.", "0 b.example."),
        ("1 a.example.", "1 b.example."),
    }


@pytest.mark.parametrize(
    "fault",
    [
        lambda faults: faults.set_records(DOMAIN, "MX", ["nonsense"]),
        lambda faults: faults.set_records(DOMAIN, "MX", ["10 a."], server="ns9.example"),
        lambda faults: faults.rcode("nowhere.example", "SERVFAIL"),
        lambda faults: faults.name_server("ns9.example"),
        lambda faults: faults.smtp("mail.nowhere.example"),
        lambda faults: faults.still_old("192.0.2.1", DOMAIN, "MX", ["10 a."], ttl=1),
    ],
)
def test_a_fault_that_cannot_be(client: Client, fault: object) -> None:
    """
    A fault for something that is not there, or with wrong data, is an error.
    """
    assert callable(fault)
    with pytest.raises(SandboxError):
        fault(client.world.faults)


def test_a_document_is_changed_and_put_back() -> None:
    """
    What a web server serves can be changed; a reset brings back what the world began with, and an unknown server is named.
    """
    path = "/.well-known/mta-sts.txt"
    with running("magnolia-pre") as world:
        host = "mta-sts.magnolia-pre.example"
        before = world.faults.documents(host)[path]
        world.faults.documents(host)[path] = "version: STSv1"
        changed = world.web_servers[host].documents[path]
        world.faults.reset()

        assert ("version: STSv1", before) == (changed, world.faults.documents(host)[path])
        with pytest.raises(SandboxError, match="no web server"):
            world.faults.documents("mta-sts.elsewhere.example")
