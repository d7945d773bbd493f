"""
What the tests of the environment file share.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runbook_lib.environment import Environment, EnvironmentFileError, KeyProblem, environment_from_parameters, load_environment

LEAST: dict[str, Any] = {
    "customer": "Alder",
    "platform": "microsoft_365",
    "region": "eu",
    "domains": ["alder.example"],
    "inbound_host": "mail.alder.example",
}


@pytest.fixture
def make() -> Callable[..., Environment]:
    """
    An environment of the least that is needed and what the test names.
    """
    return lambda **given: environment_from_parameters(LEAST | given)


@pytest.fixture
def refused() -> Callable[..., list[KeyProblem]]:
    """
    What is wrong with the least that is needed and what the test names.
    """

    def problems(**given: Any) -> list[KeyProblem]:
        with pytest.raises(EnvironmentFileError) as caught:
            environment_from_parameters(LEAST | given)
        return list(caught.value.problems)

    return problems


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Environment]:
    """
    An environment of a file with the least that is needed and the lines the test names.
    """

    def read(more: str = "", *, least: str = LEAST_FILE) -> Environment:
        path = tmp_path / "alder.yaml"
        path.write_text(least + more, encoding="utf-8", newline="")
        return load_environment(path)

    return read


LEAST_FILE = """customer: Alder
platform: microsoft_365
region: eu
domains: [alder.example]
inbound_host: mail.alder.example
"""
