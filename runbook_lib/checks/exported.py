"""
What the checks that rest on exported files have in common: which files stand behind a finding, and what is the customer's own in them.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..environment import DomainScope
from ..exports.kinds import Kind
from ..observations import GivenText
from .case import Case

MOST_SHOWN = 50
"""
Entries of a list that a finding shows; beyond it says how many there are.
"""


def evidence_of_kinds(case: Case, *kinds: Kind) -> tuple[str, ...]:
    """
    The ids of all files that hold these kinds of exports, however many objects are in them.
    """
    files = dict.fromkeys(export for kind in kinds for export in case.exports.files_of(kind))
    return case.observations.ids_of(*(GivenText(export.file, "", export.sha256) for export in files))


def spellings(scopes: Iterable[DomainScope]) -> dict[str, str]:
    """
    Every spelling of some domains, lower case, each with the A-label it stands for: exports have either form.
    """
    return {spelt: scope.name for scope in scopes for spelt in (scope.name, scope.unicode.lower())}


def address_at(address: str, names: dict[str, str]) -> str | None:
    """
    An address as addresses are compared: lower case, its domain as an A-label.

    Args:
        address: As exported.
        names: See `spellings`.

    Returns:
        None where its domain is none of these.
    """
    local, _, domain = address.strip().lower().rpartition("@")
    name = names.get(domain.rstrip("."))
    return f"{local}@{name}" if local and name else None
