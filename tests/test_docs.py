"""
The documentation says what the code does.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from runbook_lib.checks.registry import CHECKS
from runbook_lib.cli.app import app
from runbook_lib.knowledge.check_ids import CHECKS as CHECK_IDS

ROOT = Path(__file__).resolve().parent.parent


def test_the_list_of_checks_is_current() -> None:
    """
    ``docs/checks.md`` is what ``docs/build.py`` makes of the registry.
    """
    spec = importlib.util.spec_from_file_location("build", ROOT / "docs" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    assert module.checks_page() == (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")


def test_every_check_is_known_by_its_id() -> None:
    """
    A check in the registry has the id and the step that environment files may name, and no id is there twice.
    """
    ids = [check.id for check in CHECKS]

    assert len(ids) == len(set(ids))
    assert {check.id: check.step for check in CHECKS} == {check.id: CHECK_IDS[check.id].step for check in CHECKS}


@pytest.mark.parametrize("page", sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")]), ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """
    Every relative link of a page names a file that is there.
    """
    targets = [target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")) if "://" not in target]

    assert [] == [target for target in targets if target and not (page.parent / target).exists()]


def test_the_readme_names_every_command() -> None:
    """
    Whoever reads the README's table knows every command there is.
    """
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = [command.name or (command.callback.__name__ if command.callback else "") for command in app.registered_commands]

    assert [] == [name for name in names if f"`runbook {name}" not in readme]


def test_nothing_of_a_machine_is_committed() -> None:
    """
    No file of the repository names a registry of packages or a path of somebody's machine.
    """
    registries = "|".join(["py" + "pi", "python" + "hosted", "npm" + "js"])
    forbidden = re.compile(rf"({registries})\.org|(?<![\w.-])/(root|work|home/\w+)/[\w.]")
    found = [
        path.relative_to(ROOT).as_posix()
        for folder in ("runbook_lib", "docs", "environments", "notebooks", "benchmarks", "tests")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix in (".py", ".md", ".toml", ".yaml", ".json", ".ipynb", ".txt", ".j2", ".css")
        if forbidden.search(path.read_text(encoding="utf-8", errors="replace"))
    ]

    assert [] == found
