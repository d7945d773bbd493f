"""
What to do next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from runbook_lib.reporting.actions import next_actions
from runbook_lib.results import Finding, Result, Status

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

    assert [("192.0.2.1", "192.0.2.2"), ("192.0.2.3",)] == [action.subjects for action in actions]
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
