"""
Saving an environment file: what is said in it afterwards, and what of it stays as it was.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runbook_lib.environment import (
    NOTEBOOK_DEFAULTS,
    EnvironmentFileError,
    Notes,
    fingerprint,
    load_environment,
    save_environment,
)

SHIPPED = sorted((Path(__file__).resolve().parents[2] / "environments").glob("*.yaml"))
STEADY = settings(
    max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
LEAST: dict[str, Any] = {
    "customer": "Alder",
    "platform": "microsoft_365",
    "region": "eu",
    "domains": ["alder.example"],
    "inbound_host": "mail.alder.example",
}
FILE = """\
# Alder & Sons.

customer:   "Alder"   # as on the contract
platform: microsoft_365
region: eu
domains:
    # the first wave
    - alder.example      # since 1998
    - name: birch.example
      # judged on its own
      phase: cutover     # since May
    # - later.example
inbound_host: 'mail.alder.example'

# From the console.
validation_codes:
    # the old one was 1e4
    alder.example: 12345e6789012   # not a number
    birch.example: 0123456701234
internal_route: yes
nameservers: [ 192.0.2.53,   # the first
               192.0.2.54 ]

# People.
attestations:
    # twice
    platform: {by: Mira,  at: 2026-11-20, phase: prepare}  # in the morning
# The end.
"""


BIRCH = "    - name: birch.example\n      # judged on its own\n      phase: cutover     # since May\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """
    A file with comments in many places.
    """
    path = tmp_path / "alder.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


@pytest.fixture
def saved(file: Path) -> Callable[..., str]:
    """
    The file's text with some of its values changed; None removes.
    """

    def save(**changes: Any) -> str:
        values = {**load_environment(file).as_given(), **changes}
        save_environment(file, values)
        assert {key: value for key, value in values.items() if value is not None} == load_environment(file).as_given()
        return file.read_text(encoding="utf-8")

    return save


def refusal(path: Path, values: dict[str, Any], seen: str | None = None) -> str:
    """
    Why values are not saved.
    """
    with pytest.raises(EnvironmentFileError) as caught:
        save_environment(path, values, seen)
    return caught.value.problems[0].message


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_files_stay_as_they_are(path: Path, tmp_path: Path) -> None:
    """
    A file saved with its own values has the same bytes.
    """
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    (tmp_path / "exports").symlink_to(path.parent / "exports")
    save_environment(copy, load_environment(copy).as_given())

    assert path.read_bytes() == copy.read_bytes()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_one_change_changes_one_line(path: Path, tmp_path: Path) -> None:
    """
    Another customer's name and back again: the same bytes once more, and between them one line is another.
    """
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    (tmp_path / "exports").symlink_to(path.parent / "exports")
    before = load_environment(copy).as_given()
    save_environment(copy, before | {"customer": "Somebody else"})

    changed = [(old, new) for old, new in zip(path.read_text().splitlines(), copy.read_text().splitlines(), strict=True) if old != new]
    assert [("customer: ", "Somebody else")] == [(old[:10], new[10:].strip('"')) for old, new in changed]

    save_environment(copy, before)

    assert path.read_bytes() == copy.read_bytes()


@pytest.mark.parametrize(
    ("changes", "was", "becomes"),
    [
        ({"customer": 'Alder: "the new"'}, '"Alder"', r'"Alder: \"the new\""'),
        ({"region": "de"}, "region: eu", "region: de"),
        ({"inbound_host": "in.alder.example"}, "'mail.alder.example'", "'in.alder.example'"),
        ({"internal_route": False}, "internal_route: yes", "internal_route: false"),
        ({"internal_route": None}, "internal_route: yes\n", ""),
        ({"nameservers": ["192.0.2.53"]}, ",   # the first\n               192.0.2.54 ]", " ]"),
        (
            {"nameservers": ["192.0.2.53", "192.0.2.54", "192.0.2.55:5353"]},
            "192.0.2.54 ]",
            "192.0.2.54, '192.0.2.55:5353' ]",
        ),
        ({"nameservers": ["192.0.2.54"]}, "192.0.2.53,   # the first\n               192.0.2.54", "192.0.2.54"),
        (
            {"attestations": {"platform": {"by": "Jonas", "at": "2026-11-20", "phase": "prepare", "note": "All, of it"}}},
            "{by: Mira,  at: 2026-11-20, phase: prepare}",
            "{by: Jonas,  at: 2026-11-20, phase: prepare, note: 'All, of it'}",
        ),
        (
            {"validation_codes": {"alder.example": "1e5", "birch.example": "0123456701234"}},
            "12345e6789012",
            "'1e5'",
        ),
        (
            {"validation_codes": {"birch.example": "0123456701234", "cedar.example": "null"}},
            "    alder.example: 12345e6789012   # not a number\n    birch.example: 0123456701234\n",
            "    birch.example: 0123456701234\n    cedar.example: 'null'\n",
        ),
        (
            {"domains": ["alder.example"]},
            "    - name: birch.example\n      # judged on its own\n      phase: cutover     # since May\n",
            "",
        ),
        (
            {"domains": [{"name": "alder.example", "role": "parked"}, {"name": "birch.example", "phase": "cutover"}]},
            "- alder.example      # since 1998\n",
            "- name: alder.example      # since 1998\n      role: parked\n",
        ),
        (
            {"domains": ["alder.example", {"name": "birch.example", "phase": "lockdown", "role": "mail"}]},
            "phase: cutover     # since May\n",
            "phase: lockdown     # since May\n      role: mail\n",
        ),
        (
            {"domains": ["alder.example", "new.example", {"name": "birch.example", "phase": "cutover"}]},
            "# since 1998\n",
            "# since 1998\n    - new.example\n",
        ),
        (
            {"domains": [{"name": "birch.example", "phase": "cutover"}, "alder.example"]},
            "    - alder.example      # since 1998\n" + BIRCH,
            BIRCH + "    - alder.example      # since 1998\n",
        ),
        ({"allowlist": "192.0.2.0/24\n  x\n"}, "# The end.\n", "# The end.\nallowlist: |\n    192.0.2.0/24\n      x\n"),
        (
            {"time_limit": 60, "phase": "cutover", "timeout": 2.5},
            "# The end.\n",
            "# The end.\nphase: cutover\ntimeout: 2.5\ntime_limit: 60\n",
        ),
    ],
)
def test_only_what_changes_changes(saved: Callable[..., str], changes: dict[str, Any], was: str, becomes: str) -> None:
    """
    One part of the file is another; every comment, quote and space elsewhere is where it was.
    """
    assert 1 == FILE.count(was)
    assert FILE.replace(was, becomes) == saved(**changes)


def test_a_removed_key_takes_its_own_comment_along(saved: Callable[..., str]) -> None:
    """
    The comment right above a removed key goes where it can be meant for nothing else; at the end of the file others stay.
    """
    assert FILE.split("\n# People.", maxsplit=1)[0] + "# The end.\n" == saved(attestations=None)


def test_a_comment_that_may_be_a_heading_stays(saved: Callable[..., str]) -> None:
    """
    Where another key follows at once, the comment above a removed key may be meant for both.
    """
    changed = saved(validation_codes=None)

    assert "'mail.alder.example'\n\n# From the console.\ninternal_route: yes\n" in changed


def test_a_list_becomes_pasted_text(tmp_path: Path) -> None:
    """
    Comments that were set in below a list are set out, so that they do not become part of the text.
    """
    path = tmp_path / "a.yaml"
    save_environment(path, LEAST)
    path.write_text(
        path.read_text(encoding="utf-8")
        + "console_ranges:  # from the console\n  - 192.0.2.0/24\n  # - 203.0.113.0/24\n\n# next\nphase: cutover\n",
        encoding="utf-8",
    )
    save_environment(path, LEAST | {"phase": "cutover", "console_ranges": "192.0.2.0/24\n198.51.100.0/24"})

    assert path.read_text(encoding="utf-8").endswith(
        "console_ranges: |-  # from the console\n  192.0.2.0/24\n  198.51.100.0/24\n# - 203.0.113.0/24\n\n# next\nphase: cutover\n"
    )

    save_environment(path, LEAST | {"phase": "cutover", "console_ranges": ["192.0.2.0/24"]})

    assert path.read_text(encoding="utf-8").endswith(
        "console_ranges:  # from the console\n  - 192.0.2.0/24\n# - 203.0.113.0/24\n\n# next\nphase: cutover\n"
    )


def test_an_empty_list_that_means_something(tmp_path: Path) -> None:
    """
    An empty list of resolvers is written, other empty values are not.
    """
    path = tmp_path / "a.yaml"
    save_environment(path, LEAST | {"propagation_resolvers": [], "exports": [], "proxy": "", "timeout": None, "interactive": True})

    assert LEAST | {"propagation_resolvers": []} == load_environment(path).as_given()
    assert "exports" not in path.read_text(encoding="utf-8")
    assert "interactive" not in path.read_text(encoding="utf-8")


def test_keys_that_say_nothing_stay(tmp_path: Path) -> None:
    """
    A key without a value is a place to fill in: it stays, and is filled in where it stands.
    """
    path = tmp_path / "a.yaml"
    save_environment(path, LEAST)
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "account_code:   # from the console\npresent_gateway:\n  name: Old\n  hosts:\n", encoding="utf-8")
    save_environment(path, load_environment(path).as_given() | {"account_code": "CUK12A1"})

    assert text + "account_code: CUK12A1   # from the console\npresent_gateway:\n  name: Old\n  hosts:\n" == path.read_text(
        encoding="utf-8"
    )

    save_environment(path, LEAST | {"present_gateway": {"name": "Old", "hosts": ["mx.old.example"]}})

    assert text + "present_gateway:\n  name: Old\n  hosts:\n    - mx.old.example\n" == path.read_text(encoding="utf-8")


def test_comments_of_contacts_survive(tmp_path: Path) -> None:
    """
    Another number for one contact changes that number alone; a number that could be read as one is written so that it is none.
    """
    path = tmp_path / "a.yaml"
    save_environment(path, LEAST)
    contacts = "contacts:\n  # by day\n  - name: Anna\n    phone: 01632960001   # the desk\n    emergency: yes\n"
    contacts += "  - {name: Ben, email: b@b.example}\n"
    text = path.read_text(encoding="utf-8") + contacts
    path.write_text(text, encoding="utf-8")
    read = load_environment(path)
    save_environment(path, read.as_given())
    untouched = path.read_text(encoding="utf-8")
    given = read.as_given()
    given["contacts"][0]["phone"] = "01632960002"
    save_environment(path, given)

    assert ("01632960001", True) == (read.contacts[0].phone, read.contacts[0].emergency)
    assert text == untouched
    assert text.replace("960001", "960002") == path.read_text(encoding="utf-8").replace("'", "").replace('"', "")
    assert "01632960002" == load_environment(path).contacts[0].phone
    assert "01632960002" == yaml.safe_load(path.read_text(encoding="utf-8"))["contacts"][0]["phone"]


def test_windows_files(file: Path) -> None:
    """
    Line ends and byte order mark stay as Windows editors write them, in new lines too.
    """
    file.write_bytes(b"\xef\xbb\xbf" + FILE.replace("\n", "\r\n").encode())
    values = load_environment(file).as_given()
    save_environment(file, values | {"customer": "B", "allowlist": "192.0.2.1\n192.0.2.2\n", "senders": [{"name": "Scanner"}]})
    made = file.read_bytes()

    assert made.startswith(b"\xef\xbb\xbf# Alder & Sons.\r\n")
    assert made.count(b"\r\n") == made.count(b"\n") == FILE.count("\n") + 5
    assert "192.0.2.1\n192.0.2.2\n" == load_environment(file).allowlist


def test_no_line_end_at_the_end(tmp_path: Path) -> None:
    """
    A file whose last line does not end gets further lines all the same.
    """
    path = tmp_path / "a.yaml"
    path.write_text("{region: eu, customer: Alder}", encoding="utf-8")
    save_environment(path, LEAST)
    path.write_text(path.read_text(encoding="utf-8").rstrip(), encoding="utf-8")

    assert LEAST == load_environment(path).as_given()

    path.write_text("customer: A\n...\n# below\n", encoding="utf-8")
    save_environment(path, LEAST)

    assert path.read_text(encoding="utf-8").startswith("customer: Alder\nplatform: microsoft_365\n")
    assert path.read_text(encoding="utf-8").endswith("inbound_host: mail.alder.example\n...\n# below\n")

    path.write_text("customer: A", encoding="utf-8")
    save_environment(path, LEAST)

    assert LEAST == load_environment(path).as_given()


def test_a_file_of_comments(tmp_path: Path) -> None:
    """
    A file in which nothing is said yet keeps its comments.
    """
    path = tmp_path / "a.yaml"
    path.write_text("# to be filled in", encoding="utf-8")
    save_environment(path, LEAST)

    assert path.read_text(encoding="utf-8").startswith("# to be filled in\ncustomer: Alder\n")


def test_new_files_have_the_order_of_the_contract(tmp_path: Path) -> None:
    """
    A new file has its keys in the order of the contract, with the notes it is given, in a folder that is made.
    """
    path = tmp_path / "customers" / "a.yaml"
    save_environment(
        path, dict(reversed((LEAST | {"timeout": 5}).items())), notes=Notes("Alder.\n\nMore.", {"region": "Of the account."}, "x:\n  y")
    )

    assert path.read_text(encoding="utf-8") == (
        "# Alder.\n#\n# More.\ncustomer: Alder\nplatform: microsoft_365\n# Of the account.\nregion: eu\ndomains:\n  - alder.example\n"
        "inbound_host: mail.alder.example\ntimeout: 5\n\n# x:\n#   y\n"
    )
    assert [key for key in NOTEBOOK_DEFAULTS if key in LEAST] == list(LEAST)
    assert [path] == list(path.parent.iterdir())


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"region": "uk"}, "Did you mean eu"),
        ({"proxy": "socks5://anna:hunter2@proxy.example:1080"}, "Secrets never stand"),
        ({"test_recipent": "a@b.example"}, "Did you mean test_recipient?"),
        ({"timeout": float("nan")}, "no number"),
        ({"customer": "\ud800"}, "control character"),
        ({"allowlist": "\ud800"}, "half a character"),
        ({"exports": ["none.json"]}, "There is no file"),
        ({"allowlist": "€" * 600_000}, "larger than"),
        ({"account_code": 12345}, "Put it in quotes"),
    ],
)
def test_what_is_wrong_is_not_written(file: Path, changes: dict[str, Any], part: str) -> None:
    """
    A wrong value is refused in the loader's words, and neither the file nor anything beside it is written.
    """
    values = load_environment(file).as_given()
    elsewhere = file.parent / "new" / "b.yaml"

    assert part in refusal(file, values | changes)
    assert part in refusal(elsewhere, LEAST | changes)
    assert FILE == file.read_text(encoding="utf-8")
    assert [file] == list(file.parent.iterdir())


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"customer: [A\n", "not overwritten, as it cannot be read. Line 2"),
        (b"- a\n", "It is a list"),
        (b"\xff\xfea", "not overwritten, as it cannot be read. The file is UTF-16"),
        (b"customer: &a A\n", "anchors"),
        (b"? customer\n: B\n", 'a form ("? key")'),
    ],
)
def test_no_environment_file_is_overwritten(tmp_path: Path, content: bytes, part: str) -> None:
    """
    A file that is not YAML of ours stays as it is, and the error says so.
    """
    path = tmp_path / "a.yaml"
    path.write_bytes(content)

    assert part in refusal(path, LEAST)
    assert content == path.read_bytes()

    save_environment(path, LEAST, afresh=True)

    assert LEAST == load_environment(path).as_given()


def test_a_file_that_was_changed_meanwhile(file: Path) -> None:
    """
    What somebody else wrote since the file was read is not overwritten; what is unchanged may be saved.
    """
    seen = fingerprint(file)
    values = load_environment(file).as_given()
    file.write_text(FILE + "timeout: 3\n", encoding="utf-8")

    assert "changed since it was read" in refusal(file, values | {"customer": "B"}, seen)
    assert FILE + "timeout: 3\n" == file.read_text(encoding="utf-8")

    save_environment(file, values | {"customer": "B"}, fingerprint(file))

    assert "B" == load_environment(file).customer

    file.unlink()

    assert "no longer there" in refusal(file, values, seen)
    assert "" == fingerprint(file)

    save_environment(file, values, "")

    assert "changed since it was read" in refusal(file, values, "")


def test_permissions_and_links(file: Path, tmp_path: Path) -> None:
    """
    The file behind a link is written, the link stays one, and who may read the file stays the same.
    """
    file.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(file.name)
    save_environment(link, load_environment(link).as_given() | {"customer": "B"})

    assert link.is_symlink()
    assert "B" == load_environment(file).customer
    assert 0o640 == stat.S_IMODE(file.stat().st_mode)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(file: Path) -> None:
    """
    The system's reason is told.
    """
    file.parent.chmod(0o500)
    try:
        assert "cannot be written (Permission denied)" in refusal(file, LEAST)
    finally:
        file.parent.chmod(0o700)


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    """
    A folder, and a name below a file, are told.
    """
    (tmp_path / "a").write_text("", encoding="utf-8")

    assert "This is a folder" in refusal(tmp_path, LEAST)
    assert "Not a directory" in refusal(tmp_path / "a" / "b.yaml", LEAST)


ODD = st.sampled_from(
    [
        *(
            "1e5",
            "0x10",
            "null",
            "~",
            "no",
            "Yes",
            "012",
            "1_000",
            "2026-11-20",
            "1:30",
            "=",
            "<<",
            ".inf",
            "12345e6789012",
            "0123456701234",
        ),
        *("- a", "? b", "a: b", "a #b", "#", "'", '"', "%x", "@x", "`x", "&a", "*a", "!a", "|", ">", "[a", "{a", "...", "---", "a:", ":a"),
        *("a, b", "\\n", "é", "😀"),
    ]
)
LINE = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=12) | ODD
SPACED = st.lists(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
    | ODD
    | st.sampled_from(["\n", "\n\n", " \n", "\t", "\r", "\r\n", "\u00a0", "\u200b", "\ufeff", "\x85", "\u2028", "  ", "# x\n"]),
    max_size=8,
).map("".join)
NAME = st.sampled_from([f"{name}.example" for name in "abcdefgh"])
RANGE = st.sampled_from(["192.0.2.0/24", "2001:db8::/32", "::/0"])
PHASE = st.sampled_from(["prepare", "cutover", "lockdown"])
DOMAIN = st.one_of(NAME, st.fixed_dictionaries({"name": NAME}, optional={"phase": PHASE, "test_recipient": NAME.map("x@{}".format)}))
CONFIRMED = st.fixed_dictionaries({"by": LINE, "at": st.dates().map(str), "phase": PHASE}, optional={"note": LINE})
VALUES = st.fixed_dictionaries(
    LEAST
    | {
        "customer": LINE,
        "domains": st.lists(DOMAIN, min_size=1, max_size=4, unique_by=lambda one: one if isinstance(one, str) else one["name"]),
        **{key: st.just(LEAST[key]) for key in ("platform", "region", "inbound_host")},
    },
    optional={
        "phase": PHASE,
        "probes": st.lists(st.sampled_from(["dns", "smtp"]), min_size=1, max_size=2),
        "validation_codes": st.dictionaries(NAME, LINE, min_size=1, max_size=3),
        "console_ranges": st.lists(st.sampled_from(["192.0.2.0/24", "2001:db8::/32", "::/0"]), min_size=1, max_size=3)
        | SPACED.filter(bool),
        "allowlist": SPACED.filter(bool),
        "gateway_options": st.fixed_dictionaries({"require_tls": st.booleans()}, optional={"reject_all": st.booleans()}),
        "attestations": st.dictionaries(st.sampled_from(["platform", "mx", "route"]), CONFIRMED, min_size=1, max_size=3),
        "propagation_resolvers": st.lists(st.sampled_from(["192.0.2.53", "[2001:db8::53]:53", "tls://192.0.2.1"]), max_size=2),
        "connect_to": st.dictionaries(NAME.map("{}:25".format), st.just("127.0.0.1:2525"), min_size=1, max_size=2),
        "timeout": st.floats(0.1, 120) | st.integers(1, 120),
        "allow_private": st.booleans(),
    },
)


@STEADY
@given(VALUES)
def test_every_value_survives(values: dict[str, Any]) -> None:
    """
    A new file says what it was given, to our loader and, texts as texts, to the YAML reader of papermill.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.yaml")
        save_environment(path, values)
        theirs = yaml.safe_load(path.read_text(encoding="utf-8"))

        assert values == load_environment(path).as_given()
        assert values == theirs


SETTING = st.fixed_dictionaries(
    {"default_flow_style": st.sampled_from([None, True, False]), "allow_unicode": st.booleans(), "indent": st.integers(1, 4)}
)


@STEADY
@given(VALUES, VALUES, SETTING, st.sampled_from(["\n", "\r\n"]))
def test_any_file_becomes_any_other(old: dict[str, Any], new: dict[str, Any], setting: dict[str, Any], newline: str) -> None:
    """
    Whatever was in a file, and however it was set, afterwards it says what it was given, and the comments of keys that stay are there.
    """
    text = yaml.safe_dump(old, width=30, sort_keys=False, **setting)
    if not setting["default_flow_style"]:
        text = re.sub(r"(?m)^region: eu$", "# above\nregion: eu  # beside", text)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.yaml")
        path.write_bytes(text.replace("\n", newline).encode())
        before = load_environment(path).as_given()
        save_environment(path, new)

        assert new == load_environment(path).as_given()
        assert setting["default_flow_style"] or "# above\nregion: eu  # beside\n" in path.read_text(encoding="utf-8")

        save_environment(path, before)

        assert before == load_environment(path).as_given()
