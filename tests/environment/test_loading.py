"""
Reading the file itself: bytes, YAML, and types by key.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
import yaml

from runbook_lib.environment import Environment, EnvironmentFileError, environment_from_parameters, load_environment

Load = Callable[..., Environment]


def refusal_of(path: Path) -> str:
    """
    The one thing that is wrong with a file.
    """
    with pytest.raises(EnvironmentFileError) as caught:
        load_environment(path)

    assert str(path) == caught.value.file
    assert 1 == len(caught.value.problems)
    return caught.value.problems[0].message


def test_codes_stay_what_they_are(load: Load) -> None:
    """
    What YAML would take for infinity or an octal number stays the code it is, quoted or not.
    """
    env = load("account_code: 12345e6789012\nvalidation_codes: {alder.example: 0123456701234, b.example: '1e5', c.example: 2026-01-01}\n")

    assert "12345e6789012" == env.account_code
    assert {"alder.example": "0123456701234", "b.example": "1e5", "c.example": "2026-01-01"} == env.validation_codes
    assert "12345e6789012" == env.as_given()["account_code"]


def test_text_that_looks_like_something_else(load: Load) -> None:
    """
    A customer may be called No, and a sender 007.
    """
    env = load(
        "senders: [{name: 007, tls: Off}]\n",
        least="customer: No\nplatform: hybrid\nregion: eu\ndomains: [a.example]\ninbound_host: m.a.example\n",
    )

    assert ("No", "007", False) == (env.customer, env.senders[0].name, env.senders[0].tls)


@pytest.mark.parametrize(
    ("word", "meant"), [("true", True), ("YES", True), ("On", True), ("'yes'", True), ("False", False), ("no", False), ("oFF", False)]
)
def test_truth(load: Load, word: str, meant: bool) -> None:
    """
    A truth value may be any of YAML's words, and is given as one.
    """
    env = load(f"allow_private: {word}\n")

    assert meant is env.allow_private
    assert meant is env.as_given()["allow_private"]


def test_numbers(load: Load) -> None:
    """
    Numbers are digits, and are given as numbers.
    """
    env = load("inbound_port: 2525\ntimeout: 2.5\ntime_limit: '60'\n")

    assert (2525, 2.5, 60) == (env.inbound_port, env.timeout, env.time_limit)
    assert (2525, 2.5, 60) == tuple(env.as_given()[key] for key in ("inbound_port", "timeout", "time_limit"))


@pytest.mark.parametrize("word", ["0x19", "1e1", "1_000", "٢٥", ".inf", "+25", "2:30"])
def test_odd_numbers(load: Load, word: str) -> None:
    """
    What only looks like a number to one YAML or another is refused.
    """
    with pytest.raises(EnvironmentFileError, match="inbound_port"):
        load(f"inbound_port: {word}\n")


def test_null_is_not_given(load: Load) -> None:
    """
    A key without a value is as good as not there.
    """
    env = load("account_code:\nca_file: ~\nproxy: null\nallowlist: ''\npresent_gateway: {name: X, ranges: }\n")

    assert {"account_code", "ca_file", "proxy", "allowlist"} & set(env.as_given()) == set()
    assert env.present_gateway is not None
    assert () == env.present_gateway.ranges


def test_pasted_block(load: Load) -> None:
    """
    A block scalar keeps its white space.
    """
    env = load("allowlist: |\n  192.0.2.0/24 \n   198.51.100.0/24\n\n  a\u00a0b\t\n")

    assert "192.0.2.0/24 \n 198.51.100.0/24\n\na\u00a0b\t\n" == env.allowlist


def test_both_readers_agree(load: Load, tmp_path: Path) -> None:
    """
    Our loader, and papermill's YAML with our parameters, make the same environment.
    """
    env = load(
        "phase: cutover\ninternal_route: yes\ntimeout: 5\n"
        "waivers:\n  mx.ttl alder.example: {reason: Agreed, by: Ben, expires: '2026-12-31'}\n"
        "connect_to: {'mail.alder.example:25': '127.0.0.1:2525'}\nsenders: [{name: Scanner, tls: no}]\nallowlist: |\n  192.0.2.0/24 \n"
    )
    parameters = yaml.safe_load((tmp_path / "alder.yaml").read_text(encoding="utf-8"))

    assert env == environment_from_parameters(parameters)


def test_ca_file_is_beside_the_file(tmp_path: Path) -> None:
    """
    A file of trust roots is looked for beside the environment file, not in the current folder.
    """
    authority = trustme.CA()
    folder = tmp_path / "customers"
    folder.mkdir()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    path = folder / "a.yaml"
    path.write_text(
        "customer: A\nplatform: hybrid\nregion: eu\ndomains: [a.example]\ninbound_host: m.a.example\nca_file: ca.pem\n", encoding="utf-8"
    )

    assert (folder / "ca.pem").resolve() == load_environment(path).ca_file
    assert "ca.pem" == load_environment(path).as_given()["ca_file"]

    (folder / "ca.pem").unlink()

    assert f"There is no file {folder / 'ca.pem'}" in refusal_of(path)


def test_utf8_with_mark(tmp_path: Path) -> None:
    """
    A byte order mark, as Windows editors write it, does no harm.
    """
    path = tmp_path / "a.yaml"
    path.write_bytes(
        b"\xef\xbb\xbfcustomer: \xc3\x84\r\nplatform: hybrid\r\nregion: eu\r\ndomains: [a.example]\r\ninbound_host: m.a.example\r\n"
    )

    assert "Ä" == load_environment(path).customer


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "The file is empty"),
        (b"# nothing\n", "The file is empty"),
        (b"---\n...\n", "The file is empty"),
        (b"{}", "The file is empty"),
        (b"customer: \xff\n", "not UTF-8 (byte 10"),
        ("customer: A\n".encode("utf-16"), "UTF-16"),
        (b"- a\n- b\n", "It is a list"),
        (b"just words\n", "It is one text"),
        (b"a: b\n---\na: c\n", "Line 2: a second document"),
        (b"customer: &x A\n", "Line 1: anchors and aliases"),
        (b"customer: A\nregion: *x\n", "Line 2: anchors and aliases"),
        (b"customer: A\nregion: !!str eu\n", "Line 2: tags"),
        (b"customer: A\ndomains: !x [a]\n", "Line 2: tags"),
        (b"customer: !!python/object/apply:os.system [id]\n", "tags"),
        (b"customer: A\nregion: eu\ncustomer: B\n", 'Line 3: the key "customer" stands there a second time; the first is in line 1'),
        (b"domains: [{name: a.example, name: b.example}]\n", 'the key "name" stands there a second time'),
        (b"? [a, b]\n: c\n", "a key must be one word"),
        (b": c\n", "a key must be one word"),
        (b"customer: 'A\n", "this is not YAML"),
        (b"customer: [A\n", "this is not YAML"),
        (b"customer: A\n\tregion: eu\n", "this is not YAML"),
        (b"customer: a: b\n", "Line 1, column 12: this is not YAML"),
        (b"customer: \x00\n", r"Character 11 of the file is \x00"),
        (b"a: " + b"[" * 100, "nested more than 8 deep"),
        (b"a: [" + b"x," * 30000 + b"]", "more than 20000 values"),
        (b"a: " + b"!" * 100_000, "tags"),
        (b"#" * ((1 << 20) + 1), "larger than 1048576 bytes"),
        (b'customer: "\\ud800"\n', ""),
    ],
    ids=lambda value: repr(value[:24]) if isinstance(value, bytes) else "",
)
def test_not_an_environment_file(tmp_path: Path, content: bytes, part: str) -> None:
    """
    What is no YAML we read is refused with the line and what would be right.
    """
    path = tmp_path / "a.yaml"
    path.write_bytes(content)
    with pytest.raises(EnvironmentFileError) as caught:
        load_environment(path)

    assert part in caught.value.problems[0].message
    assert str(caught.value).replace("\n", "").isprintable()


def test_no_such_file(tmp_path: Path) -> None:
    """
    A file that is not there, a folder and an impossible name are told, not thrown.
    """
    assert "There is no such file." == refusal_of(tmp_path / "none.yaml")
    assert "This is a folder. The name of one environment file is due." == refusal_of(tmp_path)
    assert "cannot be read" in refusal_of(tmp_path / ("x" * 5000))


def test_interactive_is_not_for_files(load: Load) -> None:
    """
    `interactive` belongs to the notebook alone.
    """
    with pytest.raises(EnvironmentFileError, match="parameter of the notebook alone"):
        load("interactive: true\n")


def test_sandbox_and_explicit_no(load: Load) -> None:
    """
    A network key that says no does not clash with the sandbox.
    """
    assert "alder-pre" == load("sandbox: alder-pre\nallow_private: no\n").sandbox


def test_error_reads_well(load: Load, tmp_path: Path) -> None:
    """
    The error's text is one line a problem: file, key, sentence.
    """
    with pytest.raises(EnvironmentFileError) as caught:
        load("phase: later\n", least="customer: A\nplatform: hybrid\nregion: uk\ndomains: [a.example]\ninbound_host: m.a.example\n")

    assert (
        f'{tmp_path / "alder.yaml"}: phase: "later" is not one of prepare, cutover, lockdown.\n'
        f'{tmp_path / "alder.yaml"}: region: "uk" is not one of eu, de, us, usb, ca, za, au, je, uspcom, custom. '
        "Did you mean eu (Europe / United Kingdom)?"
    ) == str(caught.value)


def test_expired_certificates_are_roots_too(tmp_path: Path) -> None:
    """
    Whether a root still counts is for the probe to see, not for the loader.
    """
    authority = trustme.CA()
    leaf = authority.issue_cert("a.example", not_after=datetime.now(UTC) - timedelta(days=1))
    leaf.cert_chain_pems[0].write_to_path(str(tmp_path / "old.pem"))
    made = environment_from_parameters(
        {
            "customer": "A",
            "platform": "hybrid",
            "region": "eu",
            "domains": ["a.example"],
            "inbound_host": "m.a.example",
            "ca_file": "old.pem",
        },
        tmp_path,
    )

    assert (tmp_path / "old.pem").resolve() == made.ca_file
