"""
What is installed with the package is what it imports.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LAB = {"IPython"}
"""
What only a notebook's kernel imports; ipykernel brings it.
"""


def _imported(folders: set[str], *, only: bool) -> set[str]:
    """
    What the package imports: in some of its folders, or in all but those.
    """
    found = set()
    for path in (ROOT / "runbook_lib").rglob("*.py"):
        if (path.relative_to(ROOT / "runbook_lib").parts[0] in folders) is not only:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module.split(".")[0])
    owners = packages_distributions()
    outside = found - set(sys.stdlib_module_names) - {"runbook_lib"} - LAB
    return {owner.lower().replace("_", "-") for name in outside for owner in owners.get(name, [name])}


def _named(requirement: str) -> str:
    return re.split(r"[\[<>=~! ]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def test_every_import_is_a_declared_dependency_and_every_dependency_is_imported() -> None:
    """
    Nothing is imported that only comes along with something else, and nothing is installed that nobody imports.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {_named(requirement) for requirement in project["dependencies"]}
    for_people = {_named(requirement) for requirement in project["optional-dependencies"]["lab"]}
    imported, by_widgets = _imported({"widgets"}, only=False), _imported({"widgets"}, only=True)

    assert set() == imported - declared - {"pydantic-core"}
    assert set() == declared - imported - {"ipykernel"}
    assert set() == by_widgets - declared - for_people
    assert set() == for_people - by_widgets - {"jupyterlab"}


def test_the_pins_name_no_index() -> None:
    """
    The constraints are names and versions, nothing else.
    """
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()

    assert [] == [line for line in lines if not re.fullmatch(r"#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line)]
