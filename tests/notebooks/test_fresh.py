"""
"Run all" on a fresh clone: each notebook shows a healthy customer of its own platform, and says that it is practice.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook_lib.environment import Phase, Platform, load_environment
from runbook_lib.execution.runner import execute
from runbook_lib.knowledge.shipped import shipped
from runbook_lib.knowledge.text import Catalogue
from runbook_lib.procedures import notebook_of
from runbook_lib.results import Verdict
from runbook_lib.sandbox import STAND_INS, scenario

pytestmark = pytest.mark.notebook


def test_every_notebook_has_a_customer_of_its_platform() -> None:
    """
    For each platform's notebook there is a customer before the move, whose story ends ready.
    """
    customers = {notebook: load_environment(scenario(name).environment_file) for notebook, name in STAND_INS.items()}

    assert {notebook_of(platform) for platform in Platform} == set(STAND_INS)
    assert {notebook: notebook_of(customer.platform) for notebook, customer in customers.items()} == {name: name for name in STAND_INS}
    assert {Phase.PREPARE} == {customer.phase for customer in customers.values()}
    assert {Verdict.READY} == {scenario(name).verdict for name in STAND_INS.values()}


@pytest.mark.parametrize("notebook", sorted(STAND_INS))
async def test_a_fresh_notebook_runs_offline(notebook: str, tmp_path: Path) -> None:
    """
    Without a single parameter it runs to its end in the sandbox, and its result is the ready one of its own customer.
    """
    execution = await execute(shipped("notebooks") / f"{notebook}.ipynb", {}, time_limit=60, folder=tmp_path, catalogue=Catalogue("en"))
    customer = load_environment(scenario(STAND_INS[notebook]).environment_file)

    assert execution.failure is None
    assert execution.result is not None
    assert Verdict.READY is execution.result.verdict
    assert notebook == execution.result.runbook
    assert (customer.customer, customer.sandbox) == tuple(execution.result.environment[key] for key in ("customer", "sandbox"))
