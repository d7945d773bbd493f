"""
The workspace's layout, and what is in it.

::

    start_here.ipynb, troubleshooting.ipynb   copies of what is shipped
    environments/<slug>.yaml                  environment files made here
    <slug>/<slug>.ipynb                       an environment's copy of its platform's notebook
    <slug>/exports/                           for exported configuration
    reports/…                                 results, where `output_dir` says nothing else
    .drafts/<slug>.json                       what was typed into a form and not saved
    .drafts/<slug>-seen.json                  what was seen in a notebook, to go on with another day
    .workspace.json                           environment files that lie elsewhere, what is off the list, what was copied, the language
    .jupyter/                                 JupyterLab's settings here

An environment file from elsewhere stays where it is and is edited there; the workspace only remembers it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..environment import Environment, EnvironmentFileError, KeyProblem, Phase, Platform, load_environment, safe_name
from ..environment.saving import save_environment
from ..knowledge.text import Catalogue, languages, own_language
from ..procedures import notebook_of
from ..results import SCHEMA, Verdict
from .copies import copy_of
from .files import read_json, write_text
from .register import Register, free_slug, usable

WORKSPACE_VARIABLE = "RUNBOOK_WORKSPACE"
"""
Environment variable that names the workspace's folder; `runbook open` sets it for its server, and so for every kernel.
"""
START, TROUBLESHOOTING = "start_here", "troubleshooting"
RESULT, REPORT = "result.json", "report.html"
_ENDINGS = (".yaml", ".yml")
_LARGEST_DRAFT = 1 << 20
_LARGEST_RESULT = 64 << 20
_SAME = ("platform", "domains", "region")
"""
Keys that a verdict depends on: with other ones it is about something else.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One environment of the workspace.

    Args:
        slug: Its short name, which is its folder's too.
        file: Its environment file.
        customer: As the file says; ``""`` where it cannot be loaded.
        domains: Its mail domains, as people write them.
        practice: It is made up: the sandbox is looked at.
        platform: Where the mailboxes are; None where it cannot be loaded.
        phase: Expected state; None where it cannot be loaded.
        notebook: Its copy of the platform's notebook; None where none has been made.
        verdict: Of its latest result; None where there is none for what the file says now.
        at: When its latest result ended, ISO; ``""`` where there is none.
        report: Its report; None where there is none.
        looked: Something was looked at, whether a report was written or not.
        problem: Why the file cannot be loaded, for people; ``""`` where it can.
        active: When one of its files changed last, seconds since 1970.
    """

    slug: str
    file: Path
    customer: str = ""
    domains: tuple[str, ...] = ()
    practice: bool = False
    platform: Platform | None = None
    phase: Phase | None = None
    notebook: Path | None = None
    verdict: Verdict | None = None
    at: str = ""
    report: Path | None = None
    looked: bool = False
    problem: str = ""
    active: float = 0.0


class Workspace:
    """
    A folder to work in.

    Args:
        root: The folder; it need not be there yet.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.environments = self.root / "environments"
        self._drafts = self.root / ".drafts"
        self._register = Register(self.root)

    @property
    def language(self) -> str:
        """
        The language of what belongs to no environment: chosen here, else `own_language`.
        """
        chosen = self._register.language
        return chosen if chosen in languages() else own_language()

    def choose_language(self, language: str) -> None:
        """
        Remember the language of what belongs to no environment.

        Raises:
            KnowledgeError: There are no texts in it.
            OSError: It cannot be written.
        """
        self._register.note_language(Catalogue(language).language)

    def prepare(self) -> None:
        """
        Make the folders, and the copies of the notebooks that belong to no environment.

        Raises:
            OSError: It cannot be written to.
        """
        self.environments.mkdir(parents=True, exist_ok=True)
        self._drafts.mkdir(mode=0o700, exist_ok=True)
        for name in (START, TROUBLESHOOTING):
            self.copy(name)

    def copy(self, name: str) -> Path:
        """
        The copy of a shipped notebook that belongs to no environment, up to date.

        Raises:
            KnowledgeError: There is no such notebook.
            OSError: It cannot be written.
        """
        return copy_of(name, self.root, self._register, Catalogue(self.language))

    def entries(self) -> list[Entry]:
        """
        All environments that were not taken off the list, the one that changed last first.
        """
        return self._entries(hidden=False)

    def put_away(self) -> list[Entry]:
        """
        The environments that were taken off the list, the one that changed last first.
        """
        return self._entries(hidden=True)

    def _entries(self, *, hidden: bool) -> list[Entry]:
        away = self._register.hidden()
        found = [self._entry(slug, file) for file, slug in self._slugs().items() if (slug in away) is hidden]
        return sorted(found, key=lambda entry: (-entry.active, entry.slug))

    def entry(self, slug: str) -> Entry | None:
        """
        The environment with a slug, None where there is none.
        """
        return next((self._entry(each, file) for file, each in self._slugs().items() if each == slug), None)

    def entry_of(self, folder: Path) -> Entry | None:
        """
        The environment whose notebook runs in a folder, None where it belongs to none.

        Args:
            folder: The kernel's working folder.
        """
        try:
            parts = folder.resolve().relative_to(self.root).parts
        except ValueError:
            return None
        return self.entry(parts[0]) if parts else None

    def add(self, file: Path) -> Entry:
        """
        Take an environment file in. It stays where it is, and the workspace remembers it.

        Raises:
            EnvironmentFileError: It cannot be used.
            OSError: The workspace cannot be written to.
        """
        load_environment(file)
        path = file.resolve()
        slugs = self._slugs()
        if path not in slugs:
            slugs[path] = free_slug(path.stem, slugs.values())
            self._register.remember(path, slugs[path])
        return self._entry(slugs[path], path)

    def forget(self, entry: Entry) -> None:
        """
        Take an environment off the list. No file is touched, and its notebook still knows it.

        Raises:
            OSError: The workspace cannot be written to.
        """
        if entry.file.exists():
            self._register.hide(entry.slug, hidden=True)
        else:
            self._register.forget(entry.slug)

    def bring_back(self, entry: Entry) -> None:
        """
        Put an environment that was taken off the list back on it.

        Raises:
            OSError: The workspace cannot be written to.
        """
        self._register.hide(entry.slug, hidden=False)

    def create(self, values: Mapping[str, Any]) -> Entry:
        """
        Make an environment file; none is ever overwritten.

        Args:
            values: Keys and values of the file.

        Raises:
            EnvironmentFileError: They make no environment.
            OSError: It cannot be written.
        """
        taken = [*self._slugs().values(), *(path.stem for path in self.environments.glob("*"))]
        slug = free_slug(str(values.get("customer", "")), taken)
        file = self.environments / f"{slug}.yaml"
        save_environment(file, values, seen="")
        self._register.hide(slug, hidden=False)
        return self._entry(slug, file)

    def notebook_for(self, entry: Entry) -> Path:
        """
        An environment's copy of its platform's notebook, up to date, with a folder for exports beside it. On the list it is again.

        Raises:
            EnvironmentFileError: The file cannot be loaded, so that its platform is not known.
            OSError: It cannot be written.
        """
        environment = load_environment(entry.file)
        folder = self.root / entry.slug
        (folder / "exports").mkdir(parents=True, exist_ok=True)
        self._register.hide(entry.slug, hidden=False)
        name, catalogue = notebook_of(environment.platform), Catalogue(environment.language)
        return copy_of(name, folder, self._register, catalogue, called=entry.slug, platform=environment.platform)

    def results_of(self, slug: str, environment: Environment) -> Path:
        """
        Where an environment's result and report go: below its `output_dir`, which is relative to the workspace.

        Two environments of one customer, by name, do not share it.
        """
        return self.root / environment.output_dir / slug

    def draft(self, slug: str) -> dict[str, Any] | None:
        """
        What was filled in so far; None where nothing was, or nothing that can be read.
        """
        found = read_json(self._draft(slug), _LARGEST_DRAFT)
        return found if isinstance(found, dict) else None

    def save_draft(self, slug: str, values: Mapping[str, Any]) -> None:
        """
        Keep what was filled in so far, readable for this user alone.

        Args:
            slug: Of the environment; one that is not there yet has a name of the form's choice.
            values: What JSON can hold.

        Raises:
            EnvironmentFileError: It is more than an environment file may hold.
            OSError: It cannot be written.
        """
        text = json.dumps(values, ensure_ascii=True)
        path = self._draft(slug)
        if len(text) > _LARGEST_DRAFT:
            message = Catalogue(self.language).text("opening.say", "draft_large", limit=_LARGEST_DRAFT)
            raise EnvironmentFileError(str(path), [KeyProblem("", "", message)])
        self._drafts.mkdir(parents=True, mode=0o700, exist_ok=True)
        write_text(path, text, 0o600)

    def drop_draft(self, slug: str) -> None:
        """
        Forget what was filled in so far.
        """
        self._draft(slug).unlink(missing_ok=True)

    def seen(self, slug: str) -> Any:
        """
        What the last walk of an environment had seen; None where nothing can be read.
        """
        return read_json(self._seen(slug), _LARGEST_RESULT)

    def save_seen(self, slug: str, memory: Mapping[str, Any]) -> None:
        """
        Keep what a walk has seen, readable for this user alone.

        Raises:
            OSError: It cannot be written.
        """
        self._drafts.mkdir(parents=True, mode=0o700, exist_ok=True)
        write_text(self._seen(slug), json.dumps(memory, ensure_ascii=True), 0o600)

    def _draft(self, slug: str) -> Path:
        return self._drafts / f"{safe_name(slug)}.json"

    def _seen(self, slug: str) -> Path:
        return self._drafts / f"{safe_name(slug)}-seen.json"

    def _slugs(self) -> dict[Path, str]:
        """
        Every environment file with its slug.

        In ``environments/`` that is the file's name, if it can be; files that were named by hand in another way get one that is kept.
        """
        here = list(self._files_here())
        known = {file: slug for file, slug in self._register.files().items() if file in here or not file.is_relative_to(self.environments)}
        plain = {file: file.stem for file in here if file.suffix == ".yaml" and usable(file.stem) and file.stem not in known.values()}
        slugs = {**plain, **known}
        for file in here:
            if file not in slugs:
                slugs[file] = free_slug(file.stem, slugs.values())
                self._register.remember(file, slugs[file])
        return slugs

    def _files_here(self) -> Iterator[Path]:
        try:
            yield from sorted(path for path in self.environments.iterdir() if path.suffix in _ENDINGS and path.is_file())
        except OSError:
            return

    def _entry(self, slug: str, file: Path) -> Entry:
        try:
            environment = load_environment(file)
        except EnvironmentFileError as error:
            return Entry(slug, file, problem=str(error), active=_changed(file))
        notebook = self.root / slug / f"{slug}.ipynb"
        folder = self.results_of(slug, environment)
        verdict, at = _outcome(folder / RESULT, environment)
        report = folder / REPORT
        return Entry(
            slug=slug,
            file=file,
            customer=environment.customer,
            domains=tuple(scope.unicode for scope in environment.scopes),
            practice=bool(environment.sandbox),
            platform=environment.platform,
            phase=environment.phase,
            notebook=notebook if notebook.is_file() else None,
            verdict=verdict,
            at=at,
            report=report if at and report.is_file() else None,
            looked=self._seen(slug).is_file(),
            active=max(_changed(file), _changed(notebook), _changed(folder / RESULT) if at else 0.0),
        )


def current() -> Workspace | None:
    """
    The workspace this process belongs to, None where `runbook open` did not start it.
    """
    root = os.environ.get(WORKSPACE_VARIABLE)
    return Workspace(Path(root)) if root and Path(root).is_dir() else None


def _outcome(result: Path, environment: Environment) -> tuple[Verdict | None, str]:
    """
    Verdict and time of a stored result; no verdict where it is about other details than those of now, and nothing where it has no domain
    of this environment.
    """
    try:
        state = result.stat()
    except OSError:
        return None, ""
    said, own = _summary(result, state.st_mtime_ns, state.st_size), environment.as_given()
    if said is None or _names(said.given).isdisjoint(_names(own)):
        return None, ""
    same = said.phase == environment.phase.value and all(said.given.get(key) == own.get(key) for key in _SAME)
    return said.verdict if same else None, said.at


@dataclass(frozen=True, slots=True)
class _Summary:
    """
    What the list says of a stored result.
    """

    verdict: Verdict
    at: str
    phase: Any
    given: Mapping[str, Any]


@lru_cache(maxsize=500)
def _summary(result: Path, _changed_ns: int, _size: int) -> _Summary | None:
    """
    The same of a file that has not changed since; None where it cannot be used.
    """
    document = read_json(result, _LARGEST_RESULT)
    given = document.get("environment") if isinstance(document, dict) else None
    if not isinstance(given, dict) or document.get("schema") != SCHEMA:
        return None
    try:
        verdict, at = Verdict(document.get("verdict")), str(document.get("finished"))
        datetime.fromisoformat(at)
    except ValueError:
        return None
    return _Summary(verdict, at, document.get("phase"), {key: given.get(key) for key in _SAME})


def _names(given: Mapping[str, Any]) -> set[str]:
    domains = given.get("domains")
    entries = domains if isinstance(domains, list) else [domains]
    return {str(entry.get("name") if isinstance(entry, dict) else entry).casefold() for entry in entries}


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
