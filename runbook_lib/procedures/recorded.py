"""
MX records as they were before the move, kept from one run's result to the next: after the move nobody can ask for them any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime
from typing import Any

_MOST_RECORDS = 100
_LONGEST_TTL = 2**31 - 1


@dataclass(frozen=True, slots=True)
class OldMx:
    """
    One MX record.

    Args:
        preference: Its preference.
        host: A-label; ``""`` for the null MX.
        ttl: Seconds.
    """

    preference: int
    host: str
    ttl: int


@dataclass(frozen=True, slots=True)
class FormerMx:
    """
    A domain's MX records before the move.

    Args:
        records: By preference.
        ttl: Seconds for which they may be kept, by the authoritative servers; None where only a resolver told.
        at: When they were seen, ISO 8601; ``""`` where they were not seen.
        origin: ``seen`` in DNS before the move, ``left`` of them while the domain is half moved, or ``named`` by the environment.
    """

    records: tuple[OldMx, ...]
    ttl: int | None
    at: str
    origin: str

    @property
    def seen_at(self) -> datetime | None:
        """
        When they were seen, None where that is not known.
        """
        try:
            at = datetime.fromisoformat(self.at)
        except ValueError:
            return None
        # The longest TTL is 68 years, and a moment that cannot be reckoned with is none.
        return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)) if at.year < MAXYEAR - 100 else None

    def to_json(self) -> dict[str, Any]:
        """
        As the result document has it.
        """
        records = [{"preference": each.preference, "host": each.host, "ttl": each.ttl} for each in self.records]
        return {"records": records, "ttl": self.ttl, "at": self.at, "origin": self.origin}


def former_of(document: Any, customer: str) -> dict[str, FormerMx]:
    """
    The records that an earlier result document keeps, by domain.

    Args:
        document: A parsed ``result.json``; anything may be in it.
        customer: Whose it has to be.

    Returns:
        Empty where it is another customer's, damaged, or keeps none. What the environment only named is not taken over.
    """
    try:
        if document["environment"]["customer"] != customer:
            return {}
        moves = document["cutover"]["domains"]
        found = {str(move["domain"]): _former(move["former"]) for move in moves if isinstance(move["former"], Mapping)}
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}
    return {domain: former for domain, former in found.items() if former.origin in ("seen", "left") and former.records}


def _former(value: Mapping[str, Any]) -> FormerMx:
    records = tuple(
        OldMx(_number(each["preference"], 65535), str(each["host"])[:253], _number(each["ttl"], _LONGEST_TTL))
        for each in list(value["records"])[:_MOST_RECORDS]
    )
    ttl = value["ttl"]
    return FormerMx(records, None if ttl is None else _number(ttl, _LONGEST_TTL), str(value["at"])[:40], str(value["origin"]))


def _number(value: Any, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise ValueError(value)
    return value
