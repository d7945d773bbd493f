"""
What the checks of pasted and exported configuration have in common: several sayings about one subject, and ranges that are not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..environment import Environment
from ..knowledge.gateway import gateway
from ..knowledge.regions import CUSTOM, region, snapshot
from ..results import GRAVITY, Finding, Status
from .case import Case, Check
from .ranges import Reference
from .said import Said


def about_ranges(case: Case, found: Reference) -> dict[str, Any]:
    """
    What the words about the gateway's ranges need.
    """
    of = region(case.environment.region)
    return {
        "region": of.code,
        "gateway": gateway().name,
        "spf": of.spf or "-",
        "as_of": snapshot().as_of,
        "required": [str(network) for network in found.required],
        "source": found.source,
    }


def not_known(environment: Environment, found: Reference) -> Said:
    """
    What is said where the gateway's ranges could not be found out: a person can name them, or DNS failed.
    """
    if "dns" not in environment.probes or environment.region == CUSTOM:
        return Said(Status.MANUAL, "no_reference", causes=("no_reference",))
    return Said(Status.UNKNOWN, "unknown", causes=found.causes)


def in_one(check: Check, subject: str, items: Sequence[Said], values: Mapping[str, Any], evidence: Iterable[str] = ()) -> Finding:
    """
    One finding for all that is said of a subject: the words of the gravest, the causes of all; advice only where nothing is wrong.

    Args:
        check: The check; the messages of `items` are below its id.
        subject: What it is about.
        items: At least one.
        values: What any of the messages needs besides its own.
        evidence: Ids of observations.
    """
    ordered = sorted(items, key=lambda item: GRAVITY.index(item.status))
    worst = ordered[0]
    counted = [item for item in ordered if item.status is not Status.PASS] or ordered
    return check.finding(
        subject,
        worst.status,
        worst.message,
        {**values, **worst.values},
        causes=[cause for item in counted for cause in item.causes],
        evidence=[*evidence, *(key for item in ordered for key in item.evidence)],
    )
