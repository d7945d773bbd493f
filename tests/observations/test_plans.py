"""
Plans, the store and the codec.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from runbook_lib.errors import ResultError
from runbook_lib.observations import (
    DnsAnswer,
    DnsOutcome,
    DnsQuestion,
    DnsRecord,
    Envelope,
    HttpsOutcome,
    HttpsQuestion,
    Observations,
    PersonNote,
    Plan,
    PortAnswer,
    PortQuestion,
    PortState,
    Problem,
    Purpose,
    SmtpConnection,
    SmtpDialogue,
    SmtpQuestion,
    SmtpReply,
    SmtpTransaction,
    Stage,
    TransactionResult,
    Trouble,
    ask_dns,
    not_asked,
    replay,
    together,
)
from runbook_lib.observations.codec import all_from_json, all_to_json, from_json, to_json

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


def _answer(name: str, *targets: str) -> DnsAnswer:
    records = tuple(DnsRecord(name, "MX", 300, f"10 {target}", 10, target) for target in targets)
    return DnsAnswer(DnsQuestion(name, "MX"), DnsOutcome.ANSWER if records else DnsOutcome.NODATA, NOW, records=records)


def _count(name: str) -> Plan[int]:
    first, second = yield from ask_dns(DnsQuestion(name, "MX"), DnsQuestion(f"x.{name}", "MX"))
    return len(first.records) + len(second.records)


def test_a_plan_is_replayed_with_what_was_observed() -> None:
    """
    Nested plans get their answers in the order of their questions.
    """
    store = Observations()
    store.add(_answer("a.example", "m1.example", "m2.example"))
    store.add(_answer("x.a.example"))
    store.add(_answer("b.example", "m1.example"))

    assert [2, 1] == store.carry_out(together([_count("a.example"), _count("b.example")]))


def test_no_plans_at_all() -> None:
    """
    Nothing to do comes to nothing, and asks nothing.
    """
    assert [] == replay(together([]), not_asked)


def test_what_was_never_asked_is_not_an_absence() -> None:
    """
    A question without an observation is answered with one that says so, for every kind, and has no id.
    """
    store = Observations()
    dns, smtp, https, port = map(
        store.answer, (DnsQuestion("a", "A"), SmtpQuestion("h", "192.0.2.1"), HttpsQuestion("https://a"), PortQuestion(("h",)))
    )

    assert isinstance(dns, DnsAnswer)
    assert isinstance(smtp, SmtpDialogue)
    assert isinstance(port, PortAnswer)
    assert (DnsOutcome.NOT_ASKED, Problem(Trouble.NOT_ASKED, Stage.CONNECT), PortState.UNKNOWN) == (dns.outcome, smtp.problem, port.state)
    assert getattr(https, "outcome", None) is HttpsOutcome.NOT_ASKED
    assert () == store.ids_of(dns, smtp, port)
    assert not dns.outcome.found


def test_a_new_round_replaces_what_is_judged_but_keeps_the_evidence() -> None:
    """
    The newest answer counts; the older one stays under its id.
    """
    store = Observations()
    store.add(_answer("a.example", "old.example"))
    newest = _answer("a.example", "new.example")

    assert "o2" == store.add(newest)
    assert newest == store.answer(newest.question)
    assert ["o1", "o2"] == [key for key, _ in store.items()]


def test_observations_survive_json() -> None:
    """
    Every kind comes back equal from its JSON, under its id.
    """
    transaction = SmtpTransaction(Envelope.VALID, "", "anna@alder.example")
    reply = SmtpReply(550, ("5.4.1 no",), ("bare_lf",))
    connection = SmtpConnection(Purpose.PLAIN, NOW, "127.0.0.1:25", connect_ms=1.5, results=(TransactionResult(transaction, rcpt=reply),))
    store = Observations()
    store.add(_answer("a.example", "mail\\010.example"))
    store.add(SmtpDialogue(SmtpQuestion("h", "192.0.2.1", transactions=(transaction,)), NOW, connections=(connection,)))
    store.add(PortAnswer(PortQuestion(("h",)), PortState.BLOCKED, NOW))
    store.add(PersonNote("m365.direct_send", "Ö", "2026-11-23", "prepare", ""))
    restored = all_from_json(json.loads(json.dumps(all_to_json(store))))

    assert list(store.items()) == list(restored.items())
    assert reply == restored.dialogues()[0].results[0].answer


@pytest.mark.parametrize("document", [{}, {"kind": "dns"}, {"kind": "moon"}])
def test_a_damaged_observation_is_refused(document: dict[str, str]) -> None:
    """
    What is no observation raises an error for people.
    """
    with pytest.raises(ResultError):
        from_json(document)


def test_the_last_answer_of_a_transaction_counts() -> None:
    """
    After a greylist retry the later reply is the result; a retry that got no reply does not hide the earlier one.
    """
    transaction = SmtpTransaction(Envelope.VALID, "", "anna@alder.example")
    grey, fine = SmtpReply(451, ("4.7.1 later",)), SmtpReply(250, ("2.1.5 ok",))
    question = SmtpQuestion("h", "192.0.2.1", transactions=(transaction,))

    def dialogue(*results: TransactionResult) -> SmtpDialogue:
        return SmtpDialogue(
            question, NOW, connections=tuple(SmtpConnection(Purpose.PLAIN, NOW, "", results=(result,)) for result in results)
        )

    assert [fine] == [
        result.answer for result in dialogue(TransactionResult(transaction, rcpt=grey), TransactionResult(transaction, rcpt=fine)).results
    ]
    assert [grey] == [
        result.answer for result in dialogue(TransactionResult(transaction, rcpt=grey), TransactionResult(transaction)).results
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("5.7.51 TenantInboundAttribution", "5.7.51"),
        ("4.7.0", "4.7.0"),
        ("9.1.1 x", None),
        ("5.7 x", None),
        ("5.7.1234 x", None),
        ("5.٧.1 x", None),
        ("", None),
    ],
)
def test_enhanced_status_code(line: str, expected: str | None) -> None:
    """
    Only a code as RFC 3463 has it, at the beginning of the text, is taken for one.
    """
    assert expected == SmtpReply(550, (line,)).enhanced


def test_json_is_plain() -> None:
    """
    The JSON of an observation carries its kind and no Python type.
    """
    document = to_json(_answer("a.example"))

    assert "dns" == document["kind"]
    assert document == json.loads(json.dumps(document))
