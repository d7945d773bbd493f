"""
Exchange Online PowerShell to paste, each with its way back. Pure text: nothing is run.

Lists are added to and taken from (``@{Add=…; Remove=…}``), never set, so that what somebody else put there stays. Names come from the
tenant and may hold anything; `quoted` keeps them a name. Cmdlets and limits: MicrosoftDocs/office-docs-powershell, Set-InboundConnector,
Set-HostedConnectionFilterPolicy, Set-TransportRule, Set-OrganizationConfig, Set-AcceptedDomain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..knowledge.text import visible
from ..standards.ranges import Network, outermost, pieces

SHORTEST_PREFIX = 24
"""
Exchange Online takes IPv4 networks from /24 to /32.
"""
UNDO = "# undo: "
"""
What every line of the way back begins with: pasting the whole block does not carry it out.
"""
ON, OFF, NONE = "$true", "$false", "$null"
_SINGLE_QUOTES = re.compile("['\u2018\u2019\u201a\u201b]")


def quoted(text: str) -> str:
    """
    Text as a PowerShell expression that is exactly this text.

    PowerShell takes typographic single quotes for plain ones, so each is doubled. What cannot be seen on a screen is written by its code.
    """
    parts: list[str] = []
    plain = ""
    for character in text:
        if visible(character) == character:
            plain += _SINGLE_QUOTES.sub(lambda match: match.group() * 2, character)
            continue
        number = ord(character)
        parts += [f"'{plain}'", f"[char]0x{number:04x}" if number < 0x10000 else f"[char]::ConvertFromUtf32(0x{number:x})"]
        plain = ""
    if not parts:
        return f"'{plain}'"
    joined = " + ".join([*parts, f"'{plain}'"] if plain else parts)
    return f"({joined})"


def listed(texts: Iterable[str]) -> str:
    """
    Texts as a PowerShell array.
    """
    return ",".join(map(quoted, texts))


def ready(networks: Iterable[Network]) -> list[str]:
    """
    Networks as Exchange Online takes them: without repetition, none wider than /24.
    """
    return list(dict.fromkeys(pieces(map(str, outermost(networks)), SHORTEST_PREFIX)))


@dataclass(frozen=True, slots=True)
class Script:
    """
    Commands and their way back.

    Args:
        forward: Commands, in order.
        back: What undoes them, in the order of undoing.
    """

    forward: tuple[str, ...] = ()
    back: tuple[str, ...] = ()

    def then(self, other: Script) -> Script:
        """
        This one, then the other; undone the other way round.
        """
        return Script((*self.forward, *other.forward), (*other.back, *self.back))

    @property
    def lines(self) -> list[str]:
        """
        All lines to paste; those of the way back are comments.
        """
        return [*self.forward, *(f"{UNDO}{line}" for line in self.back)]


@dataclass(slots=True)
class Change:
    """
    One ``Set-…`` of one object, gathered parameter by parameter.

    Args:
        cmdlet: For example ``Set-InboundConnector``.
        identity: The object's name, None for a cmdlet that takes none. Nothing is given out for an object whose name is not known.
    """

    cmdlet: str
    identity: str | None = None
    to: dict[str, str] = field(default_factory=dict)
    back: dict[str, str] = field(default_factory=dict)

    def set(self, parameter: str, to: str, back: str) -> None:
        """
        Set one parameter.

        Args:
            parameter: Its name.
            to: The new value, as a PowerShell expression.
            back: The value it has now.
        """
        self.to[parameter] = to
        self.back[parameter] = back

    def switch(self, parameter: str, *, to: bool) -> None:
        """
        Turn something on or off that is the other way round now.
        """
        self.set(parameter, ON if to else OFF, OFF if to else ON)

    def alter(self, parameter: str, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
        """
        Add to a list and take from it; nothing where there is nothing to do.
        """
        if add or remove:
            self.set(parameter, _altered(add, remove), _altered(remove, add))

    @property
    def script(self) -> Script:
        """
        The command, nothing where no parameter was set.
        """
        if not self.to or self.identity == "":
            return Script()
        return Script((self._line(self.to),), (self._line(self.back),))

    def _line(self, values: Mapping[str, str]) -> str:
        who = f" -Identity {quoted(self.identity)}" if self.identity is not None else ""
        return f"{self.cmdlet}{who}" + "".join(f" -{parameter} {value}" for parameter, value in values.items())


def _altered(add: Sequence[str], remove: Sequence[str]) -> str:
    parts = [*([f"Add={listed(add)}"] if add else []), *([f"Remove={listed(remove)}"] if remove else [])]
    return f"@{{{'; '.join(parts)}}}"


def new_connector(name: str, values: Mapping[str, str]) -> Script:
    """
    A new inbound connector of type Partner for mail from everywhere.

    Args:
        name: A name that no connector has.
        values: Further parameters, each with its PowerShell expression.
    """
    more = "".join(f" -{parameter} {value}" for parameter, value in values.items())
    return Script(
        (f"New-InboundConnector -Name {quoted(name)} -ConnectorType Partner -SenderDomains '*'{more}",),
        (f"Remove-InboundConnector -Identity {quoted(name)} -Confirm:$false",),
    )


def new_rule(name: str, ranges: Sequence[str]) -> Script:
    """
    A new first rule that gives mail from some ranges SCL -1.
    """
    return Script(
        (f"New-TransportRule -Name {quoted(name)} -SenderIpRanges {listed(ranges)} -SetSCL -1 -Mode Enforce -Priority 0",),
        (f"Remove-TransportRule -Identity {quoted(name)} -Confirm:$false",),
    )


def enable_rule(name: str) -> Script:
    """
    Turn a mail flow rule on; nothing where its name is not known.
    """
    if not name:
        return Script()
    return Script((f"Enable-TransportRule -Identity {quoted(name)}",), (f"Disable-TransportRule -Identity {quoted(name)} -Confirm:$false",))


def disable_rule(name: str) -> Script:
    """
    Turn a mail flow rule off, without the question that would swallow the next pasted line.
    """
    turned_on = enable_rule(name)
    return Script(turned_on.back, turned_on.forward)


def unused(name: str, taken: Iterable[str]) -> str:
    """
    A name that nothing has yet: the given one, or the given one with a number.
    """
    used = {each.casefold() for each in taken}
    candidates = (name, *(f"{name} {number}" for number in range(2, len(used) + 3)))
    return next(each for each in candidates if each.casefold() not in used)
