"""
Lists in what was observed.
"""

from __future__ import annotations

import pytest

from runbook_lib.reporting.lists import AT_ONCE, Part, Told, told

FOUR = "195.130.217.0/24, 91.220.42.0/24, 146.101.78.0/24, 207.82.80.0/24"


@pytest.mark.parametrize(
    ("observed", "expected"),
    [
        ("", Told(())),
        ("One host answers.", Told((Part("One host answers."),))),
        ("A dot • in a sentence", Told((Part("A dot • in a sentence"),))),
        ("2 entries: \n• a\n• b", Told((Part("2 entries: "),), ("a", "b"))),
        (f"From {FOUR} only.", Told((Part(f"From {FOUR} only."),))),
        (f"From {FOUR} and 2001:db8::/32 only.", Told((Part(f"From {FOUR} and 2001:db8::/32 only."),))),
        (f"From {FOUR}, 9.9.9.9/32 und 8.8.8.0/24.", Told((Part("From "), Part(f"{FOUR}, 9.9.9.9/32 und 8.8.8.0/24", 6), Part(".")))),
    ],
)
def test_taken_apart(observed: str, expected: Told) -> None:
    """
    Only what begins a line is an item; ranges are folded where they are many.
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
