"""
The longer values of an environment: lists and maps whose entries are checked one by one.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from ..knowledge.check_ids import CHECKS, STEPS, SubjectKind
from ..knowledge.regions import CUSTOM, regions
from ..knowledge.text import Catalogue, languages
from . import addresses, values
from .parts import DomainEntry, Text
from .refusal import Refusal, Refusals, nearest

LARGEST_CERTIFICATES = 1 << 20
"""
Bytes of a file of trust roots.
"""


def region_code(value: Any) -> str:
    """
    A region's code. Near misses are looked for in the regions' names too, in every language, by word and by initials ("uk").
    """
    plain = values.text(value)
    codes = [*(region.code for region in regions()), CUSTOM]
    if plain in codes:
        return plain
    near = _region_meant(plain.casefold(), codes) or nearest(plain, codes)
    if near:
        raise Refusal("region_near", value, choices=", ".join(codes), nearest=near)
    raise Refusal("choice", value, choices=", ".join(codes))


def _region_meant(word: str, codes: Sequence[str]) -> str | None:
    catalogues = [Catalogue(language) for language in ("en", *languages())]
    for code in codes:
        for name in dict.fromkeys(catalogue.region(code) for catalogue in catalogues):
            for phrase in name.casefold().replace("(", "/").replace(")", "").split("/"):
                words = phrase.split()
                if word in (code, phrase.strip(), "".join(part[0] for part in words)) or (len(word) > 3 and word in words):
                    return code
    return None


def language_code(value: Any) -> str:
    """
    A language there are texts in.
    """
    plain = values.text(value)
    if plain == "en" or plain in languages():
        return plain
    raise Refusal("choice", value, choices=", ".join(languages()))


def entry(value: Any) -> Any:
    """
    A listed domain: a bare name is a map with nothing but the name.
    """
    if isinstance(value, str):
        return {"name": value}
    if isinstance(value, Mapping | DomainEntry):
        return value
    if isinstance(value, bool | int | float):
        raise Refusal("quote", value)
    raise Refusal("domain_entry", value)


def each_once(domains: tuple[DomainEntry, ...]) -> tuple[DomainEntry, ...]:
    """
    Refuse a domain that is listed twice, whatever its spelling, and a list without one.
    """
    first: dict[str, int] = {}
    for position, found in enumerate(domains):
        if found.name in first:
            raise Refusal("domain_twice", found.name, first=first[found.name], second=position)
        first[found.name] = position
    return domains


def console_ranges(value: Any) -> Any:
    """
    Ranges as a list of CIDRs, or text as pasted.
    """
    if isinstance(value, list | tuple):
        if len(value) > 5000:
            raise Refusal("too_many", value, limit=5000, length=len(value))
        made, refused = [], []
        for position, item in enumerate(value):
            try:
                made.append(addresses.network(item))
            except Refusal as refusal:
                refused.append((f"console_ranges[{position}]", item, refusal))
        if refused:
            raise Refusals(refused)
        return tuple(made)
    return values.pasted(value)


def probe_kinds(value: Any) -> Any:
    """
    Refuse an empty list: it would be a run that may do nothing.
    """
    if isinstance(value, list | tuple) and not value:
        raise Refusal("no_probes", value)
    return value


def exported_file(value: Any, info: ValidationInfo) -> Path:
    """
    A file of exported configuration, relative to the folder of the environment file. What is in it is read later.

    Raises:
        Refusal: There is no such file.
    """
    path = _beside(value, info)
    try:
        found = path.is_file()
    except (OSError, ValueError) as error:
        raise Refusal("file_unreadable", value, path=str(path), reason=type(error).__name__) from None
    if not found:
        raise Refusal("file_missing", value, path=str(path))
    return path.resolve()


def _beside(value: Any, info: ValidationInfo) -> Path:
    base = Path((info.context or {}).get("base", Path.cwd()))
    plain = values.text(str(value) if isinstance(value, Path) else value, 4096)
    return base / Path(plain).expanduser()


def trust_file(value: Any, info: ValidationInfo) -> Path:
    """
    A file of PEM certificates, relative to the folder of the environment file.

    Raises:
        Refusal: There is no such file, it cannot be read, or holds no certificate.
    """
    path = _beside(value, info)
    try:
        if not path.is_file():
            raise Refusal("file_missing", value, path=str(path))
        if path.stat().st_size > LARGEST_CERTIFICATES:
            raise Refusal("file_too_large", value, path=str(path), limit=LARGEST_CERTIFICATES)
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, Refusal):
            raise
        raise Refusal("file_unreadable", value, path=str(path), reason=getattr(error, "strerror", None) or type(error).__name__) from None
    _must_hold_certificates(content, value, path)
    return path.resolve()


def _must_hold_certificates(content: bytes, value: Any, path: Path) -> None:
    from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415  # few environments name such a file

    try:
        load_pem_x509_certificates(content)
    except ValueError:
        raise Refusal("not_certificates", value, path=str(path)) from None


def attested(value: Any) -> str:
    """
    Key of an attestation: a step or a check.
    """
    return _known(value, (*STEPS, *CHECKS), "attested")


def waived(value: Any) -> str:
    """
    Key of a waiver: ``check`` or ``check subject``. The subject is spelt as results spell it.
    """
    check, _, subject = values.text(value).partition(" ")
    _known(check, CHECKS, "waived")
    subject = subject.strip()
    return f"{check} {_subject(CHECKS[check].subject, subject)}" if subject else check


def _known(value: Any, known: Any, message: str) -> str:
    plain = values.text(value)
    if plain in known:
        return plain
    near = nearest(plain, known)
    if near:
        raise Refusal(f"{message}_near", value, nearest=near)
    raise Refusal(message, value)


def _subject(kind: SubjectKind, subject: str) -> str:
    if kind is SubjectKind.REGION:
        return subject.lower()
    if kind is SubjectKind.ADDRESS:
        try:
            return str(ipaddress.ip_address(subject))
        except ValueError:
            return subject
    if kind is SubjectKind.NAME:
        try:
            return addresses.a_label(subject, subject)
        except Refusal:
            return subject
    return subject


def unlike_keys(limit: int, *, drop_empty: bool = False) -> Callable[[Any, Callable[[Any], Any]], Any]:
    """
    A wrapper for maps: at most `limit` entries, and no two keys that mean the same.

    Args:
        limit: Most entries.
        drop_empty: An entry without a value is as good as not there.
    """

    def wrap(value: Any, handler: Callable[[Any], Any]) -> Any:
        if not isinstance(value, Mapping):
            raise Refusal("not_map", value)
        if len(value) > limit:
            raise Refusal("too_many", value, limit=limit, length=len(value))
        filled = {key: item for key, item in value.items() if not (drop_empty and (item is None or item == ""))}
        made = handler(filled)
        if len(made) != len(filled):
            raise Refusal("same_keys", value)
        return made

    return wrap


Region = Annotated[str, BeforeValidator(region_code, json_schema_input_type=str)]
Language = Annotated[str, BeforeValidator(language_code, json_schema_input_type=str)]
Domains = Annotated[
    tuple[Annotated[DomainEntry, BeforeValidator(entry, json_schema_input_type=str | DomainEntry)], ...],
    Field(max_length=500),
    AfterValidator(each_once),
]
Pasted = Annotated[str, BeforeValidator(values.pasted, json_schema_input_type=str)]
ConsoleRanges = Annotated[str | tuple[str, ...], BeforeValidator(console_ranges, json_schema_input_type=str | list[str])]
ExportedFile = Annotated[Path, BeforeValidator(exported_file, json_schema_input_type=str)]
TrustFile = Annotated[Path, BeforeValidator(trust_file, json_schema_input_type=str)]
Address = Annotated[str, BeforeValidator(addresses.address, json_schema_input_type=str)]
Nameserver = Annotated[str, BeforeValidator(addresses.nameserver, json_schema_input_type=str)]
ControlHost = Annotated[str, BeforeValidator(addresses.control_host, json_schema_input_type=str)]
Redirected = Annotated[str, BeforeValidator(addresses.redirected, json_schema_input_type=str)]
Target = Annotated[str, BeforeValidator(addresses.target, json_schema_input_type=str)]
Attested = Annotated[str, BeforeValidator(attested, json_schema_input_type=str)]
Waived = Annotated[str, BeforeValidator(waived, json_schema_input_type=str)]
OutputFolder = Annotated[Path, BeforeValidator(lambda value: Path(values.text(str(value) if isinstance(value, Path) else value, 4096)))]
__all__ = [
    "Address",
    "Attested",
    "ConsoleRanges",
    "ControlHost",
    "Domains",
    "ExportedFile",
    "Language",
    "Nameserver",
    "OutputFolder",
    "Pasted",
    "Redirected",
    "Region",
    "Target",
    "Text",
    "TrustFile",
    "Waived",
    "exported_file",
    "probe_kinds",
    "unlike_keys",
]
