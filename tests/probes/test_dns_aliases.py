"""
Alias chains, circles, and answers that fail validation.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from runbook_lib.observations import DnsAnswer, DnsOutcome

AskOne = Callable[..., Awaitable[DnsAnswer]]
SOA = "example. 300 IN SOA ns1.example. admin.example. 7 3600 600 86400 300"


async def test_chain_in_order(ask: AskOne) -> None:
    """
    Aliases are followed in order whatever order they come in, and the records are those at the end.
    """
    records = ["c.example. 60 IN A 192.0.2.7", "b.example. 30 IN CNAME c.example.", "a.example. 90 IN CNAME b.example."]
    answer = await ask(lambda q: q.reply(*records), "a.example", "A")

    assert [record.target for record in answer.aliases] == ["b.example", "c.example"]
    assert [record.data for record in answer.records] == ["192.0.2.7"]
    assert answer.canonical_name == "c.example"
    assert answer.ttl == 30


async def test_alias_itself_can_be_asked(ask: AskOne) -> None:
    """
    A CNAME question is answered by the alias and not followed.
    """
    answer = await ask(lambda q: q.reply("a.example. 60 IN CNAME b.example.", "b.example. 60 IN CNAME c.example."), "a.example", "CNAME")

    assert [record.target for record in answer.records] == ["b.example"]
    assert answer.aliases == ()


async def test_unfinished_chain_is_asked_on(ask: AskOne) -> None:
    """
    Where a resolver answers with the first alias only, the rest is asked for.
    """

    def handler(q: Any) -> Any:
        here = {"a.example.": "a.example. 60 IN CNAME b.example.", "b.example.": "b.example. 60 IN CNAME c.example."}
        return q.reply(here.get(q.name, "c.example. 60 IN A 192.0.2.7"))

    answer = await ask(handler, "a.example", "A")

    assert answer.outcome == DnsOutcome.ANSWER
    assert [record.target for record in answer.aliases] == ["b.example", "c.example"]


async def test_authentic_only_if_every_part_is(ask: AskOne) -> None:
    """
    A chain put together from two replies is authentic only if both are.
    """

    def handler(q: Any) -> Any:
        if q.name == "a.example.":
            return q.reply("a.example. 60 IN CNAME b.example.", flags="RA")
        return q.reply("b.example. 60 IN A 192.0.2.7", flags="RA AD")

    answer = await ask(handler, "a.example", "A")

    assert answer.outcome == DnsOutcome.ANSWER
    assert not answer.authentic


async def test_no_data_behind_an_alias(ask: AskOne) -> None:
    """
    An alias to a name without such records is no data, with the alias kept.
    """
    answer = await ask(lambda q: q.reply("a.example. 60 IN CNAME b.example.", authority=[SOA]), "a.example", "MX")

    assert answer.outcome == DnsOutcome.NODATA
    assert answer.canonical_name == "b.example"


async def test_no_such_name_behind_an_alias(ask: AskOne) -> None:
    """
    A dangling alias is NXDOMAIN, with the alias kept.
    """
    answer = await ask(lambda q: q.reply("a.example. 60 IN CNAME gone.example.", authority=[SOA], rcode="NXDOMAIN"), "a.example", "A")

    assert answer.outcome == DnsOutcome.NXDOMAIN
    assert answer.canonical_name == "gone.example"


@pytest.mark.parametrize("synthesised", [True, False])
async def test_dname(ask: AskOne, *, synthesised: bool) -> None:
    """
    A DNAME is followed, whether or not the server adds the CNAME it makes.
    """
    records = ["old.example. 60 IN DNAME new.example.", "mail.new.example. 60 IN A 192.0.2.7"]
    if synthesised:
        records.insert(1, "mail.old.example. 60 IN CNAME mail.new.example.")
    answer = await ask(lambda q: q.reply(*records), "mail.old.example", "A")

    assert [record.rdtype for record in answer.aliases] == ["DNAME", "CNAME"]
    assert answer.canonical_name == "mail.new.example"
    assert [record.data for record in answer.records] == ["192.0.2.7"]


async def test_dname_does_not_rename_its_own_name(ask: AskOne) -> None:
    """
    A DNAME holds for the names below its owner only.
    """
    answer = await ask(lambda q: q.reply("old.example. 60 IN DNAME new.example.", authority=[SOA]), "old.example", "A")

    assert answer.outcome == DnsOutcome.NODATA
    assert answer.aliases == ()


async def test_circle_in_the_answer(ask: AskOne) -> None:
    """
    Aliases that come back to the start are a loop.
    """
    answer = await ask(lambda q: q.reply("a.example. 60 IN CNAME b.example.", "b.example. 60 IN CNAME a.example."), "a.example", "A")

    assert answer.outcome == DnsOutcome.LOOP
    assert answer.records == ()


async def test_circle_of_unfinished_chains(ask: AskOne) -> None:
    """
    A circle is seen when each reply shows only one step of it.
    """

    def handler(q: Any) -> Any:
        return q.reply(f"{q.name} 60 IN CNAME {'b' if q.name.startswith('a') else 'a'}.example.")

    answer = await ask(handler, "a.example", "A")

    assert answer.outcome == DnsOutcome.LOOP


async def test_endless_chain(ask: AskOne) -> None:
    """
    A chain that never ends is cut off.
    """
    answer = await ask(lambda q: q.reply(f"{q.name} 60 IN CNAME x{q.name}"), "a.example", "A", timeout=2)

    assert answer.outcome == DnsOutcome.LOOP


@pytest.mark.parametrize("rdtype", ["A", "AAAA", "MX", "TXT"])
async def test_circle_behind_servfail(ask: AskOne, rdtype: str) -> None:
    """
    Where the resolver only says SERVFAIL to a circle, it is followed name by name.
    """

    def handler(q: Any) -> Any:
        if q.rdtype != "CNAME":
            return q.reply(rcode="SERVFAIL")
        return q.reply(f"{q.name} 60 IN CNAME {'b' if q.name.startswith('a') else 'a'}.example.")

    answer = await ask(handler, "a.example", rdtype)

    assert answer.outcome == DnsOutcome.LOOP
    assert [record.target for record in answer.aliases] == ["b.example", "a.example"]


async def test_servfail_behind_an_alias_is_no_circle(ask: AskOne) -> None:
    """
    An alias to a name whose server fails stays SERVFAIL.
    """

    def handler(q: Any) -> Any:
        if q.rdtype != "CNAME":
            return q.reply(rcode="SERVFAIL")
        return q.reply("a.example. 60 IN CNAME b.example.") if q.name.startswith("a") else q.reply(authority=[SOA])

    answer = await ask(handler, "a.example", "A")

    assert answer.outcome == DnsOutcome.SERVFAIL
    assert answer.canonical_name == "b.example"


async def test_bogus(ask: AskOne) -> None:
    """
    SERVFAIL, and an answer with checking disabled, means that validation fails.
    """

    def handler(q: Any) -> Any:
        return q.reply("a.example. 60 IN MX 10 mail.example.") if q.checking_disabled else q.reply(rcode="SERVFAIL")

    answer = await ask(handler, "a.example", "MX")

    assert (answer.outcome, answer.rcode) == (DnsOutcome.BOGUS, "SERVFAIL")
    assert answer.records == ()


async def test_passing_servfail_is_not_bogus(ask: AskOne) -> None:
    """
    A resolver that failed once and then answers is believed.
    """
    seen: list[object] = []

    def handler(q: Any) -> Any:
        seen.append(q)
        return q.reply(rcode="SERVFAIL") if len(seen) == 1 else q.reply("a.example. 60 IN A 192.0.2.7")

    answer = await ask(handler, "a.example", "A")

    assert answer.outcome == DnsOutcome.ANSWER


async def test_dead_is_not_bogus(ask: AskOne) -> None:
    """
    A zone nobody serves fails with checking disabled as well.
    """
    answer = await ask(lambda q: q.reply(rcode="SERVFAIL"), "a.example", "MX")

    assert answer.outcome == DnsOutcome.SERVFAIL


@pytest.mark.parametrize("rdtype", ["NS", "A"])
async def test_answers_at_first_and_then_no_more(ask: AskOne, rdtype: str) -> None:
    """
    A resolver that falls silent while its SERVFAIL is looked into leaves SERVFAIL standing.
    """
    seen: list[object] = []

    def handler(q: Any) -> Any:
        seen.append(q)
        return q.reply(rcode="SERVFAIL") if len(seen) == 1 else None

    answer = await ask(handler, "a.example", rdtype, timeout=0.2)

    assert answer.outcome == DnsOutcome.SERVFAIL
