"""
What findings are about and how people call it: domains in both forms, pasted lists by their label.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import idna

from ..errors import KnowledgeError
from ..knowledge.check_ids import TENANT
from ..results import Finding
from .labels import Labels

LISTS = "allowlist."
"""
What checks begin with that are about a list, which is their subject by its key.
"""


def subject_in_words(check: str, subject: str, labels: Labels) -> str:
    """
    What a finding is about, as people call it: a pasted list by its label, an internationalised name in both forms; ``""`` where the title
    of the check says it.
    """
    if subject in ("", TENANT):
        return ""
    if check.startswith(LISTS):
        try:
            return labels.catalogue.fill("{subject:listed}", {"subject": subject})
        except KnowledgeError:
            return subject
    return both_forms(subject) if "xn--" in subject else subject


def subject_of(finding: Finding) -> str:
    """
    What a finding is about, as the environment file calls it; ``""`` where its title says it.
    """
    return "" if finding.subject == TENANT else finding.subject


def domain_names(environment: Mapping[str, Any], labels: Labels) -> list[str]:
    """
    The domains as they are shown: internationalised names in both forms, what is special about one behind it.
    """
    shown = []
    for entry in _list(environment.get("domains")):
        domain = entry if isinstance(entry, Mapping) else {"name": entry}
        name = both_forms(str(domain.get("name", "")).removesuffix("."))
        role = str(domain.get("role", "mail"))
        special = [labels.catalogue.fill("{role:word}", {"role": role})] if role != "mail" else []
        special += [labels.pick("phase_short", str(domain["phase"]))] if "phase" in domain else []
        special += [labels.pick("platform", str(domain["platform"]))] if "platform" in domain else []
        shown.append(f"{name} ({', '.join(special)})" if special else name)
    return shown


def both_forms(name: str) -> str:
    """
    A domain name; an internationalised one as people write it with the A-label behind.
    """
    try:
        ascii_form = idna.encode(name).decode("ascii").lower()
        people = idna.decode(ascii_form)
    except (UnicodeError, ValueError):
        return name
    return f"{people} ({ascii_form})" if people != ascii_form else name


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
