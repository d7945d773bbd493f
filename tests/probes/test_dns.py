"""
What becomes of one DNS question to a resolver, whatever the resolver does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import dns.edns
import dns.flags
import pytest

from runbook_lib.observations import DnsAnswer, DnsOutcome, DnsQuestion, DnsRecord, Via
from runbook_lib.probes import Network

AskOne = Callable[..., Awaitable[DnsAnswer]]
SOA = "example. 300 IN SOA ns1.example. admin.example. 7 3600 600 86400 300"


async def test_answer_in_plain_values(ask: AskOne) -> None:
    """
    MX records come as preference and host name, lower case, without the final dot.
    """
    answer = await ask(lambda q: q.reply("Alder.Example. 600 IN MX 10 Mail.Alder.Example."), "alder.example", "MX")

    expected = DnsRecord("alder.example", "MX", 600, "10 mail.alder.example", preference=10, target="mail.alder.example")
    assert (expected,) == answer.records
    assert answer.outcome == DnsOutcome.ANSWER
    assert answer.transport == "udp"
    assert answer.size > 0
    assert answer.rcode == "NOERROR"


@pytest.mark.parametrize(
    ("rdtype", "data", "shown"),
    [
        ("A", "192.0.2.7", "192.0.2.7"),
        ("AAAA", "2001:DB8:0::7", "2001:db8::7"),
        ("NS", "NS1.Alder.example.", "ns1.alder.example"),
        (
            "SOA",
            "NS1.alder.example. Admin.alder.example. 7 3600 600 86400 300",
            "ns1.alder.example admin.alder.example 7 3600 600 86400 300",
        ),
        ("TLSA", "3 1 1 " + "ab" * 32, "3 1 1 " + "ab" * 32),
        ("MX", "0 .", "0 ."),
        ("CAA", '0 issue "ca.example"', '0 issue "ca.example"'),
    ],
)
async def test_record_data(ask: AskOne, rdtype: str, data: str, shown: str) -> None:
    """
    Each type's data comes in presentation form.
    """
    answer = await ask(lambda q: q.reply(f"alder.example. 60 IN {rdtype} {data}"), "alder.example", rdtype)

    assert [shown] == [record.data for record in answer.records]


async def test_null_mx_has_the_root_as_target(ask: AskOne) -> None:
    """
    The null MX (RFC 7505) has an empty target.
    """
    answer = await ask(lambda q: q.reply("alder.example. 60 IN MX 0 ."), "alder.example", "MX")

    assert [record.target for record in answer.records] == [""]


@pytest.mark.parametrize(
    ("rcode", "outcome"),
    [
        ("NXDOMAIN", DnsOutcome.NXDOMAIN),
        ("NOERROR", DnsOutcome.NODATA),
        ("SERVFAIL", DnsOutcome.SERVFAIL),
        ("REFUSED", DnsOutcome.REFUSED),
        ("YXDOMAIN", DnsOutcome.OTHER),
    ],
)
async def test_response_codes_are_told_apart(ask: AskOne, rcode: str, outcome: DnsOutcome) -> None:
    """
    No such name, no data, SERVFAIL and REFUSED are different outcomes.
    """
    answer = await ask(lambda q: q.reply(rcode=rcode), "alder.example", "NS")

    assert (outcome, rcode) == (answer.outcome, answer.rcode)


async def test_negative_answer_keeps_the_soa(ask: AskOne) -> None:
    """
    The SOA of the authority section is kept.
    """
    answer = await ask(lambda q: q.reply(authority=[SOA], rcode="NXDOMAIN"), "no.example", "A")

    assert answer.soa is not None
    assert answer.soa.data == "ns1.example admin.example 7 3600 600 86400 300"
    assert answer.soa.name == "example"


async def test_soa_answered_is_the_soa(ask: AskOne) -> None:
    """
    An answered SOA is found in `soa` as well.
    """
    answer = await ask(lambda q: q.reply(SOA), "example", "SOA")

    assert answer.records == (answer.soa,)


async def test_silence_is_a_timeout(ask: AskOne) -> None:
    """
    A resolver that never answers is asked several times and then given up.
    """
    asked: list[object] = []
    answer = await ask(asked.append, "alder.example", "MX", timeout=0.3)

    assert answer.outcome == DnsOutcome.TIMEOUT
    assert len(asked) == 3
    assert answer.rcode is None


async def test_lost_packet_is_sent_again(ask: AskOne) -> None:
    """
    One lost packet does not cost the answer.
    """
    seen: list[object] = []

    def second_time(q: Any) -> Any:
        seen.append(q)
        return q.reply("alder.example. 60 IN A 192.0.2.7") if len(seen) == 2 else None

    answer = await ask(second_time, "alder.example", "A")

    assert answer.outcome == DnsOutcome.ANSWER


async def test_closed_port_is_unreachable(dns_double: Callable[..., Awaitable[Any]], network_for: Callable[..., Network]) -> None:
    """
    An ICMP error is reported at once and is no time-out.
    """
    double = await dns_double(lambda _: None)
    await double.stop()
    answer = await network_for(double.address).ask(DnsQuestion("alder.example", "A"))

    assert isinstance(answer, DnsAnswer)
    assert answer.outcome == DnsOutcome.UNREACHABLE
    assert "refused" in answer.detail


async def test_truncated_goes_to_tcp(ask: AskOne) -> None:
    """
    A truncated reply is fetched whole over TCP.
    """
    text = " ".join(f'"{"x" * 250}"' for _ in range(200))

    def handler(q: Any) -> Any:
        return q.reply(flags="RA TC") if q.transport == "udp" else q.reply(f"big.example. 60 IN TXT {text}")

    answer = await ask(handler, "big.example", "TXT")

    assert (answer.outcome, answer.transport) == (DnsOutcome.ANSWER, "tcp")
    assert len(answer.records[0].text) == 50_000
    assert answer.size > 50_000


async def test_truncated_without_tcp(ask: AskOne) -> None:
    """
    Truncated, and TCP refused, is an outcome of its own.
    """
    answer = await ask(lambda q: q.reply("a.example. 60 IN TXT x", flags="RA TC"), "a.example", "TXT", tcp=False)

    assert answer.outcome == DnsOutcome.TRUNCATED
    assert answer.records == ()
    assert "TCP" in answer.detail
    assert "tc" in answer.flags


async def test_one_byte_after_the_other_over_tcp_ends(
    dns_double: Callable[..., Awaitable[Any]], network_for: Callable[..., Network]
) -> None:
    """
    A reply that drips in over TCP does not outlast the time for one reply.
    """
    double = await dns_double(lambda q: q.reply(flags="RA TC" if q.transport == "udp" else "RA"), drip=0.1)
    answer = await network_for(double.address, timeout=0.4).ask(DnsQuestion("a.example", "TXT"))

    assert isinstance(answer, DnsAnswer)
    assert answer.outcome == DnsOutcome.TRUNCATED


async def test_flood_of_wrong_ids_is_let_by(ask: AskOne) -> None:
    """
    Replies with another id, to another question, or that are queries are ignored, and the right one is found among them.
    """

    def handler(q: Any) -> list[bytes]:
        good: bytes = q.reply("a.example. 60 IN A 192.0.2.7")
        right = good[:2]
        wrong = bytes([right[0] ^ 1, right[1]])
        forged = [wrong + good[2:]] * 100 + [good.replace(b"\x01a\x07example", b"\x01b\x07example"), right + b"\x01\x00" + good[4:]]
        return [*forged, good]

    answer = await ask(handler, "a.example", "A")

    assert [record.data for record in answer.records] == ["192.0.2.7"]


async def test_only_wrong_ids_is_a_timeout(ask: AskOne) -> None:
    """
    Where nothing else comes, that is silence.
    """
    answer = await ask(lambda q: bytes(2) + q.reply()[2:] if q.message.id else None, "a.example", "A", timeout=0.3)

    assert answer.outcome == DnsOutcome.TIMEOUT


@pytest.mark.parametrize("garbage", [b"", b"\x00", b"<html>no", b"\xff" * 600])
async def test_garbage_is_malformed(ask: AskOne, garbage: bytes) -> None:
    """
    Bytes that are no DNS message are `malformed`, where nothing good comes.
    """
    answer = await ask(lambda q: q.message.id.to_bytes(2, "big") + b"\x81\x80" + garbage, "a.example", "A", timeout=0.3)

    assert answer.outcome == DnsOutcome.MALFORMED


async def test_garbage_before_the_answer(ask: AskOne) -> None:
    """
    Garbage in front of a good reply does no harm.
    """
    answer = await ask(lambda q: [b"garbage", q.reply("a.example. 60 IN A 192.0.2.7")], "a.example", "A")

    assert answer.outcome == DnsOutcome.ANSWER


async def test_record_cut_short_is_malformed(ask: AskOne) -> None:
    """
    A reply that promises more than it holds is never taken for less.
    """
    answer = await ask(
        lambda q: q.reply("a.example. 60 IN A 192.0.2.7", "a.example. 60 IN A 192.0.2.8")[:-20], "a.example", "A", timeout=0.3
    )

    assert answer.outcome == DnsOutcome.MALFORMED


@pytest.mark.parametrize("rcode", ["FORMERR", "NOTIMP"])
async def test_server_without_edns(ask: AskOne, rcode: str) -> None:
    """
    A server that does not know EDNS is asked again without it.
    """
    answer = await ask(lambda q: q.reply(rcode=rcode) if q.message.edns >= 0 else q.reply("a.example. 60 IN A 192.0.2.7"), "a.example", "A")

    assert answer.outcome == DnsOutcome.ANSWER


async def test_edns_dropped_on_the_way(ask: AskOne) -> None:
    """
    Where queries with EDNS are dropped, the last try without it gets through.
    """
    answer = await ask(lambda q: None if q.message.edns >= 0 else q.reply("a.example. 60 IN A 192.0.2.7"), "a.example", "A", timeout=0.9)

    assert answer.outcome == DnsOutcome.ANSWER


async def test_query_of_a_resolver(dns_double: Callable[..., Awaitable[Any]], network_for: Callable[..., Network]) -> None:
    """
    A resolver is asked with RD, DO and a payload of 1232 bytes.
    """
    double = await dns_double(lambda q: q.reply())
    await network_for(double.address).ask(DnsQuestion("a.example", "A"))
    message = double.asked[0].message

    assert message.flags & dns.flags.RD
    assert message.ednsflags & dns.flags.DO
    assert message.payload == 1232


async def test_authenticated_answer(ask: AskOne) -> None:
    """
    AD of a resolver is kept.
    """
    answer = await ask(lambda q: q.reply("a.example. 60 IN A 192.0.2.7", flags="RA AD"), "a.example", "A")

    assert answer.authentic


async def test_extended_error_is_printable(ask: AskOne) -> None:
    """
    RFC 8914 errors are kept, with control characters written out.
    """
    option = dns.edns.EDEOption(dns.edns.EDECode.NO_REACHABLE_AUTHORITY, "no\x1b[31mbody\x07 there")
    answer = await ask(lambda q: q.reply(rcode="SERVFAIL", options=[option]), "a.example", "NS")

    assert answer.extended_error is not None
    assert answer.extended_error.startswith("EDE 22")
    assert answer.extended_error.isprintable()


async def test_extended_error_that_is_no_text(ask: AskOne) -> None:
    """
    An extended error that is not UTF-8 does not cost the answer.
    """

    def handler(q: Any) -> Any:
        good: bytes = q.reply("a.example. 60 IN A 192.0.2.7", options=[dns.edns.EDEOption(dns.edns.EDECode.NO_REACHABLE_AUTHORITY, "ABCD")])
        return good.replace(b"ABCD", b"\xff\xfe\x00\x80")

    answer = await ask(handler, "a.example", "A")

    assert answer.outcome == DnsOutcome.ANSWER


async def test_odd_bytes_in_texts(ask: AskOne) -> None:
    """
    Every byte of a TXT record survives as one character.
    """
    answer = await ask(lambda q: q.reply(r'a.example. 60 IN TXT "v=\000\027[31m\200\255" "z"'), "a.example", "TXT")

    assert answer.records[0].texts == ("v=\x00\x1b[31m\xc8\xff", "z")
    assert answer.records[0].data.isprintable()
    assert answer.records[0].data.isascii()


async def test_odd_bytes_in_names(ask: AskOne) -> None:
    """
    Names keep NUL, escape, dots within a label and spaces in presentation form.
    """
    odd = r"a\000b\027\.\032\255.example"
    answer = await ask(lambda q: q.reply(rf"{q.name} 60 IN MX 5 {odd}.".replace(" ", " ")), odd, "MX")

    assert answer.outcome == DnsOutcome.ANSWER
    assert odd == answer.records[0].name
    assert odd == answer.records[0].target


@pytest.mark.parametrize("name", ["a..example", "x" * 64 + ".example", ".".join(["x" * 60] * 5), "a\\999.example"])
async def test_name_that_cannot_be_asked(ask: AskOne, name: str) -> None:
    """
    A name that fits into no query is neither absent nor an exception.
    """
    answer = await ask(lambda q: q.reply(), name, "A")

    assert answer.outcome == DnsOutcome.OTHER
    assert "cannot be asked" in answer.detail


async def test_type_that_does_not_exist(ask: AskOne) -> None:
    """
    An unknown type is told as such.
    """
    answer = await ask(lambda q: q.reply(), "a.example", "NONSENSE")

    assert answer.outcome == DnsOutcome.OTHER


async def test_records_are_bounded(ask: AskOne) -> None:
    """
    At most a thousand records are kept.
    """

    def handler(q: Any) -> Any:
        if q.transport == "udp":
            return q.reply(flags="RA TC")
        return q.reply(*(f"a.example. 60 IN A 192.0.{n // 250}.{n % 250}" for n in range(1200)))

    answer = await ask(handler, "a.example", "A", timeout=20)

    assert len(answer.records) == 1000


async def test_no_name_server_at_all(network_for: Callable[..., Network]) -> None:
    """
    A machine without name servers gets `unreachable`, not an exception.
    """
    answer = await network_for().ask(DnsQuestion("a.example", "A"))

    assert isinstance(answer, DnsAnswer)
    assert answer.outcome == DnsOutcome.UNREACHABLE


async def test_propagation_resolver(ask: AskOne) -> None:
    """
    A propagation resolver is asked by the name it has in the question.
    """
    answer = await ask(lambda q: q.reply("a.example. 42 IN MX 10 old.example."), "a.example", "MX", via=Via.PROPAGATION)

    assert (answer.outcome, answer.ttl) == (DnsOutcome.ANSWER, 42)
    assert answer.server == answer.question.server


async def test_name_server_that_does_not_recurse(ask: AskOne) -> None:
    """
    A referral from something that should have been a resolver is no "no data".
    """
    answer = await ask(lambda q: q.reply(authority=["example. 60 IN NS ns1.example."], flags=""), "a.example", "MX")

    assert answer.outcome == DnsOutcome.OTHER
