"""
What is put into the commands: the probe's own name, addresses that are safe to send, and the one clearly marked test message.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
import socket
from datetime import UTC, datetime

from ..knowledge.text import Catalogue
from ..observations.questions import SmtpQuestion, SmtpTransaction

MAX_ADDRESS = 1000
"""
Longest address that is sent, bytes; more than RFC 5321 allows (256), so that a server's own limit can be seen.
"""
_HOST_NAME = re.compile(
    r"(?=.{4,253}\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*\.[a-z][a-z0-9-]*[a-z0-9]\Z"
)
_NOT_PUBLIC = ("local", "localdomain", "localhost", "internal", "lan", "home", "corp", "arpa")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_NOT_IN_A_PATH = re.compile(r"[\s<>\"]")


def own_name(wanted: str | None, local_address: str | None) -> str:
    """
    What EHLO says.

    Args:
        wanted: From the environment, None for this machine's name.
        local_address: This machine's address on the connection.

    Returns:
        The name; where this machine has none that makes sense outside, an address literal (RFC 5321 section 4.1.3). DNS is not asked.
    """
    if wanted:
        return wanted
    name = socket.gethostname().lower().rstrip(".")
    if _HOST_NAME.match(name) and name.rpartition(".")[2] not in _NOT_PUBLIC:
        return name
    address = ipaddress.ip_address(local_address or "127.0.0.1")
    return f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"


def sendable(address: str) -> bool:
    """
    Whether an address can stand between the angle brackets of MAIL and RCPT without becoming something else there.

    >>> sendable(""), sendable('"a b"@alder.example'), sendable("a> SIZE=1@alder.example")
    (True, True, False)
    """
    if len(address.encode("utf-8", "replace")) > MAX_ADDRESS or not address.isprintable():
        return False
    return _NOT_IN_A_PATH.search(_QUOTED.sub("", address)) is None


def internationalised(transaction: SmtpTransaction) -> bool:
    """
    Whether it can be asked under SMTPUTF8 only (RFC 6531).
    """
    return not (transaction.sender.isascii() and transaction.recipient.isascii())


def marked_message(question: SmtpQuestion, transaction: SmtpTransaction, name: str, language: str) -> bytes:
    """
    The test message, ready to follow the 354: CRLF line ends, dots doubled, final dot.

    Args:
        question: The dialogue it is sent in.
        transaction: Its envelope.
        name: What EHLO said.
        language: Of its words.
    """
    from email.message import EmailMessage  # noqa: PLC0415 - few runs send a message
    from email.policy import SMTP, SMTPUTF8  # noqa: PLC0415  # few runs send a message
    from email.utils import format_datetime  # noqa: PLC0415  # few runs send a message

    texts = Catalogue(language)
    mark = f"inbound-runbook-{secrets.token_hex(8)}"
    now = datetime.now(UTC)
    values = {"recipient": transaction.recipient, "host": question.host, "mark": mark, "when": now.isoformat()}
    domain = name if _HOST_NAME.match(name) else "inbound-runbook.invalid"
    policy = SMTPUTF8 if internationalised(transaction) else SMTP
    message = EmailMessage(policy=policy.clone(cte_type="7bit"))  # 8BITMIME is not asked for
    message["From"] = transaction.sender or f"inbound-runbook@{domain}"
    message["To"] = transaction.recipient
    message["Subject"] = texts.text("probe.test_message", "subject", **values)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{mark}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Inbound-Runbook"] = mark
    message.set_content(texts.text("probe.test_message", **values))
    lines = message.as_bytes().replace(b"\r\n", b"\n").split(b"\n")
    stuffed = [b"." + line if line.startswith(b".") else line for line in lines]
    return b"\r\n".join(stuffed).rstrip(b"\r\n") + b"\r\n.\r\n"
