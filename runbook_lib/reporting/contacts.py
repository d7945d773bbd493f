"""
Who is called: the contacts of an environment, in the order in which they are needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .labels import Labels


@dataclass(frozen=True, slots=True)
class ContactView:
    """
    One contact, ready to be shown.

    Args:
        name: Who.
        role: What for.
        phone: As it is dialled.
        email: Mail address.
        emergency: Is called first when mail stops.
    """

    name: str
    role: str
    phone: str
    email: str
    emergency: bool


@dataclass(frozen=True, slots=True)
class Contacts:
    """
    Everybody who is called.

    Args:
        people: Emergency contacts first, else as given.
        open: What is still missing, in a sentence; ``""`` for nothing.
        fill: Where the consultant enters it.
    """

    people: tuple[ContactView, ...]
    open: str
    fill: str


def contacts_view(environment: Mapping[str, Any], labels: Labels) -> Contacts:
    """
    The contacts that an environment names.

    Args:
        environment: The keys that were given.
        labels: The words.
    """
    given = environment.get("contacts")
    people = [_contact(item) for item in given if isinstance(item, Mapping)] if isinstance(given, list | tuple) else []
    people.sort(key=lambda one: not one.emergency)
    missing = "" if any(one.emergency for one in people) else labels("contact.no_emergency" if people else "contact.nobody")
    return Contacts(tuple(people), missing, labels("contact.fill") if missing else "")


def emergency_line(environment: Mapping[str, Any], labels: Labels) -> str:
    """
    The first emergency contact in one line, ``""`` where none is named.

    Args:
        environment: The keys that were given.
        labels: The words.
    """
    first = next((one for one in contacts_view(environment, labels).people if one.emergency), None)
    if first is None:
        return ""
    return labels("contact.line", who=", ".join(part for part in (first.name, first.role, first.phone, first.email) if part))


def _contact(item: Mapping[str, Any]) -> ContactView:
    name, role, phone, email = (str(item.get(key) or "") for key in ("name", "role", "phone", "email"))
    return ContactView(name, role, phone, email, item.get("emergency") is True)
