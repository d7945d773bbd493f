"""
Names and addresses in an environment: hosts, domains, mailboxes, ranges, ports, name servers, proxies.

Each function takes what stands in the file or the notebook, and gives it as it is looked up later. All raise `Refusal` for what cannot be
right. Nothing here asks the network.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from typing import Any

from .refusal import Refusal
from .values import text

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_ATOMS = re.compile(r"[^\s\x00-\x1f\x7f()<>\[\]:;@\\,.\"]+(\.[^\s\x00-\x1f\x7f()<>\[\]:;@\\,.\"]+)*")
_BETWEEN = re.compile(r"[\s,;]+")
_UNSEEN = frozenset("\u00ad\u180e\u200b\u2060\ufeff")
"""
Characters without width that names pasted from a page bring along. Joiners are none of them: names in some scripts are written with them.
"""
_QUOTED = re.compile(r'"([^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])*"')


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


def _unwrapped(plain: str) -> str:
    return plain[1:-1] if plain.startswith("[") and plain.endswith("]") else plain


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
    if _address(_unwrapped(plain)) is not None:
        raise Refusal("host_is_address", value)
    return _name(value, plain, "host", underscore=False, single=("localhost",))


def domain(value: Any) -> str:
    """
    A mail domain as an A-label, lower case, without a final dot.
    """
    plain = text(value)
    if _address(_unwrapped(plain)) is not None:
        raise Refusal("domain_is_address", value)
    return _name(value, plain, "domain", underscore=False, single=())


def _name(value: Any, plain: str, kind: str, *, underscore: bool, single: tuple[str, ...] | None) -> str:
    if "://" in plain or "/" in plain:
        raise Refusal(f"{kind}_is_url", value)
    if "@" in plain:
        raise Refusal(f"{kind}_is_mailbox", value)
    if _several(plain, "."):
        raise Refusal(f"{kind}_several", value)
    if re.search(r":[0-9]*$", plain):
        raise Refusal(f"{kind}_has_port", value)
    blank = next((sign for sign in plain if sign.isspace() or sign in _UNSEEN), None)
    if blank is not None:
        raise Refusal("blank", value) if blank == " " else Refusal("unseen", value, character=blank)
    name = a_label(value, plain)
    labels = name.split(".")
    for label in labels:
        if not label:
            raise Refusal("empty_label", value)
        if not _LABEL.fullmatch(label):
            raise Refusal("label", value, label=label[:63], length=len(label))
        if "_" in label and not underscore:
            raise Refusal("underscore", value, label=label)
    if len(name) > 253:
        raise Refusal("name_too_long", value, length=len(name))
    if labels[-1].isdigit():
        raise Refusal("like_an_address", value)
    if len(labels) == 1 and single is not None and name not in single:
        raise Refusal(f"{kind}_single_label", value)
    return name


def _several(plain: str, mark: str) -> bool:
    """
    True where a text is several names or mailboxes in a row, each with a mark inside.
    """
    parts = [part for part in _BETWEEN.split(plain) if part]
    return len(parts) > 1 and all(mark in part[1:-1] for part in parts)


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
        labels = idna.uts46_remap(name, std3_rules=True).removesuffix(".").split(".")
        # Only labels that need it: an ASCII label such as r3--sn is a host name, though no internationalised one.
        return ".".join(label if label.isascii() else idna.alabel(label).decode("ascii") for label in labels).lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise Refusal("idna", value, reason=str(error)[:120]) from None


def as_asked(name: str) -> str:
    """
    A name as DNS is asked for it: its A-label. One that is no name stays as it is.
    """
    try:
        return a_label(name, name)
    except Refusal:
        return name


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
    if not plain.startswith('"') and _several(plain, "@"):
        raise Refusal("mailbox_several", value)
    local, at, domain_part = plain.rpartition("@")
    if not at or not local or not domain_part or any(sign in plain for sign in "<>") or "/" in domain_part:
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
    ip = _address(_unwrapped(plain))
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
    if _address(_unwrapped(where)) is None:
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
