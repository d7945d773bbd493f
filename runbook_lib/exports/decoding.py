"""
From the bytes of a file to text, and out of a gzip or zip: bounded in bytes, whatever the bytes claim of themselves.
"""

from __future__ import annotations

import gzip
import io
import lzma
import struct
import zipfile
import zlib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from dataclasses import dataclass

from .refusing import Refused

LARGEST = 32 * 1024 * 1024
"""
Bytes of a file that are read at most; also the bytes that may come out of all packed parts of one file.
"""
LARGEST_PACKED = 8 * 1024 * 1024
"""
Bytes of a gzip or zip file that are read at most.
"""
MOST_PARTS = 500
"""
Files in one zip.
"""
GZIP = b"\x1f\x8b"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OTHER_FORMATS = (
    (b"\xd0\xcf\x11\xe0", "format_office"),
    (b"%PDF", "format_pdf"),
    (b"\x89PNG", "format_picture"),
    (b"\xff\xd8\xff", "format_picture"),
    (b"7z\xbc\xaf", "format_7zip"),
    (b"Rar!", "format_rar"),
)
_ZIP_TROUBLE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
    KeyError,
    IndexError,
    OverflowError,
    AssertionError,
)


@dataclass(frozen=True, slots=True)
class Text:
    """
    A file's text.

    Args:
        text: Without byte order mark.
        replaced: Some bytes were not UTF-8 and stand as U+FFFD.
    """

    text: str
    replaced: bool = False


def other_format(content: bytes) -> str:
    """
    What a file is that can never be read as text, a word of ``words.value``; ``""`` where nothing is known against it.
    """
    return next((title for magic, title in _OTHER_FORMATS if content.startswith(magic)), "")


def decode(content: bytes) -> Text:
    """
    Decode a file: UTF-8, UTF-16 or UTF-32, with a byte order mark or (not UTF-32) without.

    Without a mark, NUL in every second of the first bytes tells UTF-16: exports begin with ASCII. Bytes that are not UTF-8 are replaced; no
    other encoding is guessed.

    Raises:
        Refused: It is no text.
    """
    encoding, mark = _encoding(content)
    try:
        made = Text(content[mark:].decode(encoding))
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise Refused("not_text", encoding=encoding.upper()) from error
        made = Text(content[mark:].decode("utf-8", "replace"), replaced=True)
    if "\0" in made.text:
        raise Refused("binary")
    return made


def _encoding(content: bytes) -> tuple[str, int]:
    for mark, encoding in (
        (BOM_UTF8, "utf-8"),
        (BOM_UTF32_LE, "utf-32-le"),
        (BOM_UTF32_BE, "utf-32-be"),
        (BOM_UTF16_LE, "utf-16-le"),
        (BOM_UTF16_BE, "utf-16-be"),
    ):
        if content.startswith(mark):
            return encoding, len(mark)
    start = content[:64]
    if len(start) >= 2 and len(content) % 2 == 0:
        even, odd = start[0::2], start[1::2]
        if not any(odd) and all(even):
            return "utf-16-le", 0
        if not any(even) and all(odd):
            return "utf-16-be", 0
    return "utf-8", 0


def unpack(content: bytes) -> list[bytes]:
    """
    The files inside a gzip or zip file.

    Raises:
        Refused: It is damaged, locked, an Office file, or holds too much.
    """
    if len(content) > LARGEST_PACKED:
        raise Refused("packed_too_large", limit=LARGEST_PACKED // 1024 // 1024)
    if content.startswith(GZIP):
        return [_gunzip(content)]
    return _unzip(content)


def _gunzip(content: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            inside = stream.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error, struct.error) as error:
        raise Refused("damaged_archive", format="gzip") from error
    if len(inside) > LARGEST:
        raise Refused("bomb", limit=LARGEST // 1024 // 1024)
    return inside


def _unzip(content: bytes) -> list[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = _members(archive)
    except Refused:
        raise
    except _ZIP_TROUBLE as error:
        raise Refused("damaged_archive", format="zip") from error
    if not inside:
        raise Refused("damaged_archive", format="zip")
    return inside


def _members(archive: zipfile.ZipFile) -> list[bytes]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if any(member.filename == "[Content_Types].xml" for member in members):
        raise Refused("spreadsheet")
    if len(members) > MOST_PARTS:
        raise Refused("too_many_parts", count=len(members), limit=MOST_PARTS)
    inside: list[bytes] = []
    left = LARGEST
    for member in members:
        if member.flag_bits & 0x1:
            raise Refused("locked_archive")
        with archive.open(member) as stream:
            part = stream.read(left + 1)
        left -= len(part)
        if left < 0:
            raise Refused("bomb", limit=LARGEST // 1024 // 1024)
        inside.append(part)
    return inside
