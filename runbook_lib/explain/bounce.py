"""
Messages: is it a bounce, and what does it say.
"""

from __future__ import annotations

from .catalogue import Finding, Said, finding_of, look_up
from .headers import findings_of, read_part
from .judging import Candidate, best, diagnosis, from_reply, not_a_bounce, ordered, unknown
from .mail import Part, decoded_words
from .reasons import Diagnosis, Reason, Stage
from .report import RecipientStatus, looks_like_status, statuses
from .wording import enhanced_in, find_replies, lines_of, says, speaks_of_failure, stage_of, system_of, without_original

_MOST_REPLIES = 40
_MOST_PARAGRAPHS = 60
_WHOLE = 2


def explain_message(mail: Part, depth: int = 0) -> tuple[Diagnosis, ...]:
    """
    What a message says, best first; at least one diagnosis.

    Args:
        mail: The message.
        depth: How many messages it stands in.
    """
    kind = _report_type(mail)
    if kind == "disposition-notification" and not says("rejected", _human(mail)[:2000]):
        return (not_a_bounce("read_receipt", decoded_words(mail.first("subject"))),)
    if kind == "feedback-report":
        return (not_a_bounce("complaint", decoded_words(mail.first("subject"))),)
    reported = [
        status
        for part in mail.walk()
        if part.kind in ("message/delivery-status", "message/global-delivery-status")
        for status in statuses(_status_text(part))
    ]
    if not reported and looks_like_status(_human(mail)):
        reported = [status for status in statuses(_human(mail)) if status.status or status.diagnostic]
    if reported:
        return _from_report(mail, reported)
    inner = _inner_bounce(mail, depth)
    if inner is not None:
        return inner
    text = _human(mail)
    if not _is_bounce(mail, text):
        return _no_bounce(mail)
    return from_text(
        text, tuple(decoded_words(value) for value in mail.all("x-failed-recipients"))[:1], decoded_words(mail.first("subject"))
    )


def from_text(text: str, recipients: tuple[str, ...] = (), subject: str = "") -> tuple[Diagnosis, ...]:
    """
    What the words of a bounce say, where no report lies beside them.

    Args:
        text: The words, with the copy of the original message or without.
        recipients: Whom it is about, where that is known.
        subject: Of the message, looked at last.
    """
    lines = without_original(lines_of(text))
    body = "\n".join(lines)
    recipient = recipients[0].split(",")[0].strip().lower() if recipients else ""
    found: list[Diagnosis] = []
    delayed = _only_delayed(subject + " " + body)
    for reply in find_replies(lines)[:_MOST_REPLIES]:
        if reply.code < 400:
            continue
        around = "\n".join(lines[max(0, reply.line - 3) : reply.line + 4])
        pair = best([from_reply(reply, around)])
        if pair is not None:
            found.append(diagnosis(*pair, recipient=recipient, delayed=delayed))
    sure = [each for each in found if each.certainty == 3]
    if sure:
        return ordered(sure)
    candidates = [Candidate(Said(each, None, enhanced_in(each), stage_of(each), system_of(body))) for each in _paragraphs(lines)]
    candidates += [Candidate(Said(body, None, None, stage_of(body), system_of(body)), _WHOLE), Candidate(Said(subject), _WHOLE)]
    pair = best(candidates)
    if pair is not None and pair[0].certainty >= _WHOLE and pair[0].entry != "policy":
        finding, said = pair
        code = found[0] if found else None
        said = Said(
            said.text,
            code.reply_code if code else None,
            (code.enhanced_code if code else None) or said.enhanced,
            said.stage or (code.stage if code else None),
        )
        if code is None or finding.certainty > code.certainty:
            return ordered([diagnosis(finding, said, recipient=recipient, delayed=delayed), *found])
    if found:
        return ordered(found)
    if delayed:
        return (diagnosis(finding_of(Reason.EXPIRED), Said(body), recipient=recipient, delayed=True),)
    if pair is not None and pair[0].certainty:
        return (diagnosis(*pair, recipient=recipient),)
    return (unknown(body.strip() or subject, recipient),)


def _from_report(mail: Part, reported: list[RecipientStatus]) -> tuple[Diagnosis, ...]:
    failures = [status for status in reported if status.failure]
    if not failures:
        first = reported[0]
        return (
            not_a_bounce(
                "delivered", f"Action: {first.action} {first.status or ''} {first.diagnostic}", Stage.DELIVERED, recipient=first.recipient
            ),
        )
    lines = without_original(lines_of(_human(mail)))
    return ordered(_from_status(status, lines, len(failures) == 1) for status in failures[:20])


def _from_status(status: RecipientStatus, lines: list[str], only: bool) -> Diagnosis:
    delayed = status.action == "delayed"
    body = "\n".join(lines)
    near = "\n".join(_near(lines, status.recipient)) if not only else body
    system = system_of(f"{status.diagnostic} {status.remote} {status.reporting if not status.remote else ''}")
    stage = stage_of(status.diagnostic) or stage_of(near)
    candidates = [Candidate(Said(status.diagnostic, status.code, status.enhanced, stage, system))] if status.diagnostic else []
    candidates += [from_reply(reply, near) for reply in find_replies(near.split("\n"))[:_MOST_REPLIES] if reply.code >= 400]
    candidates += [Candidate(Said(each, status.code, status.enhanced, stage, system)) for each in _paragraphs(near.split("\n"))]
    candidates.append(Candidate(Said(near, status.code, status.enhanced, stage, system), _WHOLE))
    pair = _chosen(candidates, bool(status.diagnostic))
    if pair is None or not pair[0].certainty or (delayed and pair[0].certainty < 3):
        finding = finding_of(Reason.EXPIRED if delayed else Reason.UNKNOWN)
        by_code = look_up(Said("", status.code, status.enhanced, stage, system))
        if by_code.certainty and not delayed:
            finding = by_code
        return diagnosis(
            finding,
            Said(status.diagnostic or body, status.code, status.enhanced, stage),
            recipient=status.recipient,
            host=status.remote,
            delayed=delayed,
        )
    finding, said = pair
    said = Said(said.text, said.code or status.code, said.enhanced or status.enhanced, said.stage or stage)
    return diagnosis(finding, said, recipient=status.recipient, host=status.remote, delayed=delayed)


def _chosen(candidates: list[Candidate], has_diagnostic: bool) -> tuple[Finding, Said] | None:
    """
    The best candidate; what only the words around say must be better than the diagnostic, not equal.
    """
    pair = best(candidates)
    if pair is None or not has_diagnostic:
        return pair
    own = best(candidates[:1])
    return own if own is not None and own[0].certainty >= pair[0].certainty else pair


def _report_type(mail: Part) -> str:
    if mail.kind == "multipart/report":
        named = mail.parameters.get("report-type", "").lower()
        if named:
            return named
    kinds = {part.kind for part in mail.walk()}
    for kind in ("message/disposition-notification", "message/feedback-report"):
        if kind in kinds:
            return kind.removeprefix("message/")
    return ""


def _status_text(part: Part) -> str:
    return part.text or "\n\n".join("\n".join(f"{name}: {value}" for name, value in inner.fields) for inner in part.parts)


def _inner_bounce(mail: Part, depth: int) -> tuple[Diagnosis, ...] | None:
    """
    The explanation of a bounce that was forwarded as an attachment.
    """
    if depth >= 2 or mail.kind == "multipart/report":
        return None
    for part in mail.walk():
        if part.kind == "message/rfc822" and part.parts and part.parts[0].kind == "multipart/report":
            found = explain_message(part.parts[0], depth + 1)
            if found[0].reason is not Reason.NOT_A_BOUNCE:
                return found
    return None


def _human(mail: Part) -> str:
    """
    The words for people: all text before the original message.
    """
    texts: list[str] = []
    alternative = {id(inner) for part in mail.walk() if part.kind == "multipart/alternative" for inner in part.parts[1:]}
    for part in mail.walk():
        if part.kind in ("message/rfc822", "text/rfc822-headers", "message/delivery-status", "message/partial") and part is not mail:
            break
        if part.text.strip() and (id(part) not in alternative or not texts):
            texts.append(part.text)
    return "\n\n".join(texts)


def _is_bounce(mail: Part, text: str) -> bool:
    subject = decoded_words(mail.first("subject")).lower()
    sender = decoded_words(f"{mail.first('from')} {mail.first('sender')}").lower()
    returned = mail.first("return-path")
    automatic = mail.first("auto-submitted").lower()
    own = "\n".join(without_original(lines_of(text)))
    if mail.first("x-failed-recipients") or mail.kind == "multipart/report":
        return True
    replies = [reply for reply in find_replies(lines_of(own)) if reply.code >= 400]
    if (
        says("automatic", subject)
        or automatic.startswith("auto-replied")
        or mail.first("x-autoreply")
        or mail.first("precedence").lower() == "auto_reply"
    ):
        return speaks_of_failure(own) and (bool(replies) or (says("subject", subject) and not says("automatic", subject)))
    from_system = says("sender", sender) or returned.replace(" ", "") == "<>" or "mailer-daemon" in returned.lower()
    failure = speaks_of_failure(own) or bool(replies)
    if from_system:
        return failure or says("subject", subject) or look_up(Said(own)).certainty == 3
    return says("subject", subject) and failure and not subject.startswith(("re:", "aw:", "fwd:", "fw:", "wg:"))


def _no_bounce(mail: Part) -> tuple[Diagnosis, ...]:
    subject = decoded_words(mail.first("subject"))
    if says("automatic", subject) or mail.first("auto-submitted").lower().startswith("auto-replied") or mail.first("x-autoreply"):
        return (not_a_bounce("automatic_reply", subject),)
    return (not_a_bounce("message", subject), *findings_of(read_part(mail)))


def _only_delayed(text: str) -> bool:
    return says("delayed", text[:6000]) and not says("given_up", text[:6000])


def _near(lines: list[str], recipient: str) -> list[str]:
    if not recipient:
        return lines
    at = [number for number, line in enumerate(lines) if recipient in line.lower()]
    return [line for number in at[:4] for line in lines[number : number + 8]] or lines


def _paragraphs(lines: list[str]) -> list[str]:
    found: list[str] = []
    current: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            current.append(line.strip())
        elif current:
            found.append(" ".join(current))
            current = []
    return found[:_MOST_PARAGRAPHS]
