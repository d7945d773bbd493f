"""
`route.recipient`, `route.unknown_recipient`, `route.relay`, `route.delivery`: whom the inbound host takes mail for, as seen from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..environment import DomainScope, Phase
from ..knowledge.platforms import platform_facts
from ..knowledge.replies import FOREIGN, Meaning, classify
from ..observations import Envelope, Problem, SmtpReply, TransactionResult
from ..results import Status
from .case import Case
from .route_reach import probe_cause, shown
from .route_view import AddressView, Routes, mx_moved
from .said import Said, cause_of, gravest, not_reached

_FINAL = frozenset({Meaning.WRONG_HOST, Meaning.NO_MAILBOXES, Meaning.TLS_REQUIRED, Meaning.RELAY_DENIED, Meaning.DOMAIN_NOT_ACCEPTED})
"""
Refusals that do not go away by waiting, even where they are given with 4xx.
"""

_OF_MAILBOX = frozenset({Meaning.UNKNOWN_RECIPIENT, Meaning.MAILBOX_FULL, Meaning.MAILBOX_DISABLED, Meaning.RECIPIENT_RESTRICTED})
"""
What is said of a mailbox.
"""
_SAYS_NOTHING = frozenset({Meaning.REFUSED, Meaning.AUTHENTICATION_REQUIRED, Meaning.TLS_REQUIRED})
"""
Refusals that may have any reason: given to every recipient alike, they say nothing of one.
"""


@dataclass(frozen=True, slots=True)
class Heard:
    """
    What one transaction came to, understood.

    Args:
        result: The transaction.
        reply: The reply that decided, None where there was none.
        meaning: What it says; None where there was none.
        cause: Why there was none, ``""`` where there was.
        scopes: The domains it is about.
    """

    result: TransactionResult
    reply: SmtpReply | None
    meaning: Meaning | None
    cause: str
    scopes: tuple[DomainScope, ...]

    @property
    def about_mailbox(self) -> bool:
        """
        True for an answer that only a server gives which looked at the mailbox: it was taken, or something is said of it for good.
        """
        if self.reply is None or self.result.rcpt is None:
            return False
        return self.meaning is Meaning.ACCEPTED or (self.meaning in _OF_MAILBOX and not self.reply.temporary)

    @property
    def refused(self) -> bool:
        """
        True for a refusal for good that speaks neither of the probe nor of the lock.
        """
        if self.meaning is None or self.reply is None or self.meaning.about_probe or self.lock:
            return False
        return self.reply.code >= 500

    @property
    def lock(self) -> bool:
        """
        True for a refusal by the lock. Where the platform is to be locked, refusals without its name count as well, as its facts say.
        """
        if self.meaning is None:
            return False
        if self.meaning is Meaning.LOCKED:
            return True
        return any(scope.phase is Phase.LOCKDOWN and self.meaning.value in platform_facts(scope.platform).lock for scope in self.scopes)


def hear(view: AddressView, *envelopes: Envelope) -> list[Heard]:
    """
    What the transactions of these kinds came to, in the order they were asked.
    """
    wanted = [transaction for transaction in view.dialogue.question.transactions if transaction.envelope in envelopes]
    results = {result.transaction: result for result in view.dialogue.results}
    return [_heard(view, results.get(transaction, TransactionResult(transaction))) for transaction in wanted]


def _heard(view: AddressView, result: TransactionResult) -> Heard:
    reply = result.answer
    transaction = result.transaction
    domain = transaction.recipient.rpartition("@")[2]
    scopes = tuple(each for each in view.scopes if transaction.recipient == each.test_recipient or domain == each.name) or view.scopes
    if reply is None:
        return Heard(result, None, None, _why_nothing(view, result), scopes)
    stage = "mail" if result.rcpt is None else FOREIGN if transaction.envelope is Envelope.FOREIGN else "rcpt"
    meaning = classify(reply, stage, view.platform).meaning
    if result.rcpt is None and meaning is Meaning.REFUSED:
        meaning = Meaning.SENDER_REFUSED  # MAIL names nobody but the sender, so its refusal says nothing about a recipient
    return Heard(result, reply, meaning, "", scopes)


def _why_nothing(view: AddressView, result: TransactionResult) -> str:
    # A server may say 421 to one recipient and close: what it said then is why the later ones have no answer.
    closing = [each.answer for each in view.dialogue.results if each.answer is not None and each.answer.code == 421]
    if closing:
        meaning = classify(closing[-1], "rcpt", view.platform).meaning
        return (
            meaning.value
            if meaning in (Meaning.LOCKED, Meaning.GREYLISTED)
            else probe_cause(meaning)
            if meaning.about_probe
            else "temporary"
        )
    problem = result.problem or _last_problem(view)
    return cause_of(problem) if problem is not None else "protocol_error"


def _last_problem(view: AddressView) -> Problem | None:
    return next((each.problem for each in reversed(view.dialogue.connections) if each.problem is not None), None)


def recipient_said(case: Case, routes: Routes, view: AddressView) -> Said:
    """
    `route.recipient`: the test recipient is accepted.
    """
    heard = hear(view, Envelope.VALID)
    if not heard:
        values = {"where": view.where, "domains": [scope.unicode for scope in view.scopes]}
        return Said(Status.MANUAL, "route.recipient.no_recipient", values, ("no_recipient",))
    return gravest([_of_valid(case, routes, view, each) for each in heard])


def _of_valid(case: Case, routes: Routes, view: AddressView, heard: Heard) -> Said:
    evidence = case.evidence(view.dialogue)
    values = values_of(view, heard)
    if heard.meaning is Meaning.ACCEPTED:
        waited = heard.result.retried_after_s
        if waited is not None:
            return Said(Status.PASS, "route.recipient.accepted_later", {**values, "waited": waited}, (), evidence)
        return Said(Status.PASS, "route.recipient.accepted", values, (), evidence)
    locked = _locked("route.recipient", case, routes, view, heard) or _closed_by_lock(case, routes, view, heard)
    return locked or refused_said("route.recipient", values, heard, evidence)


def refused_said(check: str, values: Mapping[str, object], heard: Heard, evidence: tuple[str, ...]) -> Said:
    """
    What a recipient that was not accepted means: the host's fault, or not known.
    """
    meaning = heard.meaning
    if meaning is None or heard.reply is None:
        message = f"{check}.greylisted" if heard.cause == "greylisted" else f"{check}.no_reply"
        return Said(Status.UNKNOWN, message, {**values, "cause": heard.cause}, (heard.cause,), evidence)
    if meaning.about_probe:
        return Said(Status.UNKNOWN, f"{check}.{meaning.value}", values, (probe_cause(meaning),), evidence)
    if heard.reply.temporary and meaning not in _FINAL:
        message = "greylisted" if meaning is Meaning.GREYLISTED else "temporary"
        return Said(Status.UNKNOWN, f"{check}.{message}", values, (meaning.value,), evidence)
    return Said(Status.FAIL, f"{check}.{meaning.value}", values, (meaning.value,), evidence)


def unknown_said(case: Case, routes: Routes, view: AddressView) -> Said:
    """
    `route.unknown_recipient`: an address nobody has is refused for good.
    """
    heard = hear(view, Envelope.UNKNOWN)
    locked = _locked_for_good("route.unknown_recipient", case, routes, view)
    return locked or gravest([_of_unknown(case, routes, view, each) for each in heard])


def _of_unknown(case: Case, routes: Routes, view: AddressView, heard: Heard) -> Said:
    check = "route.unknown_recipient"
    evidence = case.evidence(view.dialogue)
    values = values_of(view, heard)
    if heard.meaning is Meaning.ACCEPTED:
        return Said(Status.WARN, f"{check}.accepted", values, ("accepted",), evidence)
    if heard.meaning is None or heard.reply is None:
        return _closed_by_lock(case, routes, view, heard) or Said(
            Status.UNKNOWN, f"{check}.no_reply", {**values, "cause": heard.cause}, (heard.cause,), evidence
        )
    locked = _locked(check, case, routes, view, heard)
    if locked is not None:
        return locked
    if heard.meaning.about_probe or heard.result.rcpt is None:
        return Said(Status.UNKNOWN, f"{check}.about_probe", values, (probe_cause(heard.meaning),), evidence)
    if heard.reply.temporary:
        return Said(Status.UNKNOWN, f"{check}.temporary", values, (heard.meaning.value,), evidence)
    if _refused_alike(view, heard):
        return Said(Status.UNKNOWN, f"{check}.refused_alike", values, ("refused_alike",), evidence)
    return Said(Status.PASS, f"{check}.refused", values, (), evidence)


def _refused_alike(view: AddressView, heard: Heard) -> bool:
    """
    True where a refusal says nothing of its recipient, because no other recipient was taken and one at least heard the same.
    """
    others = [each for each in hear(view, Envelope.VALID, Envelope.UNKNOWN, Envelope.FOREIGN) if each.result is not heard.result]
    if heard.meaning not in _SAYS_NOTHING or any(each.meaning is Meaning.ACCEPTED for each in others):
        return False
    return any(each.meaning is heard.meaning and _words(each) == _words(heard) for each in others)


def _words(heard: Heard) -> tuple[int, str]:
    """
    A reply without the recipient's name in it.
    """
    reply, recipient = heard.reply, heard.result.transaction.recipient.lower()
    if reply is None:
        return 0, ""
    text = reply.text.lower().replace(recipient, "")
    return reply.code, text.replace(recipient.rpartition("@")[2], "").replace(recipient.rpartition("@")[0], "")


def relay_said(case: Case, routes: Routes, view: AddressView) -> Said:
    """
    `route.relay`: an address in a foreign domain is refused as relaying.
    """
    locked = _locked_for_good("route.relay", case, routes, view)
    return locked or gravest([_of_foreign(case, routes, view, each) for each in hear(view, Envelope.FOREIGN)])


def _of_foreign(case: Case, routes: Routes, view: AddressView, heard: Heard) -> Said:
    check = "route.relay"
    evidence = case.evidence(view.dialogue)
    values = values_of(view, heard)
    meaning = heard.meaning
    if meaning is None or heard.reply is None:
        return _closed_by_lock(case, routes, view, heard) or Said(
            Status.UNKNOWN, f"{check}.no_reply", {**values, "cause": heard.cause}, (heard.cause,), evidence
        )
    if meaning is Meaning.ACCEPTED:
        return Said(Status.FAIL, f"{check}.accepted", values, ("relay",), evidence)
    locked = _locked(check, case, routes, view, heard)
    if locked is not None:
        return locked
    if meaning is Meaning.TEST_DOMAIN_REFUSED:
        return Said(Status.UNKNOWN, f"{check}.test_domain_refused", values, ("test_domain_refused",), evidence)
    if meaning.about_probe or heard.result.rcpt is None:
        return Said(Status.UNKNOWN, f"{check}.about_probe", values, (probe_cause(meaning),), evidence)
    if heard.reply.temporary and meaning not in _FINAL:
        return Said(Status.UNKNOWN, f"{check}.temporary", values, (meaning.value,), evidence)
    if _refused_alike(view, heard):
        return Said(Status.UNKNOWN, f"{check}.refused_alike", values, ("refused_alike",), evidence)
    return Said(Status.PASS, f"{check}.refused", values, (), evidence)


def delivery_said(case: Case, routes: Routes, view: AddressView) -> Said:
    """
    `route.delivery`: the test message is accepted.
    """
    check = "route.delivery"
    locked = _locked_for_good(check, case, routes, view)
    if locked is not None:
        return locked
    sent = routes.delivery
    if sent is None:
        return not_reached(f"route.recipient {view.subject}", recipient_said(case, routes, view).status)
    if sent.subject != view.subject:
        return Said(Status.NOT_APPLICABLE, f"{check}.one_message", {"where": view.where, "sent_to": sent.where}, ("one_message",))
    return gravest([_of_delivery(case, routes, sent, each) for each in hear(sent, Envelope.DELIVERY)])


def _of_delivery(case: Case, routes: Routes, view: AddressView, heard: Heard) -> Said:
    check = "route.delivery"
    evidence = case.evidence(view.dialogue)
    result = heard.result
    decided = result.message or (result.data if result.data is not None and result.data.code >= 400 else None)
    if heard.meaning is not Meaning.ACCEPTED:
        decided = heard.reply
    values = {**values_of(view, heard), "reply": shown(decided)}
    if decided is None:
        cause = _why_nothing(view, result)
        return Said(Status.UNKNOWN, f"{check}.no_reply", {**values, "cause": cause}, (cause,), evidence)
    stage = "message" if result.message is not None else "data" if result.data is not None else "rcpt"
    later = Heard(result, decided, classify(decided, stage, view.platform).meaning, "", heard.scopes)
    if later.meaning is Meaning.ACCEPTED:
        return Said(Status.PASS, f"{check}.accepted", values, (), evidence)
    return _locked(check, case, routes, view, later) or _refused_delivery(values, later, evidence)


def _refused_delivery(values: Mapping[str, object], heard: Heard, evidence: tuple[str, ...]) -> Said:
    if heard.meaning is None or heard.reply is None:
        raise AssertionError("a delivery that was decided has a reply")
    if heard.meaning.about_probe:
        return Said(Status.UNKNOWN, "route.delivery.about_probe", values, (probe_cause(heard.meaning),), evidence)
    if heard.reply.temporary:
        return Said(Status.UNKNOWN, "route.delivery.temporary", values, (heard.meaning.value,), evidence)
    return Said(Status.FAIL, "route.delivery.refused", values, (heard.meaning.value,), evidence)


def _locked(check: str, case: Case, routes: Routes, view: AddressView, heard: Heard) -> Said | None:
    """
    What a refusal by the lock makes of a check, None where it is none.
    """
    if not heard.lock:
        return None
    values, evidence = values_of(view, heard), case.evidence(view.dialogue)
    if all(_lock_is_settled(case, routes, scope) for scope in heard.scopes):
        return Said(Status.NOT_APPLICABLE, "route.locked_rightly", values, ("locked",), evidence)
    return Said(Status.UNKNOWN, "route.locked", {**values, "check": check}, ("locked",), evidence)


def _closed_by_lock(case: Case, routes: Routes, view: AddressView, heard: Heard) -> Said | None:
    """
    What is said of a question that got no answer because the lock had closed the connection before it, None where that is not why.
    """
    if heard.reply is not None or heard.cause != Meaning.LOCKED.value:
        return None
    values, evidence = values_of(view, heard), case.evidence(view.dialogue)
    closing = [each.answer for each in view.dialogue.results if each.answer is not None and each.answer.code == 421]
    values["reply"] = shown(closing[-1] if closing else None)
    if all(_lock_is_settled(case, routes, scope) for scope in heard.scopes):
        return Said(Status.NOT_APPLICABLE, "route.locked_rightly_before", values, ("locked",), evidence)
    return Said(Status.UNKNOWN, "route.locked_before", values, ("locked",), evidence)


def _lock_is_settled(case: Case, routes: Routes, scope: DomainScope) -> bool:
    return scope.phase is Phase.LOCKDOWN or (scope.phase is Phase.CUTOVER and mx_moved(case.environment, routes, scope) is True)


def _locked_for_good(check: str, case: Case, routes: Routes, view: AddressView) -> Said | None:
    """
    Where the lock refuses the test recipient and rightly so, nothing more can be seen from here.
    """
    locks = [each for each in hear(view, Envelope.VALID, Envelope.NEUTRAL) if each.lock]
    for heard in locks:
        said = _locked(check, case, routes, view, heard)
        if said is not None and said.status is Status.NOT_APPLICABLE:
            return said
    return None


def values_of(view: AddressView, heard: Heard) -> dict[str, object]:
    """
    What the texts about one transaction need.
    """
    transaction = heard.result.transaction
    return {
        "where": view.where,
        "host": view.host,
        "recipient": transaction.recipient,
        "sender": f"<{transaction.sender}>",
        "reply": shown(heard.reply),
        "stage": "MAIL" if heard.result.rcpt is None and heard.result.mail is not None else "RCPT",
    }
