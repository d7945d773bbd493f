"""
``runbook new``: an environment file from flags, or from answers to a few questions.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..environment import Notes, Platform, catalogue_of, environment_from_parameters, save_environment, value_from_text
from ..errors import EnvironmentFileError, KeyProblem
from ..knowledge.regions import CUSTOM, regions
from ..knowledge.text import Catalogue, visible

WRONG = 2
_FLAGS = {"customer": "--customer", "platform": "--platform", "region": "--region", "domains": "--domain", "inbound_host": "--inbound-host"}
"""
What has to be given, and the flag that gives it.
"""


class _EndedError(Exception):
    """
    Something has to be asked, and nothing is answered.

    Args:
        how: Field of ``making.say``.
        known: What is known by then.
    """

    def __init__(self, how: str, known: Mapping[str, Any]) -> None:
        self.how = how
        self.flags = [flag for key, flag in _FLAGS.items() if key not in known]
        super().__init__(how)


@dataclass(frozen=True, slots=True)
class _Question:
    """
    One question.

    Args:
        key: Of the environment.
        several: Takes several answers at once.
        optional: May be left empty.
        when: Whether it is asked, by what is known so far.
        choices: What there is to choose from, each with its title.
    """

    key: str
    several: bool = False
    optional: bool = False
    when: Callable[[Mapping[str, Any]], bool] = lambda known: True  # noqa: ARG005  # the others look at what is known
    choices: Callable[[Catalogue], dict[str, str]] = lambda words: {}  # noqa: ARG005  # the others are in a language


def _platforms(words: Catalogue) -> dict[str, str]:
    return {one.value: words.text("ui.platform", one.value) for one in Platform}


def _regions(words: Catalogue) -> dict[str, str]:
    return {code: words.region(code) for code in (*(one.code for one in regions()), CUSTOM)}


def _is_custom(known: Mapping[str, Any]) -> bool:
    return known.get("region") == CUSTOM


_QUESTIONS = (
    _Question("customer"),
    _Question("platform", choices=_platforms),
    _Question("region", choices=_regions),
    _Question("gateway_hosts", several=True, when=_is_custom),
    _Question("console_ranges", several=True, when=_is_custom),
    _Question("domains", several=True),
    _Question("inbound_host"),
    _Question("test_recipient", optional=True),
)


def make_environment(file: Path, given: Mapping[str, Any], settings: Iterable[str], *, force: bool) -> int:
    """
    Make an environment file.

    Args:
        file: Where; without an ending it gets ``.yaml``.
        given: What the flags say; empty values are not given.
        settings: Further keys as ``KEY=VALUE``.
        force: Make it anew where it is there already.

    Returns:
        0, or 2 where something is wrong or missing; then nothing was written.
    """
    values = {key: value for key, value in given.items() if value}
    path = file if file.suffix or not file.name or file.is_dir() else file.with_name(f"{file.name}.yaml")
    words = Catalogue()
    try:
        for setting in settings:
            key, sign, written = setting.partition("=")
            if not sign or not key.strip():
                _say(words.text("making.say", "setting", value=setting[:80]))
                return WRONG
            values[key.strip()] = value_from_text(key.strip(), written)
        words = catalogue_of(values)
        if in_the_way := _in_the_way(path, force=force):
            _say(words.text("making.say", in_the_way, file=str(path)))
            return WRONG
        known = _complete(values, path, words)
        save_environment(path, known, None if force else "", notes=_notes(known, path, words), afresh=True)
    except EnvironmentFileError as error:
        _say(str(error))
        return WRONG
    except _EndedError as ended:
        _say(words.text("making.say", ended.how, flags=ended.flags))
        return WRONG
    sys.stdout.write(f"{path}\n")
    sys.stdout.flush()
    _say(words.text("making.say", "next"), f"  {_command('check', str(path))}")
    _say(words.text("making.say", "step_by_step"), f"  {_command('open', str(path))}")
    return 0


def _in_the_way(path: Path, *, force: bool) -> str:
    if not path.name or path.is_dir():
        return "folder"
    return "exists" if not force and (path.exists() or path.is_symlink()) else ""


def _complete(values: Mapping[str, Any], path: Path, words: Catalogue) -> Mapping[str, Any]:
    """
    What is given, and what is answered where something is missing.

    Raises:
        EnvironmentFileError: Something of what is given is wrong.
        _EndedError: Something is missing and cannot be asked.
    """
    if wrong := _wrong(values, path.parent):
        raise EnvironmentFileError(visible(str(path)), wrong)
    if all(key in values for key in _FLAGS):
        return values
    if not sys.stdin.isatty():
        raise _EndedError("missing", values)
    return _asked(values, path, words)


def _wrong(values: Mapping[str, Any], folder: Path) -> list[KeyProblem]:
    """
    What is wrong with the values there are; that others are missing does not count yet.
    """
    try:
        environment_from_parameters(values, folder)
    except EnvironmentFileError as error:
        return [one for one in error.problems if re.split(r"[.\[]", one.key)[0] in values]
    return []


def _asked(values: Mapping[str, Any], path: Path, words: Catalogue) -> dict[str, Any]:
    """
    What is given and what is answered. A wrong answer is refused at once, and asked again.
    """
    known = dict(values)
    _say(words.text("making.ask", "head", file=str(path)))
    for question in _QUESTIONS:
        if question.key in known or not question.when(known):
            continue
        choices = question.choices(words)
        _put(question, choices, known, words)
        while True:
            answer = _answer(question, choices, known)
            wrong = [one.message for one in _wrong(known | {question.key: answer}, path.parent)] if answer else []
            if not answer and not question.optional:
                wrong = [words.text(f"making.{question.key}", "help")]
            if not wrong:
                break
            _say(*(f"  {sentence}" for sentence in wrong))
        if answer:
            known[question.key] = answer
    return known


def _put(question: _Question, choices: Mapping[str, str], known: Mapping[str, Any], words: Catalogue) -> None:
    """
    Show a question: its title, one line of help, the choices.
    """
    key = f"making.{question.key}"
    fields = words.fields(key)
    name = f"example_{known.get('platform')}"
    domain = _first_domain(known)
    example = words.text(key, name if name in fields else "example", domain=domain, dashed=domain.replace(".", "-"))
    hint = "number" if choices else "several" if question.several else "empty" if question.optional else ""
    parts = [words.text(key, "help"), words.text("making.ask", hint) if hint else "", words.text("making.ask", "example", example=example)]
    _say("", words.text(key, "title"), "  " + " ".join(part for part in parts if part))
    width = max(map(len, choices), default=0)
    _say(*(f"  {number:>2}  {code:<{width}}  {title}" for number, (code, title) in enumerate(choices.items(), 1)))


def _answer(question: _Question, choices: Mapping[str, str], known: Mapping[str, Any]) -> Any:
    sys.stderr.write("> ")
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        sys.stderr.write("\n")
        raise _EndedError("ended", known)
    plain = line.strip()
    if question.several:
        return [part for part in re.split(r"[\s,;]+", plain) if part]
    by_number = {str(number): code for number, code in enumerate(choices, 1)}
    by_title = {title.casefold(): code for code, title in choices.items()}
    return by_number.get(plain, by_title.get(plain.casefold(), plain))


def _first_domain(known: Mapping[str, Any]) -> str:
    first = (known.get("domains") or ["alder.example"])[0]
    return str(first["name"] if isinstance(first, Mapping) else first)


def _notes(values: Mapping[str, Any], path: Path, words: Catalogue) -> Notes:
    """
    The comments of the file: one a key, and at its end what one adds next, commented out.
    """
    notes = words.fields("making.note")
    platform, domain = str(values.get("platform", "")), _first_domain(values)
    more = {
        "contacts": ["contacts:", "  - name: Anna Berg", "    phone: +44 1632 960001", "    emergency: true"],
        "test_recipient": [f"test_recipient: anna.berg@{domain}"],
        "validation_codes": ["validation_codes:", f"  {domain}: e893873f1410f"],
        "console_ranges": ["console_ranges: |", "  192.0.2.0/24", "  198.51.100.0/24"],
        "exports": ["exports:", "  - tenant.json"],
    }
    if platform == Platform.HOSTED_EXCHANGE.value:
        del more["exports"]
    lines = [f"# {words.text('making.add', 'head')}"]
    for key, example in more.items():
        if key not in values:
            lines += ["", f"# {words.text('making.add', key, command=_command('exports', platform))}", *example]
    return Notes(
        words.text("making.note", "head", command=_command("check", path.name)),
        {key: words.text("making.note", key) for key in values if key in notes and key != "head"},
        "\n".join(lines),
    )


def _command(name: str, argument: str) -> str:
    return f"runbook {name} {shlex.quote(argument)}"


def _say(*lines: str) -> None:
    """
    Lines for a person, on stderr.
    """
    sys.stderr.write("".join(f"{line}\n" for line in lines))
