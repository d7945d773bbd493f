"""
What the troubleshooting notebook calls: a bounce, a reply, headers or an ``.eml`` in plain words.
"""

from __future__ import annotations

from pathlib import Path

from .environment import place_of
from .errors import EnvironmentFileError, KeyProblem
from .explain import READ_AT_MOST, read_message
from .explain import explain as diagnose
from .knowledge.text import Catalogue
from .reporting import Html, render_explanation
from .setting import is_interactive, page_words
from .workspace import START, current


def troubleshoot(text: str = "", file: str = "", language: str = "", interactive: bool | None = None) -> None:
    """
    Show what a text or a file says: cause, whose it is, what to do, and the step to go to. To a person, with a field to paste into.

    Args:
        text: A bounce, an SMTP reply, a session's transcript, log lines or headers, as pasted.
        file: Name of a file with one of them, for example an ``.eml``; used where `text` is empty.
        language: Of the words; empty takes the workspace's, else `RUNBOOK_LANGUAGE`, else English.
        interactive: Whether a person is there; None finds out.

    With neither, an example is explained; in front of a person nothing is.

    Raises:
        EnvironmentFileError: The file cannot be read.
        KnowledgeError: There are no texts in this language.
    """
    from IPython.display import display  # noqa: PLC0415  # there is IPython wherever a notebook runs, and nowhere else need be

    catalogue = page_words(language)
    if is_interactive(interactive):
        from .widgets.explaining import Explaining  # noqa: PLC0415  # a headless run needs no widgets

        given = _content(text, file, catalogue).decode("utf-8", "replace") if text or file else ""
        start = f"{START}.ipynb" if current() is not None else ""
        display(Explaining(catalogue, given, lambda typed: _card(typed.encode("utf-8", "surrogateescape"), catalogue), start).widget)  # type: ignore[no-untyped-call]  # IPython ships none
        return
    note = "" if text or file else catalogue.text("explain.example")
    content = _content(text, file, catalogue)
    card = _card(content, catalogue, note)
    plain = "\n".join(each.words(catalogue).summary for each in diagnose(content))
    display({"text/html": card.text, "text/plain": plain}, raw=True)  # type: ignore[no-untyped-call]  # IPython ships none


def _card(content: bytes, catalogue: Catalogue, note: str = "") -> Html:
    return render_explanation(diagnose(content), read_message(content), catalogue, note)


def _content(text: str, file: str, catalogue: Catalogue) -> bytes:
    if text or not file:
        return (text or catalogue.text("explain.example", "bounce")).encode("utf-8", "surrogateescape")
    try:
        with Path(file).open("rb") as stream:
            return stream.read(READ_AT_MOST)
    except (OSError, ValueError):
        message = catalogue.text("explain.no_file", path=file)
        raise EnvironmentFileError(place_of({"language": catalogue.language}), [KeyProblem("file", file, message)]) from None
