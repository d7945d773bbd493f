"""
Ways from what is said to where something can be done about it, and back: fields, steps, the list of customers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Visitor

expect = pytest.importorskip("playwright.sync_api").expect


def test_a_key_in_a_remedy_leads_to_its_field(visitor: Visitor) -> None:
    """
    A click on the name of a field opens the form, unfolds the field's group and puts the cursor into it, be it one inside another.
    """
    visitor.visit("wisteria-mail-loop")
    visitor.button("Verify", within=visitor.card("Gateway addresses")).click()
    for name in ("present_gateway", "console_ranges"):
        link = visitor.panel.locator(f'button.rb-link[data-rb-about="{name}"] >> visible=true').first
        link.hover()
        visitor.shot(name)
        link.click()
        field = visitor.panel.locator(f".rb-at-{name} :is(input, select, textarea)").first
        expect(field).to_be_focused()
        expect(field).to_be_in_viewport()
        visitor.shot(f"{name}-field")


def test_what_blocks_a_gate_leads_to_its_step(visitor: Visitor) -> None:
    """
    What stands against a gate leads to its row, or to its step's card as long as nobody looked there, the rest is one click away; once a
    step is through, what was to do is folded, and what somebody opens stays open. A card's head leads to what is to be done next.
    """
    visitor.visit("birch-half-moved")
    card = visitor.card("Close the side door")
    visitor.button("Verify", within=card).click()
    expect(card.locator(".rb-status [role=status]")).to_contain_text("Looked at")
    card.locator(".rb-gate-rest summary").first.click()
    expect(card.locator(".rb-gate-rest a").first).to_be_visible()
    visitor.shot("gate")
    link = card.locator(".rb-gate-why a").first
    step = link.get_attribute("data-rb-go")
    link.click()
    assert step == visitor.page.evaluate("() => document.activeElement.dataset.rbStep")
    moved = visitor.card("Move the MX records")
    visitor.button("Verify", within=moved).click()
    expect(moved.locator(".rb-status [role=status]").first).to_contain_text("Looked at")
    link = card.locator(".rb-gate a[data-rb-row^='mx.']").first
    row = link.get_attribute("data-rb-row")
    link.click()
    assert row == visitor.page.evaluate("() => document.activeElement.dataset.rbKey")
    expect(moved.locator("tr:focus")).to_be_in_viewport()
    visitor.shot("row")
    moved.get_by_role("link", name="What to do next").click()
    expect(moved.get_by_role("heading", name="What to do next")).to_be_focused()
    expect(moved.get_by_role("heading", name="What to do next")).to_be_in_viewport()
    ranges = visitor.card("Gateway addresses")
    asked = ranges.locator("details.rb-asked")
    expect(asked).to_have_attribute("open", "")
    visitor.button("Verify", within=ranges).click()
    expect(asked).not_to_have_attribute("open", "")
    asked.locator("summary").first.click()
    visitor.shot("unfolded")
    visitor.button("Verify", within=ranges).click()
    expect(ranges.locator(".rb-status [role=status]")).to_contain_text("Looked at")
    expect(asked).to_have_attribute("open", "")


def test_the_list_of_customers_is_up_to_date(visitor: Visitor) -> None:
    """
    Back at the list its top is in sight; a customer that was looked at says so, a report is there by itself, and a line can be taken off.
    """
    visitor.start()
    visitor.practise("cedar-wrong-region")
    visitor.button("Verify everything", within=visitor.overview).click()
    expect(visitor.overview.locator(".rb-status [role=status]")).to_contain_text("Looked at everything")
    visitor.overview.get_by_role("link", name="All customers").click()
    heading = visitor.panel.get_by_role("heading", name="Your customers")
    expect(heading).to_be_in_viewport()
    line = visitor.panel.get_by_role("row", name=re.compile("^Cedar"))
    expect(line.get_by_text("Looked at, no report yet")).to_be_visible()
    expect(visitor.panel.get_by_text("The notebook opens.")).to_have_count(0)
    visitor.shot("looked")
    visitor.panel.get_by_role("link", name=re.compile("^Notebook Cedar")).click()
    visitor.button("Write the report", within=visitor.card("Summary")).click()
    visitor.overview.get_by_role("link", name="All customers").click()
    expect(visitor.panel.get_by_role("link", name=re.compile("^Report Cedar"))).to_be_visible()
    visitor.shot("report")
    visitor.panel.get_by_role("button", name=re.compile("^Take off the list Cedar")).click()
    expect(visitor.panel.get_by_text("can be put back")).to_be_visible()
    visitor.shot("off")
    visitor.panel.get_by_text("Taken off the list (1)").click()
    visitor.panel.get_by_role("button", name=re.compile("^Put back Cedar")).click()
    expect(visitor.panel.get_by_role("link", name=re.compile("^Notebook Cedar"))).to_be_visible()
