"""
Pasted lists.
"""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook_lib.checks.pasted import PastedList, read_list
from runbook_lib.checks.pasted_faults import Fault
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


@given(
    st.lists(
        st.tuples(
            st.integers(2**25, 2**31),
            st.integers(17, 32),
            st.text(" \t\u00a0\u2009\u200b", max_size=3),
            st.text(" \t\u00a0", max_size=3),
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from([",", "\n", ", ", " ", ";", "\t", " | "]),
)
def test_blanks_at_the_slash_change_no_range(written: list[tuple[int, int, str, str]], separator: str) -> None:
    """
    Blanks before or behind a slash, seen or not, neither widen nor narrow what was written.
    """
    wanted = [ip_network((number, prefix), strict=False) for number, prefix, _, _ in written]
    text = separator.join(
        f"{network.network_address}{before}/{behind}{network.prefixlen}"
        for network, (_, _, before, behind) in zip(wanted, written, strict=True)
    )

    listed = read_list(text)

    assert wanted == listed.networks
    assert not listed.unread


@pytest.mark.parametrize(
    ("text", "meant", "issue"),
    [
        ("207.82.80.0 /24", "207.82.80.0/24", '1:12 "207.82.80.0 /24" stray_spaces → 207.82.80.0/24'),
        ("207.82.80.0\t/24", "207.82.80.0/24", '1:12 "207.82.80.0\t/24" stray_spaces → 207.82.80.0/24'),
        ("207.82.80.0\u00a0/24", "207.82.80.0/24", '1:12 "207.82.80.0\u00a0/24" invisible_characters → 207.82.80.0/24'),
        ("207.82.80.0/ 24", "207.82.80.0/24", '1:13 "207.82.80.0/ 24" stray_spaces → 207.82.80.0/24'),
        (" 1.2.3.0 / 24", "1.2.3.0/24", '1:9 "1.2.3.0 / 24" stray_spaces → 1.2.3.0/24'),
        ("2a01:111:: /32", "2a01:111::/32", '1:11 "2a01:111:: /32" stray_spaces → 2a01:111::/32'),
        ("1.2.3.0 255.255.255.0", "1.2.3.0/24", '1:1 "1.2.3.0/255.255.255.0" notation → 1.2.3.0/24'),
        ("1.2.3.0 0.0.0.255", "1.2.3.0/24", '1:1 "1.2.3.0/0.0.0.255" notation → 1.2.3.0/24'),
        ("1.2.3.0 - 1.2.3.255", "1.2.3.0/24", '1:1 "1.2.3.0-1.2.3.255" range_notation → 1.2.3.0/24'),
        ("- 9.9.9.9\n- 8.8.8.8", "9.9.9.9/32 8.8.8.8/32", '1:1 "- 9.9.9.9" stray_characters → 9.9.9.9'),
        ("9.9.9.0/24 - London", "9.9.9.0/24", '1:12 "- London" not_an_address'),
        ("\uff19.9.9.9", "9.9.9.9/32", '1:1 "\uff19.9.9.9" stray_characters → 9.9.9.9'),
        ("[2a01:111::]/32", "2a01:111::/32", '1:1 "[2a01:111::]/32" stray_characters → 2a01:111::/32'),
    ],
)
def test_what_is_plainly_written_is_read(text: str, meant: str, issue: str) -> None:
    """
    It comes into the cleaned list as it was meant, and what is odd about it is told with its position.
    """
    listed = read_list(text)

    assert meant.split() == [str(network) for network in listed.cleaned]
    assert issue in [str(one) for one in listed.issues]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("1.2.3.0 /33", Fault.PREFIX),
        ("1.2.3.0 /x", Fault.PREFIX),
        ("1.2.3.0 /", Fault.PREFIX),
        ("2a01:111:: /129", Fault.PREFIX),
        ("1.2.3.0\n/24", Fault.UNCLEAR),
        ("1.2.3.0,/24", Fault.UNCLEAR),
        ("1.2.3.0,24", Fault.UNCLEAR),
        ("1.2.3.0 24", Fault.UNCLEAR),
        ("1.2.3.0/2 4", Fault.UNCLEAR),
        ("1.2.3.2 55/32", Fault.UNCLEAR),
        ("1.2.3.0;255.255.255.0", Fault.UNCLEAR),
        ("1.2.3.0 mask 255.255.255.0", Fault.UNCLEAR),
        ("1.2.3.0\n255.255.255.0", Fault.UNCLEAR),
        ("1.2.3.0 0.0.0.0", Fault.UNCLEAR),
        ("1.2.3.0 255.0.255.0", Fault.NOT_AN_ADDRESS),
        ("1.2.3.0 -\n1.2.3.255", Fault.UNCLEAR),
        ("1.2.3.0\n- 1.2.3.255", Fault.UNCLEAR),
        ("1.2.3.0 to 1.2.3.255", Fault.UNCLEAR),
        ("2a01:111 ::/32", Fault.UNCLEAR),
        ("2a01:111:: abcd:1/64", Fault.UNCLEAR),
        ("9.9.9.9[1]", Fault.NOT_AN_ADDRESS),
        ("9.9.9.9\u00b9", Fault.NOT_AN_ADDRESS),
        ("/24", Fault.NOT_AN_ADDRESS),
    ],
)
def test_nothing_is_guessed(text: str, fault: Fault) -> None:
    """
    What can be read in more than one way, or in none, is told whole, and nothing of it is in the cleaned list.
    """
    listed = read_list(text)

    assert ([], [text]) == (listed.cleaned, listed.unread)
    assert [fault] == [issue.fault for issue in listed.issues]


def test_a_prefix_alone_takes_no_other_range_along() -> None:
    """
    A line with nothing but a prefix does not touch a line before it that has one.
    """
    listed = read_list("1.2.3.0/24\n/16\n8.8.8.0/24")

    assert ["1.2.3.0/24", "8.8.8.0/24"] == [str(network) for network in listed.cleaned]
    assert ["/16"] == listed.unread


def test_words_are_one_fault_and_come_after_what_looks_like_an_address() -> None:
    """
    A heading is one fault, a range that is none comes first, and what only stands there twice comes last.
    """
    listed = read_list("Inbound IPs (EU):\n9.9.9.0/24, 8.8.8.1/24\n300.1.2.0/24\n1.2.3.0/33\nlast updated in May\n9.9.9.0/24")

    assert [
        '3:1 "300.1.2.0/24" not_an_address',
        '4:1 "1.2.3.0/33" wrong_prefix',
        '2:13 "8.8.8.1/24" host_bits → 8.8.8.0/24',
        '1:1 "Inbound IPs (EU):" not_an_address',
        '5:1 "last updated in May" not_an_address',
        '2:12 " 8.8.8.1/24" stray_spaces → 8.8.8.1/24',
        '6:1 "9.9.9.0/24" duplicate → 2×',
    ] == [str(issue) for issue in listed.issues]
    assert ["300.1.2.0/24", "1.2.3.0/33"] == listed.unread
    assert ["Inbound IPs (EU):", "last updated in May"] == listed.words


def test_what_stands_there_often_is_one_fault() -> None:
    """
    However it is written: the first repetition, and how often it stands there.
    """
    listed = read_list("9.9.9.9\n8.8.8.8\n" + "9.9.9.9/32\n" * 29 + "8.8.8.8\n")

    assert ['3:1 "9.9.9.9/32" duplicate → 30×', '32:1 "8.8.8.8" duplicate → 2×'] == [str(issue) for issue in listed.issues]


def test_a_range_that_reaches_into_a_private_one_is_left_out_whole() -> None:
    """
    None of its pieces is in the cleaned list, and it is named.
    """
    listed = read_list("9.255.255.250-10.0.0.5\n9.255.255.250/31")

    assert ["9.255.255.250/31"] == [str(network) for network in listed.cleaned]
    assert ["9.255.255.250-10.0.0.5"] == [entry.text for entry in listed.unfit]


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


@pytest.mark.parametrize("piece", ["1", ":", "1.", "a", "<", "9.9.9.9-", "/", "1:", "9.9.9.9/ ", "a 9.9.9.9 "])
def test_long_runs_of_anything(piece: str) -> None:
    """
    A hundred thousand of the same are read in one go as well, and told as what they are.
    """
    listed = read_list(piece * 100_000)

    assert listed.issues
    assert len(listed.issues) <= 40_001


def test_long_list() -> None:
    """
    A list of ten thousand entries is read to its end.
    """
    text = "\n".join(f"9.{number // 256}.{number % 256}.0/24" for number in range(10_000))

    assert 10_000 == len(read_list(text).cleaned)
