"""
The catalogue of bounces (``bounces.toml``) with that of replies (``replies.toml``): from words and codes to a reason.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from ..knowledge.replies import GATEWAY, Meaning, Reading, classify
from .reasons import Reason, Stage, Whose

_LOOKED_AT = 4000
_FEW_WORDS = 2
_ADDRESS = re.compile(r"<?[\w.+%=~'*/&!#$^|{}?-]{1,80}@(?:[\w-]{1,63}\.){0,8}[\w-]{1,63}>?")
_ENVELOPE = re.compile(r"\b(?:host|server) \S{1,255}(?: ?[\[(][0-9a-f.:]{2,45}[\])])?(?::\d{1,5})? (?=said|refused to talk|\[)")
_REPLY_STAGES = {
    Stage.CONNECT: "greeting",
    Stage.GREETING: "greeting",
    Stage.EHLO: "ehlo",
    Stage.STARTTLS: "starttls",
    Stage.MAIL: "mail",
    Stage.RCPT: "rcpt",
    Stage.DATA: "message",
    Stage.DELIVERED: "message",
}
_PLATFORMS = {"mimecast": GATEWAY, "microsoft": "microsoft_365", "google": "google_workspace"}


@dataclass(frozen=True, slots=True)
class Said:
    """
    What somebody said, to be looked up.

    Args:
        text: Words, one reply or one paragraph.
        code: Basic SMTP code.
        enhanced: Enhanced status code.
        stage: Where it was said.
        system: ``mimecast``, ``microsoft``, ``google`` or ``""``: whose codes these are.
    """

    text: str
    code: int | None = None
    enhanced: str | None = None
    stage: Stage | None = None
    system: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What the catalogue knows of it.

    Args:
        reason: Why.
        certainty: 3 by an entry of its own, 2 by one that fits many things, 1 by a code, 0 by nothing.
        entry: Id of the entry, ``""`` for a code.
        whose: On whose side.
        next: Step of the runbook, None for none.
        words: Message id.
        words_matched: The words that decided, as they stand in the text; ``""`` where a code did.
    """

    reason: Reason
    certainty: int
    entry: str
    whose: Whose
    next: str | None
    words: str
    words_matched: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    id: str
    reason: Reason
    text: re.Pattern[str] | None
    exclude: re.Pattern[str] | None
    code: re.Pattern[str] | None
    enhanced: re.Pattern[str] | None
    stages: frozenset[str]
    systems: frozenset[str]
    whose: str
    next: str
    words: str

    def matches(self, text: str, said: Said) -> str | None:
        if self.stages and (said.stage is None or said.stage.value not in self.stages):
            return None
        if self.systems and said.system not in self.systems:
            return None
        if self.code is not None and not self.code.fullmatch(str(said.code or "")):
            return None
        if self.enhanced is not None and not self.enhanced.fullmatch(said.enhanced or ""):
            return None
        if self.exclude is not None and self.exclude.search(text):
            return None
        if self.text is None:
            return ""
        match = self.text.search(text)
        return match[0] if match else None


@dataclass(frozen=True, slots=True)
class _Reply:
    code: int
    text: str
    enhanced: str | None


def look_up(said: Said) -> Finding:
    """
    The reason for something that was said; `Reason.UNKNOWN` where nothing fits.
    """
    text = plain(said.text)
    own = _by_product(said, text)
    if own is not None:
        return own
    for entry in _entries("specific"):
        words = entry.matches(text, said)
        if words is not None:
            return _finding(entry.reason, 3, entry.id, words, entry)
    by_reply = _by_reply(said, text)
    if by_reply is not None and by_reply.certainty == 3:
        return by_reply
    for entry in _entries("general"):
        words = entry.matches(text, said)
        if words is not None and (by_reply is None or by_reply.reason is Reason.UNKNOWN):
            better = _by_code(said, generic=True)
            return better if better is not None else _finding(entry.reason, 2, entry.id, words, entry)
    if by_reply is not None:
        return by_reply
    return _by_code(said) or _finding(Reason.UNKNOWN, 0)


def plain(text: str) -> str:
    """
    Text as the patterns want it: lower case, one line, addresses and host names of the frame taken out, bounded.
    """
    if len(text) > _LOOKED_AT:
        text = text[: _LOOKED_AT * 3 // 4] + " " + text[-_LOOKED_AT // 4 :]
    text = " ".join(text.split()).lower().replace("’", "'").replace("‘", "'")
    return _ENVELOPE.sub("", _ADDRESS.sub("(addr)", text))


def _by_product(said: Said, text: str) -> Finding | None:
    if said.code is None or said.code < 400:
        return None
    listed = _data()["replies"]
    for system, platform in _PLATFORMS.items():
        reading = classify(_Reply(said.code, text, said.enhanced), _reply_stage(said), platform)
        if reading.entry in listed["first"] or (system == said.system and reading.entry in listed["first_there"]):
            return _of_reading(reading, 3)
    return None


def _by_reply(said: Said, text: str) -> Finding | None:
    if said.code is None or said.code < 400:
        return None
    reading = classify(_Reply(said.code, text, said.enhanced), _reply_stage(said), _PLATFORMS.get(said.system, ""))
    if reading.meaning in (Meaning.TEMPORARY, Meaning.REFUSED) or reading.meaning.value not in _data()["reasons"]:
        return None
    if reading.entry in _data()["replies"]["ignored"]:
        return None
    return _of_reading(reading, 3 if not reading.entry.startswith("any.") or reading.entry in _data()["replies"]["early"] else 2)


def _of_reading(reading: Reading, certainty: int) -> Finding:
    found = _finding(Reason(_data()["reasons"][reading.meaning.value]), certainty, reading.entry)
    words = f"explain.{reading.meaning.value}"
    return replace(
        found,
        whose=Whose.GATEWAY if reading.entry.startswith("mimecast.") and found.whose is Whose.PLATFORM else found.whose,
        next=_data()["replies"]["steps"].get(reading.meaning.value, found.next),
        words=words if words in _own_words() else found.words,
    )


def _reply_stage(said: Said) -> str:
    return _REPLY_STAGES[said.stage] if said.stage is not None else "rcpt"


def _by_code(said: Said, *, generic: bool = False) -> Finding | None:
    data = _data()
    if said.enhanced:
        detail = said.enhanced.split(".", 1)[1]
        name = data["enhanced"].get(detail)
        weak = detail.startswith(("7.", "3.0", "5.0")) or detail in ("0.0", "1.0", "2.0", "4.0")
        if name is not None and not (generic and weak):
            return _finding(Reason(name), 1)
    if generic:
        return None
    if said.code is not None and said.code >= 500 and said.stage is not None:
        name = data["stages"].get(said.stage.value)
        if name is not None and not (said.stage is Stage.DATA and str(said.code) == "552"):
            return _finding(Reason(name), 1)
    name = data["codes"].get(str(said.code))
    if name is None and len(re.findall(r"[^\W\d_]{2,}", said.text)) <= _FEW_WORDS:
        name = data["bare_codes"].get(str(said.code))
    return _finding(Reason(name), 1) if name is not None else None


def _finding(reason: Reason, certainty: int, entry: str = "", words_matched: str = "", own: _Entry | None = None) -> Finding:
    about = _data()["about"][reason.value]
    whose = own.whose if own and own.whose else about["whose"]
    step = own.next if own and own.next else about.get("next")
    words = own.words if own and own.words else f"explain.{reason.value}"
    return Finding(reason, certainty, entry, Whose(whose), step, words, words_matched)


def finding_of(reason: Reason, entry: str = "") -> Finding:
    """
    A reason that does not come from words: read from a header or from the form of a report.
    """
    return _finding(reason, 0 if reason is Reason.UNKNOWN else 3, entry)


def entry_ids() -> tuple[str, ...]:
    """
    The ids of all entries, in order.
    """
    return tuple(entry.id for section in ("specific", "general") for entry in _entries(section))


def word_ids() -> tuple[str, ...]:
    """
    The message ids that a finding can have.
    """
    own = {entry.words for section in ("specific", "general") for entry in _entries(section) if entry.words}
    return tuple(sorted({*own, *_own_words(), *(f"explain.{reason.value}" for reason in Reason)}))


def _own_words() -> frozenset[str]:
    return frozenset(_data()["replies"]["words"])


@cache
def _entries(section: str) -> tuple[_Entry, ...]:
    return tuple(
        _Entry(
            id=item["id"],
            reason=Reason(item["reason"]),
            text=_pattern(item.get("text")),
            exclude=_pattern(item.get("exclude")),
            code=re.compile(item["code"]) if "code" in item else None,
            enhanced=re.compile(item["enhanced"]) if "enhanced" in item else None,
            stages=frozenset(item.get("stages", ())),
            systems=frozenset(item.get("systems", ())),
            whose=item.get("whose", ""),
            next=item.get("next", ""),
            words=item.get("words", ""),
        )
        for item in _data()[section]
    )


def _pattern(alternatives: list[str] | None) -> re.Pattern[str] | None:
    return re.compile("|".join(f"(?:{each})" for each in alternatives)) if alternatives else None


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(files("runbook_lib.knowledge").joinpath("bounces.toml").read_text(encoding="utf-8"))
