"""
From the start page to the finished report, as a consultant does it, for every platform.
"""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from runbook_lib.environment import load_environment
from runbook_lib.sandbox import scenario
from runbook_lib.workspace import Workspace

expect = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed").expect

if TYPE_CHECKING:
    from conftest import Visitor

CUSTOMERS = [
    ("alder-pre", "ready", "Ready to move MX"),
    ("acacia-pre", "ready", "Ready to move MX"),
    ("ash-pre", "ready", "Ready to move MX"),
    ("heather-hybrid", "ready", "Ready to move MX"),
    ("lilac-hosted", "ready", "Ready to move MX"),
]


def _result(visitor: Visitor, customer: str) -> dict[str, object]:
    paths = [path for path in (visitor.server.workspace / "reports").glob("*/result.json") if customer in path.read_text()]
    return dict(json.loads(paths[0].read_text()))


@pytest.mark.parametrize(("customer", "verdict", "line"), CUSTOMERS, ids=[each[0] for each in CUSTOMERS])
def test_start_page_to_report(visitor: Visitor, customer: str, verdict: str, line: str) -> None:
    """
    Start page, notebook, one step, everything, report: no code, no click too many, and the report says what the overview says.
    """
    visitor.start()
    visitor.shot("1-start")
    visitor.practise(customer)
    visitor.shot("2-notebook")
    domains = visitor.card("Domains")
    visitor.button("Verify", within=domains).click()
    expect(domains.get_by_text("What was found")).to_be_visible()
    expect(visitor.overview.get_by_text("1 of 8 steps looked at")).to_be_visible()
    visitor.button("Verify everything", within=visitor.overview).click()
    expect(visitor.overview.locator(".rb-status [role=status]")).to_contain_text("Looked at everything")
    expect(visitor.overview.get_by_text(line)).to_be_visible()
    visitor.shot("3-verified")
    summary = visitor.card("Summary")
    visitor.button("Write the report", within=summary).click()
    link = summary.get_by_role("link", name="Open the report")
    expect(link).to_be_visible()
    summary.scroll_into_view_if_needed()
    visitor.shot("4-summary")
    with visitor.page.context.expect_page() as opened:
        link.click()
    report = opened.value
    expect(report.locator(".rb-verdict")).to_contain_text(line)
    expect(report.get_by_text("Practice data, not a customer").first).to_be_visible()
    found = _result(visitor, customer)

    assert verdict == found["verdict"]
    assert [] == [error for error in visitor.errors if "runbook" in error.lower()]


def test_a_person_confirms(visitor: Visitor) -> None:
    """
    What waits for a person is confirmed with a name, by the button or by Enter; without one it is said. The file keeps it with its
    comments; it can be taken back.
    """
    visitor.visit("beech-unconfirmed")
    (path,) = (visitor.server.workspace / "environments").glob("Beech*.yaml")
    path.write_text("# Ours.\n" + path.read_text())
    visitor.restart()
    visitor.card("Summary").wait_for()
    route = visitor.card("Verify the route")
    visitor.button("Verify", within=route).click()
    row = route.locator(".rb-confirm-row", has_text="Test in the gateway console")
    visitor.button("I have done this", within=row).click()
    expect(row.get_by_role("alert")).to_contain_text("A name is due")
    assert "Name" == visitor.focused()
    row.get_by_label("Name").fill("Mira Okafor")
    row.get_by_label("Note").press_sequentially("green")
    visitor.page.keyboard.press("Enter")
    said = route.locator(".rb-confirm-row", has_text="Test in the gateway console: confirmed by Mira Okafor")
    expect(said).to_be_visible()
    visitor.shot("confirmed")
    attested = load_environment(path).attestations["gateway.test_connection"]

    assert ("Mira Okafor", "green") == (attested.by, attested.note)
    assert path.read_text().startswith("# Ours.\n")

    visitor.button("Take back", within=said).click()
    asked = route.locator(".rb-confirm-row", has_text="Take back the word of Mira Okafor of")
    expect(visitor.button("Keep", within=asked)).to_be_focused()
    visitor.shot("asked")
    visitor.page.keyboard.press("Enter")
    expect(visitor.button("Keep", within=asked)).to_be_hidden()
    expect(visitor.button("Take back", within=said)).to_be_focused()
    visitor.page.keyboard.press("Enter")
    expect(visitor.button("Keep", within=asked)).to_be_focused()
    visitor.page.keyboard.press("Shift+Tab")
    visitor.page.keyboard.press("Enter")
    expect(route.locator(".rb-confirm-row", has_text="Test in the gateway console").get_by_label("Name")).to_have_value("Mira Okafor")
    assert "gateway.test_connection" not in load_environment(path).attestations


def test_stop_in_the_middle_and_go_on(visitor: Visitor) -> None:
    """
    Stop ends a long look at once, keeps what was found and the focus; a second click while it runs does nothing; Verify goes on.
    """
    visitor.visit("oak-silent")
    route = visitor.card("Verify the route")
    visitor.button("Verify", within=route).click()
    visitor.button("Verify", within=route).click()
    expect(route.locator(".rb-status [role=status]").first).to_contain_text(re.compile("Looking: [1-9]"))
    visitor.button("Stop", within=route).click()
    expect(route.locator(".rb-status [role=status]").first).to_contain_text("Stopped")
    expect(visitor.overview.get_by_text("Stopped")).to_be_visible()
    visitor.shot("stopped")
    assert "Verify" == visitor.focused()

    visitor.button("Verify", within=route).click()
    expect(route.locator(".rb-status [role=status]").first).to_contain_text("Looked at", timeout=60_000)
    expect(route.get_by_role("heading", name="Verify the route")).to_contain_text("not found out")


def test_reload_in_the_middle(visitor: Visitor) -> None:
    """
    After a reload what was typed, in the field with the cursor too, what was found and the buttons are there again, without a click.
    """
    visitor.visit("ivy-self-signed")
    route = visitor.card("Verify the route")
    visitor.button("Verify", within=route).click()
    expect(route.get_by_text("What was found")).to_be_visible()
    visitor.button("Change the details").click()
    visitor.panel.get_by_label("Account code").fill("CUK00A111")
    visitor.page.keyboard.press("Tab")
    visitor.panel.get_by_label("Inbound host", exact=True).first.fill("no host")
    visitor.page.wait_for_timeout(500)
    visitor.page.reload(wait_until="domcontentloaded")
    expect(visitor.card("Verify the route").get_by_text("What was found")).to_be_visible()
    expect(visitor.panel.get_by_label("Account code")).to_have_value("CUK00A111")
    expect(visitor.panel.get_by_label("Inbound host", exact=True).first).to_have_value("no host")
    expect(visitor.panel.locator(".rb-at-inbound_host .rb-field-error")).to_be_visible()
    visitor.shot("reloaded")
    visitor.button("Verify", within=visitor.card("Domains")).click()
    expect(visitor.card("Domains").get_by_text("What was found")).to_be_visible()
    expect(visitor.overview.get_by_text("2 of 8 steps looked at")).to_be_visible()


def test_typing_and_results_outlive_the_kernel(visitor: Visitor) -> None:
    """
    With a new kernel the form has what was typed and not saved, and the steps show what was seen, with its time.
    """
    visitor.visit("gum-no-starttls")
    route = visitor.card("Verify the route")
    visitor.button("Verify", within=route).click()
    expect(route.locator(".rb-status [role=status]").first).to_contain_text("Looked at")
    visitor.button("Change the details").click()
    visitor.panel.get_by_label("Customer", exact=True).fill("Gum & Sons <b>")
    visitor.page.keyboard.press("Tab")
    visitor.page.wait_for_timeout(500)
    visitor.restart()
    expect(visitor.panel.get_by_text("What you typed last time and did not save is back in the form.")).to_be_visible()
    expect(visitor.panel.get_by_label("Customer", exact=True)).to_have_value("Gum & Sons <b>")
    expect(visitor.card("Verify the route").get_by_text(re.compile("^Seen on .* UTC"))).to_be_visible()
    expect(visitor.card("Verify the route").get_by_text("What was found")).to_be_visible()
    visitor.button("Undo my changes").click()
    expect(visitor.panel.get_by_label("Customer", exact=True)).not_to_have_value("Gum & Sons <b>")


def test_a_kernel_that_dies_is_followed_by_another(visitor: Visitor) -> None:
    """
    A kernel that is killed while something is looked at: once there is another, the page is alive again without a click on its cells.
    """
    visitor.visit("oak-silent")
    visitor.button("Verify everything", within=visitor.overview).click()
    expect(visitor.overview.get_by_role("progressbar")).to_be_visible()
    workspace = str(visitor.server.workspace)
    (folder,) = (path for path in Path("/proc").glob("[0-9]*") if _is_kernel_of(path, workspace, "Oak"))
    os.kill(int(folder.name), signal.SIGKILL)
    visitor.page.locator(".jp-Dialog .jp-mod-accept").click()
    visitor.button("Verify everything", within=visitor.overview).click()
    expect(visitor.overview.locator(".rb-status [role=status]")).to_contain_text("Looked at everything")
    visitor.shot("after-death")


def _is_kernel_of(process: Path, workspace: str, name: str) -> bool:
    try:
        where = str((process / "cwd").readlink())
        return where.startswith(f"{workspace}/{name}") and b"ipykernel_launcher" in (process / "cmdline").read_bytes()
    except OSError:
        return False


def test_a_second_run_follows_the_changed_details(visitor: Visitor) -> None:
    """
    Other details take the old findings away; the next run judges by the new ones, and running the cells again changes nothing.
    """
    visitor.visit("acacia-cutover")
    visitor.button("Verify everything", within=visitor.overview).click()
    expect(visitor.overview.get_by_text("The move is complete")).to_be_visible()
    visitor.button("Change the details").click()
    visitor.panel.get_by_label("Phase", exact=True).select_option(label="Prepare: MX not moved yet (default)")
    visitor.button("Save").click()
    expect(visitor.panel.get_by_text(re.compile(r"^Saved in Acacia.*\.yaml\. .*verify again\.$"))).to_be_visible()
    expect(visitor.overview.get_by_text("0 of 8 steps looked at")).to_be_visible()
    visitor.button("Verify everything", within=visitor.overview).click()
    expect(visitor.overview.locator(".rb-status [role=status]")).to_contain_text("Looked at everything")
    expect(visitor.card("Move the MX records").get_by_role("heading", name="Move the MX records").first).to_contain_text("to change soon")
    visitor.command("notebook:run-all-cells")
    visitor.page.wait_for_timeout(1500)
    expect(visitor.card("Move the MX records").get_by_text("What was found")).to_be_visible()
    assert 1 == visitor.overview.count()
    visitor.page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")


def test_links_stay_with_their_customer(visitor: Visitor) -> None:
    """
    With two customers open a link to a step, and the way back up, lead within the one in front.
    """
    workspace = Workspace(visitor.server.workspace)
    elm = workspace.create(load_environment(scenario("elm-one-mx").environment_file).as_parameters())
    path = workspace.notebook_for(elm).relative_to(workspace.root).as_posix()
    visitor.visit("oak-silent")
    visitor.command("docmanager:open", path=path, factory="Notebook")
    expect(visitor.panel.get_by_text("Elm Vineyards").first).to_be_visible()
    visitor.card("Summary").locator("button", has_text="Write the report").wait_for()
    visitor.overview.get_by_role("link", name="Close the side door").click()
    where = "() => document.activeElement.closest('.jp-NotebookPanel:not(.lm-mod-hidden)') && document.activeElement.dataset.rbStep"
    assert "lockdown" == visitor.page.evaluate(where)
    visitor.card("Close the side door").get_by_role("link", name="Where we are").click()
    assert "overview" == visitor.page.evaluate(where)


def test_the_move_is_watched_live(visitor: Visitor) -> None:
    """
    The watch shows who has the new records, and says when all do. What it finds makes the card above it grow; the button stays in view.
    """
    visitor.visit("alder-cutover")
    card = visitor.card("Move the MX records")
    button = visitor.button("Watch the move", within=card)
    button.hover()
    before = button.bounding_box()
    button.click()
    expect(card.get_by_text("Every name server and every resolver shows the new records.")).to_be_visible()
    expect(card.get_by_text("May it be done now?")).to_be_attached()
    after = button.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 3
    visitor.shot("complete")


def test_a_saved_notebook_needs_no_kernel(visitor: Visitor) -> None:
    """
    Opened without a kernel, a saved notebook shows every result as static HTML, and no word about widgets that are gone. Put elsewhere, it
    is not run by itself: that would put another customer's results in their place.
    """
    visitor.visit("pine-refused")
    visitor.button("Verify everything", within=visitor.overview).click()
    expect(visitor.overview.locator(".rb-status [role=status]")).to_contain_text("Looked at everything")
    visitor.button("Write the report", within=visitor.card("Summary")).click()
    expect(visitor.card("Summary").get_by_role("link", name="Open the report")).to_be_visible()
    visitor.saved()
    (path,) = visitor.server.workspace.glob("Pine*/*.ipynb")
    document = json.loads(path.read_text())
    kept = visitor.server.workspace / "archive" / "kept.ipynb"
    kept.parent.mkdir()
    document["metadata"]["kernelspec"] = {"name": "", "display_name": "", "language": ""}
    kept.write_text(json.dumps(document))
    visitor.command("docmanager:open", path="archive/kept.ipynb", kernel={"name": None})
    expect(visitor.panel.locator(".rb-twin").first).to_be_visible()
    expect(visitor.panel.get_by_text(re.compile("refused the connection")).first).to_be_visible()
    visitor.shot("kept")
    assert 0 == visitor.panel.get_by_text("Error displaying widget").locator("visible=true").count()
    visitor.page.wait_for_timeout(4000)
    assert document == json.loads(kept.read_text())


def test_a_foreign_notebook_is_not_run_by_itself(visitor: Visitor) -> None:
    """
    A notebook that carries our mark and code of its own waits to be run, as JupyterLab leaves any other.
    """
    workspace = visitor.server.workspace
    document = json.loads((workspace / "start_here.ipynb").read_text())
    document["cells"][-1]["source"] = "open('run-by-itself', 'w').close()"
    (workspace / "sent.ipynb").write_text(json.dumps(document))
    visitor.start()
    visitor.command("docmanager:open", path="sent.ipynb", factory="Notebook")
    expect(visitor.panel.get_by_text("run-by-itself")).to_be_visible()
    visitor.page.wait_for_function("() => window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'")
    visitor.page.wait_for_timeout(2000)

    assert not (workspace / "run-by-itself").exists()
