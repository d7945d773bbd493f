"""
``runbook demo``: the notebooks for made-up customers, offline.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from ..environment import load_environment
from ..execution.delivery import REPORT, Delivery, notebook_path
from ..knowledge.text import Catalogue
from ..sandbox import Scenario, scenario
from .console import say
from .running import Job, carry_out, write_index

CUSTOMERS = (
    "alder-pre",
    "magnolia-pre",
    "magnolia-locked",
    "acacia-pre",
    "bamboo-reject-all",
    "ash-pre",
    "ash-locked",
    "heather-hybrid",
    "mallow-unconfirmed",
    "alder-cutover",
    "birch-half-moved",
    "saffron-mta-sts",
    "myrtle-open-bypass",
    "elder-relay-right",
    "spruce-servfail",
    "aspen-hostile",
)
"""
A selection of the sandbox's customers, in the order of the index page.
"""


def demonstrate(output: Path, jobs: int) -> int:
    """
    Run the selection.

    Args:
        output: Folder for reports and index page.
        jobs: How many at once.

    Returns:
        0 where every customer came out as its story says, else 1.
    """
    scenarios = [scenario(name) for name in CUSTOMERS]
    made = [_job(each, output) for each in scenarios]
    words = Catalogue()
    say(words.text("command.say", "demo_begins", n=len(made), folder=str(output)))
    deliveries = asyncio.run(carry_out(made, jobs))
    write_index(output, made, deliveries)
    right = [_told(each, delivery, words) for each, delivery in zip(scenarios, deliveries, strict=True)]
    sys.stdout.write(f"\n{words.text('command.say', 'demo_done', page=str((output / 'index.html').resolve()))}\n")
    return 0 if all(right) else 1


def _job(each: Scenario, output: Path) -> Job:
    environment = load_environment(each.environment_file)
    return Job(each.environment_file, environment, notebook_path(str(each.environment_file), environment), output / each.name)


def _told(each: Scenario, delivery: Delivery, words: Catalogue) -> bool:
    came_out, verdicts = delivery.result.verdict, words.fields("command.verdict")
    right = came_out is each.verdict and delivery.failure is None
    mark = "✓" if right else "✕"
    expected = [] if right else [words.text("command.say", "demo_expected", verdict=verdicts[each.verdict.value])]
    reasons = [*expected, *([str(delivery.failure)] if delivery.failure else [])]
    title = words.text(f"sandbox.{each.name}", "title")
    sys.stdout.write(f"{mark} {verdicts[came_out.value]:<13}{' '.join([*reasons, title])}: {delivery.folder / REPORT}\n")
    return right
