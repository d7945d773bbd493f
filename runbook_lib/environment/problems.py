"""
From what pydantic says to what a person can act on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ..errors import KeyProblem
from ..knowledge.regions import CUSTOM, regions
from ..knowledge.text import Catalogue, languages
from .model import NOTEBOOK_ONLY, Environment
from .parts import Attestation, Contact, DomainEntry, GatewayOptions, Part, PresentGateway, Sender, Waiver
from .refusal import Refusal, Refusals, Word, has_credentials, nearest, shown

PARTS: Mapping[str, type[Part]] = {
    "contacts": Contact,
    "domains": DomainEntry,
    "present_gateway": PresentGateway,
    "senders": Sender,
    "gateway_options": GatewayOptions,
    "attestations": Attestation,
    "waivers": Waiver,
}
MOST_PROBLEMS = 100
"""
How many problems one error names.
"""
_SECRET = re.compile(r"pass|secret|token|credential|api_?key|private", re.IGNORECASE)
_KEY_ERRORS = frozenset({"invalid_key"})
_LIST_ERRORS = frozenset({"tuple_type", "list_type"})
_MAP_ERRORS = frozenset({"dict_type", "mapping_type", "model_type", "model_attributes_type"})


def catalogue_of(data: Mapping[Any, Any]) -> Catalogue:
    """
    The words for what is wrong with an environment: in the language it names, if there are texts in it, else in English.
    """
    named = data.get("language")
    return Catalogue(named.strip(" \t\r\n")) if isinstance(named, str) and named.strip(" \t\r\n") in languages() else Catalogue()


def problems_of(error: ValidationError, catalogue: Catalogue) -> Iterator[KeyProblem]:
    """
    All that is wrong, in the order of the keys.
    """
    details = error.errors(include_url=False)
    for detail in details[:MOST_PROBLEMS]:
        raised = (detail.get("ctx") or {}).get("error")
        if isinstance(raised, Refusals):
            for key, value, refusal in raised.found:
                where = path(detail["loc"]) if key.startswith(".") else ""
                yield problem(where + key, value, refusal, catalogue)
        else:
            yield problem(
                path(detail["loc"]),
                "" if detail["type"] == "missing" else detail["input"],
                _refusal(detail, raised),
                catalogue,
                hide=_hides(detail, raised),
            )
    if len(details) > MOST_PROBLEMS:
        yield problem("", "", Refusal("more", count=len(details) - MOST_PROBLEMS), catalogue)


def problem(key: str, value: Any, refusal: Refusal, catalogue: Catalogue, *, hide: bool = False) -> KeyProblem:
    """
    One problem with its sentence.

    Args:
        key: Where.
        value: What stands there.
        refusal: Why it is refused.
        catalogue: The words.
        hide: The value may be a secret.
    """
    said = Word("hidden").words(catalogue) if hide else shown(value, catalogue)
    return KeyProblem(key, said, refusal.words(catalogue), secret=hide or has_credentials(value))


def path(location: tuple[int | str, ...]) -> str:
    """
    Where a value stands, for example ``domains[1].phase`` or ``waivers["mx.ttl alder.example"].by``.
    """
    spelt = ""
    for part in location:
        if part == "[key]":
            continue
        if isinstance(part, int):
            spelt += f"[{part}]"
        elif re.fullmatch(r"\w+", part, re.ASCII) and len(part) <= 60:
            spelt += f".{part}" if spelt else part
        else:
            spelt += f'["{shown(part)}"]' if spelt else shown(part)
    return spelt


def _hides(detail: ErrorDetails, raised: Any) -> bool:
    if isinstance(raised, Refusal) and raised.message == "proxy_credentials":
        return True
    return detail["type"] == "extra_forbidden" and bool(_SECRET.search(str(detail["loc"][-1])))


def _refusal(detail: ErrorDetails, raised: Any) -> Refusal:
    kind, location, value = detail["type"], detail["loc"], detail["input"]
    if isinstance(raised, Refusal):
        return raised
    if kind == "missing":
        return _missing(location)
    if kind == "extra_forbidden":
        return unknown(str(location[-1]), _known(location[:-1]))
    if kind in _KEY_ERRORS:
        return Refusal("key_not_text", location[-1])
    if kind in _LIST_ERRORS:
        return Refusal("not_list" if isinstance(value, str | int | float) else "not_list_at_all", value)
    if kind in _MAP_ERRORS:
        return Refusal("not_map", value)
    if kind == "too_long":
        context = detail.get("ctx") or {}
        return Refusal("too_many", value, limit=context.get("max_length"), length=len(value) if hasattr(value, "__len__") else Word("more"))
    if location == ("interactive",):
        return Refusal("interactive", value)
    return Refusal("not_understood", value)


def unknown(name: str, known: tuple[str, ...]) -> Refusal:
    """
    An unknown key is refused, and the nearest known one named.
    """
    near = nearest(name, known)
    if near:
        return Refusal("unknown_near", name=shown(name), nearest=near)
    return Refusal("unknown", name=shown(name), known=", ".join(known))


def _known(location: tuple[int | str, ...]) -> tuple[str, ...]:
    part = PARTS.get(str(location[0])) if location else None
    return part.keys() if part else tuple(key for key in Environment.model_fields if key not in NOTEBOOK_ONLY)


def _missing(location: tuple[int | str, ...]) -> Refusal:
    if len(location) > 1:
        return Refusal("required", name=str(location[-1]))
    return Refusal(f"required_{location[0]}", regions=", ".join([*(region.code for region in regions()), CUSTOM]))
