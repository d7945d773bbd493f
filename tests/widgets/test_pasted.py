"""
Pasted lists: kept to the character, shown cleaned beside it, every stray character to be seen.
"""

from __future__ import annotations

import re
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook_lib.checks.pasted import read_list
from runbook_lib.checks.pasted_faults import MOST_FAULTS, Fault, cut
from runbook_lib.knowledge.text import Catalogue
from runbook_lib.widgets.pasted import MOST_SHOWN, PastedField

WORDS = Catalogue()
PASTED = st.text(alphabet=st.sampled_from('0123456789./,;:-\n\t \u00a0\u200b\u2013\u202e\x1b<>&"abc'), max_size=60)


def _pasted(text: str) -> PastedField:
    field = PastedField("allowlist", WORDS)
    assert field.widget is not None
    field.control.value = text
    return field


@settings(max_examples=40)
@given(text=PASTED)
def test_kept_to_the_character(text: str) -> None:
    """
    Whatever is pasted is kept as it is, and what is shown beside it has no character that nobody sees and no markup of its own.
    """
    field = _pasted(text)
    aside = field._aside.value

    assert ({"allowlist": text} if text else {}) == field.read()
    assert not {"\u200b", "\u202e", "\x1b", "\u00a0"} & set(aside)
    assert {"p", "pre", "ul", "li"} >= set(re.findall(r"</?([a-z]+)", aside))


def test_stray_characters_are_written_out() -> None:
    """
    Line, column, what stands there, what is wrong and what was meant.
    """
    aside = _pasted("195.130.217.0/24\n207.82.80.0\u200b/24\n")._aside.value

    assert "Cleaned: 2 ranges" in aside
    assert "line 2, character 12" in aside
    assert r"\u200b" in aside
    assert "holds characters nobody sees, meant is 207.82.80.0/24" in aside


def test_markup_is_text() -> None:
    """
    A script in a pasted list is one of the things that are wrong with it.
    """
    aside = _pasted("<script>alert(1)</script>\n195.130.217.1")._aside.value

    assert "<script" not in aside
    assert "&lt;script&gt;" in aside


def test_cleaning() -> None:
    """
    Only a click replaces what was pasted; afterwards there is nothing left to clean.
    """
    pasted = " 195.130.217.0/24 ,\u00a0207.82.80.7\n195.130.217.0/24\n"
    field = _pasted(pasted)
    assert {"allowlist": pasted} == field.read()
    assert "" == field._clean.layout.display
    field._clean.click()

    assert {"allowlist": "195.130.217.0/24\n207.82.80.7/32\n"} == field.read()
    assert "none" == field._clean.layout.display
    assert "rb-faults" not in field._aside.value


HEADED = "Inbound IPs (EU):\n195.130.217.0 /24, 300.1.2.0/24\n10.1.0.0/16 <b>\n91.220.42.0/24\nlast updated\u202e"
LEFT_OUT = "Left out, since it is no address range: 300.1.2.0/24, and 6 words"


def test_the_click_gives_what_was_shown() -> None:
    """
    After it the field holds the ranges of the preview, one a line, and nothing else.
    """
    field = _pasted(HEADED)
    shown = re.findall(r"<pre[^>]*>([^<]*)</pre>", field._aside.value)
    field._clean.click()

    assert ["195.130.217.0/24\n91.220.42.0/24"] == shown
    assert f"{shown[0]}\n" == field.control.value
    assert shown == re.findall(r"<pre[^>]*>([^<]*)</pre>", field._aside.value)


def test_what_is_left_out_is_named_until_the_next_change() -> None:
    """
    Before the click and after it, what looks like an address first, each piece as it was written and made safe.
    """
    field = _pasted(HEADED)
    before = field._aside.value
    field._clean.click()
    after = field._aside.value
    field.control.value += "8.8.8.0/24"

    for aside in (before, after):
        assert LEFT_OUT in aside
        assert "Left out, since it is private or reserved: 10.1.0.0/16" in aside
        assert "&quot;last updated" in aside
        assert "&lt;b&gt;" in aside
        assert "\u202e" not in aside
    assert "Left out" not in field._aside.value


@settings(max_examples=60)
@given(text=PASTED)
def test_the_click_loses_no_address_unnamed(text: str) -> None:
    """
    Whatever was pasted, the field holds the preview afterwards, and all that looks like an address is in it or named.
    """
    found = read_list(text)
    field = _pasted(text)
    field._clean.click()

    assert [str(network) for network in found.cleaned] == field.control.value.split()
    if found.cleaned:
        for piece in (*found.unread, *(entry.text for entry in found.unfit)):
            assert escape(WORDS.fill("{piece}", {"piece": cut(piece)})) in field._aside.value


def test_gravest_fault_first() -> None:
    """
    The one range that is none is not hidden under a dozen blanks, and a heading is one fault.
    """
    aside = _pasted("Inbound IPs (EU):\n" + "".join(f"9.9.{number}.0/24 \n" for number in range(20)) + "300.1.2.0/24")._aside.value

    faults = re.findall(r"<li>(.*?)</li>", aside)
    assert "22 faults in what was pasted, gravest first" in aside
    assert ["line 22, character 1: &quot;300.1.2.0/24&quot; is no address range"] == faults[:1]
    assert ["line 1, character 1: &quot;Inbound IPs (EU):&quot; is no address range"] == faults[1:2]
    assert "only look right" not in aside


def test_a_list_that_was_not_read_to_its_end_is_not_replaced() -> None:
    """
    Half of it would be lost.
    """
    assert "none" == _pasted("195.130.217.0/24 \n" * 60_000)._clean.layout.display


@pytest.mark.parametrize("text", ["", "195.130.217.0/24", "195.130.217.0/24\n207.82.80.0/24\n"])
def test_clean_list_has_no_button(text: str) -> None:
    """
    Where nothing is wrong there is nothing to press.
    """
    assert "none" == _pasted(text)._clean.layout.display


def test_many_faults_are_counted() -> None:
    """
    A list full of faults shows the first ones and folds the rest behind their number; one long fault is cut.
    """
    aside = _pasted("\n".join(["x" * 500] * (MOST_SHOWN + 5)))._aside.value
    at_once, folded = aside.split("<details>")

    assert MOST_SHOWN == at_once.count("<li>")
    assert "<summary>and 5 more</summary>" in folded
    assert 5 == folded.count("<li>")
    assert "x" * 100 not in aside


def test_endless_faults_are_not_all_told() -> None:
    """
    A page of nothing but faults stays one that a browser can show.
    """
    aside = _pasted("\n".join(["x"] * (MOST_FAULTS + 30)))._aside.value

    assert f"<summary>and {MOST_FAULTS + 30 - MOST_SHOWN} more</summary>" in aside
    assert aside.endswith("<li>and 30 more</li></ul></details>")


def test_ranges_given_as_a_list_stay_a_list() -> None:
    """
    The console's ranges may be a list in the file: shown one a line, and a list again when nobody changes it.
    """
    field = PastedField("console_ranges", WORDS)
    given = ["195.130.217.0/24", "207.82.80.0/24"]
    field.fill({"console_ranges": given})
    assert field.widget is not None

    assert "195.130.217.0/24\n207.82.80.0/24" == field.control.value
    assert {"console_ranges": given} == field.read()
    field.control.value += "\n91.220.42.0/24"
    assert {"console_ranges": "195.130.217.0/24\n207.82.80.0/24\n91.220.42.0/24"} == field.read()


@pytest.mark.parametrize(
    ("key", "words"), [("console_ranges", "Use the cleaned list"), ("gateway_list", "I have put it in at the platform")]
)
def test_what_was_copied_back_is_cleaned_at_the_platform_first(key: str, words: str) -> None:
    """
    Cleaning here what stands wrong at the platform would only hide it, so the button says what comes first.
    """
    field = PastedField(key, Catalogue())

    assert field.widget is not None
    assert field._clean.description.startswith(words)


def test_a_full_stop_at_the_end_is_no_reason_to_lose_a_range() -> None:
    """
    What somebody copied out of a sentence is read, and said to be written wrong.
    """
    found = read_list("185.58.85.0/24.\n185.58.86.0/24.,")

    assert ["185.58.85.0/24", "185.58.86.0/24"] == [str(network) for network in found.networks]
    assert {Fault.STRAY, Fault.SPACES} >= {issue.fault for issue in found.issues} > set()
