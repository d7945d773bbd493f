"""
Observations as they are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook_lib.knowledge.text import Catalogue
from runbook_lib.reporting.evidence import ROWS, Block, EvidenceMaker, Fold, Script, Verbatim
from runbook_lib.reporting.labels import Labels
from runbook_lib.results import Result

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)

B = TypeVar("B", bound=Block)

KINDS = ["dns", "smtp", "https", "file", "person", "vantage", "other"]


@pytest.fixture
def maker(catalogue: Catalogue) -> EvidenceMaker:
    """
    A fresh maker.
    """
    return EvidenceMaker(Labels(catalogue))


def found(blocks: Iterable[Block], kind: type[B]) -> Iterator[B]:
    """
    All blocks of one kind, folded ones too.
    """
    for block in blocks:
        if isinstance(block, kind):
            yield block
        if isinstance(block, Fold):
            yield from found(block.blocks, kind)


def test_titles_tell_what_was_asked(maker: EvidenceMaker, ready: Result) -> None:
    """
    Each observation has one line that tells it from the others.
    """
    titles = [maker.title(observation) for observation in ready.observations.values()]

    assert titles == [
        "DNS · alder.example MX · answer",
        "DNS · alder.example MX · 192.0.2.11 · answer",
        "SMTP · alder-example.mail.protection.outlook.com · 52.101.73.2",
        "Port 25 from here · port 25 open",
        "Given text · allowlist",
        "A person's word · gateway.test_connection · Robin Moss",
        "HTTPS · https://mta-sts.alder.example/.well-known/mta-sts.txt · answer",
    ]


def test_certificate_is_shown_in_full_once(maker: EvidenceMaker, ready: Result) -> None:
    """
    The second time the same certificate is only named.
    """
    first, second = (maker.make(key, ready.observations["o3"]) for key in ("o3", "o9"))

    assert len(list(found(first.blocks, Verbatim))) == 2
    assert list(found(second.blocks, Verbatim)) == []


def test_long_transcripts_are_cut_and_say_so(maker: EvidenceMaker, huge: Result) -> None:
    """
    A table ends where it gets too long, and says how much there is besides.
    """
    script = next(found(maker.make("o1", huge.observations["o1"]).blocks, Script))

    assert len(script.rows) == ROWS
    assert script.note == f"{5000 - ROWS} more lines are in result.json."


@given(
    kind=st.sampled_from(KINDS),
    rest=st.dictionaries(st.sampled_from(["question", "connections", "records", "tries", "soa", "took_ms", "flags", "at", "text"]), JSON),
)
def test_damaged_observations_are_shown_as_recorded(kind: str, rest: dict[str, Any]) -> None:
    """
    Whatever a stored result holds in the place of an observation, a title and blocks come out.
    """
    evidence = EvidenceMaker(Labels(Catalogue())).make("o1", {"kind": kind, **rest})

    assert evidence.title
    assert evidence.blocks
