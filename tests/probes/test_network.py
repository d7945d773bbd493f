"""
The one object every probe asks through: memo, deadline, cancellation, loops.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import dns.message
import pytest
import trustme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runbook_lib.environment import environment_from_parameters
from runbook_lib.observations import (
    DnsAnswer,
    DnsOutcome,
    DnsQuestion,
    HttpsAnswer,
    HttpsOutcome,
    HttpsQuestion,
    PortAnswer,
    PortQuestion,
    PortState,
    SmtpDialogue,
    SmtpQuestion,
    Trouble,
)
from runbook_lib.probes import Network, Settings, Slot, network_with, open_network

Doubles = Callable[..., Awaitable[Any]]
NetworkFor = Callable[..., Network]
QUESTION = DnsQuestion("a.example", "A")


def good(q: Any) -> Any:
    """
    Answers with an address.
    """
    wire: bytes = q.reply(f"{q.name} 60 IN A 192.0.2.7") if q.rdtype == "A" else q.reply()
    return wire


async def test_same_question_is_asked_once(dns_double: Doubles, network_for: NetworkFor) -> None:
    """
    Fifty who ask at the same time, and one who asks later, share one packet and one answer.
    """
    double = await dns_double(good)
    network = network_for(double.address)
    answers = await asyncio.gather(*(network.ask(QUESTION) for _ in range(50)))
    later = await network.ask(QUESTION)

    assert len(double.asked) == 1
    assert all(answer is later for answer in answers)


async def test_new_round_asks_again(dns_double: Doubles, network_for: NetworkFor) -> None:
    """
    A new round remembers nothing, and shares locks and addresses learnt.
    """
    double = await dns_double(good)
    network = network_for(double.address)
    await network.ask(QUESTION)
    fresh = network.new_round(time_limit=5)
    await fresh.ask(QUESTION)

    assert len(double.asked) == 2
    assert fresh.address_lock("192.0.2.7", 25) is network.address_lock("192.0.2.7", 25)
    assert fresh.local_addresses == {"127.0.0.1"}
    assert fresh.deadline < network.deadline
    assert network.new_round().deadline == network.deadline


async def test_two_networks_share_nothing(dns_double: Doubles, network_for: NetworkFor) -> None:
    """
    There is no memory outside a network.
    """
    double = await dns_double(good)
    for _ in range(2):
        await network_for(double.address).ask(QUESTION)

    assert len(double.asked) == 2


@pytest.mark.parametrize(
    ("left_out", "question"),
    [
        ("dns", QUESTION),
        ("https", HttpsQuestion("https://a.example/")),
        ("smtp", SmtpQuestion("a.example", "192.0.2.7")),
        ("smtp", PortQuestion(("a.example",))),
    ],
)
async def test_kind_that_is_left_out_is_not_asked(network_for: NetworkFor, left_out: str, question: Any) -> None:
    """
    A probe the environment does not allow says that it was not asked.
    """
    answer = await network_for(probes=frozenset({"dns", "https", "smtp"} - {left_out})).ask(question)

    match answer:
        case DnsAnswer():
            assert answer.outcome == DnsOutcome.NOT_ASKED
        case HttpsAnswer():
            assert answer.outcome == HttpsOutcome.NOT_ASKED
        case SmtpDialogue():
            assert answer.problem is not None
            assert answer.problem.trouble == Trouble.NOT_ASKED
        case PortAnswer():
            assert answer.state == PortState.UNKNOWN


@pytest.mark.parametrize(
    "question", [QUESTION, HttpsQuestion("https://a.example/"), SmtpQuestion("a.example", "192.0.2.7"), PortQuestion(("a.example",))]
)
async def test_nothing_is_sent_past_the_deadline(dns_double: Doubles, question: Any) -> None:
    """
    When the run's time is up, the answer says so and no packet leaves.
    """
    double = await dns_double(good)
    network = network_with(Settings(nameservers=(double.address,)), deadline=time.monotonic() - 1)
    answer = await network.ask(question)

    assert double.asked == []
    assert network.remaining() == 0
    match answer:
        case DnsAnswer():
            assert answer.outcome == DnsOutcome.LIMIT
        case HttpsAnswer():
            assert answer.outcome == HttpsOutcome.LIMIT
        case SmtpDialogue():
            assert answer.problem is not None
            assert answer.problem.trouble == Trouble.LIMIT
        case PortAnswer():
            assert answer.state == PortState.UNKNOWN


async def test_deadline_cuts_off_what_is_under_way(dns_double: Doubles, network_for: NetworkFor) -> None:
    """
    A question that is still open at the deadline is `limit`, not a time-out.
    """
    double = await dns_double(lambda _: None)
    answer = await network_for(double.address, time_limit=1.5, timeout=30).ask(QUESTION)

    assert isinstance(answer, DnsAnswer)
    assert answer.outcome == DnsOutcome.LIMIT
    assert len(double.asked) == 1


async def test_cancellation_passes_through(dns_double: Doubles, network_for: NetworkFor) -> None:
    """
    Who gives up gets CancelledError; the sockets are closed, and the question can be asked again.
    """
    answers: list[bool] = []
    double = await dns_double(lambda q: good(q) if answers else None)
    network = network_for(double.address, timeout=5)
    task = asyncio.create_task(network.ask(QUESTION))
    await double.heard.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gc.collect()
    others = [other for other in asyncio.all_tasks() if other is not asyncio.current_task()]
    answers.append(True)
    again = await network.ask(QUESTION)

    assert others == []
    assert isinstance(again, DnsAnswer)
    assert again.outcome == DnsOutcome.ANSWER


@pytest.mark.parametrize("form", ["{}", "tls://{}", "https://{}/q"])
async def test_cancellation_closes_every_kind_of_connection(network_for: NetworkFor, form: str) -> None:
    """
    The peer of a cancelled TCP, TLS or HTTPS question sees its connection closed.
    """
    arrived, gone = asyncio.Event(), asyncio.Event()

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.set()
        with contextlib.suppress(OSError):
            while await reader.read(1000):
                pass
        gone.set()
        writer.close()

    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    question: Any = HttpsQuestion(f"https://127.0.0.1:{port}/") if form == "{}" else QUESTION
    network = network_for(form.format(f"127.0.0.1:{port}"), timeout=5)
    task = asyncio.create_task(network.ask(question))
    await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(2):
        await gone.wait()
    server.close()

    assert gone.is_set()


async def test_one_who_gives_up_does_not_stop_the_others(dns_double: Doubles, network_for: NetworkFor) -> None:
    """
    The question goes on while anybody waits for it.
    """
    lost: list[Any] = []
    double = await dns_double(lambda q: good(q) if lost else lost.append(q))
    network = network_for(double.address)
    first, second = asyncio.create_task(network.ask(QUESTION)), asyncio.create_task(network.ask(QUESTION))
    await double.heard.wait()
    first.cancel()
    answer = await second

    assert isinstance(answer, DnsAnswer)
    assert answer.outcome == DnsOutcome.ANSWER
    assert first.cancelled()


async def test_closing_stops_what_is_under_way(dns_double: Doubles, network_for: NetworkFor) -> None:
    """
    Closing the network cancels open questions.
    """
    double = await dns_double(lambda _: None)
    network = network_for(double.address, timeout=5)
    task = asyncio.create_task(network.ask(QUESTION))
    await double.heard.wait()
    await network.aclose()

    with pytest.raises(asyncio.CancelledError):
        await task


def test_usable_from_one_loop_after_the_other() -> None:
    """
    A network made without a loop answers in each loop it is used in, and keeps what it knows.
    """
    network = network_with(Settings(nameservers=("127.0.0.1:1",), timeout=0.2))

    async def use() -> Any:
        async with network.slot(Slot.DNS), network.address_lock("192.0.2.7", 25):
            return await network.ask(QUESTION)

    assert asyncio.run(use()) is asyncio.run(use())


def test_settings_of_an_environment(pem: Callable[..., Path]) -> None:
    """
    An environment's network keys are what a network works with; its own name servers replace the machine's.
    """
    root, started = pem(trustme.CA().cert_pem.bytes()), time.monotonic()
    given = {
        "customer": "Alder",
        "platform": "microsoft_365",
        "region": "eu",
        "domains": ["alder.example"],
        "inbound_host": "mail.alder.example",
        "nameservers": ["127.0.0.1:5353"],
        "connect_to": {"mail.alder.example:25": "127.0.0.1:2525"},
        "ca_file": str(root),
        "timeout": 3,
        "time_limit": 30,
        "probes": ["dns", "smtp"],
    }
    network = open_network(environment_from_parameters(given), started=started)

    assert network.settings.nameservers == ("127.0.0.1:5353",)
    assert network.settings.propagation_resolvers == ()
    assert network.settings.ca_file == root
    assert network.settings.probes == {"dns", "smtp"}
    assert network.redirect("mail.alder.example", "192.0.2.25", 25) == ("127.0.0.1", 2525)
    assert network.deadline == started + 30


async def test_slots_are_bounded(network_for: NetworkFor) -> None:
    """
    Only so many sockets of one use are open at a time.
    """
    network, inside, most = network_for(), 0, 0

    async def take() -> None:
        nonlocal inside, most
        async with network.slot(Slot.HTTPS):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(take() for _ in range(50)))

    assert most == 8


async def test_many_questions_at_once(dns_double: Doubles, network_for: NetworkFor) -> None:
    """
    Five hundred questions at once are all answered, with few sockets open.
    """
    double = await dns_double(good)
    network = network_for(double.address, timeout=5)
    answers = await asyncio.gather(*(network.ask(DnsQuestion(f"h{n}.example", "A")) for n in range(500)))

    assert {DnsOutcome.ANSWER} == {answer.outcome for answer in answers if isinstance(answer, DnsAnswer)}


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("mail.example", ("192.0.2.7", "2001:db8::7")),
        ("Mail.Example.", ("192.0.2.7", "2001:db8::7")),
        ("192.0.2.9", ("192.0.2.9",)),
        ("[2001:DB8::9]", ("2001:db8::9",)),
        ("localhost", ("127.0.0.1", "::1")),
        ("gone.example", ()),
    ],
)
async def test_resolve(dns_double: Doubles, network_for: NetworkFor, host: str, expected: tuple[str, ...]) -> None:
    """
    Addresses of a host, IPv4 first; an address is its own, and nothing is an empty tuple.
    """

    def handler(q: Any) -> Any:
        data = {"A": "192.0.2.7", "AAAA": "2001:db8::7"}[q.rdtype]
        return q.reply(f"{q.name} 60 IN {q.rdtype} {data}") if q.name == "mail.example." else q.reply(rcode="NXDOMAIN")

    double = await dns_double(handler)
    network = network_for(double.address)

    assert expected == await network.resolve(host)


async def test_root_file_that_is_missing(network_for: NetworkFor, tmp_path: Path) -> None:
    """
    A trust root that vanished is an outcome, not an exception.
    """
    network = network_for("tls://127.0.0.1:1", ca_file=tmp_path / "none.pem")
    answer, document = await network.ask(QUESTION), await network.ask(HttpsQuestion("https://127.0.0.1:1/"))

    assert isinstance(answer, DnsAnswer)
    assert answer.outcome == DnsOutcome.UNREACHABLE
    assert isinstance(document, HttpsAnswer)
    assert document.outcome != HttpsOutcome.ANSWER


REPLY = dns.message.make_response(dns.message.make_query("a.example", "A", use_edns=True))
for owner, rdtype, text in (
    ("a.example.", "CNAME", "b.example."),
    ("b.example.", "DNAME", r"c\000.example."),
    ("b.example.", "A", "192.0.2.7"),
    ("b.example.", "TXT", r'"x\200"'),
):
    REPLY.answer.append(dns.rrset.from_text(owner, 60, "IN", rdtype, text))
TEMPLATE = REPLY.to_wire()[4:]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_no_reply_makes_it_raise(data: st.DataObject) -> None:
    """
    Whatever bytes come back, over UDP or TCP, there is an observation.
    """
    flags = data.draw(st.binary(min_size=2, max_size=2))
    body = data.draw(st.one_of(st.binary(max_size=200), st.just(TEMPLATE)))
    for at, value in data.draw(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=8)):
        body = body[:at] + bytes([value]) + body[at + 1 :]
    rdtype = data.draw(st.sampled_from(["A", "MX", "TXT", "CNAME", "SOA", "TLSA"]))

    class Peer(asyncio.DatagramProtocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport

        def datagram_received(self, wire: bytes, addr: Any) -> None:
            self.transport.sendto(wire[:2] + flags + body, addr)

    async def once() -> Any:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(Peer, local_addr=("127.0.0.1", 0))
        port = transport.get_extra_info("sockname")[1]
        network = network_with(Settings(nameservers=(f"127.0.0.1:{port}",), timeout=0.05))
        try:
            return await network.ask(DnsQuestion("a.example", rdtype))
        finally:
            transport.close()
            await asyncio.sleep(0)

    answer = asyncio.run(once())

    assert isinstance(answer, DnsAnswer)
    assert answer.detail.isprintable()
