"""
Plans: procedures that yield the questions they need answered, and never ask anything themselves.

A plan is a generator. It yields a list of questions (or of further plans) that can be dealt with side by side, and is sent the list of what
came of them, in the same order. The session drives a plan against the network; a check *replays* the same plan against what was observed.
So what is asked and what is judged can never drift apart, and a stored result can be judged again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any, TypeVar, cast

from .dns import DnsAnswer
from .other import HttpsAnswer, PortAnswer
from .questions import DnsQuestion, HttpsQuestion, PortQuestion, Question
from .smtp import SmtpDialogue

Observation = DnsAnswer | SmtpDialogue | HttpsAnswer | PortAnswer
"""
What a question comes to.
"""

T = TypeVar("T")
Plan = Generator[Sequence["Question | Plan[Any]"], list[Any], T]
"""
A procedure that yields batches of questions and returns a `T`.
"""


def ask_dns(*questions: DnsQuestion) -> Plan[list[DnsAnswer]]:
    """
    Ask DNS questions side by side.

    Returns:
        The answers in the order of the questions.
    """
    return cast("list[DnsAnswer]", (yield list(questions)))


def ask_https(url: str) -> Plan[HttpsAnswer]:
    """
    Fetch one document.
    """
    return cast("HttpsAnswer", (yield [HttpsQuestion(url)])[0])


def ask_ports(questions: Sequence[PortQuestion]) -> Plan[list[PortAnswer]]:
    """
    Ask whether port 25 is open from here, by several versions of the Internet Protocol at once.
    """
    return cast("list[PortAnswer]", (yield questions)) if questions else []


def together(plans: Sequence[Plan[T]]) -> Plan[list[T]]:
    """
    Carry out several plans side by side.

    Returns:
        Their results in the same order.
    """
    return cast("list[T]", (yield list(plans))) if plans else []


def replay(plan: Plan[T], answer: Callable[[Question], Observation]) -> T:
    """
    Carry out a plan against answers that are already there.

    Args:
        plan: Any plan.
        answer: Gives what came of a question; for one that was never asked it gives an observation that says so.

    Returns:
        What the plan returns.
    """
    results: list[Any] | None = None
    while True:
        try:
            batch = next(plan) if results is None else plan.send(results)
        except StopIteration as stop:
            return cast("T", stop.value)
        results = [replay(item, answer) if isinstance(item, Generator) else answer(item) for item in batch]
