"""
Every error this package raises on purpose.

::

    RunbookError
    ├── EnvironmentFileError (ValueError)     a customer's file does not say what it must; lists file, key, value, what would be right
    ├── ExportError (ValueError)              a file of exported configuration that is none that is understood, or was damaged on its way
    ├── KnowledgeError (LookupError)          a region, text or customer that the shipped data do not have
    ├── ResultError (ValueError)              a stored result that cannot be read
    ├── SandboxError (RuntimeError)           the embedded servers could not be started or a fault could not be applied
    ├── OpenError (RuntimeError)              JupyterLab or Voilà could not be started
    └── ExecutionError (RuntimeError)         a notebook did not come to its end; `kind` says how

Names that end in ``Error`` are written for people: their text can be shown as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class RunbookError(Exception):
    """
    Base of all errors of this package. Its text is for people.
    """

    def _render_traceback_(self) -> list[str]:
        """
        What a notebook shows: the text, without a traceback. (IPython calls this.)
        """
        return str(self).splitlines() or [type(self).__name__]


@dataclass(frozen=True, slots=True)
class KeyProblem:
    """
    One thing wrong in an environment.

    Args:
        key: Where, for example ``domains[1].phase``; ``""`` for the file as a whole.
        value: What stands there, printable and shortened.
        message: What is wrong and what would be right, one or two sentences.
        secret: What stands there may be a secret, and is not shown; nobody may keep it.
    """

    key: str
    value: str
    message: str
    secret: bool = False


class EnvironmentFileError(RunbookError, ValueError):
    """
    An environment that cannot be used, with everything that is wrong in it.

    Args:
        file: The file as the user named it, or what stands for it where a notebook has parameters.
        problems: At least one.
    """

    def __init__(self, file: str, problems: Sequence[KeyProblem]) -> None:
        self.file = file
        self.problems = tuple(problems)
        super().__init__(file, self.problems)

    def __str__(self) -> str:
        lines = []
        for problem in self.problems:
            where = f"{problem.key}: " if problem.key else ""
            lines.append(f"{self.file}: {where}{problem.message}")
        return "\n".join(lines)


class ExportError(RunbookError, ValueError):
    """
    A file of exported configuration that cannot be used.

    Args:
        file: The file as the user named it.
        cause: Why, as a code: ``unknown``, ``lost_lists``, ``too_large`` and so on.
        problem: What is wrong and what to do, one or two sentences.
        recognised: What was recognised in it, ``""`` where that is no help.
        accepted: What is accepted, ``""`` where that is no help.
    """

    def __init__(self, file: str, cause: str, problem: str, recognised: str = "", accepted: str = "") -> None:
        self.file = file
        self.cause = cause
        self.problem = problem
        self.recognised = recognised
        self.accepted = accepted
        super().__init__(file, cause, problem, recognised, accepted)

    def __str__(self) -> str:
        return f"{self.file}: " + " ".join(part for part in (self.problem, self.recognised, self.accepted) if part)


class KnowledgeError(RunbookError, LookupError):
    """
    Something the shipped data do not have.
    """


class ResultError(RunbookError, ValueError):
    """
    A stored result that cannot be read.
    """


class SandboxError(RunbookError, RuntimeError):
    """
    The embedded servers could not be started, or a fault could not be applied.
    """


class OpenError(RunbookError, RuntimeError):
    """
    JupyterLab or Voilà could not be started.
    """


class Failure(StrEnum):
    """
    How a notebook failed to come to its end.
    """

    CELL = "cell_error"
    TIMEOUT = "timeout"
    KERNEL_DIED = "kernel_died"
    NO_RESULT = "no_result"
    INTERRUPTED = "interrupted"


class ExecutionError(RunbookError, RuntimeError):
    """
    A notebook that did not come to its end.

    Args:
        kind: How.
        detail: What is known of it, printable.
    """

    def __init__(self, kind: Failure, detail: str) -> None:
        self.kind = kind
        self.detail = detail
        super().__init__(kind, detail)

    def __str__(self) -> str:
        return self.detail

    def __reduce__(self) -> tuple[type[ExecutionError], tuple[Failure, str]]:
        return (type(self), (self.kind, self.detail))
