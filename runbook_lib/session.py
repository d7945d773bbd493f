"""
One customer's run: asks what the checks need, judges what came, keeps the state. Every face drives this.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import json
import logging
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from ._version import __version__
from .checks import Case, Check
from .checks.belief import denies_known_names
from .checks.doubt import doubt
from .checks.gates import gates
from .checks.people import apply_people, remark
from .checks.roles import who_does
from .checks.said import with_causes_of_stoppers
from .environment import Environment, with_network
from .errors import EnvironmentFileError, ExportError, KeyProblem, KnowledgeError
from .exports import Exports, read_file
from .knowledge.text import Catalogue, Message
from .observations import NEVER, GivenText, Observation, Observations, PersonNote, Plan, PortState, Question
from .procedures import procedure
from .procedures.cutover import CutoverPlan, cutover_plan
from .procedures.recorded import former_of
from .pursuing import pursue
from .results import Finding, Result, Stage, Status

if TYPE_CHECKING:
    from .probes import Network
    from .sandbox import World

T = TypeVar("T")
Progress = Callable[[str, int, int], None]
"""
Told of the check just looked at, how many are done, and how many there are.
"""

_FIRST_QUESTIONS_S = 0.01
"""
Seconds within which the first questions are on their way.
"""

_LARGEST_RESULT = 64 * 1024 * 1024

_log = logging.getLogger(__name__)


class Session:
    """
    One run for one environment. It is made for one event loop and one run; a second session shares nothing with it.

    Args:
        environment: What is intended. Where it names a sandbox world, that world is started here and its network keys are taken.
        exports: What the tenant exported, where it has been read already; else the environment's files are read here.
        now: The clock, for judging (UTC).
        before: The result document of an earlier run, for what can no longer be asked: the MX records before the move.

    Raises:
        EnvironmentFileError: An exported file cannot be used.
        SandboxError: The world could not be started.
    """

    def __init__(
        self,
        environment: Environment,
        exports: Exports | None = None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        before: Any = None,
    ) -> None:
        self.given = environment
        self.exports = exports if exports is not None else open_exports(environment)
        self._now = now
        self._world = _start_world(environment)
        self.environment = environment if self._world is None else with_network(environment, self._world.network_keys())
        self.catalogue = Catalogue(environment.language)
        self.procedure = procedure(environment.platform, [scope.platform for scope in environment.scopes])
        self.observations = Observations()
        self.started = now()
        self.finished: datetime | None = None
        self._network: Network | None = None
        self._before = former_of(before, environment.customer)
        self._defects: dict[str, Exception] = {}
        self._note_inputs()

    @property
    def world(self) -> World | None:
        """
        The sandbox world behind this session, None for a real customer.
        """
        return self._world

    async def run(self, steps: Iterable[str] | None = None, progress: Progress | None = None) -> tuple[Finding, ...]:
        """
        Ask all that the checks need, and judge.

        Args:
            steps: Step ids; all where left out.
            progress: Told of each check whose questions are answered.

        Returns:
            The findings of these steps.
        """
        wanted = set(steps) if steps is not None else {step.id for step in self.procedure.steps}
        await self.look(wanted, progress)
        return tuple(finding for finding in self.findings() if finding.step in wanted)

    async def look(
        self, steps: Iterable[str] | None = None, progress: Progress | None = None, *, checks: Container[str] | None = None
    ) -> None:
        """
        Ask all that the checks need, many at a time, within the environment's time limit. Each look asks anew, in a round of its own.

        Args:
            steps: Step ids; all where left out.
            progress: Told of each check whose questions are answered.
            checks: Ids of the checks of these steps that are wanted; all where left out.
        """
        every = {step.id for step in self.procedure.steps}
        wanted = set(steps) if steps is not None else every
        if wanted >= {check.step for check in self.procedure.checks} and checks is None:
            self.started = self._now()  # nothing of what was observed before counts any more
        chosen = [check for check in self.procedure.checks if check.step in wanted and (checks is None or check.id in checks)]
        network = self._new_round()
        done = 0

        async def look(check: Check) -> None:
            nonlocal done
            if check.plan is not None:
                try:
                    await pursue(check.plan(self._case()), lambda question: self._ask(question, network))
                except Exception as error:  # noqa: BLE001  # a defect of one check must not hide the others; it becomes a finding
                    _log.exception("The plan of %s failed.", check.id)
                    self._defects[check.id] = error
                else:
                    self._defects.pop(check.id, None)
            done += 1
            if progress is not None:
                progress(check.id, done, len(chosen))

        await asyncio.gather(*(look(check) for check in chosen), self._load_ahead(network))
        self.finished = self._now()

    async def ask(self, plan: Plan[T]) -> T:
        """
        Carry out a plan that belongs to no check, in a round of its own.

        Args:
            plan: What is to be asked.

        Returns:
            What the plan returns.
        """
        network = self._new_round()
        return await pursue(plan, lambda question: self._ask(question, network))

    def findings(self) -> tuple[Finding, ...]:
        """
        Judge what was observed so far.

        Returns:
            All findings in the order of the steps, each with its sentences.
        """
        case = self._case()
        found: list[Finding] = []
        for check in self.procedure.checks:
            found.extend(self._judged(case, check))
        return tuple(map(self._worded, apply_people(case, doubt(case, with_causes_of_stoppers(found)))))

    def cutover(self) -> CutoverPlan:
        """
        The cut-over worked out from what was observed so far.
        """
        return cutover_plan(self._case(), self._before)

    def result(self) -> Result:
        """
        The result of what was observed so far.
        """
        from .observations.codec import all_to_json  # noqa: PLC0415  # only a finished run needs it

        environment = self.given
        case, findings, plan = self._case(), self.findings(), self.cutover()
        answers = gates(case, findings, plan.recorded, plan.held)
        locked = answers["lock"].stage is Stage.DONE
        return Result(
            tool_version=__version__,
            runbook=self.procedure.notebook,
            phase=environment.phase.value,
            environment=environment.as_given(),
            started=_stamp(self.started),
            finished=_stamp(self.finished or self._now()),
            vantage=self._vantage(),
            findings=findings,
            gates=answers,
            cutover=(plan.once_locked() if locked else plan).to_json(),
            observations=all_to_json(self.observations),
            attestations=tuple({"for": key, **value.model_dump(mode="json")} for key, value in environment.attestations.items()),
            waivers=tuple({"for": key, **value.model_dump(mode="json")} for key, value in environment.waivers.items()),
            language=environment.language,
        )

    def recall(self, observations: Mapping[str, Mapping[str, Any]], finished: str) -> None:
        """
        Take what was observed before, by a session for the same environment; it is judged as of the time it was observed.

        Args:
            observations: In JSON form, by id.
            finished: When the last of it was observed, ISO.

        Raises:
            ResultError: One of them cannot be read.
            ValueError: The time cannot be read.
        """
        from .observations.codec import all_from_json  # noqa: PLC0415  # only a walk that goes on needs it

        when = datetime.fromisoformat(finished)
        self.observations = all_from_json(observations)
        self.started = self.finished = when
        self.observations.forget(PersonNote, GivenText)
        self._note_inputs()

    def people(self, environment: Environment) -> None:
        """
        Take what people say now, attestations and waivers, from an environment of which all else that can be observed is the same.

        Args:
            environment: The new one; what was observed for the old one stays.
        """
        self.given = environment
        words = {"attestations": environment.attestations, "waivers": environment.waivers}
        self.environment = environment if self._world is None else self.environment.model_copy(update=words)
        self.observations.forget(PersonNote)
        self._note_people()

    async def aclose(self) -> None:
        """
        Close what is open and stop the sandbox.
        """
        if self._network is not None:
            await self._network.aclose()
            self._network = None
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """
        Stop the sandbox of a session that asked nothing.
        """
        if self._world is not None:
            self._world.stop()
            self._world = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _load_ahead(self, network: Network) -> None:
        from .probes import load_ahead  # noqa: PLC0415  # see `_new_round`

        def load() -> None:
            load_ahead(network.settings.probes)
            self.catalogue.load(check.id for check in self.procedure.checks)
            from .observations import codec  # noqa: F401, PLC0415  # see `result`

        await asyncio.sleep(_FIRST_QUESTIONS_S)
        await asyncio.to_thread(load)

    def _new_round(self) -> Network:
        if self._network is None:
            from .probes import open_network  # noqa: PLC0415  # a stored result is judged without the probes

            self._network = open_network(self.environment)
        else:
            self._network = self._network.new_round(time_limit=self.environment.time_limit)
        return self._network

    async def _ask(self, question: Question, network: Network) -> Observation:
        observation = await network.ask(question)
        if observation.at != NEVER and self.observations.answer(question) is not observation:
            self.observations.add(observation)
        return observation

    def _judged(self, case: Case, check: Check) -> list[Finding]:
        error = self._defects.get(check.id)
        if error is None:
            try:
                return list(check.judge(case, check))
            except Exception as defect:  # noqa: BLE001  # see `look`
                _log.exception("The check %s failed.", check.id)
                error = defect
        values = {"check": check.id, "detail": f"{type(error).__name__}: {error}"[:300]}
        return [check.finding("tenant", Status.UNKNOWN, "common.defect", values, causes=["internal_error"])]

    def _worded(self, finding: Finding) -> Finding:
        try:
            words, more = self.catalogue.words(finding.message), remark(finding.message, self.catalogue)
            who = who_does(self.environment, words.who, finding.subject)
            return finding.worded(replace(words, who=who, observed=f"{words.observed} {more}" if more else words.observed))
        except KnowledgeError as error:
            _log.exception("The words of %s are missing.", finding.name)
            return finding.worded(self.catalogue.words(Message("common.defect", {"check": finding.check, "detail": str(error)})))

    def _case(self) -> Case:
        disbelieved = denies_known_names(self.environment, self.observations)
        return Case(self.environment, self.observations, self.finished or self._now(), self.exports, disbelieved)

    def _note_people(self) -> None:
        for key, value in self.environment.attestations.items():
            self.observations.add(PersonNote(key, value.by, str(value.at), value.phase.value, value.note or ""))

    def _note_inputs(self) -> None:
        self._note_people()
        for name in ("allowlist", "gateway_list", "console_ranges"):
            value = getattr(self.environment, name)
            if value is not None:
                text = value if isinstance(value, str) else "\n".join(value)
                digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
                self.observations.add(GivenText(name, text, digest, at=self.started))

        for export in self.exports.files:
            given = GivenText(export.file, export.text, export.sha256, export.kind.value, export.exported_at, at=self.started)
            self.observations.add(given)

    def _vantage(self) -> dict[str, Any]:
        addresses = sorted(self._network.local_addresses) if self._network is not None else []
        nameservers = list(self._network.settings.nameservers) if self._network is not None else list(self.environment.nameservers or ())
        return {
            "addresses": addresses,
            "nameservers": nameservers,
            "proxy": self.environment.proxy,
            "port_25": self._port_25(),
        }

    def _port_25(self) -> str:
        asked = self.observations.port()
        if asked is not None:
            return asked.state.value
        for dialogue in self.observations.dialogues():
            for connection in dialogue.connections:
                host, _, port = connection.target.rpartition(":")
                if connection.connected and port == "25" and not ipaddress.ip_address(host.strip("[]")).is_private:
                    return PortState.OPEN.value
        return PortState.UNKNOWN.value


def earlier_result(environment: Environment, folder: Path) -> Any:
    """
    The result document that an earlier run left in a folder, for `Session`.

    Returns:
        None where there is none that can be read, and for a made-up customer.
    """
    if environment.sandbox:
        return None
    try:
        with (folder / "result.json").open("rb") as stream:
            content = stream.read(_LARGEST_RESULT + 1)
        return json.loads(content) if len(content) <= _LARGEST_RESULT else None
    except (OSError, ValueError, RecursionError):
        return None


def open_exports(environment: Environment, file: str = "environment") -> Exports:
    """
    Read the files of exported configuration that an environment names.

    Args:
        environment: Whose `exports` are read.
        file: The environment's file, for the error.

    Raises:
        EnvironmentFileError: One of them cannot be used; all of them are named at once.
    """
    problems, read, catalogue = [], [], Catalogue(environment.language)
    for index, path in enumerate(environment.exports):
        try:
            read.append(read_file(Path(path), catalogue))
        except ExportError as error:
            problems.append(KeyProblem(f"exports[{index}]", Path(path).name, str(error)))
    if problems:
        raise EnvironmentFileError(file, problems)
    return Exports(tuple(read))


def _start_world(environment: Environment) -> World | None:
    if not environment.sandbox:
        return None
    from .sandbox import start  # noqa: PLC0415  # a real customer never needs it

    return start(environment.sandbox)


def _stamp(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
