"""
PowerShell that is given out to paste.
"""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runbook_lib.checks.m365_remedies import Change, Script, quoted, ready, unused


@given(st.text(max_size=40))
def test_quoted_text_is_one_printable_line(text: str) -> None:
    """
    Whatever is quoted stays on one line of visible characters, and every quote in it is doubled.
    """
    expression = quoted(text)

    assert expression.isprintable()
    assert 1 == len(expression.splitlines())
    assert expression[0] in "'("


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet=st.characters() | st.sampled_from("'‘’‚‛\"`$();\n"), max_size=20))
def test_quoted_text_is_read_as_it_was(powershell: Any, text: str) -> None:
    """
    PowerShell reads exactly the text that was quoted, and the command ends where it should.
    """
    assert ("Set-InboundConnector", {"Identity": text, "Enabled": True}) == powershell(
        f"Set-InboundConnector -Identity {quoted(text)} -Enabled $true"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Default", "'Default'"),
        ("O'Brien", "'O''Brien'"),
        ("a’b", "'a’’b'"),
        ("a$(calc)`n", "'a$(calc)`n'"),
        ("a\nb", "('a' + [char]0x000a + 'b')"),
        ("\u200b", "('' + [char]0x200b)"),
        ("\U000e0041", "('' + [char]::ConvertFromUtf32(0xe0041))"),
        ("", "''"),
    ],
)
def test_quoting(text: str, expected: str) -> None:
    """
    Names become literal text, invisible characters their code.
    """
    assert expected == quoted(text)


def test_lists_are_changed_and_never_set() -> None:
    """
    A list is added to and taken from, and the way back does the opposite.
    """
    change = Change("Set-InboundConnector", "Gateway")
    change.alter("EFSkipIPs", ["192.0.2.0/24"], ["10.0.0.0/8"])
    change.alter("SenderIPAddresses")

    assert [
        "Set-InboundConnector -Identity 'Gateway' -EFSkipIPs @{Add='192.0.2.0/24'; Remove='10.0.0.0/8'}",
        "# undo: Set-InboundConnector -Identity 'Gateway' -EFSkipIPs @{Add='10.0.0.0/8'; Remove='192.0.2.0/24'}",
    ] == change.script.lines
    assert [] == Change("Set-InboundConnector", "Gateway").script.lines


def test_the_way_back_runs_backwards() -> None:
    """
    What is done last is undone first.
    """
    assert Script(("a", "b"), ("undo b", "undo a")) == Script(("a",), ("undo a",)).then(Script(("b",), ("undo b",)))


def test_networks_are_split() -> None:
    """
    Exchange Online gets nothing wider than /24, and nothing twice.
    """
    networks = [ipaddress.ip_network(text) for text in ("41.74.204.0/23", "41.74.205.0/24", "192.0.2.1/32")]

    assert ["41.74.204.0/24", "41.74.205.0/24", "192.0.2.1/32"] == ready(networks)


def test_unused_names() -> None:
    """
    A new object never takes a name that is there already, however it is spelt.
    """
    taken: list[Any] = ["gateway inbound", "Gateway Inbound 2"]

    assert "Gateway inbound 3" == unused("Gateway inbound", taken)
