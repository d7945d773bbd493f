"""
Records made of ``tag=value`` pairs behind a version, separated by semicolons: DMARC, MTA-STS, TLS-RPT.
"""

from __future__ import annotations

from dataclasses import dataclass

_SPACE = " \t"


@dataclass(frozen=True, slots=True)
class TagList:
    """
    The tags of one record.

    Args:
        pairs: Names and values in order, without white space around them; names as written.
        malformed: Parts that are no pair.
    """

    pairs: tuple[tuple[str, str], ...]
    malformed: tuple[str, ...]

    def first(self, name: str) -> str | None:
        """
        The first value of a tag, None where there is none.

        Args:
            name: Spelt exactly so.
        """
        return next((value for key, value in self.pairs if key == name), None)

    def repeated(self) -> tuple[str, ...]:
        """
        The names that stand more than once.
        """
        names = [key for key, _ in self.pairs]
        return tuple(dict.fromkeys(name for name in names if names.count(name) > 1))


def read_tags(text: str, *, fold_names: bool = False) -> TagList:
    """
    Read the tags of a record. Never raises.

    Args:
        text: The TXT strings put together.
        fold_names: Names are not case-sensitive; they are given in lower case.
    """
    pairs: list[tuple[str, str]] = []
    malformed: list[str] = []
    parts = [part.strip(_SPACE) for part in text.split(";")]
    if not parts[-1]:
        parts.pop()
    for part in parts:
        name, equals, value = part.partition("=")
        name, value = name.strip(_SPACE), value.strip(_SPACE)
        if equals and name.isascii() and name.isalnum() and value.isascii() and value.isprintable():
            pairs.append((name.lower() if fold_names else name, value))
        else:
            malformed.append(part)
    return TagList(tuple(pairs), tuple(malformed))


def letters_of(text: str) -> str:
    """
    The letters and digits of a text in lower case: what is left of a record that was mistyped or wrapped in quotes.
    """
    return "".join(character for character in text.lower() if character.isalnum())
