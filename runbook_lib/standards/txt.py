"""
TXT records to be published: a text as a zone file has it (RFC 1035 sections 3.3.14 and 5.1).
"""

from __future__ import annotations

MOST_BYTES = 255
"""
Bytes of one string of a TXT record.
"""


def zone_line(name: str, text: str, ttl: int = 3600) -> str:
    """
    One TXT record; a long text is parted into strings, which readers put together without a space.

    Args:
        name: Owner name without the final dot.
        text: Its text, one byte a character.
        ttl: Seconds.
    """
    strings = [text[start : start + MOST_BYTES] for start in range(0, len(text), MOST_BYTES)] or [""]
    return f"{name}. {ttl} IN TXT {' '.join(map(_quoted, strings))}"


def _quoted(text: str) -> str:
    return f'"{"".join(map(_shown, text))}"'


def _shown(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if " " <= character <= "~" else f"\\{ord(character) & 0xFF:03d}"
