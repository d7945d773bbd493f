"""
JSON Schema of the result document.
"""

from __future__ import annotations

from typing import Any

from .observations.codec import json_schema
from .results import GATES, SCHEMA, Answer, Stage, Status, Verdict


def result_schema() -> dict[str, Any]:
    """
    JSON Schema (draft 2020-12) of ``result.json``. Keys may be added within version 1, so unknown ones are allowed.
    """
    observation = json_schema()
    definitions = observation.pop("$defs", {})
    text = {"type": "string"}
    texts = {"type": "array", "items": text}
    gate = _object({"answer": _enum(Answer), "blocked_by": texts, "stage": _enum(Stage)}, optional=("stage",))
    finding = _object(
        {
            "check": text,
            "step": text,
            "subject": text,
            "status": _enum(Status),
            "summary": text,
            "expected": text,
            "observed": text,
            "cause": {"type": ["string", "null"]},
            "causes": texts,
            "message": _object({"id": text, "values": {"type": "object"}}),
            "remedy": text,
            "who": text,
            "paste": text,
            "source": text,
            "evidence": texts,
        },
        optional=("who", "paste"),
    )
    vantage = _object(
        {
            "addresses": texts,
            "nameservers": texts,
            "proxy": {"type": ["string", "null"]},
            "port_25": {"enum": ["open", "blocked", "unknown"]},
        }
    )
    when = {"type": "string", "format": "date-time"}
    people = {"type": "array", "items": {"type": "object"}}
    document = _object(
        {
            "schema": {"const": SCHEMA},
            "tool_version": text,
            "runbook": text,
            "phase": {"enum": ["prepare", "cutover", "lockdown"]},
            "language": text,
            "environment": {"type": "object"},
            "started": when,
            "finished": when,
            "vantage": vantage,
            "verdict": _enum(Verdict),
            "gates": _object(dict.fromkeys(GATES, gate)),
            "findings": {"type": "array", "items": finding},
            "observations": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Observation"}},
            "attestations": people,
            "waivers": people,
            "cutover": _cutover(),
        },
        optional=("language", "cutover"),
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:inbound-runbook:result:1",
        "title": "Result of one run of inbound-runbook",
        **document,
        "$defs": {**definitions, "Observation": observation},
    }


def _cutover() -> dict[str, Any]:
    """
    The cut-over plan: `runbook_lib.procedures.cutover.CutoverPlan`. Times are seconds, those of milestones from the moment of the change.
    """
    text, seconds = {"type": "string"}, {"type": ["integer", "null"]}
    texts = {"type": "array", "items": text}
    record = _object({"preference": {"type": "integer"}, "host": text, "ttl": {"type": "integer"}})
    origin = {"enum": ["seen", "left", "named"]}
    former = _object({"records": {"type": "array", "items": record}, "ttl": seconds, "at": text, "origin": origin})
    move = _object(
        {
            "domain": text,
            "title": text,
            "phase": {"enum": ["prepare", "cutover", "lockdown"]},
            "former": {"anyOf": [former, {"type": "null"}]},
            "ttl": seconds,
            "kept": seconds,
            "still_served": seconds,
            "moved": {"type": ["boolean", "null"]},
            "publish": texts,
            "remove": texts,
            "way_back": texts,
        }
    )
    milestone = _object({"id": text, "offset": seconds})
    return _object(
        {
            "domains": {"type": "array", "items": move},
            "milestones": {"type": "array", "items": milestone},
            "lock_after": seconds,
            "settle": {"type": "integer"},
        }
    )


def _object(properties: dict[str, Any], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [key for key in properties if key not in optional]}


def _enum(values: type[Answer | Stage | Status | Verdict]) -> dict[str, Any]:
    return {"enum": [value.value for value in values]}
