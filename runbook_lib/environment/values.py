"""
Single values of an environment: each function takes what stands in the file or the notebook, and gives what is meant by it.

All raise `Refusal` for what cannot be right. Nothing here asks the network.
"""

from __future__ import annotations

import ipaddress
import math
import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from .refusal import Refusal

LONGEST_TEXT = 500
"""
Characters of an ordinary text.
"""
LONGEST_PASTE = 1 << 20
"""
Characters of a pasted list.
"""
_TRUE = ("true", "yes", "on")
_FALSE = ("false", "no", "off")
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?")
_ATOMS = re.compile(r"[^\s\x00-\x1f\x7f()<>\[\]:;@\\,.\"]+(\.[^\s\x00-\x1f\x7f()<>\[\]:;@\\,.\"]+)*")
_QUOTED = re.compile(r'"([^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])*"')
_DIRECTION = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029"
_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789")})


def text(value: Any, limit: int = LONGEST_TEXT) -> str:
    """
    Text on one line, without the white space around it.

    Raises:
        Refusal: It is no text (papermill read a number or a truth value), is empty or too long, or holds a control character.
    """
    if isinstance(value, bool | int | float):
        raise Refusal("quote", value)
    if not isinstance(value, str):
        raise Refusal("not_text", value)
    if len(value) > limit:
        raise Refusal("too_long", value, limit=limit, length=len(value))
    plain = value.strip(" \t\r\n")
    for position, character in enumerate(plain, 1):
        if _is_control(character):
            raise Refusal("control", value, character=character, position=position)
    if not plain:
        raise Refusal("empty", value)
    return plain


def _is_control(character: str) -> bool:
    return character < " " or "\x7f" <= character <= "\x9f" or "\ud800" <= character <= "\udfff" or character in _DIRECTION


def pasted(value: Any) -> str:
    """
    Text as it was pasted, every character kept.

    Raises:
        Refusal: It is no text, has more than `LONGEST_PASTE` characters, or half a surrogate pair, which no file can hold.
    """
    if isinstance(value, bool | int | float):
        raise Refusal("quote", value)
    if not isinstance(value, str):
        raise Refusal("not_pasted", value)
    if len(value) > LONGEST_PASTE:
        raise Refusal("too_long", value, limit=LONGEST_PASTE, length=len(value))
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise Refusal("surrogate", value)
    return value


def truth(value: Any) -> bool:
    """
    True or false, written as ``true``, ``yes``, ``on``, ``false``, ``no``, ``off`` in any case.
    """
    if isinstance(value, bool):
        return value
    word = value.casefold().strip() if isinstance(value, str) and len(value) < 20 else None
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise Refusal("truth", value)


def number(value: Any, least: float, most: float) -> float:
    """
    A number from `least` to `most`, digits with at most one point.
    """
    found = _number(value)
    if found is None or not least <= found <= most:
        raise Refusal("number", value, least=_short(least), most=_short(most))
    return found


def whole_number(value: Any, least: int, most: int) -> int:
    """
    A whole number from `least` to `most`.
    """
    found = _number(value)
    if found is None or not least <= found <= most or found != int(found) or (isinstance(value, str) and "." in value):
        raise Refusal("whole_number", value, least=least, most=most)
    return int(found)


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < 10**9 else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip(" ")):
        return float(value) if "." in value else int(value)
    return None


def _short(value: float) -> str:
    return f"{value:g}" if value < 10**5 else str(int(value))


def port(value: Any) -> int:
    """
    A TCP or UDP port.
    """
    return whole_number(value, 1, 65535)


def address(value: Any) -> str:
    """
    An IPv4 or IPv6 address, in its shortest spelling.
    """
    found = _address(text(value))
    if found is None:
        raise Refusal("address", value)
    return found


def _address(candidate: str) -> str | None:
    try:
        found = ipaddress.ip_address(candidate)
    except ValueError:
        return None
    return None if isinstance(found, ipaddress.IPv6Address) and found.scope_id else str(found)


def network(value: Any) -> str:
    """
    An address or a range such as ``192.0.2.0/24``, spelt as given: host bits that are set are a finding, not an error.
    """
    plain = text(value)
    try:
        ipaddress.ip_network(plain, strict=False)
    except ValueError:
        raise Refusal("range", value) from None
    return plain


def host(value: Any) -> str:
    """
    A host name as an A-label, lower case, without a final dot.

    Raises:
        Refusal: It is an address, an URL, has a port, or is no host name by RFC 1123 and RFC 5891.
    """
    plain = text(value)
    if _address(plain.strip("[]")) is not None:
        raise Refusal("host_is_address", value)
    return _name(value, plain, "host", underscore=False, single=("localhost",))


def domain(value: Any) -> str:
    """
    A mail domain as an A-label, lower case, without a final dot.
    """
    plain = text(value)
    if _address(plain.strip("[]")) is not None:
        raise Refusal("domain_is_address", value)
    return _name(value, plain, "domain", underscore=False, single=())


def _name(value: Any, plain: str, kind: str, *, underscore: bool, single: tuple[str, ...] | None) -> str:
    if "://" in plain or "/" in plain:
        raise Refusal(f"{kind}_is_url", value)
    if "@" in plain:
        raise Refusal(f"{kind}_is_mailbox", value)
    if re.search(r":[0-9]*$", plain):
        raise Refusal(f"{kind}_has_port", value)
    name = a_label(value, plain)
    labels = name.split(".")
    for label in labels:
        if not _LABEL.fullmatch(label):
            raise Refusal("label", value, label=label[:63] if label else "(empty)", length=len(label))
        if "_" in label and not underscore:
            raise Refusal("underscore", value, label=label)
    if len(name) > 253:
        raise Refusal("name_too_long", value, length=len(name))
    if labels[-1].isdigit():
        raise Refusal("like_an_address", value)
    if len(labels) == 1 and single is not None and name not in single:
        raise Refusal(f"{kind}_single_label", value)
    return name


def a_label(value: Any, name: str) -> str:
    """
    A name in the form DNS has it: every label ASCII, lower case, no final dot (RFC 5891, mapped by UTS 46).

    Args:
        value: What an error repeats.
        name: The name.
    """
    if name.isascii():
        return name.removesuffix(".").lower()
    import idna  # noqa: PLC0415  # most environments have ASCII names only

    try:
        return idna.encode(name, uts46=True, std3_rules=True).decode("ascii").removesuffix(".").lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise Refusal("idna", value, reason=str(error)[:120]) from None


def u_label(name: str) -> str:
    """
    A name as people write it. Labels that are no valid A-label stay as they are.
    """
    if "xn--" not in name:
        return name
    import idna  # noqa: PLC0415  # most environments have ASCII names only

    labels = []
    for label in name.split("."):
        try:
            labels.append(idna.ulabel(label))
        except (idna.IDNAError, UnicodeError):
            labels.append(label)
    return ".".join(labels)


def mailbox(value: Any) -> str:
    """
    A mail address: local part as it is, domain as an A-label (RFC 5321, RFC 6531).
    """
    plain = text(value)
    local, at, domain_part = plain.rpartition("@")
    if not at or not local or not domain_part or "<" in plain or ">" in plain:
        raise Refusal("mailbox", value)
    if not (_ATOMS.fullmatch(local) or _QUOTED.fullmatch(local)) or any(unicodedata.category(sign)[0] == "C" for sign in local):
        raise Refusal("local_part", value, local=local[:64])
    if len(local.encode()) > 64:
        raise Refusal("local_part_too_long", value, length=len(local.encode()))
    if domain_part.startswith("["):
        raise Refusal("mailbox_at_address", value)
    found = f"{local}@{_name(value, domain_part, 'domain', underscore=False, single=('localhost',))}"
    if len(found.encode()) > 254:
        raise Refusal("mailbox_too_long", value, length=len(found.encode()))
    return found


def endpoint(value: Any) -> tuple[str, int]:
    """
    ``ADDRESS:PORT``, IPv6 as ``[::1]:25``.

    Returns:
        Address and port.
    """
    plain = text(value)
    where, found = _split_port(plain)
    ip = _address(where)
    if ip is None or found is None or (":" in where and not plain.startswith("[")):
        raise Refusal("endpoint", value)
    return ip, found


def peer(value: Any) -> tuple[str, int | None]:
    """
    ``HOST``, ``HOST:PORT``, ``ADDRESS`` or ``ADDRESS:PORT``, IPv6 with a port as ``[::1]:25``.

    Returns:
        Host (A-label) or address, and the port, None where there is none.
    """
    plain = text(value)
    ip = _address(plain.strip("[]"))
    if ip is not None:
        return ip, None
    where, found = _split_port(plain)
    ip = _address(where)
    if ip is not None and (":" not in where or plain.startswith("[")):
        return ip, found
    if ":" in where or "[" in plain or (":" in plain and found is None):
        raise Refusal("peer", value)
    return _name(value, where, "host", underscore=True, single=None), found


def _split_port(plain: str) -> tuple[str, int | None]:
    where, colon, digits = plain.rpartition(":")
    if not colon or not re.fullmatch(r"[0-9]{1,5}", digits) or not 1 <= int(digits) <= 65535:
        return plain, None
    return where.removeprefix("[").removesuffix("]") if where.startswith("[") else where, int(digits)


def joined(where: str, port_number: int) -> str:
    """
    ``HOST:PORT``, an IPv6 address in brackets.
    """
    return f"[{where}]:{port_number}" if ":" in where else f"{where}:{port_number}"


def control_host(value: Any) -> str:
    """
    ``HOST`` or ``HOST:PORT``.
    """
    where, found = peer(value)
    return where if found is None else joined(where, found)


def redirected(value: Any) -> str:
    """
    A key of ``connect_to``: ``HOST:PORT`` or ``ADDRESS:PORT``.
    """
    where, found = peer(value)
    if found is None:
        raise Refusal("peer", value)
    return joined(where, found)


def target(value: Any) -> str:
    """
    A value of ``connect_to``: ``ADDRESS:PORT``.
    """
    return joined(*endpoint(value))


def nameserver(value: Any) -> str:
    """
    ``ADDRESS``, ``ADDRESS:PORT``, ``https://…`` (RFC 8484) or ``tls://ADDRESS[:PORT]`` (RFC 7858), as given.
    """
    plain = text(value)
    if plain.startswith("https://"):
        if not _is_doh(plain):
            raise Refusal("doh", value)
        return plain
    where = plain.removeprefix("tls://")
    if _address(where.strip("[]")) is None:
        try:
            endpoint(where)
        except Refusal:
            raise Refusal("nameserver", value) from None
    return plain


def _is_doh(url: str) -> bool:
    rest = url.removeprefix("https://")
    authority = re.split(r"[/?]", rest, maxsplit=1)[0]
    if not authority or re.search(r"[\s{}#@\\\"<>]", rest) or not rest.isascii():
        return False
    try:
        peer(authority)
    except Refusal:
        return False
    return True


def proxy(value: Any) -> str:
    """
    ``socks5://HOST:PORT`` (RFC 1928), without credentials.
    """
    if isinstance(value, str) and "@" in value:
        raise Refusal("proxy_credentials")
    plain = text(value)
    scheme, separator, where = plain.partition("://")
    where = where.removesuffix("/")
    if scheme != "socks5" or not separator:
        raise Refusal("proxy", value)
    try:
        found, found_port = peer(where)
    except Refusal:
        raise Refusal("proxy", value) from None
    if found_port is None:
        raise Refusal("proxy", value)
    return f"socks5://{joined(found, found_port)}"


def greeting_name(value: Any) -> str:
    """
    What the probe calls itself: a host name, or an address literal in brackets (RFC 5321 section 4.1.3).
    """
    plain = text(value)
    literal = re.fullmatch(r"\[(?:(IPv6):)?([0-9a-fA-F.:]+)\]", plain)
    if literal:
        ip = _address(literal.group(2))
        if ip is None or (":" in ip) != bool(literal.group(1)):
            raise Refusal("address_literal", value)
        return plain
    return host(value)


def null_or_mailbox(value: Any) -> str:
    """
    A sender: a mail address, or ``<>`` for the null sender, which becomes ``""``.
    """
    if isinstance(value, str) and value.strip(" ") in ("", "<>"):
        return ""
    return mailbox(value)


def mailbox_or_domain(value: Any) -> str:
    """
    Whom mail comes from: an address, or a whole domain.
    """
    plain = text(value)
    return mailbox(value) if "@" in plain.removeprefix("@") else domain(plain.removeprefix("@"))


def day(value: Any) -> date:
    """
    A day as ``2026-12-31``.
    """
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    plain = text(value)
    if not _DAY.fullmatch(plain):
        raise Refusal("day", value)
    try:
        return date.fromisoformat(plain)
    except ValueError:
        raise Refusal("day", value) from None


def moment(value: Any) -> str:
    """
    A day, or a day and time, in the ISO form, as given.
    """
    if isinstance(value, date):
        return value.isoformat()
    plain = text(value)
    if not _MOMENT.fullmatch(plain):
        raise Refusal("moment", value)
    try:
        datetime.fromisoformat(plain)
    except ValueError:
        raise Refusal("moment", value) from None
    return plain


def world(value: Any) -> str:
    """
    The name of a sandbox world.
    """
    plain = text(value)
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", plain):
        raise Refusal("sandbox_name", value)
    return plain


def bounded(limit: int) -> Callable[[Any], str]:
    """
    A function that takes text of at most `limit` characters.
    """

    def take(value: Any) -> str:
        return text(value, limit)

    return take


def safe_name(customer: str) -> str:
    """
    A customer's name as one part of a path on any system: letters, digits, ``.``, ``_`` and ``-``, at most 80 bytes.

    Letters of every script stay. What is left of ``../../x`` is ``x``; nothing left, or a name Windows reserves, is made usable.

    >>> safe_name("Alder & Sons, Ltd.")
    'Alder-Sons-Ltd'
    """
    plain = unicodedata.normalize("NFKC", customer[:400].encode("utf-8", "replace").decode("utf-8"))
    kept = re.sub(r"[^\w.-]+", "-", plain)
    kept = re.sub(r"\.{2,}", ".", kept)
    kept = re.sub(r"-{2,}", "-", kept).strip("-._ ")
    kept = kept.encode("utf-8")[:80].decode("utf-8", "ignore").rstrip("-._ ")
    if not kept:
        return "customer"
    return f"customer-{kept}"[:80] if kept.partition(".")[0].casefold() in _RESERVED else kept
