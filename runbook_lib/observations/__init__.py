"""
Typed values of what was asked and seen. No input, no output, no verdict.
"""

from .dns import DnsAnswer, DnsOutcome, DnsRecord
from .other import GivenText, HttpsAnswer, HttpsOutcome, PersonNote, PortAnswer, PortState, PortTry
from .plans import Observation, Plan, ask_dns, ask_https, ask_ports, replay, together
from .questions import DnsQuestion, Envelope, HttpsQuestion, PortQuestion, Question, SmtpQuestion, SmtpTransaction, Via
from .smtp import (
    Certificate,
    Direction,
    Problem,
    Purpose,
    SmtpConnection,
    SmtpDialogue,
    SmtpReply,
    Stage,
    TlsState,
    TransactionResult,
    TranscriptLine,
    Trouble,
)
from .store import NEVER, Observations, Stored, not_asked

__all__ = [
    "NEVER",
    "Certificate",
    "Direction",
    "DnsAnswer",
    "DnsOutcome",
    "DnsQuestion",
    "DnsRecord",
    "Envelope",
    "GivenText",
    "HttpsAnswer",
    "HttpsOutcome",
    "HttpsQuestion",
    "Observation",
    "Observations",
    "PersonNote",
    "Plan",
    "PortAnswer",
    "PortQuestion",
    "PortState",
    "PortTry",
    "Problem",
    "Purpose",
    "Question",
    "SmtpConnection",
    "SmtpDialogue",
    "SmtpQuestion",
    "SmtpReply",
    "SmtpTransaction",
    "Stage",
    "Stored",
    "TlsState",
    "TransactionResult",
    "TranscriptLine",
    "Trouble",
    "Via",
    "ask_dns",
    "ask_https",
    "ask_ports",
    "not_asked",
    "replay",
    "together",
]
