"""
The catalogue of bounces: every entry can be used, every reason has words.
"""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

import pytest

from runbook_lib.explain import Diagnosis, Reason, Whose
from runbook_lib.explain.catalogue import Said, entry_ids, look_up, word_ids
from runbook_lib.knowledge.replies import Meaning
from runbook_lib.knowledge.replies import entry_ids as reply_ids
from runbook_lib.knowledge.text import Catalogue, Message

WORDING = tomllib.loads(files("runbook_lib.knowledge").joinpath("bounce_wording.toml").read_text(encoding="utf-8"))
DATA = tomllib.loads(files("runbook_lib.knowledge").joinpath("bounces.toml").read_text(encoding="utf-8"))


def test_entries_are_told_apart() -> None:
    """
    No two entries have the same id, and each names its source.
    """
    ids = entry_ids()

    assert len(ids) == len(set(ids))
    assert all(entry["source"] for section in ("specific", "general") for entry in DATA[section])


def test_patterns_are_bounded() -> None:
    """
    No pattern has a repetition without a limit.
    """
    patterns = [
        *(
            each
            for section in ("specific", "general")
            for entry in DATA[section]
            for key in ("text", "exclude")
            for each in entry.get(key, ())
        ),
        *(each for value in WORDING.values() if isinstance(value, list) for each in value),
        *(each for table in ("stages", "systems") for value in WORDING[table].values() for each in value),
    ]
    without_classes = {each: re.sub(r"\\.|\[[^\]]*\]", "x", each) for each in patterns}

    assert [] == [each for each, plain in without_classes.items() if re.search(r"[*+]|\{\d+,\}", plain)]


def test_every_reason_is_described() -> None:
    """
    Every reason says whose it is; every meaning of a reply and every code leads to a reason.
    """
    named = {
        *DATA["reasons"].values(),
        *DATA["enhanced"].values(),
        *DATA["codes"].values(),
        *DATA["bare_codes"].values(),
        *DATA["stages"].values(),
    }

    assert set(Reason) == {Reason(name) for name in DATA["about"]}
    assert named <= {reason.value for reason in Reason}
    assert set(DATA["reasons"]) <= {meaning.value for meaning in Meaning}


def test_entries_of_the_reply_catalogue_exist() -> None:
    """
    Entries of the reply catalogue that are named here are there.
    """
    named = {each for key in ("first", "first_there", "early", "ignored") for each in DATA["replies"][key]}

    assert named <= set(reply_ids())


def test_every_finding_has_words() -> None:
    """
    Every message id that a finding can have has a summary, with and without a recipient and host.
    """
    catalogue = Catalogue()
    for name in word_ids():
        for values in ({"recipient": "", "host": ""}, {"recipient": "a@alder.example", "host": "mx.alder.example"}):
            words = Diagnosis(Reason.UNKNOWN, message=Message(name, values)).words(catalogue)

            assert words.summary, name
            assert words.summary[0].isupper() or "@" in words.summary or "." in words.summary.split()[0]


def test_addresses_do_not_decide() -> None:
    """
    Words in an address or in the name of a host are not taken for words of the reply.
    """
    found = look_up(Said("host spam.virus.example[192.0.2.1] said: 550 5.1.1 <quota-exceeded@spam.example> unknown user", 550, "5.1.1"))

    assert Reason.USER_UNKNOWN == found.reason


def test_own_words_of_the_gateway() -> None:
    """
    A reply of the gateway is the gateway's, in its own words, and leads to its step.
    """
    found = look_up(Said("451 Open relay not allowed", 451))

    assert (Reason.WRONG_REGION, Whose.GATEWAY, "explain.not_registered", "domain") == (found.reason, found.whose, found.words, found.next)


@pytest.mark.parametrize(
    ("text", "whose", "words"),
    [
        (
            "550-5.7.1 Unauthenticated email from a.example is not accepted due to domain's DMARC policy.",
            Whose.PLATFORM,
            "explain.google_dmarc",
        ),
        (
            "550-5.7.26 Unauthenticated email from a.example is not accepted due to domain's DMARC policy.",
            Whose.PLATFORM,
            "explain.google_dmarc",
        ),
        ("550 5.7.509 Access denied, sending domain A.EXAMPLE does not pass DMARC verification", Whose.SENDER, "explain.dmarc"),
    ],
)
def test_google_behind_the_gateway(text: str, whose: Whose, words: str) -> None:
    """
    Google's refusal for DMARC, in the words that come after the gateway, is put right in the tenant's inbound gateway, not by the sender.
    """
    found = look_up(Said(text, 550))

    assert (Reason.AUTHENTICATION_FAILED, whose, words) == (found.reason, found.whose, found.words)
