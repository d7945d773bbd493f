"""
The workspace: environments, copies of notebooks, results and drafts in one folder.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runbook_lib.environment import Phase, Platform, load_environment, save_environment
from runbook_lib.errors import EnvironmentFileError, KnowledgeError
from runbook_lib.knowledge.shipped import shipped
from runbook_lib.knowledge.text import LANGUAGE_VARIABLE, Catalogue
from runbook_lib.results import SCHEMA, Verdict
from runbook_lib.sandbox import scenario
from runbook_lib.workspace import WORKSPACE_VARIABLE, Entry, Workspace, current
from runbook_lib.workspace.copies import copy_of, names
from runbook_lib.workspace.register import Register, free_slug, usable

VALUES: dict[str, Any] = {
    "customer": "Birch & Sons",
    "platform": "microsoft_365",
    "region": "eu",
    "domains": ["birch.example"],
    "inbound_host": "birch-example.mail.protection.outlook.com",
}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """
    A prepared workspace.
    """
    made = Workspace(tmp_path / "ws")
    made.prepare()
    return made


@pytest.fixture
def elsewhere(tmp_path: Path) -> Callable[..., Path]:
    """
    A sandbox customer's environment file outside the workspace.
    """

    def copied(name: str, folder: str = "files", to: str | None = None) -> Path:
        target = tmp_path / folder / (to or f"{name}.yaml")
        target.parent.mkdir(exist_ok=True)
        shutil.copy(scenario(name).environment_file, target)
        return target

    return copied


def _result(workspace: Workspace, entry: Entry, **changes: Any) -> Path:
    environment = load_environment(entry.file)
    folder = workspace.results_of(entry.slug, environment)
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "schema": SCHEMA,
        "phase": environment.phase.value,
        "environment": environment.as_given(),
        "verdict": "ready",
        "finished": "2026-11-23T16:00:00Z",
    }
    (folder / "result.json").write_text(json.dumps({**document, **changes}), encoding="utf-8")
    (folder / "report.html").write_text("<!doctype html>", encoding="utf-8")
    return folder


def _edit(notebook: Path, source: str) -> None:
    document = json.loads(notebook.read_text(encoding="utf-8"))
    document["cells"][-1]["source"] = source
    notebook.write_text(json.dumps(document), encoding="utf-8")


def _last_source(notebook: Path) -> str:
    return "".join(json.loads(notebook.read_text(encoding="utf-8"))["cells"][-1]["source"])


def test_a_new_workspace(workspace: Workspace) -> None:
    """
    Start page and troubleshooting are there as copies that JupyterLab runs by itself; no environment is.
    """
    documents = [json.loads((workspace.root / f"{name}.ipynb").read_text(encoding="utf-8")) for name in ("start_here", "troubleshooting")]

    assert [True, True] == [document["metadata"]["inbound_runbook"] for document in documents]
    assert [] == workspace.entries()
    assert 0o700 == stat.S_IMODE((workspace.root / ".drafts").stat().st_mode) or os.name == "nt"


def test_the_originals_stay_as_they_are(workspace: Workspace, elsewhere: Callable[..., Path]) -> None:
    """
    What is shipped is only read.
    """
    before = {path: path.read_bytes() for path in shipped("notebooks").iterdir() if path.is_file()}
    _edit(workspace.notebook_for(workspace.add(elsewhere("birch-half-moved"))), "1")

    assert before == {path: path.read_bytes() for path in shipped("notebooks").iterdir() if path.is_file()}


def test_a_copy_has_its_code_folded_and_its_parameters_untouched(workspace: Workspace) -> None:
    """
    Every code cell but the parameters has its source hidden; the sources are those of the original, and no cell is deleted by a slip.
    """
    entry = workspace.create(VALUES)
    cells = json.loads(workspace.notebook_for(entry).read_text(encoding="utf-8"))["cells"]
    original = json.loads((shipped("notebooks") / "microsoft_365.ipynb").read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]

    assert ["".join(cell["source"]) for cell in original] == ["".join(cell["source"]) for cell in cells]
    assert {False} == {cell["metadata"].pop("deletable") for cell in cells}
    assert [cell for cell in original if "parameters" in cell["metadata"].get("tags", [])] == [
        cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])
    ]
    assert all(cell["metadata"]["jupyter"]["source_hidden"] for cell in code if "parameters" not in cell["metadata"].get("tags", []))


def test_create_makes_a_file_and_never_overwrites_one(workspace: Workspace) -> None:
    """
    The slug comes from the customer's name; a second customer of the name gets a number.
    """
    first, second = workspace.create(VALUES), workspace.create({**VALUES, "domains": ["two.example"]})

    assert ["Birch-Sons", "Birch-Sons-2"] == [first.slug, second.slug]
    assert workspace.root / "environments" / "Birch-Sons.yaml" == first.file
    assert ["birch.example"] == [entry.name for entry in load_environment(first.file).domains]
    assert ("Birch & Sons", Platform.MICROSOFT_365, Phase.PREPARE, None) == (first.customer, first.platform, first.phase, first.notebook)


def test_what_makes_no_environment_leaves_no_file(workspace: Workspace) -> None:
    """
    Values that are refused are refused with their key, and nothing is written.
    """
    with pytest.raises(EnvironmentFileError, match="region"):
        workspace.create({**VALUES, "region": "uk"})

    assert [] == workspace.entries()


@pytest.mark.parametrize("customer", ["../../etc/passwd", "environments", "REPORTS", "CON", "", "\x00", "a/b\\c", "." * 300])
def test_hostile_customer_names_stay_in_the_workspace(workspace: Workspace, customer: str) -> None:
    """
    Whatever a customer is called, its folder is one of its own, directly in the workspace.
    """
    slug = free_slug(customer, [])
    folder = (workspace.root / slug).resolve()

    assert usable(slug)
    assert workspace.root == folder.parent
    assert slug.casefold() not in ("environments", "reports")


def test_copies_speak_the_language_of_their_customer(workspace: Workspace) -> None:
    """
    A customer's notebook has its headings in the customer's language, and is made anew where that changes.
    """
    entry = workspace.create({**VALUES, "language": "de"})
    german = _headings(workspace.notebook_for(entry))
    save_environment(entry.file, VALUES)
    english = _headings(workspace.notebook_for(entry))

    assert "## 5 Route prüfen" in german
    assert "## 5 Verify the route" in english


def test_the_language_that_was_chosen_is_remembered(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    What belongs to no customer has the language chosen in the workspace, else the machine's; one without texts is refused.
    """
    monkeypatch.setenv(LANGUAGE_VARIABLE, "de")
    assert "de" == workspace.language
    workspace.choose_language("en")

    assert "en" == Workspace(workspace.root).language
    with pytest.raises(KnowledgeError, match="fr"):
        workspace.choose_language("fr")
    workspace.choose_language("de")
    workspace.prepare()
    assert "# Hier beginnen" in _headings(workspace.root / "start_here.ipynb")


def _headings(notebook: Path) -> list[str]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]


def test_a_file_from_elsewhere_stays_there(workspace: Workspace, elsewhere: Callable[..., Path]) -> None:
    """
    It is remembered, by another `Workspace` of the same folder too, and not copied; adding it twice is adding it once.
    """
    file = elsewhere("birch-half-moved")
    entry = workspace.add(file)

    assert ("birch-half-moved", file.resolve()) == (entry.slug, entry.file)
    assert entry == workspace.add(file)
    assert [entry] == Workspace(workspace.root).entries()
    assert [] == list(workspace.environments.iterdir())


def test_equal_names_are_told_apart_and_stay_what_they_are(workspace: Workspace, elsewhere: Callable[..., Path]) -> None:
    """
    Two files of one name get two slugs; a third one of that name put into the workspace later takes nothing from them.
    """
    first, second = elsewhere("birch-half-moved", "a"), elsewhere("birch-half-moved", "b")
    added = [workspace.add(first).slug, workspace.add(second).slug]
    shutil.copy(first, workspace.environments)
    slugs = {entry.file: entry.slug for entry in workspace.entries()}

    assert ["birch-half-moved", "birch-half-moved-2"] == added
    assert added == [slugs[first.resolve()], slugs[second.resolve()]]
    assert "birch-half-moved-3" == slugs[workspace.environments / first.name]


def test_a_file_that_cannot_be_used_is_not_taken_in(workspace: Workspace, tmp_path: Path) -> None:
    """
    What is wrong with it is said, and it is not remembered.
    """
    with pytest.raises(EnvironmentFileError):
        workspace.add(tmp_path / "none.yaml")

    assert [] == workspace.entries()


def test_a_file_that_was_damaged_later_says_what_is_wrong(workspace: Workspace) -> None:
    """
    It stays in the list with its problem, has no notebook, and asking for one names the problem again.
    """
    entry = workspace.create(VALUES)
    entry.file.write_text("customer: X\nregion: uk\n", encoding="utf-8")
    (damaged,) = workspace.entries()

    assert (None, None, "") == (damaged.platform, damaged.notebook, damaged.customer)
    assert "region" in damaged.problem
    with pytest.raises(EnvironmentFileError, match="region"):
        workspace.notebook_for(damaged)


def test_the_latest_comes_first(workspace: Workspace) -> None:
    """
    Environments are in the order of what was done last: file, notebook or result.
    """
    first, second = workspace.create(VALUES), workspace.create({**VALUES, "customer": "Elm"})
    os.utime(first.file, (1000, 1000))
    os.utime(second.file, (2000, 2000))
    quiet = [entry.slug for entry in workspace.entries()]
    os.utime(workspace.notebook_for(first), (3000, 3000))

    assert ["Elm", "Birch-Sons"] == quiet
    assert ["Birch-Sons", "Elm"] == [entry.slug for entry in workspace.entries()]


def test_a_result_is_read(workspace: Workspace) -> None:
    """
    Verdict, time and report come from where the environment's results go.
    """
    folder = _result(workspace, workspace.create(VALUES))
    (entry,) = workspace.entries()

    assert workspace.root / "reports" / "Birch-Sons" == folder
    assert (Verdict.READY, "2026-11-23T16:00:00Z", folder / "report.html") == (entry.verdict, entry.at, entry.report)


def test_two_customers_of_one_name_keep_their_reports(workspace: Workspace) -> None:
    """
    The second one's report is in a folder of its own, and both are found again.
    """
    folders = [_result(workspace, workspace.create({**VALUES, "phase": phase}), phase=phase) for phase in ("prepare", "cutover")]

    assert folders[0] != folders[1]
    assert {folder / "report.html" for folder in folders} == {entry.report for entry in workspace.entries()}


@pytest.mark.parametrize(
    "changes",
    [
        {"environment": {**VALUES, "domains": ["other.example"]}},
        {"environment": {**VALUES, "domains": 5}},
        {"environment": "x"},
        {"schema": "inbound-runbook/result/9"},
        {"verdict": "<b>ready</b>"},
        {"verdict": []},
        {"finished": "yesterday"},
    ],
    ids="-".join,
)
def test_a_result_of_something_else_is_no_verdict(workspace: Workspace, changes: dict[str, Any]) -> None:
    """
    What is about other inputs, or damaged, or hostile, says nothing about this environment.
    """
    _result(workspace, workspace.create(VALUES), **changes)
    (entry,) = workspace.entries()

    assert (None, "", None) == (entry.verdict, entry.at, entry.report)


@pytest.mark.parametrize("content", [b"", b"[" * 100_000, b"\xff\xfe", b"null", b"[1]"], ids=["empty", "deep", "bytes", "null", "list"])
def test_damaged_files_are_no_obstacle(workspace: Workspace, content: bytes) -> None:
    """
    Result, draft and the workspace's own memory may hold anything.
    """
    entry = workspace.create(VALUES)
    (_result(workspace, entry) / "result.json").write_bytes(content)
    workspace.save_draft(entry.slug, {"a": 1})
    (workspace.root / ".drafts" / f"{entry.slug}.json").write_bytes(content)
    (workspace.root / ".workspace.json").write_bytes(content)
    (found,) = workspace.entries()

    assert (None, entry.slug) == (found.verdict, found.slug)
    assert workspace.draft(entry.slug) is None
    workspace.prepare()


def test_hostile_entries_in_the_memory_are_passed_over(workspace: Workspace, tmp_path: Path) -> None:
    """
    A slug that leads out of the workspace, a path that is none and a value that is no text are not used.
    """
    memory = {"files": {"../x": str(tmp_path / "a.yaml"), "ok": "\0", "n": 1, "reports": "b.yaml"}, "copies": []}
    (workspace.root / ".workspace.json").write_text(json.dumps(memory), encoding="utf-8")

    assert [] == workspace.entries()


def test_whose_notebook_runs_in_a_folder(workspace: Workspace, tmp_path: Path) -> None:
    """
    The kernel's folder names the environment, a folder below it too; the workspace itself and other places name none.
    """
    entry = workspace.create(VALUES)
    folder = workspace.notebook_for(entry).parent
    found = [workspace.entry_of(place) for place in (folder, folder / "exports", workspace.root, tmp_path, workspace.environments)]

    assert ["Birch-Sons", "Birch-Sons", None, None, None] == [each.slug if each else None for each in found]


def test_drafts(workspace: Workspace) -> None:
    """
    A draft is kept for this user alone, comes back as it was, and is gone when it is dropped, twice too.
    """
    values = {"customer": "Bïrch \ud83c\udf33", "domains": ["a.example"], "odd": "\ud800"}
    workspace.save_draft("../new", values)
    (file,) = (workspace.root / ".drafts").iterdir()

    assert values["domains"] == (workspace.draft("../new") or {})["domains"]
    assert "\ud800" == (workspace.draft("../new") or {})["odd"]
    assert 0o600 == stat.S_IMODE(file.stat().st_mode) or os.name == "nt"
    workspace.drop_draft("../new")
    workspace.drop_draft("../new")
    assert workspace.draft("../new") is None


def test_a_draft_is_bounded(workspace: Workspace) -> None:
    """
    More than an environment file may hold is refused, and the draft before it stays.
    """
    workspace.save_draft("x", {"a": 1})
    with pytest.raises(EnvironmentFileError, match="exports"):
        workspace.save_draft("x", {"a": "b" * (1 << 20)})

    assert {"a": 1} == workspace.draft("x")


def test_the_workspace_of_a_kernel(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The environment variable names it; without one, or with a folder that is gone, there is none.
    """
    monkeypatch.delenv(WORKSPACE_VARIABLE, raising=False)
    none = current()
    monkeypatch.setenv(WORKSPACE_VARIABLE, str(workspace.root))
    here = current()
    monkeypatch.setenv(WORKSPACE_VARIABLE, str(workspace.root / "gone"))

    assert none is None
    assert here is not None
    assert workspace.root == here.root
    assert current() is None


class TestCopies:
    """
    What happens to a copy when the original or the copy has changed.
    """

    @pytest.fixture
    def original(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """
        The shipped troubleshooting notebook, in a place where it can change.
        """
        folder = shutil.copytree(shipped("notebooks"), tmp_path / "shipped")
        monkeypatch.setattr("runbook_lib.workspace.copies.shipped", lambda _: folder)
        return folder / "troubleshooting.ipynb"

    @pytest.fixture
    def copied(self, original: Path, tmp_path: Path) -> Callable[[], Path]:
        """
        Makes the copy, or brings it up to date.
        """
        root = tmp_path / "copies"
        return lambda: copy_of(original.stem, root, Register(root), Catalogue("en"))

    def test_output_stays_while_nothing_has_changed(self, copied: Callable[[], Path]) -> None:
        """
        A copy that was run keeps what it shows.
        """
        notebook = copied()
        document = json.loads(notebook.read_text(encoding="utf-8"))
        document["cells"][-1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "shown"}]
        notebook.write_text(json.dumps(document), encoding="utf-8")
        copied()

        assert document == json.loads(notebook.read_text(encoding="utf-8"))

    def test_a_changed_original_replaces_an_untouched_copy(self, original: Path, copied: Callable[[], Path]) -> None:
        """
        The new one is in its place, and nothing is beside it.
        """
        notebook = copied()
        _edit(original, "new")
        copied()

        assert "new" == _last_source(notebook)
        assert [notebook] == list(notebook.parent.glob("*.ipynb"))

    def test_an_edited_copy_stays_while_the_original_does(self, copied: Callable[[], Path]) -> None:
        """
        What a person changed is there the next time.
        """
        notebook = copied()
        _edit(notebook, "mine")
        copied()

        assert "mine" == _last_source(notebook)

    def test_an_edited_copy_is_kept_beside_the_new_one(self, original: Path, copied: Callable[[], Path]) -> None:
        """
        When both have changed the new one takes the place, and each edited one stays under a name of its own.
        """
        for word in ("one", "two"):
            _edit(copied(), f"mine {word}")
            _edit(original, f"new {word}")
        notebook = copied()
        kept = [notebook.with_name(f"troubleshooting-edited{number}.ipynb") for number in ("", "-2")]

        assert "new two" == _last_source(notebook)
        assert ["mine one", "mine two"] == [_last_source(path) for path in kept]

    @pytest.mark.parametrize("content", ["{", "[]", '{"cells": [{"source": 1}]}'])
    def test_what_nothing_is_known_about_is_kept(self, copied: Callable[[], Path], content: str) -> None:
        """
        A file in the place of the copy that nobody remembers copying, readable or not, is moved aside.
        """
        notebook = copied()
        (notebook.parent / ".workspace.json").unlink()
        notebook.write_text(content, encoding="utf-8")
        copied()

        assert content == notebook.with_name("troubleshooting-edited.ipynb").read_text(encoding="utf-8")
        assert "rb.troubleshoot" in _last_source(notebook)

    def test_an_unknown_notebook(self, tmp_path: Path) -> None:
        """
        The error names those there are.
        """
        with pytest.raises(KnowledgeError, match="start_here"):
            copy_of("../x", tmp_path, Register(tmp_path), Catalogue("en"))

        assert {"exchange", "google_workspace", "microsoft_365", "start_here", "troubleshooting"} <= set(names())


def test_a_notebook_is_called_after_the_customer_s_platform(workspace: Workspace) -> None:
    """
    The notebook for several platforms names the one that this customer has.
    """
    notebook = workspace.notebook_for(workspace.create({**VALUES, "platform": "hybrid"}))
    title = json.loads(notebook.read_text(encoding="utf-8"))["cells"][0]["source"]

    assert "# Inbound mail through the gateway: Exchange hybrid" == "".join(title)
