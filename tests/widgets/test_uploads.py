"""
Uploaded files: pieces put together, names made safe, only what can be read is kept.
"""

from __future__ import annotations

from html import unescape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook_lib.knowledge.shipped import shipped
from runbook_lib.knowledge.text import Catalogue
from runbook_lib.widgets.front import LARGEST_UPLOAD, DropZone
from runbook_lib.widgets.uploads import Uploads

from .conftest import files_in

GOOD = min(path for path in (shipped("environments") / "exports").rglob("*.json") if path.is_file())
Taken = list[tuple[str, bytes]]


@pytest.fixture
def taken() -> Taken:
    """
    What a drop zone handed on.
    """
    return []


@pytest.fixture
def zone(taken: Taken) -> DropZone:
    """
    A drop zone.
    """
    return DropZone("Drop", lambda name, content: taken.append((name, content)), lambda name, size: taken.append((name, b"%d" % size)))


def _send(zone: DropZone, content: Any, *buffers: bytes) -> None:
    zone._handle_custom_msg(content, [memoryview(buffer) for buffer in buffers])


def _piece(index: Any, pieces: Any = 3, key: str = "1", name: str = "a.csv") -> dict[str, Any]:
    return {"kind": "piece", "id": key, "name": name, "index": index, "pieces": pieces}


def test_pieces_in_order(zone: DropZone, taken: Taken) -> None:
    """
    A file in three pieces is handed on once, when its last piece is there; an empty one is a file too.
    """
    _send(zone, _piece(0), b"a")
    _send(zone, _piece(1), b"b")
    assert [] == taken
    _send(zone, _piece(2), b"c")
    _send(zone, _piece(0, 1, "2", "b.csv"), b"")

    assert [("a.csv", b"abc"), ("b.csv", b"")] == taken


def test_wrong_pieces_are_nothing(zone: DropZone, taken: Taken) -> None:
    """
    A piece out of order, one that comes twice, of another file, without bytes, or out of a nonsense number hands nothing on.
    """
    _send(zone, _piece(1), b"x")
    _send(zone, _piece(0), b"a")
    _send(zone, _piece(2), b"x")
    _send(zone, _piece(0, 3, "2"), b"a")
    _send(zone, _piece(1), b"x")
    _send(zone, _piece(0, 2), b"a")
    _send(zone, _piece(5, 2), b"x")
    for pieces in (0, -1, 10**9, "3", None):
        _send(zone, _piece(0, pieces), b"x")
    _send(zone, _piece(0, 1))
    for nonsense in (None, [], "piece", {}, {"name": 5}, {"name": "a"}):
        _send(zone, nonsense, b"x")

    assert [] == taken


def test_new_file_takes_the_place_of_a_broken_one(zone: DropZone, taken: Taken) -> None:
    """
    A file whose pieces stopped is let go of when the next begins; so nothing heaps up.
    """
    for key in range(50):
        _send(zone, _piece(0, 2, str(key)), b"a")
    assert 1 == len(zone._under_way)
    _send(zone, _piece(1, 2, "49"), b"b")

    assert [("a.csv", b"ab")] == taken
    assert {} == zone._under_way


@settings(max_examples=30)
@given(sizes=st.lists(st.integers(0, 4), min_size=1, max_size=5))
def test_any_pieces_come_together(sizes: list[int]) -> None:
    """
    However a file is cut, its bytes are the same.
    """
    got: Taken = []
    zone = DropZone("Drop", lambda name, content: got.append((name, content)), lambda *_: None)
    pieces = [bytes([65 + index]) * size for index, size in enumerate(sizes)]
    for index, piece in enumerate(pieces):
        _send(zone, _piece(index, len(pieces)), piece)

    assert [("a.csv", b"".join(pieces))] == got


def test_too_large_is_said(tmp_path: Path, catalogue: Catalogue) -> None:
    """
    The page says a file is too large without sending it; the name is shown as text.
    """
    uploads = Uploads(catalogue, tmp_path / "up", tmp_path)
    zone = uploads.widget.children[1]
    _send(zone, {"kind": "too_large", "id": "1", "name": "big\u202e.csv", "size": LARGEST_UPLOAD + 1048576})

    assert "fail" == uploads._status.tone
    assert r"big\u202e.csv has 65 MB; at most 64 MB are taken." == uploads._status.text
    assert [] == uploads.files


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../x.json", "x.json"),
        ("..\\..\\x.json", "x.json"),
        ("/etc/x.json", "x.json"),
        ("CON", "customer-CON"),
        ("con.json", "customer-con.json"),
        ("", "customer"),
        ("...", "customer"),
        (".json", "json"),
        ("a\u202e\x00b.json", "a-b.json"),
        ("<script>.json", "script.json"),
        ("Anschlüsse 2.json", "Anschlüsse-2.json"),
        ("x" * 400 + ".json", "x" * 80 + ".json"),
    ],
)
async def test_hostile_names(tmp_path: Path, catalogue: Catalogue, name: str, kept: str) -> None:
    """
    Only the last part of a name counts, made safe for every system; the file lies in its folder and nowhere else.
    """
    uploads = Uploads(catalogue, tmp_path / "a" / "up", tmp_path / "a")
    await uploads.take(name, GOOD.read_bytes())

    assert [f"up/{kept}"] == uploads.files, uploads._status.text
    assert [tmp_path / "a" / "up" / kept] == files_in(tmp_path)
    assert GOOD.read_bytes() == (tmp_path / "a" / "up" / kept).read_bytes()


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x00" * 100, b"PK\x03\x04broken", b"{", b"<html><script>"])
async def test_unreadable_file_is_refused_in_words(tmp_path: Path, catalogue: Catalogue, content: bytes) -> None:
    """
    What is no export is not kept, and the status says which file and what is taken.
    """
    uploads = Uploads(catalogue, tmp_path / "up", tmp_path)
    changed: list[bool] = []
    uploads.changed = lambda: changed.append(True)
    await uploads.take("list.json", content)

    assert "fail" == uploads._status.tone
    assert uploads._status.text.startswith("list.json: ")
    assert ([], [], []) == (uploads.files, changed, files_in(tmp_path))


async def test_same_name_again_is_the_newer_file(tmp_path: Path, catalogue: Catalogue) -> None:
    """
    A file of a name that is there takes its place in the list; the older one stays on the disk, so that what is undone is there.
    """
    (tmp_path / "up").mkdir()
    (tmp_path / "up" / "x.json").write_bytes(GOOD.read_bytes())
    uploads = Uploads(catalogue, tmp_path / "up", tmp_path)
    uploads.fill(["other.csv", "up/x.json"])
    await uploads.take("x.json", GOOD.read_bytes() + b"\n")

    assert ["other.csv", "up/x-2.json"] == uploads.files
    assert GOOD.read_bytes() + b"\n" == (tmp_path / "up" / "x-2.json").read_bytes()
    assert GOOD.read_bytes() == (tmp_path / "up" / "x.json").read_bytes()
    assert "in place of the one that was there" in uploads._status.text
    assert "" == uploads._status.tone


async def test_two_of_one_name_that_came_together_are_two(tmp_path: Path, catalogue: Catalogue) -> None:
    """
    Two servers' exports may have one name; the same file twice is one.
    """
    uploads = Uploads(catalogue, tmp_path / "up", tmp_path)
    await uploads.take("x.json", GOOD.read_bytes())
    await uploads.take("x.json", GOOD.read_bytes() + b"\n")
    await uploads.take("x.json", GOOD.read_bytes())

    assert ["up/x.json", "up/x-2.json"] == uploads.files
    assert "x.json is in as x-2.json, beside another" in uploads._status.text


async def test_removing_leaves_the_file(tmp_path: Path, catalogue: Catalogue) -> None:
    """
    A removed file is not named any more; what lies on the disk is the customer's and stays.
    """
    uploads = Uploads(catalogue, tmp_path / "up", tmp_path)
    uploads.fill(["other.csv"])
    await uploads.take("x.json", GOOD.read_bytes())
    row = uploads._list.children[1]
    row.children[1].click()

    assert ["other.csv"] == uploads.files
    assert (tmp_path / "up" / "x.json").is_file()


GOOGLE = shipped("environments") / "exports" / "acacia-pre" / "google-policies.json"


async def test_export_of_another_platform(tmp_path: Path, catalogue: Catalogue) -> None:
    """
    A file that cannot come from the customer's platforms is taken, and it is said what it is, at once and in the list; where one domain is
    there, or the platform is not known yet, nothing is.
    """
    uploads = Uploads(catalogue, tmp_path / "up", tmp_path)
    uploads.concern(["microsoft_365"])
    await uploads.take("x.json", GOOGLE.read_bytes())
    said = "It holds Google settings (Policy API); that is not exported from Microsoft 365. Is it this customer's?"

    assert ["up/x.json"] == uploads.files
    assert ("", f"x.json is in: Google settings (Policy API). {said}") == (uploads._status.tone, uploads._status.text)
    assert said in unescape(uploads._list.children[0].children[1].value)
    for platforms in (["google_workspace"], ["microsoft_365", "google_workspace"], []):
        uploads.concern(platforms)
        assert 2 == len(uploads._list.children[0].children)
    uploads.concern(["on_premises", "hosted_exchange"])
    assert "Exchange on-premises and Hosted Exchange" in uploads._list.children[0].children[1].value


@pytest.mark.parametrize("large", [False, True])
async def test_files_that_are_there_already(tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, *, large: bool) -> None:
    """
    What the environment names is looked at too; one that is gone, is none, or is too large for it, is listed without a word.
    """
    (tmp_path / "x.json").write_bytes(GOOGLE.read_bytes())
    (tmp_path / "none.json").write_bytes(b"nonsense")
    monkeypatch.setattr("runbook_lib.widgets.uploads.LARGEST_LOOKED_AT", 10 if large else 10**6)
    uploads = Uploads(catalogue, tmp_path / "up", tmp_path)
    uploads.fill(["x.json", "none.json", "gone.json", "\0"])
    uploads.concern(["hybrid"])
    await uploads.worker.wait()

    assert [2 if large else 3, 2, 2, 2] == [len(row.children) for row in uploads._list.children]


async def test_folder_that_cannot_be_made(tmp_path: Path, catalogue: Catalogue) -> None:
    """
    An error of the file system is handed on to be said, not swallowed.
    """
    (tmp_path / "up").write_text("a file", encoding="utf-8")
    failed: list[Exception] = []
    uploads = Uploads(catalogue, tmp_path / "up", tmp_path)
    uploads.failed = failed.append
    _send(uploads.widget.children[1], _piece(0, 1, name="x.json"), GOOD.read_bytes())
    await uploads.worker.wait()

    assert [FileExistsError] == [type(error) for error in failed]
    assert [] == uploads.files


async def test_several_wrong_files_are_each_told(tmp_path: Path, catalogue: Catalogue) -> None:
    """
    Files that come together are each said what became of them, a good one among them too.
    """
    uploads = Uploads(catalogue, tmp_path / "up", tmp_path)
    uploads._too_large("big.csv", 65 * 1024 * 1024)
    for name in ("one.pdf", "two.bin"):
        await uploads.take(name, b"\x00nothing")
    lines = uploads._status.text.split("\n")

    assert ["big.csv", "one.pdf", "two.bin"] == [line.partition(" ")[0].rstrip(":") for line in lines]
    assert "fail" == uploads._status.tone
    await uploads.take("x.json", GOOD.read_bytes())
    assert ["✕", "✕", "✕", "✓"] == [line[0] for line in uploads._status.text.split("\n")]
