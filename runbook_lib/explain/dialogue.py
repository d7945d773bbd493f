"""
Pasted text that is no message: transcripts of a session, log lines, bare replies, the words of a bounce.
"""

from __future__ import annotations

import re

from .bounce import from_text
from .catalogue import Said, look_up
from .judging import Candidate, best, diagnosis, from_reply, not_a_bounce, ordered, unknown
from .reasons import Diagnosis, Reason, Stage
from .report import looks_like_status, statuses
from .wording import FoundReply, find_replies, lines_of, says, speaks_of_failure, stage_of, system_of

_COMMAND = re.compile(
    r"^(?:[\d:.,TZ+\s-]{0,40})?[\s\[\]]{0,6}(?:<?~?[-=]{0,2}>{1,3}|->|~>|>>>|c:|client:?|client\W{1,3}|sent:?|send:|out:|,>,)?[\s\"]{0,6}"
    r"(ehlo|helo|lhlo|mail from|rcpt to|data|bdat|starttls|auth|quit|rset|noop)\b",
    re.IGNORECASE,
)
_STAGE_OF = {
    "ehlo": Stage.EHLO, "helo": Stage.EHLO, "lhlo": Stage.EHLO, "mail from": Stage.MAIL, "rcpt to": Stage.RCPT, "data": Stage.DATA,
    "bdat": Stage.DATA, "starttls": Stage.STARTTLS,
}  # fmt: skip
_SERVER = re.compile(
    r"^[^0-9a-z]{0,4}(?:[\d:.,tz+\s-]{0,40}(?:ms)?)?[\s\[\]]{0,6}(?:<?[~*=-]{0,3}|<{1,3}|s:|server:?|recv:?|in:|,<,)?"
    r"[\s<*~\"-]{0,8}[245][0-5]\d(?:[ -]|$)",
    re.IGNORECASE,
)
_SHORT = 600
_MOST_LINES_OF_LOG = 200
_MOST_REFUSALS = 60


def explain_text(text: str) -> tuple[Diagnosis, ...]:
    """
    What a pasted text says, best first; at least one diagnosis.
    """
    lines = lines_of(text)
    if looks_like_status(text):
        found = _stand_alone(text)
        if found:
            return found
    if _is_session(lines):
        return _session(lines)
    logs = [line for line in lines if says("log", line)]
    if logs and len(logs) * 2 >= sum(1 for line in lines if line.strip()):
        return _log(logs)
    replies = find_replies(lines)
    failures = [reply for reply in replies if reply.code >= 400]
    if replies and not failures and not speaks_of_failure(text):
        return (not_a_bounce("accepted", replies[0].text),)
    if failures or speaks_of_failure(text):
        return from_text(text)
    finding = look_up(Said(text, None, None, stage_of(text), system_of(text)))
    code = _bare_enhanced(text)
    if code:
        return (diagnosis(look_up(Said(text, None, code, stage_of(text), system_of(text))), Said(text, None, code, stage_of(text))),)
    if finding.certainty == 3 and len(text) <= _SHORT:
        return (diagnosis(finding, Said(text, None, None, stage_of(text))),)
    return (not_a_bounce("text", text.strip()[:200]),)


def _bare_enhanced(text: str) -> str | None:
    match = re.search(r"(?<![\d.])([45]\.\d\.\d{1,3})(?!\d|\.\d)", text[:_SHORT]) if len(text) <= _SHORT else None
    return match[1] if match else None


def _stand_alone(text: str) -> tuple[Diagnosis, ...]:
    found = []
    for status in statuses(text):
        if status.failure:
            said = Said(
                status.diagnostic,
                status.code,
                status.enhanced,
                stage_of(status.diagnostic),
                system_of(f"{status.diagnostic} {status.remote}"),
            )
            finding = look_up(said)
            found.append(diagnosis(finding, said, recipient=status.recipient, host=status.remote, delayed=status.action == "delayed"))
    if found:
        return ordered(found)
    return (not_a_bounce("delivered", text[:200], Stage.DELIVERED, recipient=""),) if statuses(text) else ()


def _is_session(lines: list[str]) -> bool:
    commands = {match[1].lower() for match in map(_COMMAND.match, lines[:2000]) if match}
    answers = sum(1 for line in lines[:2000] if _SERVER.match(line))
    return bool(commands & {"ehlo", "helo", "lhlo", "mail from", "rcpt to"}) and answers >= 1


def _session(lines: list[str]) -> tuple[Diagnosis, ...]:
    marks: list[tuple[int, Stage]] = [(-1, Stage.GREETING)]
    for number, line in enumerate(lines):
        match = _COMMAND.match(line)
        if match is not None and match[1].lower() in _STAGE_OF:
            marks.append((number, _STAGE_OF[match[1].lower()]))
    found: list[Diagnosis] = []
    text = "\n".join(lines)
    replies = find_replies(lines)
    for reply in [reply for reply in replies if reply.code >= 400][:_MOST_REFUSALS]:
        stage = next(stage for number, stage in reversed(marks) if number < reply.line)
        pair = best([from_reply(reply, text[:2000], stage)])
        if pair is not None:
            found.append(diagnosis(*pair, from_probe=True))
    if found:
        return ordered(found)
    finding = look_up(Said(text[-2000:]))
    if finding.reason in (Reason.NETWORK_ERROR, Reason.TLS_FAILED, Reason.DNS_ERROR):
        return (diagnosis(finding, Said(text[-2000:], None, None, stage_of(text[-2000:])), from_probe=True),)
    return (not_a_bounce("session", _last(replies, text)),)


def _last(replies: list[FoundReply], text: str) -> str:
    return replies[-1].text if replies else text[:200]


def _log(lines: list[str]) -> tuple[Diagnosis, ...]:
    found: list[Diagnosis] = []
    arrived = next((line for line in lines if says("log_arrived", line)), "")
    for line in [line for line in lines if not says("log_arrived", line)][:_MOST_LINES_OF_LOG]:
        candidates = [from_reply(reply, line) for reply in find_replies([line]) if reply.code >= 400]
        enhanced = _bare_enhanced(line[-_SHORT:])
        text = line.split("(", 1)[1] if "status=" in line and "(" in line else line
        if candidates or look_up(Said(text)).certainty == 3:
            candidates.append(_of_line(text, enhanced, line))
            pair = best(candidates)
            if pair is not None and pair[0].certainty:
                found.append(diagnosis(*pair, delayed=says("log_deferred", line)))
    if found:
        return ordered(found)
    if arrived:
        return (not_a_bounce("accepted", arrived, Stage.DELIVERED),)
    return (unknown(lines[0]),) if speaks_of_failure("\n".join(lines)) else (not_a_bounce("text", lines[0]),)


def _of_line(text: str, enhanced: str | None, line: str) -> Candidate:
    return Candidate(Said(text, None, enhanced, stage_of(line), system_of(line)))
