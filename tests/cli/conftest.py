"""
Environment files for the commands.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from runbook_lib.sandbox import scenario


@pytest.fixture
def customer(tmp_path: Path) -> Callable[..., Path]:
    """
    Copies a sandbox customer's environment file to where a test may change it.
    """

    def copied(name: str, folder: str = ".", to: str | None = None) -> Path:
        target = tmp_path / folder / (to or f"{name}.yaml")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(scenario(name).environment_file, target)
        return target

    return copied


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """
    An environment file with a region that there is not and a key that there is not.
    """
    path = tmp_path / "wrong.yaml"
    lines = ["customer: X", "platform: microsoft_365", "region: uk", "domains: [x.example]", "inbound_host: mail.x.example"]
    path.write_text("\n".join([*lines, "test_recipent: a@x.example", ""]), encoding="utf-8")
    return path
