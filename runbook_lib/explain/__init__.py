"""
From a bounce, an SMTP reply, a session's transcript, log lines or message headers to cause and remedy. Pure: reads text, asks nobody.
"""

from __future__ import annotations

from .explaining import READ_AT_MOST, explain
from .headers import Hop, MessageView, read_message
from .reasons import Diagnosis, Reason, Stage, Whose

__all__ = ["READ_AT_MOST", "Diagnosis", "Hop", "MessageView", "Reason", "Stage", "Whose", "explain", "read_message"]
