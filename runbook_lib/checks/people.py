"""
What people add to the findings: what they confirm having done (attestations), and exceptions they accept (waivers).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC

from ..environment import Attestation, Phase, Waiver
from ..knowledge.platforms import provider_of
from ..knowledge.text import Catalogue, Message
from ..observations import PersonNote
from ..results import Finding, Status
from .case import Case
from .said import TOGETHER

_SEEN_BY = {
    "gateway.test_connection": (
        *("route.connect", "route.starttls", "route.tls_version", "route.certificate", "route.recipient"),
        *("exchange.certificate", "exchange.receive_connector"),
    ),
    "m365.connection_filter": ("allowlist.coverage",),
    "lockdown.scope": ("mx.gateway",),
}
"""
What a person confirms that can be seen in another way as well, with the checks that see it.
"""
_DOORS = {"m365.inbound_connector": "microsoft", "google.gateway_options": "google", "exchange.firewall": "", "hosted.confirmation": ""}
"""
What a person confirms of a lock that can be seen from outside as well, with whose doors it locks: a provider's, or the customer's own.
"""
_WAIVABLE = frozenset({Status.WARN, Status.FAIL, Status.UNKNOWN, Status.MANUAL})


def apply_people(case: Case, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """
    Attestations first, then waivers.
    """
    return waive(attest(findings, case), case)


def attest(findings: Iterable[Finding], case: Case) -> tuple[Finding, ...]:
    """
    Turn what waits for a person into a pass where somebody confirms it in the phase it is judged in.

    Only `Status.MANUAL` is touched: a person's word never goes against what was seen. An attestation of another phase does nothing; the
    finding's values say that there is one, and where what was seen speaks against a word they say that too (see `remark`).
    """
    everything = tuple(findings)
    return tuple(_doubted(_attested(finding, case), everything) for finding in everything)


def _doubted(finding: Finding, others: Iterable[Finding]) -> Finding:
    if finding.cause != "attested":
        return finding
    against = next((each for each in others if each.status is Status.FAIL and _speaks_against(each, finding.check)), None)
    return finding if against is None else _with(finding, against=against.name)


def _speaks_against(seen: Finding, check: str) -> bool:
    if seen.check in _SEEN_BY.get(check, ()):
        return True
    provider = provider_of(seen.subject)
    return seen.check == "lockdown.direct" and _DOORS.get(check) == (provider.code if provider is not None else "")


def _attested(finding: Finding, case: Case) -> Finding:
    if finding.status is not Status.MANUAL:
        return finding
    given = case.environment.attestations
    key = next((each for each in (finding.check, finding.step) if each in given and given[each].phase is _phase(finding, case)), None)
    if key is None:
        stale = next((each for each in (finding.check, finding.step) if each in given), None)
        if stale is None:
            return finding
        said = given[stale]
        return _with(finding, attested_for=stale, attested_in=said.phase.value, attested_by=said.by, attested_at=str(said.at))
    return replace(
        _with(finding, **_person(given[key])),
        status=Status.PASS,
        cause="attested",
        causes=("attested",),
        message=Message("people.attested", {**finding.message.values, **_person(given[key]), "claim": claim_of(finding)}),
        evidence=tuple(dict.fromkeys((*finding.evidence, *case.evidence(_note(key, given[key]))))),
    )


def claim_of(finding: Finding) -> str:
    """
    What a person says who confirms a finding, for the form ``:claim`` of a text: for checks that are confirmed as one it is the same.
    """
    return str(finding.message.values.get(TOGETHER, finding.check))


def _phase(finding: Finding, case: Case) -> Phase:
    return next((scope.phase for scope in case.environment.scopes if scope.name == finding.subject), case.environment.phase)


def _note(key: str, attestation: Attestation) -> PersonNote:
    return PersonNote(key, attestation.by, str(attestation.at), attestation.phase.value, attestation.note or "")


def _person(attestation: Attestation) -> dict[str, str]:
    return {"by": attestation.by, "at": str(attestation.at), "note": attestation.note or ""}


def remark(message: Message, catalogue: Catalogue) -> str:
    """
    What has to be said beside a finding of a person's word: that it does not count, for another phase or no longer, or that what was seen
    speaks against it. ``""`` for nothing.
    """
    values = message.values
    if "against" in values:
        return catalogue.text("people.against", against=values["against"])
    if "attested_in" in values:
        said = {"by": values["attested_by"], "at": values["attested_at"], "phase": values["attested_in"]}
        return catalogue.text("people.other_phase", **said)
    if "waiver_ended" in values:
        return catalogue.text("people.waiver_ended", by=values["waived_by"], ended=values["waiver_ended"])
    return ""


def waive(findings: Iterable[Finding], case: Case) -> tuple[Finding, ...]:
    """
    Turn what is wrong or open into an accepted exception where there is a waiver that has not ended.

    A waiver for ``check subject`` goes before one for the check. It counts to the end of its last day, UTC; afterwards it does nothing, and
    the finding's values say that it ended.
    """
    return tuple(_waived(finding, case) for finding in findings)


def _waived(finding: Finding, case: Case) -> Finding:
    if finding.status not in _WAIVABLE:
        return finding
    today = case.now.astimezone(UTC).date()
    found = [waiver for key in (finding.name, finding.check) if (waiver := _waiver(case, key)) is not None]
    if not found:
        return finding
    living = next((waiver for waiver in found if waiver.expires >= today), None)
    if living is None:
        return _with(finding, waiver_ended=found[0].expires.isoformat(), waived_by=found[0].by)
    values = {
        "waived": finding.status.value,
        "waived_by": living.by,
        "waiver_reason": living.reason,
        "waiver_ends": living.expires.isoformat(),
    }
    return replace(_with(finding, **values), status=Status.WAIVED)


def _waiver(case: Case, name: str) -> Waiver | None:
    plain = name.casefold()
    return next((waiver for key, waiver in case.environment.waivers.items() if key.casefold() == plain), None)


def _with(finding: Finding, **values: str) -> Finding:
    return replace(finding, message=Message(finding.message.id, {**finding.message.values, **values}))
