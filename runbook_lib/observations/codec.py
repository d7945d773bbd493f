"""
Observations as JSON and back, without loss.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from ..errors import ResultError
from .dns import DnsAnswer
from .other import GivenText, HttpsAnswer, PersonNote, PortAnswer
from .smtp import SmtpDialogue
from .store import Observations, Stored

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@cache
def _adapter() -> TypeAdapter[Stored]:
    from pydantic import Field, TypeAdapter  # noqa: PLC0415  # reading `runbook --help` must not load it

    kinds = DnsAnswer | SmtpDialogue | HttpsAnswer | PortAnswer | PersonNote | GivenText
    return TypeAdapter(Annotated[kinds, Field(discriminator="kind")])


def to_json(observation: Stored) -> dict[str, Any]:
    """
    One observation as a JSON object.
    """
    made: dict[str, Any] = _adapter().dump_python(observation, mode="json")
    return made


def from_json(document: Mapping[str, Any]) -> Stored:
    """
    One observation from its JSON object.

    Raises:
        ResultError: It is not one.
    """
    try:
        return _adapter().validate_python(dict(document), strict=False)
    except ValueError as error:
        raise ResultError(f"This observation cannot be read: {error}") from error


def all_to_json(observations: Observations) -> dict[str, dict[str, Any]]:
    """
    All observations by id, in order of arrival.
    """
    return {key: to_json(observation) for key, observation in observations.items()}


def all_from_json(documents: Mapping[str, Mapping[str, Any]]) -> Observations:
    """
    The observations of a stored result, each under its id.

    Raises:
        ResultError: One of them cannot be read.
    """
    observations = Observations()
    for key, document in documents.items():
        observations.restore(key, from_json(document))
    return observations


def json_schema() -> dict[str, Any]:
    """
    JSON Schema of one observation.
    """
    return _adapter().json_schema(mode="serialization")
