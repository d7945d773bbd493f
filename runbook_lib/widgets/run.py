"""
One customer's run as cards drive it: each step looked at when somebody asks, again as often as they like, stopped when they say so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from .._version import __version__
from ..checks import Check
from ..environment import Environment
from ..errors import ResultError
from ..knowledge.text import Catalogue
from ..procedures import Procedure, procedure
from ..pursuing import on_thread
from ..results import Finding, Result
from ..session import Session

Tell = Callable[[int, int], None]
"""
Told how many checks are done, and how many there are.
"""
UNSEEN = ("contacts", "vendor_process", "attestations", "waivers", "language", "output_dir")
"""
Keys that change nothing about what is observed.
"""


class Looked(StrEnum):
    """
    How far a step has been looked at.
    """

    NOT_YET = "not_yet"
    UNDER_WAY = "under_way"
    STOPPED = "stopped"
    DONE = "done"


@dataclass(slots=True)
class StepLook:
    """
    What is known of one step.

    Args:
        checks: Its checks, by id.
        looked: How far.
        answered: Ids of the checks whose questions have been answered.
        at: When it was last looked at.
        recalled: It was looked at by an earlier walk, not by this one.
    """

    checks: Mapping[str, Check]
    looked: Looked = Looked.NOT_YET
    answered: set[str] = field(default_factory=set)
    at: datetime | None = None
    recalled: bool = False


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """
    What is known at one moment: all of it, the same with the findings of answered checks alone, and these by step.
    """

    whole: Result
    result: Result
    findings: Mapping[str, tuple[Finding, ...]]


def stamp_of(environment: Environment) -> dict[str, Any]:
    """
    An environment as given, but for what people said, who they are and how it is presented, with the size and time of its files: with the
    same of this, what was observed stays.
    """
    given = {key: value for key, value in environment.as_given().items() if key not in UNSEEN}
    files = [*environment.exports, *([environment.ca_file] if environment.ca_file is not None else [])]
    return {"given": given, "files": [[str(path), *_changed(path)] for path in files]}


def _changed(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


class Run:
    """
    One environment's run. Steps are looked at one call after the other, however many cards ask.

    Args:
        environment: What is intended.
        before: The result document of an earlier run.
        make: Makes the session; called on a thread, since it reads files and may start the sandbox.
    """

    def __init__(self, environment: Environment, before: Any = None, make: Callable[..., Session] = Session) -> None:
        self.environment = environment
        self.stamp = stamp_of(environment)
        self._closed = False
        self.catalogue = Catalogue(environment.language)
        self.procedure: Procedure = procedure(environment.platform, [scope.platform for scope in environment.scopes])
        self.steps = {step.id: StepLook({check.id: check for check in step.checks}) for step in self.procedure.steps}
        self._before = before
        self._make = make
        self._session: Session | None = None
        self._lock = asyncio.Lock()
        self._snapshot: _Snapshot | None = None

    @property
    def session(self) -> Session | None:
        """
        The session, None as long as nothing was asked.
        """
        return self._session

    @property
    def practice(self) -> bool:
        """
        True where the sandbox is looked at.
        """
        return bool(self.environment.sandbox)

    @property
    def missing(self) -> tuple[str, ...]:
        """
        The steps that have checks and have not been looked at to their end.
        """
        return tuple(key for key, look in self.steps.items() if look.checks and look.looked is not Looked.DONE)

    async def look(self, keys: Iterable[str], tell: Tell) -> None:
        """
        Look at some steps, with the coroutine that a headless run uses.

        Args:
            keys: Ids of the steps.
            tell: Told of each check whose questions are answered.

        Raises:
            EnvironmentFileError: An exported file cannot be used.
            SandboxError: The sandbox could not be started.
        """
        async with self._lock:
            wanted = [key for key in keys if self.steps[key].checks]
            session = await self._opened()
            for key in wanted:
                look = self.steps[key]
                look.looked, look.answered, look.recalled = Looked.UNDER_WAY, set(), False
            self._snapshot = None
            tell(0, sum(len(self.steps[key].checks) for key in wanted))
            reached = Looked.STOPPED
            try:
                await session.run(wanted, lambda check, done, total: self._answered(check, done, total, tell))
                reached = Looked.DONE
            finally:
                for key in wanted:
                    look = self.steps[key]
                    whole = reached is Looked.DONE or look.answered == set(look.checks)
                    look.looked, look.at = Looked.DONE if whole else Looked.STOPPED, datetime.now(UTC)
                self._snapshot = None

    async def open(self) -> Session:
        """
        The session, made where nothing was asked yet.

        Raises:
            EnvironmentFileError: An exported file cannot be used.
            SandboxError: The sandbox could not be started.
        """
        async with self._lock:
            return await self._opened()

    async def _opened(self) -> Session:
        if self._closed:
            raise asyncio.CancelledError  # another run has taken the place of this one
        if self._session is None:
            self._session = await on_thread(lambda: self._make(self.environment, before=self._before), Session.close)
        return self._session

    def observed(self) -> None:
        """
        Take notice that the session has observed something by itself.
        """
        self._snapshot = None

    def memory(self) -> dict[str, Any]:
        """
        What is known, as JSON can hold it, for another `Run` of the same environment to go on with.
        """
        result = self.result() or self._nothing_yet()
        steps = {
            key: {"looked": look.looked.value, "answered": sorted(look.answered), "at": look.at.isoformat() if look.at else ""}
            for key, look in self.steps.items()
        }
        return {"environment": self.stamp, "steps": steps, "finished": result.finished, "observations": result.observations}

    def recall(self, memory: Any) -> None:
        """
        Go on with what another run of the same environment knew. What cannot be read, or is about something else, is let go of.

        Raises:
            EnvironmentFileError: An exported file cannot be used.
            SandboxError: The sandbox could not be started.
        """
        if not isinstance(memory, Mapping) or memory.get("environment") != self.stamp:
            return
        session = self._make(self.environment, before=self._before)
        try:
            session.recall(memory["observations"], memory["finished"])
            for key, said in memory["steps"].items():
                look = self.steps[key]
                look.answered = set(said["answered"]) & set(look.checks)
                looked = Looked(said["looked"])
                whole = looked is Looked.DONE and look.answered == set(look.checks)
                look.looked = looked if whole or looked is Looked.NOT_YET else Looked.STOPPED
                look.at, look.recalled = datetime.fromisoformat(said["at"]) if said["at"] else None, bool(said["at"])
        except (ResultError, ValueError, KeyError, TypeError, AttributeError):
            for look in self.steps.values():
                look.looked, look.answered, look.at, look.recalled = Looked.NOT_YET, set(), None, False
            session.close()
            return
        self._session, self._snapshot = session, None

    def findings(self) -> Mapping[str, tuple[Finding, ...]]:
        """
        What was found so far, by step: of the checks whose questions have been answered.
        """
        return self._now().findings

    def observations(self) -> Mapping[str, Any]:
        """
        What was observed so far, in JSON form.
        """
        return self._now().result.observations

    def so_far(self) -> Result:
        """
        The result with the findings of answered checks alone, for the picture.
        """
        return self._now().result

    def result(self) -> Result | None:
        """
        The whole result, None as long as nothing was asked. What was not looked at stands in it as not known.
        """
        return None if self._session is None else self._now().whole

    def _now(self) -> _Snapshot:
        if self._snapshot is None:
            result = self._nothing_yet() if self._session is None else self._session.result()
            answered = {check for look in self.steps.values() for check in look.answered}
            found = tuple(finding for finding in result.findings if finding.check in answered)
            by_step = {key: tuple(finding for finding in found if finding.step == key) for key in self.steps}
            self._snapshot = _Snapshot(result, replace(result, findings=found), by_step)
        return self._snapshot

    def _nothing_yet(self) -> Result:
        return Result(
            tool_version=__version__,
            runbook=self.procedure.notebook,
            phase=self.environment.phase.value,
            environment=self.environment.as_given(),
            started="",
            finished="",
            vantage={},
            findings=(),
            gates={},
            observations={},
            language=self.environment.language,
        )

    def people(self, environment: Environment) -> None:
        """
        Go on with an environment that differs in nothing but the keys of `UNSEEN`, the language apart. What was observed stays.
        """
        self.environment = environment
        self._snapshot = None
        if self._session is not None:
            self._session.people(environment)

    async def aclose(self) -> None:
        """
        Close what is open and stop the sandbox.
        """
        self._closed = True
        async with self._lock:
            if self._session is not None:
                await self._session.aclose()
                self._session = None

    def _answered(self, check: str, done: int, total: int, tell: Tell) -> None:
        for look in self.steps.values():
            if check in look.checks:
                look.answered.add(check)
        self._snapshot = None
        tell(done, total)
