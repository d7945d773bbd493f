"""
What to do next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from runbook_lib.knowledge.text import Catalogue
from runbook_lib.reporting.actions import next_actions
from runbook_lib.results import Finding, Message, Result, Status

MakeFinding = Callable[..., Finding]


def test_most_urgent_comes_first(make_finding: MakeFinding) -> None:
    """
    Broken before not found out, before to confirm, before change soon; within one status the order of the steps stays.
    """
    findings = [
        make_finding("domain.delegation", "a", Status.WARN, "w", remedy="W"),
        make_finding("route.host", "b", Status.MANUAL, "m", remedy="M"),
        make_finding("route.connect", "c", Status.FAIL, "f1", remedy="F1"),
        make_finding("mx.gateway", "d", Status.FAIL, "f2", remedy="F2"),
        make_finding("mx.ttl", "e", Status.UNKNOWN, "u", remedy="U"),
    ]

    assert ["F1", "F2", "U", "M", "W"] == [action.first.words.remedy for action in next_actions(findings)]


def test_what_is_fine_is_not_mentioned(ready: Result) -> None:
    """
    Nothing is to be done where everything is in order, accepted or not needed.
    """
    assert next_actions(ready.findings) == ()


def test_one_remedy_for_several_subjects_is_one_action(make_finding: MakeFinding) -> None:
    """
    The same remedy by the same person is said once, with all its subjects.
    """
    findings = [
        make_finding("route.certificate", f"192.0.2.{n}", Status.FAIL, f"Ended on {n}.", remedy="Renew it.", who="server_admin")
        for n in (1, 2)
    ]
    findings.append(make_finding("route.certificate", "192.0.2.3", Status.FAIL, "Ended.", remedy="Renew it.", who="consultant"))
    actions = next_actions(findings)

    assert [["192.0.2.1", "192.0.2.2"], ["192.0.2.3"]] == [[finding.subject for finding in action.findings] for action in actions]
    assert actions[0].summaries == ("Ended on 1.", "Ended on 2.")


def test_what_was_only_not_reached_goes_with_its_cause(make_finding: MakeFinding) -> None:
    """
    A finding that was stopped by another, however far away, is a consequence of that one and no action.
    """
    first = make_finding("route.connect", "a", Status.UNKNOWN, "No answer.", remedy="Open the port.")
    second = make_finding("route.greeting", "a", Status.UNKNOWN, "Not reached.", evidence=("route.connect a",))
    third = make_finding("route.starttls", "a", Status.UNKNOWN, "Not reached.", evidence=("route.greeting a",))
    actions = next_actions([first, second, third])

    assert [(first,)] == [action.findings for action in actions]
    assert actions[0].consequences == (second, third)


NAME_SERVERS = "domain.delegation"


@pytest.mark.parametrize(
    ("causes", "others"),
    [
        (("resolver_denies_all",), ("resolver_denies_all",)),
        (("dns_unreachable", "resolver_silent"), ("dns_unreachable",)),
        (("dns_timeout", "resolver_silent"), ("dns_servfail",)),
    ],
    ids=["denies", "silent", "silent in another way"],
)
def test_a_dead_resolver_is_one_thing_to_do(make_finding: MakeFinding, causes: tuple[str, ...], others: tuple[str, ...]) -> None:
    """
    What is not known because the resolver does not answer waits for that one action, whatever it is about; it comes before what else is not
    known, and nothing is lost. What is not known for another reason stays.
    """
    first = make_finding("present.gateway", "tenant", Status.UNKNOWN, "P.", remedy="Run it again.", causes=others)
    limit = make_finding("ranges.current", "eu", Status.UNKNOWN, "L.", remedy="Raise it.", causes=("limit",))
    roots = [make_finding(NAME_SERVERS, name, Status.UNKNOWN, f"{name}.", remedy="Give a resolver.", causes=causes) for name in ("a", "b")]
    wrong = make_finding("m365.direct_send", "tenant", Status.MANUAL, "M.", remedy="Look.")
    host = make_finding("route.resolves", "host", Status.UNKNOWN, "R.", remedy="Run it again.", causes=others)
    port = make_finding("route.connect", "host", Status.UNKNOWN, "C.", causes=(*others, "not_reached"), evidence=("route.resolves host",))
    spf = make_finding("spf.record", "b", Status.UNKNOWN, "S.", remedy="Run it again.", causes=others)
    findings = [first, limit, *roots, wrong, host, port, spf]
    actions = next_actions(findings)

    assert [["a", "b"], ["eu"], ["tenant"]] == [[finding.subject for finding in action.findings] for action in actions]
    assert {each.name for each in (first, host, port, spf)} == {each.name for each in actions[0].consequences}
    assert {each.name for each in findings} == {each.name for action in actions for each in (*action.findings, *action.consequences)}


def test_one_silent_zone_explains_its_own_domain_alone(make_finding: MakeFinding) -> None:
    """
    Where the resolver answers for other names, only what is about the same domain waits for its name servers.
    """
    zone = make_finding(NAME_SERVERS, "a", Status.UNKNOWN, "Z.", remedy="Wake them.", causes=("dns_servfail",))
    mine = make_finding("mx.present", "a", Status.UNKNOWN, "M.", remedy="Run it again.", causes=("dns_servfail",))
    other = make_finding("mx.present", "b", Status.UNKNOWN, "O.", remedy="Run it again.", causes=("dns_servfail",))
    manual = make_finding("domain.validation", "a", Status.MANUAL, "V.", remedy="Enter it.", causes=("dns_servfail",))

    assert [(zone,), (other,), (manual,)] == [action.findings for action in next_actions([zone, mine, other, manual])]


def test_what_waits_for_something_accepted_says_what_to_do(make_finding: MakeFinding, catalogue: Catalogue) -> None:
    """
    Where what stopped a finding is no action, the finding is one, with a doer and something to do.
    """
    words = catalogue.words(Message("common.not_reached_unknown", {"stopper": ["route.connect a"]}))
    stopped = make_finding("route.greeting", "a", Status.UNKNOWN, "", evidence=("route.connect a",), causes=("not_reached",)).worded(words)
    (action,) = next_actions([make_finding("route.connect", "a", Status.WAIVED, "Accepted."), stopped])

    assert ("consultant", 'Find out "Port 25 opens" (a) first, then look again.') == (action.first.words.who, action.first.words.remedy)


def test_findings_that_stop_each_other_are_not_lost(make_finding: MakeFinding) -> None:
    """
    A circle of evidence leaves each of them an action.
    """
    one = make_finding("route.connect", "a", Status.UNKNOWN, "One.", evidence=("route.greeting a",))
    two = make_finding("route.greeting", "a", Status.UNKNOWN, "Two.", evidence=("route.connect a",))

    assert {"One.", "Two."} == {action.first.words.summary for action in next_actions([one, two])}


def test_finding_without_remedy_is_an_action_all_the_same(make_finding: MakeFinding) -> None:
    """
    Something broken without a remedy is still named.
    """
    finding = replace(make_finding("route.host", "a", Status.FAIL, "It is broken."), evidence=("o1",))

    assert [("It is broken.",)] == [action.summaries for action in next_actions([finding])]


def test_locking_comes_after_the_move(make_finding: MakeFinding) -> None:
    """
    Nobody is told to lock the platform before what the lock waits for is put right: what is wrong or not known, and the move.
    """
    lock = replace(
        make_finding("m365.inbound_connector", "Mimecast inbound", Status.FAIL, "l", remedy="L"),
        message=Message("m365.inbound_connector.not_restricted"),
    )
    move = replace(make_finding("mx.gateway", "d", Status.FAIL, "m", remedy="M"), causes=("not_moved",))
    other = make_finding("mx.present", "d", Status.FAIL, "o", remedy="O")

    assert ["M", "O", "L"] == [action.first.words.remedy for action in next_actions((lock, move, other))]
    assert ["O", "L"] == [action.first.words.remedy for action in next_actions((lock, other))]
    said = make_finding("senders.direct", "d", Status.MANUAL, "c", remedy="C")
    soon = make_finding("mx.ttl", "d", Status.WARN, "w", remedy="W")
    assert ["C", "L", "W"] == [action.first.words.remedy for action in next_actions((lock, soon, said))]


def test_a_move_that_is_due_is_one_action(make_finding: MakeFinding) -> None:
    """
    What several checks say of the same MX records is put right by moving them; another domain's stays an action of its own.
    """

    def said(check: str, message: str, subject: str, status: Status = Status.FAIL) -> Finding:
        return replace(make_finding(check, subject, status, check, remedy=f"Move {subject}."), message=Message(f"{check}.{message}"))

    first = said("mx.gateway", "not_moved", "a.example")
    later = said("mx.propagation", "not_moved", "a.example", Status.WARN)
    scope, other = said("lockdown.scope", "listed", "a.example"), said("lockdown.scope", "listed", "b.example")

    actions = next_actions((first, later, scope, other))

    assert [("a.example", 2), ("b.example", 0)] == [(each.first.subject, len(each.consequences)) for each in actions]


def test_a_door_is_shut_by_its_setting(make_finding: MakeFinding) -> None:
    """
    Where the setting that locks a provider's doors is known to be missing, the doors are no jobs of their own; other doors are.
    """

    def said(message: str, subject: str) -> Finding:
        check = message.rpartition(".")[0]
        return replace(make_finding(check, subject, Status.FAIL, check, remedy=f"Lock {subject}."), message=Message(message))

    setting = said("m365.inbound_connector.not_restricted", "Mimecast inbound")
    door = said("lockdown.direct.open", "alder-example.mail.protection.outlook.com")
    own = said("lockdown.direct.open", "mail.alder.example")

    assert [("Mimecast inbound", 1), ("mail.alder.example", 0)] == [
        (each.first.subject, len(each.consequences)) for each in next_actions((setting, door, own))
    ]
    assert 2 == len(next_actions((door, own)))
