"""
The gates: may MX be moved, may the platform be locked, may all be taken back now? From the findings alone.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..environment import DomainScope, Phase
from ..knowledge.gates import GateRule, gate_rules
from ..results import GATES, Answer, Finding, Gate, Stage, Status
from .case import Case
from .route_view import mail_scopes
from .tenant import furthest

_OPEN = (Status.UNKNOWN, Status.MANUAL)
_LOCKED = frozenset({"locked", "locked_early", "unreachable_from_here"})
_TURNS_AWAY = _LOCKED | {"partly_locked", "attested"}
"""
Doors at which mail that does not come through the gateway would be lost, wholly or in part, as seen or as a person confirms.
"""
_DEEPEST = 12


def gates(
    case: Case, findings: Iterable[Finding], recorded: Container[str] = (), held: Mapping[str, datetime] | None = None
) -> dict[str, Gate]:
    """
    Answer every gate.

    A gate is shut (`Answer.NO_GO`) by what is known to be wrong for it, open (`Answer.OPEN`) as long as something that bears on it is not
    known or waits for a person, else free. What is accepted by a waiver does not block. A finding that was not reached is replaced by the
    one that stopped it. Moving MX is behind a domain whose mail goes to the gateway as its phase says: nothing about it bears on that any
    more, and where this holds for all domains it is done (`Stage.DONE`). So is the lock where every door was seen shut; what bears on it
    then is left to be put right (`Stage.FLAWED`). Where no domain has moved, or is about to, there is nothing to move back (`Stage.IDLE`).

    Args:
        case: Whose gates they are.
        findings: All findings, attestations and waivers applied.
        recorded: The domains whose former MX records are known.
        held: Until when, at least, somebody may keep a domain's former MX records: before that nothing is locked (procedure, C10 and C11).

    Returns:
        By name, in the order of `GATES`.
    """
    everything = tuple(findings)
    return {name: _Judge(case, gate_rules()[name], everything, recorded, held or {}).gate() for name in GATES}


@dataclass(frozen=True, slots=True)
class _Judge:
    case: Case
    rule: GateRule
    findings: tuple[Finding, ...]
    recorded: Container[str]
    held: Mapping[str, datetime]

    def gate(self) -> Gate:
        if mail_scopes(self.case.environment) and not self._scopes():
            return Gate(Answer.GO, stage=Stage.DONE)
        blocked: dict[str, Answer] = {}
        bearing = [finding for finding in self.findings if self._bears(finding)]
        for finding in bearing:
            answer = self._answer(finding)
            if answer is Answer.GO:
                continue
            for root in self._roots(finding):
                wrong = answer is Answer.NO_GO or (root is not finding and root.status is Status.FAIL)
                blocked[root.name] = Answer.NO_GO if wrong else blocked.get(root.name, Answer.OPEN)
        if self.rule.name == "lock" and not self._locked():
            for name in (scope.name for scope in self._scopes() if scope.name in self.held and self.case.now < self.held[scope.name]):
                blocked[f"mx.propagation {name}"] = Answer.NO_GO
        shut = [name for name, answer in blocked.items() if answer is Answer.NO_GO]
        waiting = [name for name, answer in blocked.items() if answer is Answer.OPEN]
        if shut:
            return Gate(Answer.NO_GO, (*shut, *waiting), self._stage_of_blocked())
        if waiting:
            return Gate(Answer.OPEN, tuple(waiting), self._stage_of_blocked())
        if not any(finding.status not in (Status.NOT_APPLICABLE, *_OPEN) for finding in bearing):
            return Gate(Answer.OPEN)
        return Gate(Answer.GO, stage=self._stage())

    def _stage_of_blocked(self) -> Stage:
        """
        Where an act stands that something blocks.
        """
        if self.rule.name == "lock" and self._locked():
            return Stage.FLAWED
        early = all(scope.phase is Phase.PREPARE for scope in mail_scopes(self.case.environment))
        return Stage.IDLE if self.rule.name == "roll_back" and early and self._nothing_moved() else Stage.AHEAD

    def _nothing_moved(self) -> bool:
        named = {scope.name for scope in mail_scopes(self.case.environment)}
        seen = [finding for finding in self.findings if finding.check == "mx.gateway" and finding.subject in named]
        return bool(seen) and all(map(self._at_home, seen))

    def _locked(self) -> bool:
        """
        True where every door that there is was seen shut, and that for all domains.
        """
        doors = [finding for finding in self.findings if finding.check == "lockdown.direct"]
        locked = all(_LOCKED.intersection(door.causes) for door in doors if door.status is not Status.NOT_APPLICABLE)
        return self._locking() and locked and any(door.status is Status.PASS for door in doors)

    def _stage(self) -> Stage:
        """
        Where an act stands that nothing blocks.
        """
        if self.rule.name == "lock":
            return Stage.DONE if self._locked() else Stage.AHEAD
        return Stage.IDLE if self.rule.name == "roll_back" and self._nothing_moved() else Stage.AHEAD

    def _at_home(self, finding: Finding) -> bool:
        """
        True where a domain's MX records are seen to lead where they led before.
        """
        if self._phase_of(finding.subject) is Phase.PREPARE:
            return finding.status is Status.PASS and "moved" not in finding.causes
        return finding.causes == ("not_moved",)

    def _scopes(self) -> Sequence[DomainScope]:
        """
        The domains that the act concerns: all with mail, but for the move only those that have it still ahead.
        """
        mail = mail_scopes(self.case.environment)
        return [scope for scope in mail if not self._passed(scope)] if self.rule.name == "move_mx" else mail

    def _passed(self, scope: DomainScope) -> bool:
        there = {finding.subject for finding in self.findings if finding.check == "mx.gateway" and finding.status is Status.PASS}
        return scope.phase is not Phase.PREPARE and scope.name in there

    def _bears(self, finding: Finding) -> bool:
        if not self.rule.has(finding.check):
            return False
        listed = {scope.name for scope in self.case.environment.scopes}
        concerned = [scope for scope in self._scopes() if finding.subject == scope.name or finding.subject not in listed]
        if finding.check in self.rule.early:
            concerned = [scope for scope in concerned if scope.phase is Phase.PREPARE]
        return bool(concerned)

    def _answer(self, finding: Finding) -> Answer:
        way_back = self.rule.name == "roll_back" and finding.check == "lockdown.direct"
        if finding.status is Status.WAIVED and not way_back:
            return Answer.GO
        if finding.status is Status.NOT_APPLICABLE and "left_out" in finding.causes:
            return Answer.OPEN
        if finding.status is Status.NOT_APPLICABLE and "not_reached" in finding.causes:
            return Answer.OPEN
        if self.rule.name == "lock" and finding.check == "mx.gateway":
            return self._moved(finding)
        if self.rule.name == "roll_back":
            return self._unlocked(finding) if way_back else self._known_before(finding)
        return self._ordinary(finding)

    def _ordinary(self, finding: Finding) -> Answer:
        if finding.status is Status.MANUAL and finding.check in self.rule.itself and self._locking() and not self._locked():
            return Answer.GO
        if finding.status in _OPEN:
            return Answer.OPEN
        if finding.status is Status.FAIL:
            cured = self._cured(finding.check)
            return Answer.GO if finding.causes and cured.issuperset(finding.causes) else Answer.NO_GO
        if finding.status is Status.WARN and finding.check in self.rule.warnings:
            causes = self.rule.warnings[finding.check]
            return Answer.NO_GO if not causes or causes.intersection(finding.causes) else Answer.GO
        return Answer.GO

    def _cured(self, check: str) -> frozenset[str]:
        """
        Faults that the act itself puts right, or that come after it: a lock that is missing does not forbid the move.
        """
        return self.rule.cured.get(check, frozenset()) if self._locking() or self.rule.name != "move_mx" else frozenset()

    def _locking(self) -> bool:
        return all(scope.phase is Phase.LOCKDOWN for scope in mail_scopes(self.case.environment))

    def _moved(self, finding: Finding) -> Answer:
        """
        Before the lock a domain's mail has to go to the gateway, whatever the phase says.
        """
        if finding.status in _OPEN:
            return Answer.OPEN
        early = self._phase_of(finding.subject) is Phase.PREPARE
        there = "moved" in finding.causes or (finding.status is Status.PASS and not early)
        return Answer.GO if there or finding.status is Status.NOT_APPLICABLE else Answer.NO_GO

    def _unlocked(self, finding: Finding) -> Answer:
        """
        MX back while the platform is locked loses all mail: every door has to be seen open first.
        """
        if finding.status in _OPEN:
            return Answer.OPEN
        if self._nothing_behind(finding.subject) and "locked_early" not in finding.causes:
            return Answer.GO
        if _TURNS_AWAY.intersection(finding.causes) and "to_present" not in finding.causes:
            return Answer.NO_GO
        return Answer.OPEN if "not_yet" in finding.causes else Answer.GO

    def _nothing_behind(self, subject: str) -> bool:
        """
        True where no domain behind a host has moved, or is about to: none of its mail would be moved back to it.
        """
        behind = self._behind(subject)
        names = {scope.name for scope in behind}
        seen = [finding for finding in self.findings if finding.check == "mx.gateway" and finding.subject in names]
        return furthest(behind) is Phase.PREPARE and all(finding.status in _OPEN or self._at_home(finding) for finding in seen)

    def _known_before(self, finding: Finding) -> Answer:
        """
        The former MX records have to be known: before the move they are what is seen, afterwards what was seen then.
        """
        if self._phase_of(finding.subject) is not Phase.PREPARE or "moved" in finding.causes:
            return Answer.GO if finding.subject in self.recorded else Answer.OPEN
        return Answer.OPEN if finding.status in _OPEN else Answer.GO

    def _phase_of(self, subject: str) -> Phase:
        return furthest(self._behind(subject))

    def _behind(self, subject: str) -> Sequence[DomainScope]:
        """
        The domains that a finding about a domain or host is about: all where its subject is none of theirs.
        """
        mail = mail_scopes(self.case.environment)
        return [scope for scope in mail if subject in (scope.name, scope.inbound_host)] or mail

    def _roots(self, finding: Finding) -> list[Finding]:
        """
        What stands behind a finding that was not reached: the findings that stopped it; the finding itself where there are none.
        """
        named = {each.name: each for each in self.findings}
        roots: list[Finding] = []
        waiting, deep = [finding], 0
        while waiting and deep < _DEEPEST:
            deep += 1
            stopped = [each for each in waiting if "not_reached" in each.causes]
            roots += [each for each in waiting if "not_reached" not in each.causes]
            behind = {name: named[name] for each in stopped for name in each.evidence if name in named}
            roots += [each for each in stopped if not any(name in named for name in each.evidence) and each.status in _OPEN]
            waiting = list(behind.values())
        return [each for each in roots if each is finding or each.status in (*_OPEN, Status.FAIL)]
