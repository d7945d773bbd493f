"""
Lists in what was observed.
"""

from __future__ import annotations

import pytest

from runbook_lib.reporting.lists import AT_ONCE, Told, told


@pytest.mark.parametrize(
    ("observed", "expected"),
    [
        ("", Told("", (), ())),
        ("One host answers.", Told("One host answers.", (), ())),
        ("A dot • in a sentence", Told("A dot • in a sentence", (), ())),
        ("2 entries: \n• a\n• b", Told("2 entries: ", ("a", "b"), ())),
    ],
)
def test_taken_apart(observed: str, expected: Told) -> None:
    """
    Only what begins a line is an item.
    """
    assert expected == told(observed)


@pytest.mark.parametrize(("count", "folded"), [(AT_ONCE, 0), (AT_ONCE + 1, 0), (AT_ONCE + 2, 2)])
def test_long_lists_are_folded(count: int, folded: int) -> None:
    """
    Nothing is lost, and nobody unfolds a single item.
    """
    items = [f"fault {n}" for n in range(count)]

    parts = told("\n• ".join(["Faults:", *items]))

    assert folded == len(parts.folded)
    assert items == [*parts.items, *parts.folded]
