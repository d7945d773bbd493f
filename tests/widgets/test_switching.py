"""
From one customer, file or report to the next: nothing of the former one is shown for the new one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runbook_lib.environment import load_environment
from runbook_lib.sandbox import scenario
from runbook_lib.widgets import Home, Walkthrough

from .conftest import Traffic

Begin = Callable[..., Walkthrough]
Loose = Callable[[str], Home]


def _values(name: str) -> dict[str, Any]:
    return load_environment(scenario(name).environment_file).as_parameters()


async def _switch(walk: Walkthrough, **changed: Any) -> None:
    for key, value in changed.items():
        walk.details.form.put(key, value)
    walk.details._accept.click()
    await walk.details.worker.wait()


async def test_a_click_while_details_change_shows_nothing_of_the_former(walk: Begin, loose: Loose) -> None:
    """
    Verify pressed while the former run is still being closed ends with the cards of the new one, and with no world left behind.
    """
    one = walk(loose("microsoft_365"), _values("alder-pre"))
    await one.step("route")
    card = one._cards["route"]
    card.controls.start.click()
    await card.worker.wait()
    one.details.form.put("phase", "cutover")
    one.details._accept.click()
    await asyncio.sleep(0)
    card.controls.start.click()
    await one.details.worker.wait()
    await card.worker.wait()
    run = one.run

    assert run is not None
    assert "cutover" == run.environment.phase.value
    assert card._seen is None or tuple(card._seen.findings) == run.findings()["route"]


async def test_what_was_said_about_the_former_goes(walk: Begin, loose: Loose) -> None:
    """
    Watch, status lines and the answer of the report go with the details they were about.
    """
    one = walk(loose("microsoft_365"), _values("alder-cutover"))
    await one.step("mx")
    (watch,) = one._watches
    watch.controls.start.click()
    await watch.controls.worker.wait()
    one.summary.controls.start.click()
    await one.summary.worker.wait()
    assert watch.panel.html
    assert one.summary.result is not None

    await _switch(one, phase="prepare")

    assert "" == watch.panel.html
    assert "" == watch.controls.status.text
    assert one.summary.result is None
    assert "" == one._cards["mx"].status.text


async def test_a_second_look_shows_every_finding_again(walk: Begin, loose: Loose) -> None:
    """
    Verified again with nothing changed, the card shows as many findings as before.
    """
    one = walk(loose("microsoft_365"), _values("beech-unconfirmed"))
    await one.step("platform")
    card = one._cards["platform"]
    rows = []
    for _ in range(2):
        card.controls.start.click()
        await card.worker.wait()
        rows.append(card.found.html.count('class="rb-row'))

    assert rows[0] == rows[1] > 1


async def test_a_file_exported_again_is_read_again(walk: Begin, loose: Loose, tmp_path: Path) -> None:
    """
    An export of the same name with other content drops what the former one led to.
    """
    source = load_environment(scenario("acacia-pre").environment_file)
    values = source.as_parameters()
    copies = []
    for path in source.exports:
        copy = tmp_path / path.name
        copy.write_bytes(path.read_bytes())
        copies.append(str(copy))
    one = walk(loose("google_workspace"), {**values, "exports": copies})
    await one.step("platform")
    card = one._cards["platform"]
    card.controls.start.click()
    await card.worker.wait()
    before = one.run
    copy.write_bytes(copy.read_bytes() + b"\n")

    await _switch(one)

    assert one.run is not before
    assert one.run is not None
    assert {} == {key: found for key, found in one.run.findings().items() if found}


async def test_another_language_keeps_what_was_found(walk: Begin, loose: Loose, traffic: Traffic) -> None:
    """
    Findings and report are in the other language at once, nothing is asked again, and the notebook is told to show itself anew.
    """
    one = walk(loose("microsoft_365"), _values("beech-unconfirmed"))
    await one.step("route")
    one._cards["route"].controls.start.click()
    await one._cards["route"].worker.wait()
    assert one.run is not None
    before = [(each.check, each.status) for each in one.run.findings()["route"]]

    await _switch(one, language="de")
    found = one.run.findings()["route"]

    assert before == [(each.check, each.status) for each in found]
    assert any("auf Port 25 kommt zustande" in each.words.summary for each in found)
    assert one.run.session is not None
    assert one.run.session.world is not None
    assert not one.run.session.world.dns_log
    assert "de" == one.run.so_far().language
    (again,) = [each["again"] for each in traffic.custom(one.details._head) if "again" in each]
    assert ("Eingehende Mail über das Gateway: Microsoft 365", "Route prüfen") == (again["title"], again["route-heading"])
    assert one.outdated


async def test_an_older_report_says_so(walk: Begin, loose: Loose) -> None:
    """
    Once more is known than the report says, the summary names it older; written again it is up to date.
    """
    one = walk(loose("microsoft_365"), _values("beech-unconfirmed"))
    await one.step("route")
    one.summary.controls.start.click()
    await one.summary.worker.wait()
    assert "This report is older" not in one.summary.answer.html
    row = next(iter(one._cards["route"].confirming._rows.values()))
    row.children[2].children[0].value = "Mira Okafor"
    row.children[2].children[2].click()

    assert "This report is older" in one.summary.answer.html

    one.summary.controls.start.click()
    await one.summary.worker.wait()

    assert "This report is older" not in one.summary.answer.html


async def test_other_contacts_make_the_report_older(walk: Begin, loose: Loose) -> None:
    """
    Whoever is called from now on asks nothing again; the report that names somebody else is older, and written again it names them.
    """
    one = walk(loose("microsoft_365"), _values("alder-pre"))
    one.summary.controls.start.click()
    await one.summary.worker.wait()
    former, named = one.run, one.summary.answer.html
    await _switch(one, contacts=[{"name": "Ben Ode", "phone": "+44 1632 960002", "emergency": True}])
    older = one.summary.answer.html
    one.summary.controls.start.click()
    await one.summary.worker.wait()

    assert former is one.run
    assert "Emergency contact: Mira Okafor" in named
    assert "This report is older" in older
    assert "Emergency contact: Ben Ode, +44 1632 960002" in one.summary.answer.html
    assert "This report is older" not in one.summary.answer.html


async def test_used_without_a_file_outlives_the_kernel(walk: Begin, loose: Loose) -> None:
    """
    What was used and confirmed in a notebook without a file is there again in another kernel.
    """
    given = _values("beech-unconfirmed")
    one = walk(loose("microsoft_365"), given)
    await _switch(one, customer="Beech & Sons")
    await one.step("route")
    one._cards["route"].controls.start.click()
    await one._cards["route"].worker.wait()
    row = next(iter(one._cards["route"].confirming._rows.values()))
    row.children[2].children[0].value = "Mira Okafor"
    row.children[2].children[2].click()
    another = walk(loose("microsoft_365"), given)

    assert "Beech & Sons" == another.details.title
    assert ["Mira Okafor"] == [said["by"] for said in another.details.people("attestations").values()][-1:]
