"""
Forms and cards are clear to everyone: by keyboard, in the dark, enlarged, to a screen reader, and in another language.
"""

from __future__ import annotations

import re
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from runbook_lib.environment import load_environment
from runbook_lib.knowledge.shipped import shipped

expect = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed").expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Server, Visitor

GRAVE = {"serious", "critical"}


ALONE = """() => {
    const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules].map((rule) => rule.cssText)).join('\\n');
    const cards = [...document.querySelectorAll('.jp-NotebookPanel:not(.lm-mod-hidden) .rb-live-card')].map((card) => card.outerHTML);
    const attributes = [...document.body.attributes].map((each) => `${each.name}="${each.value}"`).join(' ');
    const unbound = 'html, body, .rb-live-card { overflow: visible !important; height: auto !important; position: static !important; }';
    const head = `<title>Cards</title><style>${rules} ${unbound}</style>`;
    return `<!doctype html><html lang="en">${head}<body ${attributes}><main>${cards.join('')}</main></body></html>`;
}"""
"""
Our cards with all style sheets in a page of their own: axe takes what lies in JupyterLab's panels for hidden, its contrast too.
"""


KINDS = "() => [...window.jupyterapp.shell.currentWidget.content.widgets].map((cell) => `${cell.model.id} ${cell.model.type}`)"
"""
The cells of the notebook in front, each with what it is.
"""


def _violations(visitor: Visitor) -> list[str]:
    """
    What axe finds in our part of the page, serious or worse: in its place, and with its contrast measured in the light and in the dark.
    """
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415  # without it these tests are skipped, and say so

    cards = {"include": [[".jp-NotebookPanel:not(.lm-mod-hidden) .rb-live-card"]]}
    all_but = {"resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": False}}}
    found = [Axe().run(visitor.page, context=cards, options=all_but).response]
    contrast = {"resultTypes": ["violations", "passes"], "runOnly": ["color-contrast"]}
    alone = visitor.page.context.new_page()
    for theme in ("dark", "light"):
        _theme(visitor, theme)
        alone.set_content(visitor.page.evaluate(ALONE))
        found.append(Axe().run(alone, context={"include": [["main"]]}, options=contrast).response)
        contrasts = [node for each in found[-1]["passes"] if each["id"] == "color-contrast" for node in each["nodes"]]
        measured = [node for node in contrasts if any((check["data"] or {}).get("contrastRatio") for check in node["any"])]
        assert len(measured) > 15, "the contrast of our texts was not measured"
        visitor.shot(theme)
    alone.close()
    grave = [each for page in found for each in page["violations"] if each["impact"] in GRAVE]
    return [f"{each['id']}: {node['target']} {node['failureSummary'][:200]}" for each in grave for node in each["nodes"]]


def _theme(visitor: Visitor, name: str) -> None:
    script = "async (theme) => { await window.jupyterapp.commands.execute('apputils:change-theme', {theme}); }"
    visitor.page.evaluate(script, f"JupyterLab {name.capitalize()}")
    visitor.page.wait_for_function("(light) => document.body.dataset.jpThemeLight === light", arg="false" if name == "dark" else "true")


def test_axe_finds_nothing_serious(visitor: Visitor) -> None:
    """
    Start page, open form, findings of every status and the summary hold up in both themes.
    """
    visitor.start()
    assert [] == _violations(visitor)

    visitor.practise("nettle-no-trust")
    visitor.button("Change the details").click()
    for section in ("From the gateway's console", "What stands in front today", "How this run looks at things", "Accepted exceptions"):
        visitor.button(f"▸ {section}").click()
    visitor.panel.get_by_label("Customer", exact=True).fill("")
    visitor.page.keyboard.press("Tab")
    expect(visitor.panel.get_by_role("alert").first).to_be_visible()
    visitor.button("Verify everything", within=visitor.overview).click()
    expect(visitor.overview.locator(".rb-status [role=status]")).to_contain_text("Looked at everything")
    visitor.button("Write the report", within=visitor.card("Summary")).click()
    expect(visitor.card("Summary").get_by_role("link", name="Open the report")).to_be_visible()
    visitor.page.evaluate("() => document.querySelectorAll('.rb-live details').forEach((each) => { each.open = true; })")
    visitor.overview.scroll_into_view_if_needed()
    assert [] == _violations(visitor)


def test_wrong_input_is_said_beside_the_field(visitor: Visitor) -> None:
    """
    What is wrong is said in words as one leaves the field, goes when it is mended, and stops Save, which leads to the first wrong field.

    A screen reader is told it with the field; what the field is for too, in further rows of a list as well, where it is not to be seen.
    """
    visitor.visit("laurel-long-ttl")
    (path,) = (visitor.server.workspace / "environments").glob("Laurel*.yaml")
    before = path.read_text()
    visitor.button("Change the details").click()
    host = visitor.panel.get_by_label("Inbound host", exact=True)
    host.fill("192.0.2.7")
    visitor.page.keyboard.press("Tab")
    said = visitor.panel.get_by_role("alert").filter(has_text="Inbound host")
    expect(said).to_contain_text('"192.0.2.7" is an address. A host name is due')
    expect(host).to_have_attribute("aria-invalid", "true")
    expect(host).to_have_accessible_description(re.compile(r"A host name is due.*For example: alder-example\.mail"))
    domain = visitor.panel.get_by_label("Domain", exact=True).first
    visitor.button("Add a domain").click()
    expect(visitor.panel.get_by_label("Domain", exact=True).last).to_have_accessible_description(re.compile("For example: alder"))
    expect(visitor.panel.locator(".rb-help", has_text="What stands behind the @").filter(visible=True)).to_have_count(1)
    domain.fill("laurel..example")
    visitor.page.keyboard.press("Tab")
    expect(visitor.panel.get_by_role("alert").filter(has_text="Domain:")).to_contain_text("it begins with a dot, or has two in a row")
    visitor.shot("said")
    visitor.button("Save").click()
    expect(visitor.panel.get_by_text("2 things are missing or wrong.").first).to_be_visible()
    assert "Domain" == visitor.focused()
    assert before == path.read_text()

    domain.fill("bücher.example")
    host.fill("mail.laurel.con")
    visitor.page.keyboard.press("Tab")
    expect(host).to_have_accessible_description(re.compile(r'^"mail\.laurel\.con" ends in \.con\. Is \.com meant\? .*For example'))
    expect(host).to_have_attribute("aria-invalid", "false")
    expect(visitor.panel.get_by_text("laurel-long-ttl.example is not one of the domains above.")).to_be_visible()
    visitor.shot("remarked")
    host.fill("mail.laurel.example")
    visitor.page.keyboard.press("Tab")
    expect(visitor.panel.get_by_role("alert").filter(has_text="Inbound host")).to_have_count(0)
    expect(host).to_have_attribute("aria-invalid", "false")
    visitor.button("Save").click()
    expect(visitor.panel.get_by_text(re.compile(r"^Saved in Laurel"))).to_be_visible()
    assert ["xn--bcher-kva.example"] == [scope.name for scope in load_environment(path).scopes]


def test_a_pasted_list_is_kept_until_it_is_cleaned(visitor: Visitor) -> None:
    """
    Stray characters are made visible beside the list; the list itself changes only with a click.
    """
    visitor.visit("willow-stray-spaces")
    visitor.button("Change the details").click()
    visitor.button("▸ The platform's allow list").click()
    field = visitor.panel.get_by_label("Allow list, as pasted")
    pasted = "195.130.217.0/24 ,\u200b91.220.42.0/24;<b>x</b>, 91.220.42.0/33"
    field.fill(pasted)
    visitor.page.keyboard.press("Tab")
    aside = visitor.panel.locator(".rb-aside").filter(has_text="in what was pasted")
    expect(aside).to_contain_text("\\u200b91.220.42.0/24")
    expect(aside).to_contain_text("holds characters nobody sees")
    expect(field).to_have_value(pasted)
    visitor.shot("pasted")
    visitor.button("I have put it in at the platform: use the cleaned list", within=aside).click()
    expect(field).to_have_value("195.130.217.0/24\n91.220.42.0/24\n")
    expect(visitor.panel.locator(".rb-left-out").filter(has_text="91.220.42.0/33")).to_be_visible()
    assert 0 == visitor.panel.locator(".rb-aside b").count()


def test_exports_come_by_picker_and_by_drag_and_drop(visitor: Visitor) -> None:
    """
    A good export is said what it is and used after saving; one that is none is refused in words.
    """
    visitor.visit("acacia-pre")
    visitor.button("Change the details").click()
    picker = visitor.panel.locator("input[type=file]")
    folder = shipped("environments") / "exports" / "acacia-pre"
    picker.set_input_files({"name": "users.csv", "mimeType": "text/csv", "buffer": (folder / "google-users.csv").read_bytes()})
    expect(visitor.panel.get_by_text("users.csv is in:")).to_be_visible()
    foreign = shipped("environments") / "exports" / "magnolia-pre" / "exchange-online.json"
    picker.set_input_files({"name": "tenant.json", "mimeType": "application/json", "buffer": foreign.read_bytes()})
    expect(visitor.panel.locator(".rb-file", has_text="tenant.json")).to_contain_text("not exported from Google Workspace. Is it")
    visitor.panel.locator(".rb-file", has_text="tenant.json").scroll_into_view_if_needed()
    visitor.shot("foreign")
    visitor.button("Remove", within=visitor.panel.locator(".rb-file", has_text="tenant.json")).click()
    drop = """(zone) => {
        const data = new DataTransfer();
        data.items.add(new File(['nothing of any kind'], '../<i>x.txt'));
        zone.dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true}));
    }"""
    visitor.panel.locator(".rb-drop").evaluate(drop)
    refused = visitor.panel.locator(".rb-uploads .rb-status")
    expect(refused).to_contain_text("<i>x.txt:")
    visitor.shot("uploads")
    visitor.button("Save").click()
    expect(visitor.panel.get_by_text(re.compile(r"^Saved in Acacia"))).to_be_visible()
    (path,) = (visitor.server.workspace / "environments").glob("Acacia-Travel.yaml")
    kept = load_environment(path).exports

    assert "users.csv" in [each.name for each in kept]
    assert all(each.is_file() for each in kept)


def test_hints_come_from_the_present_mx(visitor: Visitor) -> None:
    """
    Platform and inbound host are suggested from what DNS says now, and taken with a click, never by themselves.
    """
    visitor.visit("cowslip-not-anonymous")
    visitor.button("Change the details").click()
    platform = visitor.panel.get_by_label("Mailboxes on", exact=True).first
    platform.select_option(label="Microsoft 365")
    hint = visitor.panel.locator(".rb-hint-row").filter(has_text="mail.protection.outlook.com")
    expect(hint).to_contain_text("Copy the real one")
    visitor.shot("hint")
    expect(visitor.panel.get_by_label("Inbound host", exact=True).first).not_to_have_value(re.compile("outlook"))
    visitor.button("Use this", within=hint).click()
    expect(visitor.panel.get_by_label("Inbound host", exact=True).first).to_have_value(
        "cowslip-not-anonymous-example.mail.protection.outlook.com"
    )


def test_all_by_keyboard(visitor: Visitor) -> None:
    """
    From the start page to the report with Tab, arrows, Enter and Space alone; the focus is never lost on the way.
    """
    visitor.start()
    visitor.page.get_by_label("Its platform").focus()
    visitor.page.keyboard.press("ArrowDown")
    told = visitor.panel.locator(".rb-told")
    expect(told).to_contain_text("Google")
    visitor.tab_to("Made-up customers")
    first = told.inner_text()
    visitor.page.keyboard.press("ArrowDown")
    expect(told).not_to_have_text(first)
    visitor.tab_to("Open the practice customer")
    visitor.page.keyboard.press("Enter")
    visitor.overview.wait_for()
    visitor.card("Summary").wait_for()
    visitor.button("Change the details").focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.button("Close the form")).to_be_focused()
    visitor.page.keyboard.press("Space")
    expect(visitor.button("Change the details")).to_be_focused()
    visitor.tab_to("Verify everything")
    visitor.page.keyboard.press("Space")
    expect(visitor.overview.locator(".rb-status [role=status]")).to_contain_text("Looked at everything")
    assert "Verify everything" == visitor.focused()

    route = visitor.card("Verify the route")
    visitor.button("Verify", within=route).focus()
    evidence, asked = route.locator("details.rb-fold").first, route.locator("details.rb-asked")
    visitor.tab_to(evidence.locator("summary").first.inner_text())
    visitor.page.keyboard.press("Enter")
    expect(evidence).to_have_attribute("open", "")
    asked.locator("summary").first.focus()
    visitor.page.keyboard.press("Enter")
    expect(asked).to_have_attribute("open", "")
    tab = route.get_by_role("tab", name="Where: today's console").first
    tab.focus()
    visitor.page.keyboard.press("ArrowRight")
    expect(route.get_by_role("tab", name="Where: classic console").first).to_be_focused()
    expect(route.get_by_role("tab", name="Where: classic console").first).to_have_attribute("aria-selected", "true")
    kinds = visitor.page.evaluate(KINDS)
    for place in (None, visitor.panel.locator(".jp-MarkdownCell h1").first, visitor.overview.locator(".rb-picture")):
        if place is not None:  # beside a button the focus is the cell's
            place.click()
        for key in ("x", "d", "d", "a", "b", "m", "y", "Shift+M", "v"):  # JupyterLab cuts, deletes, makes and turns cells with these
            visitor.page.keyboard.press(key)
        assert kinds == visitor.page.evaluate(KINDS)
    visitor.command("notebook:cut-cell")
    assert kinds == visitor.page.evaluate(KINDS)
    visitor.button("Write the report", within=visitor.card("Summary")).focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.card("Summary").get_by_role("link", name="Open the report")).to_be_visible()
    assert "Write the report" == visitor.focused()


def test_what_is_pasted_is_copied_with_a_button(visitor: Visitor) -> None:
    """
    The copy button puts the whole block on the clipboard and says so; of several, each has its title and its own,
    and the way back stands apart.
    """
    visitor.visit("hawthorn-firewall")
    card = visitor.card("Move the MX records")
    visitor.button("Copy", within=card).first.click()
    expect(card.locator(".rb-said").first).to_have_text("Copied")
    copied = visitor.page.evaluate("() => navigator.clipboard.readText()")

    assert copied == card.locator("pre.rb-paste").first.text_content()
    platform = visitor.card("Prepare the platform")
    visitor.button("Verify", within=platform).click()
    rules = platform.locator("details.rb-choice", has_text="nftables")
    rules.locator("> summary").click()
    visitor.button("Copy", within=rules).first.click()
    expect(rules.locator(".rb-said").first).to_have_text("Copied")
    rules.scroll_into_view_if_needed()
    visitor.shot("rules")
    copied = visitor.page.evaluate("() => navigator.clipboard.readText()")
    assert copied.startswith("nft insert rule")
    assert "netsh" not in copied
    assert "delete" not in copied
    rules.locator("details > summary").click()
    visitor.button("Copy", within=rules.locator("details")).click()
    assert visitor.page.evaluate("() => navigator.clipboard.readText()").startswith("nft -a list table")


@pytest.mark.parametrize("visitor", [{"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2}], indirect=True, ids=["200 %"])
def test_enlarged_twice_nothing_is_cut_off(visitor: Visitor) -> None:
    """
    At 200 % zoom of a 1280 pixel screen every card can be read without scrolling sideways.
    """
    visitor.visit("ash-cutover")
    visitor.button("Change the details").click()
    visitor.button("Verify everything", within=visitor.overview).click()
    expect(visitor.overview.locator(".rb-status [role=status]")).to_contain_text("Looked at everything")
    visitor.shot("zoomed")
    script = "(cards) => cards.filter((card) => card.scrollWidth > card.clientWidth + 1).map((card) => card.textContent.slice(0, 60))"

    assert [] == visitor.panel.locator(".rb-live-card").evaluate_all(script)


def test_the_notebook_speaks_german(visitor: Visitor) -> None:
    """
    Another language among the details: headings, forms, cards, findings and report are in it at once, and what was found stays.
    """
    visitor.visit("maple-catch-all")
    visitor.button("Verify", within=visitor.card("Domains")).click()
    expect(visitor.overview.get_by_text("1 of 8 steps looked at")).to_be_visible()
    visitor.button("Change the details").click()
    visitor.panel.get_by_label("Language", exact=True).select_option(label="German")
    visitor.button("Save").click()
    expect(visitor.button("Angaben ändern")).to_be_visible()
    expect(visitor.panel.get_by_role("heading", name="5 Route prüfen")).to_be_visible()
    overview = visitor.panel.locator(".rb-live-card").filter(has_text="Wo wir stehen").first
    expect(overview.get_by_text("1 von 8 Schritten geprüft")).to_be_visible()
    visitor.button("Alles prüfen", within=overview).click()
    expect(overview.locator(".rb-status [role=status]")).to_contain_text(re.compile(r"Alles geprüft"))
    visitor.button("Bericht schreiben").click()
    expect(visitor.panel.get_by_role("link", name="Bericht öffnen")).to_be_visible()
    visitor.shot("german")
    (report,) = (visitor.server.workspace / "reports").glob("Maple*/report.html")

    assert 'lang="de"' in report.read_text()
    assert "Was als Nächstes zu tun ist" in report.read_text() or "Als Nächstes" in report.read_text()


def test_the_same_notebooks_as_an_app(visitor: Visitor, serving: Callable[..., Server], tmp_path: Path) -> None:
    """
    `runbook open --app` shows them without JupyterLab: start page, notebook, verify, report; the report for nobody without the token.
    """
    pytest.importorskip("voila", reason="Voilà is not installed")
    app = serving("--app", workspace=tmp_path / "work")
    page: Any = visitor.page
    page.goto(app.url, wait_until="domcontentloaded")
    page.get_by_role("button", name="Open the practice customer").click()
    page.get_by_role("button", name="Verify everything").click()
    expect(page.get_by_text("Ready to move MX").first).to_be_visible()
    visitor.shot("app")
    page.get_by_role("button", name="Write the report").click()
    expect(page.get_by_text(re.compile("^Report written"))).to_be_visible()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open the report").click()
    expect(opened.value.locator(".rb-verdict")).to_contain_text("Ready to move MX")
    address = opened.value.url
    assert address.endswith("/report.html")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(address, timeout=20) as stranger:
        assert "/login" in stranger.url
        assert b"rb-verdict" not in stranger.read()
