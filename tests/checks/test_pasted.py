"""
Pasted lists.
"""

from __future__ import annotations

from ipaddress import ip_network

from hypothesis import given
from hypothesis import strategies as st

from runbook_lib.checks.pasted import Fault, PastedList, read_list
from runbook_lib.standards.ranges import AddressSet, Network

PIECES = st.sampled_from(
    [
        *("9.9.9.0/24", "9.9.9.9", "8.8.8.8/16", "2a01:111::/32", "10.0.0.0/8", "9.9.9.1-9.9.9.7", "8.8.0.0/255.255.0.0", "nonsense"),
        *(
            ",",
            "\n",
            ", ",
            ";",
            " ",
            "\t",
            "\u00a0",
            "\u200b",
            "\ufeff",
            "\u2013",
            '"',
            "\r\n",
            "9.9.8.0/024",
            "0.0.0.0/0",
            "198.51.100.0/24",
        ),
    ]
)


def content(listed: PastedList) -> list[Network]:
    """
    The networks of a list without those that have no place in any.
    """
    unfit = {
        (issue.line, issue.column, issue.text)
        for issue in listed.issues
        if issue.fault in {Fault.PRIVATE, Fault.RESERVED, Fault.EVERYTHING}
    }
    return [network for entry in listed.entries if (entry.line, entry.column, entry.text) not in unfit for network in entry.networks]


@given(st.text())
def test_never_raises(text: str) -> None:
    """
    No text breaks the reader; every fault has a position in it.
    """
    for issue in read_list(text).issues:
        assert issue.line >= 1
        assert issue.column >= 1
        assert str(issue)


@given(st.lists(PIECES, max_size=20).map("".join))
def test_cleaned_is_clean_and_covers_the_same(text: str) -> None:
    """
    The cleaned list has no fault, and covers just what the list covers without what has no place in it.
    """
    listed = read_list(text)

    again = read_list(",".join(map(str, listed.cleaned)))

    assert not again.issues
    wanted, got = AddressSet(content(listed)), AddressSet(listed.cleaned)
    assert all(wanted.covers(network) for network in listed.cleaned)
    assert all(got.covers(network) for network in content(listed))


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(8, 32)), min_size=1, max_size=20))
def test_clean_lists_have_no_form_fault(numbers: list[tuple[int, int]]) -> None:
    """
    A list written by a program has no fault of form.
    """
    networks = [ip_network(number, strict=False) for number in numbers]

    faults = {issue.fault for issue in read_list("\n".join(map(str, networks))).issues}

    assert not faults - {Fault.PRIVATE, Fault.RESERVED, Fault.OVERLAP, Fault.DUPLICATE}


def test_positions() -> None:
    """
    Line, column and number of the entry are told.
    """
    (issue,) = read_list("9.9.9.9\n8.8.8.8,x.y").issues

    assert (Fault.NOT_AN_ADDRESS, 2, 9, 3, "x.y") == (issue.fault, issue.line, issue.column, issue.entry, issue.text)


def test_long_run_of_blanks() -> None:
    """
    Half a million blanks in one field are read in one go; each is looked at once.
    """
    listed = read_list("192.0.2.0/24" + "\t" * 500_000 + "198.51.100.0/24")

    assert ["192.0.2.0/24", "198.51.100.0/24"] == [str(network) for network in listed.networks]


def test_long_list() -> None:
    """
    A list of ten thousand entries is read to its end.
    """
    text = "\n".join(f"9.{number // 256}.{number % 256}.0/24" for number in range(10_000))

    assert 10_000 == len(read_list(text).cleaned)
