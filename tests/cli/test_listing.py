"""
``runbook ranges`` and ``runbook schema``.
"""

from __future__ import annotations

import ipaddress
import json
import re

import jsonschema
import pytest

from runbook_lib.cli import run
from runbook_lib.cli.app import PlatformName
from runbook_lib.environment import Platform
from runbook_lib.knowledge.regions import region
from runbook_lib.sandbox import HEALTHY, running


def test_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """
    The list alone is on stdout; the age of the snapshot is on stderr.
    """
    status = run(["ranges", "za"])
    shown = capsys.readouterr()

    assert (0, list(region("za").cidrs)) == (status, shown.out.split())
    assert "2025" in shown.err


def test_split_for_exchange_online(capsys: pytest.CaptureFixture[str]) -> None:
    """
    Split to /24, nothing is wider, and the pieces cover what the region has and nothing else.
    """
    run(["ranges", "za", "--split", "24", "--format", "commas"])
    pieces = [ipaddress.ip_network(text) for text in capsys.readouterr().out.strip().split(",")]

    assert {24} == {piece.prefixlen for piece in pieces}
    assert list(ipaddress.collapse_addresses(map(ipaddress.IPv4Network, region("za").cidrs))) == list(ipaddress.collapse_addresses(pieces))


def test_powershell(capsys: pytest.CaptureFixture[str]) -> None:
    """
    A PowerShell array of quoted networks.
    """
    run(["ranges", "je", "--format", "powershell"])

    assert "@('213.167.81.0/25','213.167.75.0/25')\n" == capsys.readouterr().out


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    """
    JSON with the region beside the ranges.
    """
    run(["ranges", "je", "--format", "json"])

    assert {"region": "je", "ranges": list(region("je").cidrs)} == json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("code", ["usb", "custom"])
def test_nothing_known_is_3_and_no_list(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    """
    Where nothing is known there is no empty list to paste.
    """
    assert 3 == run(["ranges", code])
    assert "" == capsys.readouterr().out


def test_live(capsys: pytest.CaptureFixture[str]) -> None:
    """
    The live list comes from the region's SPF record; a server that has none of it gives 3 and no list.
    """
    with running(HEALTHY) as world:
        server = world.network_keys()["nameservers"][0]

        assert 0 == run(["ranges", "eu", "--live", "--nameserver", server])
        assert set(region("eu").cidrs) == set(capsys.readouterr().out.split())
        assert 3 == run(["ranges", "au", "--live", "--nameserver", server])
        assert "" == capsys.readouterr().out


def test_an_unknown_region_is_2(capsys: pytest.CaptureFixture[str]) -> None:
    """
    A region that there is not is a wrong command line; those there are get named.
    """
    assert 2 == run(["ranges", "uk"])
    assert "eu" in capsys.readouterr().err


@pytest.mark.parametrize("of", ["environment", "result"])
def test_schema(of: str, capsys: pytest.CaptureFixture[str]) -> None:
    """
    Both schemas are valid JSON Schema.
    """
    assert 0 == run(["schema", of])
    jsonschema.Draft202012Validator.check_schema(json.loads(capsys.readouterr().out))


@pytest.mark.parametrize("platform", list(Platform))
def test_export_commands_only_read(platform: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    """
    Every platform that can export gets commands, and none of them changes anything in the tenant.
    """
    status = run(["exports", platform.value])
    shown = capsys.readouterr().out

    assert ((3, False) if platform is Platform.HOSTED_EXCHANGE else (0, True)) == (status, bool(shown))
    assert not re.search(r"\b(Set|New|Remove|Add|Enable|Disable)-(?!Content|Location)", shown)


def test_the_platforms_of_the_command_line_are_those_of_the_file() -> None:
    """
    The command line names the same platforms as the environment file.
    """
    assert [one.value for one in Platform] == [one.value for one in PlatformName]
