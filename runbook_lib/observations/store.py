"""
All that was observed in one run, in order, each with the id under which a finding names it as evidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TypeVar

from .dns import DnsAnswer, DnsOutcome
from .other import GivenText, HttpsAnswer, HttpsOutcome, PersonNote, PortAnswer, PortState
from .plans import Observation, Plan, replay
from .questions import DnsQuestion, HttpsQuestion, Question, SmtpQuestion
from .smtp import Problem, SmtpDialogue, Stage, Trouble

Stored = Observation | PersonNote | GivenText
"""
Anything that can be evidence.
"""

T = TypeVar("T")
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""
The time of an observation that was never made.
"""


def not_asked(question: Question) -> Observation:
    """
    The observation that stands for a question nobody asked.
    """
    if isinstance(question, DnsQuestion):
        return DnsAnswer(question, DnsOutcome.NOT_ASKED, NEVER)
    if isinstance(question, SmtpQuestion):
        return SmtpDialogue(question, NEVER, problem=Problem(Trouble.NOT_ASKED, Stage.CONNECT))
    if isinstance(question, HttpsQuestion):
        return HttpsAnswer(question, HttpsOutcome.NOT_ASKED, NEVER)
    return PortAnswer(question, PortState.UNKNOWN, NEVER)


class Observations:
    """
    The observations of one run.

    Ids are ``o1``, ``o2`` and so on in the order of arrival. A question that is answered again (a new round) gets a new id, and look-ups
    give the newest.
    """

    def __init__(self) -> None:
        self._by_id: dict[str, Stored] = {}
        self._latest: dict[object, str] = {}
        self._count = 0

    def add(self, observation: Stored) -> str:
        """
        Keep an observation.

        Returns:
            Its id.
        """
        self._count += 1
        key = f"o{self._count}"
        self._by_id[key] = observation
        self._latest[self._key(observation)] = key
        return key

    def restore(self, key: str, observation: Stored) -> None:
        """
        Put back an observation of a stored result under the id it had.
        """
        self._by_id[key] = observation
        self._latest[self._key(observation)] = key
        self._count = max(self._count, int(key[1:])) if key[1:].isdecimal() else self._count + 1

    def forget_former(self) -> None:
        """
        Let go of what has been answered again since; for a watch that goes on for days.
        """
        newest = set(self._latest.values())
        self._by_id = {key: observation for key, observation in self._by_id.items() if key in newest}

    def forget(self, *kinds: type[PersonNote | GivenText]) -> None:
        """
        Let go of all that people said (`PersonNote`) or gave (`GivenText`), for it to be noted anew.
        """
        self._by_id = {key: observation for key, observation in self._by_id.items() if not isinstance(observation, kinds)}
        self._latest = {question: key for question, key in self._latest.items() if key in self._by_id}

    def answer(self, question: Question) -> Observation:
        """
        What came of a question.

        Returns:
            The newest observation, or one that says it was not asked.
        """
        key = self._latest.get(question)
        found = self._by_id[key] if key is not None else None
        if isinstance(found, (DnsAnswer, SmtpDialogue, HttpsAnswer, PortAnswer)):
            return found
        return not_asked(question)

    def id_of(self, observation: Stored) -> str | None:
        """
        The id of an observation, None for one that was never kept.
        """
        return self._latest.get(self._key(observation))

    def ids_of(self, *observations: Stored) -> tuple[str, ...]:
        """
        The ids of those among the observations that were kept, without repetition, in order.
        """
        return tuple(dict.fromkeys(key for key in map(self.id_of, observations) if key is not None))

    def carry_out(self, plan: Plan[T]) -> T:
        """
        Replay a plan against these observations.
        """
        return replay(plan, self.answer)

    def items(self) -> Iterator[tuple[str, Stored]]:
        """
        Ids and observations in order of arrival.
        """
        return iter(self._by_id.items())

    def dialogues(self) -> list[SmtpDialogue]:
        """
        The newest SMTP dialogue of each question.
        """
        found = (self._by_id[key] for key in self._latest.values())
        return [observation for observation in found if isinstance(observation, SmtpDialogue)]

    def port(self) -> PortAnswer | None:
        """
        What is known of outgoing port 25, the best of it where it was asked by several versions of IP; None where nobody had to ask.
        """
        found = [each for each in map(self._by_id.__getitem__, self._latest.values()) if isinstance(each, PortAnswer)]
        return next((each for each in found if each.state is PortState.OPEN), found[-1] if found else None)

    def __len__(self) -> int:
        return len(self._by_id)

    @staticmethod
    def _key(observation: Stored) -> object:
        if isinstance(observation, PersonNote):
            return ("person", observation.subject)
        if isinstance(observation, GivenText):
            return ("file", observation.subject)
        return observation.question
