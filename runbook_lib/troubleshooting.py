"""
What the troubleshooting notebook calls: a bounce, a reply, headers or an ``.eml`` in plain words.
"""

from __future__ import annotations

from pathlib import Path

from .errors import EnvironmentFileError, KeyProblem
from .explain import READ_AT_MOST, read_message
from .explain import explain as diagnose
from .knowledge.text import Catalogue
from .reporting import render_explanation


def explain(text: str = "", file: str = "", language: str = "en") -> None:
    """
    Show what a text or a file says: cause, whose it is, what to do, and the step to go to.

    Args:
        text: A bounce, an SMTP reply, a session's transcript, log lines or headers, as pasted.
        file: Name of a file with one of them, for example an ``.eml``; used where `text` is empty.
        language: Of the words.

    With neither, an example is explained.

    Raises:
        EnvironmentFileError: The file cannot be read.
        KnowledgeError: There are no texts in this language.
    """
    from IPython.display import display  # noqa: PLC0415  # there is IPython wherever a notebook runs, and nowhere else need be

    catalogue = Catalogue(language)
    note = "" if text or file else catalogue.text("explain.example")
    content = _content(text, file, catalogue)
    found = diagnose(content)
    card = render_explanation(found, read_message(content), catalogue, note)
    plain = "\n".join(each.words(catalogue).summary for each in found)
    display({"text/html": card.text, "text/plain": plain}, raw=True)  # type: ignore[no-untyped-call]  # IPython ships none


def _content(text: str, file: str, catalogue: Catalogue) -> bytes:
    if text or not file:
        return (text or catalogue.text("explain.example", "bounce")).encode("utf-8", "surrogateescape")
    try:
        with Path(file).open("rb") as stream:
            return stream.read(READ_AT_MOST)
    except (OSError, ValueError):
        message = catalogue.text("explain.no_file", path=file)
        raise EnvironmentFileError("notebook parameters", [KeyProblem("file", file, message)]) from None
