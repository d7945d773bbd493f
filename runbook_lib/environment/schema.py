"""
The JSON Schema of the environment file, for editors.
"""

from __future__ import annotations

from typing import Any

from ..knowledge.regions import CUSTOM, regions
from .model import NOTEBOOK_ONLY, Environment

_TRUTH = {
    "anyOf": [{"type": "boolean"}, {"type": "string", "pattern": "^([Tt]rue|TRUE|[Yy]es|YES|[Oo]n|ON|[Ff]alse|FALSE|[Nn]o|NO|[Oo]ff|OFF)$"}]
}


def environment_schema() -> dict[str, Any]:
    """
    JSON Schema (2020-12) of an environment file.

    It knows keys, choices and shapes; what only the loader can judge (names, addresses, keys that exclude each other) it lets through.
    """
    made = Environment.model_json_schema(mode="validation")
    for name in NOTEBOOK_ONLY:
        del made["properties"][name]
    made["properties"]["region"]["enum"] = [*(region.code for region in regions()), CUSTOM]
    for name, shape in made["properties"].items():
        shape["description"] = Environment.model_fields[name].description
        if shape.get("default", 0) in (None, [], ""):
            del shape["default"]
    _loosen(made)
    for definition in made.get("$defs", {}).values():
        _loosen(definition)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **made,
        "title": "Environment file of inbound-runbook",
        "description": "One customer's mail environment.",
    }


def _loosen(definition: dict[str, Any]) -> None:
    """
    A key without a value is as good as not there, unless it is required; YAML's other words for true and false are taken.
    """
    required = definition.get("required", ())
    for name, shape in definition.get("properties", {}).items():
        shape.pop("title", None)
        if shape.get("anyOf") in ([{"type": "boolean"}, {"type": "string"}], [{"type": "boolean"}, {"type": "string"}, {"type": "null"}]):
            shape["anyOf"] = _TRUTH["anyOf"]
        if name in required:
            continue
        alternatives = shape.pop("anyOf", None)
        if alternatives is None:
            inner = {key: shape.pop(key) for key in list(shape) if key not in ("description", "default")}
            alternatives = [inner]
        shape["anyOf"] = [*(one for one in alternatives if one != {"type": "null"}), {"type": "null"}]
