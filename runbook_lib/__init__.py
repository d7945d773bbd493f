"""
Runbooks for inbound mail through the Mimecast gateway: what a notebook imports, and nothing else.

Every name is loaded when it is first used, so that importing this package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from .environment import Environment, load_environment
    from .interactive import start
    from .notebook import Runbook, begin
    from .results import Finding, Result, Status, Verdict
    from .session import Session
    from .troubleshooting import troubleshoot

__all__ = [
    "Environment",
    "Finding",
    "Result",
    "Runbook",
    "Session",
    "Status",
    "Verdict",
    "__version__",
    "begin",
    "load_environment",
    "start",
    "troubleshoot",
]

_HOME = {
    "Environment": ".environment",
    "Finding": ".results",
    "Result": ".results",
    "Runbook": ".notebook",
    "Session": ".session",
    "Status": ".results",
    "Verdict": ".results",
    "begin": ".notebook",
    "load_environment": ".environment",
    "start": ".interactive",
    "troubleshoot": ".troubleshooting",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name], __name__), name)


def __dir__() -> list[str]:
    return __all__
