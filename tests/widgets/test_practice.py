"""
The made-up customers: by platform, by words, and what is told of the one chosen.
"""

from __future__ import annotations

from html import unescape

import pytest

from runbook_lib.environment import Platform, load_environment
from runbook_lib.knowledge.text import Catalogue
from runbook_lib.sandbox import names, scenario
from runbook_lib.widgets.practice import EVERY, Practice

from .conftest import Traffic


@pytest.fixture
def opened() -> list[str]:
    """
    The names of the customers that were opened.
    """
    return []


@pytest.fixture
def practice(catalogue: Catalogue, opened: list[str]) -> Practice:
    """
    The card, as it is at first.
    """
    return Practice(catalogue, opened.append, lambda handler: handler())


def _listed(practice: Practice) -> list[str]:
    return [name for _, name in practice.chosen.options]


@pytest.mark.parametrize("platform", list(Platform))
def test_each_platform_has_its_own(practice: Practice, platform: Platform) -> None:
    """
    A platform shows its customers and no others, a healthy one before the move first and chosen.
    """
    practice.platform.value = platform.value
    own = [name for name in names() if load_environment(scenario(name).environment_file).platform is platform]

    assert own == sorted(_listed(practice))
    assert "ready to move" in practice.chosen.options[0][0]
    assert practice.chosen.value == _listed(practice)[0]


def test_every_platform(practice: Practice, opened: list[str]) -> None:
    """
    All of them can be seen together, and the one chosen is the one opened.
    """
    practice.platform.value = EVERY
    assert names() == sorted(_listed(practice))
    practice.chosen.value = "oak-silent"
    practice.start.click()

    assert ["oak-silent"] == opened


def test_found_by_words(practice: Practice) -> None:
    """
    Words in any order and any case narrow the list, also by what is told of a customer; what was chosen stays while it fits.
    """
    practice.words.value = "SIGNED nobody"
    assert ["ivy-self-signed"] == _listed(practice)
    practice.words.value = "sign"
    assert "ivy-self-signed" == practice.chosen.value
    assert "spindle-bogus" in _listed(practice)


def test_what_is_told_follows_the_choice(practice: Practice) -> None:
    """
    Below the list stands what is right or wrong with the customer chosen, and what a run comes to, as a screen reader hears it.
    """
    practice.chosen.value = "hazel-expired"

    assert "The inbound host's certificate ended a month ago. A run comes to: Not ready." in unescape(practice._told.value)
    assert 'role="status"' in practice._told.value


def test_nothing_fits(practice: Practice, opened: list[str], traffic: Traffic) -> None:
    """
    Where no customer fits it is said, with those of other platforms; the button then leads to the words and opens nothing.
    """
    practice.platform.value = "google_workspace"
    practice.words.value = "STARTTLS"
    assert 'Under "Every platform" there is 1' in unescape(practice._told.value)
    practice.words.value = "<b>"
    assert "None has &quot;&lt;b&gt;&quot; in it." in practice._told.value
    practice.start.click()

    assert [] == opened
    assert traffic.cursor is practice.words.comm
