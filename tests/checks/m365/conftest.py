"""
A PowerShell that knows the commands we give out, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^'‘’‚‛]|['‘’‚‛]{2})*')|(?P<char>\[char\]0x(?P<hex>[0-9a-f]+))"""
    r"""|(?P<wide>\[char\]::ConvertFromUtf32\(0x(?P<code>[0-9a-f]+)\))|(?P<open>@\{)|(?P<parameter>-[A-Za-z]+)(?P<colon>:)?"""
    r"""|(?P<variable>\$\w+)|(?P<mark>[(),;+=}])|(?P<word>-?[\w*.-]+))"""
)


@dataclass
class PowerShell:
    """
    Reads one line of the subset of PowerShell that remedies are written in; anything else is an error.
    """

    line: str
    tokens: list[tuple[str, str]] = field(default_factory=list)

    def command(self) -> tuple[str, dict[str, Any]]:
        """
        The cmdlet and its parameters.
        """
        cmdlet, _, rest = self.line.partition(" ")
        assert re.fullmatch(r"(Set|New|Remove|Enable|Disable)-[A-Za-z]+", cmdlet), self.line
        position = 0
        while rest[position:].strip():
            match = _TOKEN.match(rest, position)
            assert match, f"not our PowerShell: {rest[position:]}"
            self.tokens.append(self._token(match))
            position = match.end()
        parameters: dict[str, Any] = {}
        while self.tokens:
            kind, name = self.tokens.pop(0)
            assert kind == "parameter", (kind, name, self.line)
            parameters[name] = self._value()
        return cmdlet, parameters

    def _token(self, match: re.Match[str]) -> tuple[str, str]:
        if match["text"]:
            return "text", re.sub("(['‘’‚‛])['‘’‚‛]", r"\1", match["text"][1:-1])
        if match["char"]:
            return "text", chr(int(match["hex"], 16))
        if match["wide"]:
            return "text", chr(int(match["code"], 16))
        if match["parameter"]:
            return "parameter", match["parameter"][1:]
        kind = next(kind for kind in ("open", "variable", "mark", "word") if match[kind])
        return kind, match[kind]

    def _value(self) -> Any:
        if self._peek() == ("open", "@{"):
            return self._table()
        items = [self._item()]
        while self._peek() == ("mark", ","):
            self.tokens.pop(0)
            items.append(self._item())
        return items if len(items) > 1 else items[0]

    def _table(self) -> dict[str, list[str]]:
        self.tokens.pop(0)
        table: dict[str, list[str]] = {}
        while self._peek() != ("mark", "}"):
            _, key = self.tokens.pop(0)
            assert self.tokens.pop(0) == ("mark", "=")
            value = self._value()
            table[key] = value if isinstance(value, list) else [value]
            if self._peek() == ("mark", ";"):
                self.tokens.pop(0)
        self.tokens.pop(0)
        return table

    def _item(self) -> Any:
        kind, text = self.tokens.pop(0)
        if kind == "variable":
            return {"$true": True, "$false": False, "$null": None}[text]
        if kind == "mark":
            assert text == "("
            whole = self._item()
            while self._peek() == ("mark", "+"):
                self.tokens.pop(0)
                whole += self._item()
            assert self.tokens.pop(0) == ("mark", ")")
            return whole
        assert kind in ("text", "word"), (kind, text)
        return int(text) if kind == "word" and re.fullmatch(r"-?\d+", text) else text

    def _peek(self) -> tuple[str, str]:
        return self.tokens[0] if self.tokens else ("end", "")


def read_command(line: str) -> tuple[str, dict[str, Any]]:
    """
    The cmdlet of one line and its parameters: texts, numbers, switches, lists, and tables of what to add and to remove.
    """
    return PowerShell(line).command()


@pytest.fixture
def powershell() -> Callable[[str], tuple[str, dict[str, Any]]]:
    """
    Reads one command.
    """
    return read_command
