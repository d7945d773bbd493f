"""
Write ``docs/checks.md`` from the registry of checks and the text catalogue: ``python docs/build.py``.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path

from runbook_lib.checks.registry import CHECKS
from runbook_lib.environment import Platform
from runbook_lib.knowledge.text import Catalogue
from runbook_lib.procedures import procedure

HERE = Path(__file__).resolve().parent
HEAD = """# The checks

Every check the runbooks make, by step. Made from the code by `python docs/build.py`; a test keeps it true.

A check id never changes its meaning. *Decided in* is the module with the verdict; the words a customer reads are in
`runbook_lib/knowledge/texts/en/`, under the id of the check. *May say* lists the messages there are, so also every cause.
"""


def checks_page() -> str:
    """
    The page.
    """
    catalogue = Catalogue()
    titles: Mapping[str, str] = catalogue.fields("ui.check")
    lines = [HEAD]
    for step in procedure(Platform.MICROSOFT_365, list(Platform)).steps:
        checks = [check for check in CHECKS if check.step == step.id]
        if not checks:
            continue
        lines += [f"## {catalogue.text(f'steps.{step.id}', 'title')}", "", "| check | what | decided in | may say |", "|---|---|---|---|"]
        for check in checks:
            module = inspect.getmodule(inspect.unwrap(check.judge))
            where = module.__name__.removeprefix("runbook_lib.").replace(".", "/") + ".py" if module else ""
            said = ", ".join(f"`{name}`" for name in catalogue.names(check.id))
            lines.append(f"| `{check.id}` | {titles.get(check.id, '')} | `{where}` | {said} |")
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


if __name__ == "__main__":
    (HERE / "checks.md").write_text(checks_page(), encoding="utf-8")
