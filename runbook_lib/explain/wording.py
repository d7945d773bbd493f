"""
Finding replies, stages and systems in free text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .reasons import Stage

_MOST_LINES = 4000
_LONGEST_LINE = 2000
_MOST_JOINED = 40
_REPLY = re.compile(
    r"(?:^[\s<>*=~|'\"(#+\[-]{0,14}"
    r"|(?:said|says|returned|respon\w{1,6}|repl\w{1,4}|error|reason|because|smtp|code|was|status|got|received|with|data|closed|target|ldap|led)"
    r"[\s:;,'\"(#<=\[]{1,8}"
    r"|(?:[:;>='\"(#,)\]]|\.\.\.)[\s'\"(#<\[]{0,6}"
    r"|\]\s{1,3})"
    r"([245][0-5]\d)(?=[\s\-:;,#.(\[)<'\"]|$)(?!\.\d)(?!\s{0,2}(?:bytes|octets|kb|mb|days?|hours?|minutes?|seconds?|msec|ms)\b)"
    r"[\s\-:;#,(]{0,4}(?:([245]\.\d{1,3}\.\d{1,3})(?!\d|\.\d))?",
    re.IGNORECASE,
)
_MORE = re.compile(r"^[\s<>*=~|'\"(#-]{0,14}([245][0-5]\d)([ -])(.*)$")
_ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,2}\.\d{1,3})(?!\d|\.\d)")
_STAGES: tuple[tuple[Stage, re.Pattern[str]], ...] = (
    (Stage.DATA, re.compile(r"end of data|end of message|after (?:the )?data|to data\b|in reply to (?:bdat|data)|data command|pipelined (?:end of )?data|>>> (?:data|\.)|message body|sending message body")),
    (Stage.RCPT, re.compile(r"rcpt[ -]?to|to rcpt\b|rcpt command|after rcpt|recipient (?:was )?rejected|does not like recipient|rcpt from|reject(?:ed)? rcpt|recipient address rejected|>>> rcpt")),
    (Stage.MAIL, re.compile(r"mail[ -]?from[ :]?(?:command|<)|to mail\b|after mail|after pipelined mail|sender was rejected|but sender|mail from command|reject: mail|>>> mail")),
    (Stage.STARTTLS, re.compile(r"in reply to starttls|after starttls|starttls command|>>> starttls|tls session|tls handshake")),
    (Stage.EHLO, re.compile(r"in reply to (?:ehlo|helo)|after (?:ehlo|helo)|(?:ehlo|helo) command|my name was rejected|>>> (?:ehlo|helo)|initial hello")),
    (Stage.GREETING, re.compile(r"refused to talk to me|after initial connection|greeting (?:failed|was)|while receiving the initial server greeting|banner|but greeting|connected to .{1,80} but (?:greeting|connection died)")),
    (Stage.CONNECT, re.compile(r"connect to |connecting to|connection (?:timed out|refused)|no route to host|network is unreachable|unable to connect|establish an? smtp connection|failed to connect|could not connect")),
)  # fmt: skip
_SYSTEMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("mimecast", re.compile(r"mimecast")),
    ("google", re.compile(r"\bgsmtp\b|\bgcdp\b|google\.com|googlemail|gmail-smtp|psmtp")),
    ("microsoft", re.compile(r"outlook\.com|office365|exchangelabs|resolver\.|tenant(?:inbound)?attribution|aka\.ms|go\.microsoft|smtpsend|\bprod\b.{0,20}hop|as\(\d{6}|\[[a-z0-9]{8,20}\.(?:eurprd|namprd|apcprd|eop-)")),
)  # fmt: skip
_BOUNCE_WORDS = re.compile(
    r"undeliver|(?:could|can|was|were|did|has|have|is|be|been)(?: ?not|n.?t)(?: yet)?(?: be| been| able to be)? (?:deliver|reach|sen[dt]|transmit)"
    r"|deliver\w{0,3} .{0,60}(?:fail|error|problem|not possible|unsuccess|delay|abort|incomplete|could not|permanently)"
    r"|(?:fail|unable|not able|impossible|failure)\w{0,3} (?:to )?(?:deliver|send)|failure notice|returned (?:mail|to sender|message|for the following)|mail (?:delivery|system) (?:error|fail|problem|subsystem)"
    r"|(?:return|reject|bounc)\w{0,3} (?:mail|message|by|to sender)|permanent (?:fatal )?error|fatal error|failed permanently|non-?delivery|delivery status|nondeliverable|delivery report|bounced"
    r"|unzustellbar|nicht (?:erfolgreich )?(?:zugestellt|gesendet|ausgeliefert|[uü]bermittelt)|zustell\w{0,6} .{0,60}(?:fehl|nicht|verz)"
    r"|n.a (?:pas )?pu (?:[eê]tre|etre)|non (?:remis|distribu|d[eé]livr)|remise .{0,60}([eé]chou|impossible)|[eé]chec de la remise"
    r"|no (?:se )?(?:ha )?(?:podido|pudo|puede|fue|ha sido)\s?(?:ser )?entreg|entrega .{0,60}(?:fall|no|error)|imposible entregar"
    r"|non (?:[eè] stato possibile|pu[oò]|recapitat)|mancata consegna|impossibile recapitare|n[aã]o (?:p[oô]de|foi) (?:ser )?(?:possivel )?entreg|falha na entrega"
    r"|niet (?:worden )?(?:bezorgd|afgeleverd)|kon niet|nie (?:mo[zż]na|zosta[lł]a) .{0,20}dor[eę]cz|недостав|не (?:может быть )?доставлен|配信|退信|无法发送|無法|配送|送信できません|送達"
    r"|mail system|smtp error|the following (?:address|recipient|user)|following .{0,20}(?:recipient|address)\w{0,2} .{0,40}(?:fail|error|reject|problem|not)|action: failed|message .{0,40}(?:rejected|refused|blocked|not accepted)|was not accepted",
)
_ORIGINAL = re.compile(
    r"^[\s>*]{0,4}(?:[-=_*]{2,}.{0,60}(?:original message|copy of|returned message|message header|below this line|unsent message|undelivered message|returned mail|start of (?:the )?(?:returned|original)|message follows|message text follows|forwarded message|text of (?:your|the)|original mail|mail follows|message contents|your (?:original )?message|enclosed|headers follow|message is|body of)"
    r"|original message headers:?|original-?message|(?:the )?(?:original|returned|first|beginning of) (?:message|text|part|mail|\d{1,5} lines).{0,60}(?:follow|below|:$)"
    r"|(?:return-path|received|x-received|dkim-signature|mime-version|x-mailer|message-id|x-originating-ip|authentication-results|arc-seal): ?\S"
    r"|-{5,} ?(?:header|message|original))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class FoundReply:
    """
    A reply in a text.

    Args:
        code: Basic code.
        enhanced: Enhanced code, None where there is none.
        text: Its words with the codes, lines joined.
        context: The whole first line, for the stage.
        line: Number of its first line, from 0.
    """

    code: int
    enhanced: str | None
    text: str
    context: str
    line: int


def lines_of(text: str) -> list[str]:
    """
    The lines of a text, bounded in number and length.
    """
    return [line[:_LONGEST_LINE] for line in text.split("\n", _MOST_LINES)[:_MOST_LINES]]


def find_replies(lines: list[str]) -> list[FoundReply]:
    """
    The SMTP replies that stand in a text, in order; continued lines are joined.
    """
    found = []
    number = 0
    while number < len(lines):
        match = _REPLY.search(lines[number])
        if match is None:
            number += 1
            continue
        words = [lines[number][match.start(1) :].strip()]
        first = number
        while number + 1 < len(lines) and len(words) < _MOST_JOINED:
            more = _MORE.match(lines[number + 1])
            if more is None or more[1] != match[1] or words[-1][3:4] not in ("-", " ") or (words[-1][3:4] == " " and len(words) == 1):
                break
            words.append(more[1] + more[2] + more[3].strip())
            number += 1
        text = words[0] + "".join(" " + _ENHANCED.sub("", word[4:], count=1).strip() for word in words[1:])
        found.append(FoundReply(int(match[1]), match[2] or enhanced_in(text), text, lines[first], first))
        number += 1
    return found


def enhanced_in(text: str) -> str | None:
    """
    The first enhanced status code in a text that is no part of an address.
    """
    match = _ENHANCED.search(text[:_LONGEST_LINE])
    return match[1] if match else None


def stage_of(text: str) -> Stage | None:
    """
    Where in the dialogue a text says that it happened.
    """
    lower = text[:_LONGEST_LINE].lower()
    return next((stage for stage, pattern in _STAGES if pattern.search(lower)), None)


def system_of(text: str) -> str:
    """
    Whose server spoke: ``mimecast``, ``google``, ``microsoft`` or ``""``.
    """
    lower = text[: 2 * _LONGEST_LINE].lower()
    return next((system for system, pattern in _SYSTEMS if pattern.search(lower)), "")


def speaks_of_failure(text: str) -> bool:
    """
    True where a text says that mail was not delivered.
    """
    return _BOUNCE_WORDS.search(" ".join(text[: 8 * _LONGEST_LINE].lower().replace("’", "'").split())) is not None


def without_original(lines: list[str]) -> list[str]:
    """
    The lines before the copy of the message that came back.
    """
    for number, line in enumerate(lines):
        if number and _ORIGINAL.match(line):
            return lines[:number]
    return lines


def excerpt(text: str, words: str) -> str:
    """
    The piece of a text around the words that decided; the text's beginning where they are not found.
    """
    flat = " ".join(text.split())
    at = flat.lower().find(words[:60]) if words else -1
    if len(flat) <= 300 or at < 0:
        return flat[:300]
    start = max(0, at - 120)
    return flat[start : at + 180]
