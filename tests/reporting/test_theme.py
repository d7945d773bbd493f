"""
Colours: read out of the style sheets themselves.
"""

from __future__ import annotations

import re

import pytest

from runbook_lib.reporting.theme import card_style, colours, page_style
from runbook_lib.results import Status


def palette(name: str) -> dict[str, str]:
    """
    The colours of one theme, by name.
    """
    return dict(re.findall(r"--rb-([a-z_-]+): (#[0-9a-f]{6});", colours(name)))


def luminance(colour: str) -> float:
    """
    Relative luminance (WCAG 2.2).
    """
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """
    Contrast ratio of two colours (WCAG 2.2).
    """
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def grounds(colour: dict[str, str], status: Status) -> list[str]:
    """
    The backgrounds a status colour can stand on.
    """
    own = [colour[f"{status.value}-tint"]] if f"{status.value}-tint" in colour else []
    return [colour["ground"], *own]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_readable_on_every_background(theme: str) -> None:
    """
    Every text colour has a contrast of at least 4.5 : 1 on every background it stands on.
    """
    colour = palette(theme)
    everywhere = [value for name, value in colour.items() if name.endswith("-tint") or name in ("ground", "panel")]
    pairs = [(colour[name], ground) for name in ("text", "soft", "accent") for ground in everywhere]
    pairs += [(colour[status.value], ground) for status in Status for ground in grounds(colour, status)]
    pairs.append((colour["band-text"], colour["band"]))

    assert [(one, other, round(contrast(one, other), 2)) for one, other in pairs if contrast(one, other) < 4.5] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_lines_and_signs_can_be_told_from_the_background(theme: str) -> None:
    """
    Frames that carry meaning have a contrast of at least 3 : 1.
    """
    colour = palette(theme)

    assert contrast(colour["strong-rule"], colour["ground"]) >= 3
    assert contrast(colour["strong-rule"], colour["panel"]) >= 3


def test_status_colours_are_the_agreed_ones() -> None:
    """
    Each status has its own colour on light and on dark.
    """
    expected = {
        "pass": ("#1a7f37", "#57d67a"),
        "warn": ("#8a5a00", "#e3b341"),
        "fail": ("#c4202b", "#ff8a80"),
        "unknown": ("#57606a", "#b8c0c8"),
        "manual": ("#0550ae", "#79b8ff"),
        "not_applicable": ("#6a737d", "#9aa4af"),
        "waived": ("#6f42c1", "#c8a6ff"),
    }

    assert expected == {status.value: (palette("light")[status.value], palette("dark")[status.value]) for status in Status}


def test_themes_have_the_same_names() -> None:
    """
    No colour is missing in one theme.
    """
    assert palette("light").keys() == palette("dark").keys()


def test_cards_follow_the_notebook_and_pages_the_reader() -> None:
    """
    A page looks at the reader's preference, a card at the notebook's theme alone.
    """
    assert "prefers-color-scheme" in page_style().text
    assert "prefers-color-scheme" not in card_style().text
    assert 'body[data-jp-theme-light="false"] .rb-card' in card_style().text


def test_every_colour_used_is_declared() -> None:
    """
    The style sheets name no colour that no theme has.
    """
    used = set(re.findall(r"var\(--rb-([a-z_-]+)\)", page_style().text + card_style().text))

    assert used <= palette("light").keys()


def test_card_styles_touch_nothing_but_cards() -> None:
    """
    Every rule of a card's style sheet begins at a class of ours, so a notebook around it looks as before.
    """
    source = re.sub(r"/\*.*?\*/", "", card_style().text, flags=re.DOTALL)
    source = re.sub(r"@(media|container)[^{]*\{", "", source)
    selectors = [part.strip() for rule in re.findall(r"([^{}]+)\{", source) for part in re.sub(r"\([^()]*\)", "", rule).split(",")]

    assert [selector for selector in selectors if not re.search(r"\.rb\b|\.rb-", selector)] == []
