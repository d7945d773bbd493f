"""
The details of a walk: typed, saved, taken back, and never with a secret on the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from runbook_lib.environment import load_environment
from runbook_lib.sandbox import scenario
from runbook_lib.widgets import Home, Walkthrough
from runbook_lib.workspace import Entry

from .conftest import Traffic, files_in

Begin = Callable[..., Walkthrough]
AtHome = Callable[[Entry, str], Home]


def _values(name: str = "alder-pre", **changed: Any) -> dict[str, Any]:
    return {**load_environment(scenario(name).environment_file).as_parameters(), **changed}


@pytest.fixture
def customer(entry: Callable[..., Entry]) -> Entry:
    """
    A customer of the workspace.
    """
    return entry("alder-pre")


@pytest.fixture
def again(walk: Begin, at_home: AtHome, customer: Entry) -> Callable[[], Walkthrough]:
    """
    Begins a walk of that customer, as a kernel does that is started anew.
    """
    return lambda: walk(at_home(customer, "microsoft_365"), load_environment(customer.file).as_given())


def _type(walk: Walkthrough, key: str, value: str) -> None:
    field = walk.details.form.field(key)
    assert field is not None
    field.control.value = value


async def _press(walk: Walkthrough, button: Any) -> str:
    button.click()
    await walk.details.worker.wait()
    return str(walk.details.status.text)


async def test_right_details_are_shut(again: Callable[[], Walkthrough]) -> None:
    """
    Where all is right one line says who it is; the form comes with a click and goes with one.
    """
    details = again().details
    assert () == details._body.children
    assert "Alder Instruments" in details._head.html
    assert "alder-pre.example" in details._head.html
    details._change.click()
    opened = details._body.children
    details._change.click()

    assert (details.form.widget,) == opened
    assert () == details._body.children


async def test_untouched_save_changes_nothing(again: Callable[[], Walkthrough], customer: Entry) -> None:
    """
    Save without a change leaves the file as it is, to the byte, and the run too.
    """
    before = customer.file.read_bytes()
    walk = again()
    run = walk.run
    walk.details._change.click()
    said = await _press(walk, walk.details._accept)

    assert f"Saved in {customer.file.name}." == said
    assert before == customer.file.read_bytes()
    assert run is walk.run


async def test_a_list_that_is_saved_with_its_faults_says_so(again: Callable[[], Walkthrough], customer: Entry) -> None:
    """
    A list is kept as it was pasted, which nobody takes for put right.
    """
    walk = again()
    walk.details._change.click()
    walk.details.form.put("allowlist", "195.130.217.0/24;300.1.2.0/24\n")
    said = await _press(walk, walk.details._accept)

    assert said.startswith(f"Saved in {customer.file.name}. 2 faults left in: ")
    assert "300.1.2.0/24" in load_environment(customer.file).allowlist  # type: ignore[operator]  # it was given


async def test_a_new_phase_says_what_it_costs(again: Callable[[], Walkthrough]) -> None:
    """
    What was confirmed in the former phase counts no longer, which is said with what was saved.
    """
    walk = again()
    walk.details._change.click()
    walk.details.form.put("phase", "cutover")
    said = await _press(walk, walk.details._accept)
    walk.details._change.click()
    walk.details.form.put("timeout", "4")
    later = await _press(walk, walk.details._accept)

    assert "given in another phase" in said
    assert "given in another phase" not in later


async def test_saved_and_opened_again(again: Callable[[], Walkthrough], customer: Entry) -> None:
    """
    What is typed and saved stands in the file as what it means, and what was found for it is still there the next day.
    """
    walk = again()
    _type(walk, "timeout", "3")
    _type(walk, "account_code", "CUK0123456701234")
    await _press(walk, walk.details._accept)
    assert walk.run is not None
    await walk.run.look(["ranges"], lambda *_: None)
    await walk._keep(walk.run)
    run = walk.run
    await _press(walk, walk.details._accept)
    other = again()

    assert run is walk.run
    assert ("CUK0123456701234", 3) == tuple(load_environment(customer.file).as_given()[key] for key in ("account_code", "timeout"))
    assert other.run is not None
    assert other.run.steps["ranges"].recalled
    assert "Verify again to see what is so now." in other.overview.panel.html


async def test_typed_and_unsaved_is_back(again: Callable[[], Walkthrough], customer: Entry) -> None:
    """
    A draft is back in the next walk, in the open form, said above it, with what is wrong in it; the file does not have it. Once it is
    discarded nothing is said of it any more.
    """
    walk = again()
    _type(walk, "customer", "Alder & Sons")
    _type(walk, "inbound_host", "no host")
    other = again()
    said = "What you typed last time and did not save is back in the form."

    assert "Alder & Sons" == other.details.form.read()["customer"]
    assert said in other.details._head.html
    assert other.details.form.field("inbound_host").refused
    assert not other.details.form.field("timeout").refused
    assert other.details._body.children
    assert "Alder Instruments" == load_environment(customer.file).customer
    assert other.run is not None
    assert "Alder Instruments" == other.run.environment.customer
    other.details._revert()
    assert said not in other.details._head.html
    assert not other.details.form.field("inbound_host").refused


async def test_draft_after_a_save(again: Callable[[], Walkthrough]) -> None:
    """
    What is typed after a save, a number saved among it, is back too.
    """
    walk = again()
    _type(walk, "timeout", "3")
    await _press(walk, walk.details._accept)
    assert () == again().details._body.children
    _type(walk, "customer", "Alder & Sons")

    assert "Alder & Sons" == again().details.form.read()["customer"]


async def test_draft_outlives_a_confirmation(again: Callable[[], Walkthrough]) -> None:
    """
    A confirmation is saved at once, what is typed stays typed.
    """
    walk = again()
    _type(walk, "customer", "Alder & Sons")
    said = {"platform": {"by": "Anna", "at": "2026-11-20", "phase": "prepare"}}
    assert walk.details.say(said) is not None
    other = again()

    assert "Alder & Sons" == other.details.form.read()["customer"]
    assert said == other.details.people("attestations")


async def test_undone_is_gone(again: Callable[[], Walkthrough]) -> None:
    """
    Undo puts back what was saved, and the next walk knows of nothing else.
    """
    walk = again()
    _type(walk, "customer", "Alder & Sons")
    said = await _press(walk, walk.details._discard)

    assert "Back to what was saved." == said
    for each in (walk, again()):
        assert "Alder Instruments" == each.details.form.read()["customer"]
    assert () == again().details._body.children


async def test_draft_of_another_file_is_not_used(again: Callable[[], Walkthrough], customer: Entry) -> None:
    """
    Where the file has changed since, the file counts.
    """
    _type(again(), "customer", "Alder & Sons")
    text = customer.file.read_text(encoding="utf-8")
    customer.file.write_text(text.replace("Alder Instruments", "Alder Group"), encoding="utf-8")

    assert "Alder Group" == again().details.form.read()["customer"]


async def test_typing_elsewhere_outlives_a_change_of_the_file(again: Callable[[], Walkthrough], customer: Entry) -> None:
    """
    Where the file has changed in one place and something was typed in another, both are there.
    """
    _type(again(), "account_code", "CUK00A111")
    text = customer.file.read_text(encoding="utf-8")
    customer.file.write_text(text.replace("Alder Instruments", "Alder Group"), encoding="utf-8")
    read = again().details.form.read()

    assert ("Alder Group", "CUK00A111") == (read["customer"], read["account_code"])


async def test_file_that_changed_is_not_overwritten(again: Callable[[], Walkthrough], customer: Entry) -> None:
    """
    Somebody edited the file meanwhile: Save refuses in words, and what is typed stays.
    """
    walk = again()
    _type(walk, "customer", "Alder & Sons")
    changed = customer.file.read_text(encoding="utf-8") + "# by hand\n"
    customer.file.write_text(changed, encoding="utf-8")
    said = await _press(walk, walk.details._accept)

    assert "fail" == walk.details.status.tone
    assert customer.file.name in said
    assert changed == customer.file.read_text(encoding="utf-8")
    assert "Alder & Sons" == walk.details.form.read()["customer"]


@pytest.mark.parametrize("draft", [{}, {"base": 5}, {"base": None, "values": None}, {"values": []}])
async def test_damaged_draft_is_nothing(walk: Begin, at_home: AtHome, customer: Entry, draft: Mapping[str, Any]) -> None:
    """
    A draft that cannot be read is as good as none.
    """
    values = load_environment(customer.file).as_given()
    one = walk(replace(at_home(customer, "microsoft_365"), draft=draft), values)

    assert values == one.details.form.read()


@pytest.mark.parametrize(
    "secret",
    [("proxy", "socks5://anna:geheim@127.0.0.1:1080"), ("nameservers", "https://anna:geheim@dns.example/dns-query")],
)
@pytest.mark.parametrize("given", [False, True], ids=["typed", "given"])
@pytest.mark.parametrize("language", ["en", "de"])
async def test_secret_reaches_no_file(
    walk: Begin, loose: Callable[[str], Home], tmp_path: Path, shown: list[Any], *, secret: tuple[str, str], language: str, given: bool
) -> None:
    """
    A password in a proxy or a resolver is refused in words; no draft, no saved file and nothing in the notebook has it.
    """
    key, value = secret
    values = {**_values(), "language": language}
    del values["sandbox"]
    one = walk(loose("microsoft_365"), {**values, key: [value] if key == "nameservers" else value} if given else values)
    one.show_inputs()
    if not given:
        _type(one, key, value)
    _type(one, "customer", "Typed afterwards")
    one.details._name.value = "typed"
    await _press(one, one.details._save_as)
    files = files_in(tmp_path)
    field = one.details.form.field(key)

    assert field is not None
    assert field.refused
    assert "geheim" not in field._error
    assert [path for path in files if "Typed afterwards" in path.read_text(encoding="utf-8", errors="replace")]
    assert [] == [path for path in files if b"geheim" in path.read_bytes()]
    assert "geheim" not in str([each["data"].get("text/html") for each in shown])


@pytest.mark.parametrize(("name", "kept"), [("alder", "alder.yaml"), ("../../x.yaml", "x.yaml"), ("con.yml", "customer-con.yaml")])
async def test_saved_as_a_file(walk: Begin, loose: Callable[[str], Home], tmp_path: Path, name: str, kept: str) -> None:
    """
    What came as parameters becomes a file beside the notebook, with a safe name; the next Save goes there too.
    """
    one = walk(loose("microsoft_365"), _values())
    one.details._name.value = name
    assert f"Saved in {kept}." == await _press(one, one.details._save_as)
    _type(one, "customer", "Alder & Sons")
    await _press(one, one.details._accept)

    assert "Alder & Sons" == load_environment(tmp_path / kept).customer
    assert [kept] == [path.name for path in files_in(tmp_path, "*.yaml")]


async def test_file_that_is_there_is_not_overwritten(walk: Begin, loose: Callable[[str], Home], tmp_path: Path) -> None:
    """
    A name that is taken is refused in words.
    """
    (tmp_path / "alder.yaml").write_text("mine", encoding="utf-8")
    one = walk(loose("microsoft_365"), _values())
    one.details._name.value = "alder"
    said = await _press(one, one.details._save_as)

    assert "There is a file of this name already." in said
    assert "mine" == (tmp_path / "alder.yaml").read_text(encoding="utf-8")


async def test_own_customer_instead_of_practice(walk: Begin, loose: Callable[[str], Home], traffic: Traffic) -> None:
    """
    The made-up customer goes with one click; language and folder stay, and the cursor is in the first field.
    """
    one = walk(loose("microsoft_365"), _values(language="de", output_dir="out"))
    one.details._change.click()
    one.details._empty.click()

    assert {"language": "de", "output_dir": "out"} == one.details.form.read()
    assert traffic.cursor is one.details.form.fields[0].control.comm


async def test_all_that_is_wrong_is_counted(walk: Begin, loose: Callable[[str], Home]) -> None:
    """
    Use these details, pressed too early, says how much is missing and leaves all as it is.
    """
    one = walk(loose("microsoft_365"), {"customer": "New", "region": "uk"})
    said = await _press(one, one.details._accept)

    assert "4 things are missing or wrong. Each is named beside its field." == said
    assert one.run is None
    assert {"customer": "New", "region": "uk"} == one.details.form.read()


async def test_suggestions_stand_at_their_fields(walk: Begin, loose: Callable[[str], Home]) -> None:
    """
    A change of the domains asks for MX records; what they suggest is taken with a click, and never by itself.
    """
    one = walk(loose("microsoft_365"), _values("alder-cutover", region="de", account_code=""))
    one.details._change.click()
    one.details.form.put("domains", _values("alder-cutover")["domains"])
    await one.details._hints.worker.wait()
    field = one.details.form.field("region")
    assert field is not None
    assert {"region": "de"} == field.read()
    (row,) = field._hints.children
    assert "the gateway region seems to be eu" in row.children[0].value
    row.children[1].click()
    await one.details._hints.worker.wait()

    assert {"region": "eu"} == field.read()
    assert () == field._hints.children
