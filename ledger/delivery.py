"""What was handed in, as bytes: unpacked, decoded to text, or refused by what it is instead."""

from __future__ import annotations

import gzip
import io
import lzma
import struct
import zipfile
import zlib
from typing import Final

from ledger.errors import UnreadableFile

NEW_DOWNLOAD: Final = "Download the report again from Seller Central and import the new file."
AS_DELIVERED: Final = "Import the .txt or .csv file as Amazon delivers it."

BYTES_MAX: Final = 2 * 1024**3
"""The most that a .gz or .zip may unpack to: far more than any report, far less than a trap."""

_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_UTF_32: Final = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
_WORKBOOKS: Final = ("[Content_Types].xml", "content.xml")
_NO_REPORTS: Final = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_LOCKED: Final = 0x1

_OTHER_KINDS: Final = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook of the old kind"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"SQLite format 3", "an SQLite database"),
)
_WEB_PAGES: Final = (b"<!doctype html", b"<html")


def clip(text: str, width: int = 60) -> str:
    """A found value, short enough for one line of a message."""
    return text if len(text) <= width else f"{text[:width]}... ({len(text):,} characters)"


def is_packed(head: bytes) -> bool:
    """True where a file's first bytes say that the report in it must be unpacked."""
    return head[:2] == _GZIP or head[:4] in _ZIP


def unpacked(data: bytes, file: str) -> list[tuple[str, bytes]]:
    """The report files inside a delivery: itself, the content of a .gz, the members of a .zip."""
    if data[:2] == _GZIP:
        return [(file.removesuffix(".gz"), _gunzipped(data, file))]
    if data[:4] not in _ZIP:
        return [(file, data)]
    return [_member(name, content) for name, content in _unzipped(data, file)]


def decoded(data: bytes, file: str, marketplace: str | None) -> tuple[str, str]:
    """The encoding and the text: UTF-8 first, cp932 before cp1252 where Japan is stated.

    cp1252 fails for five bytes only, so whatever stands behind it is hardly ever tried.
    """
    _refuse_other_kinds(data, file)
    candidates = _encodings(data, marketplace)
    for encoding in candidates:
        try:
            return encoding, data.decode(encoding)
        except UnicodeDecodeError as error:
            failed = error
    raise UnreadableFile(
        f"the bytes are no text in {' or '.join(_NAMES[encoding] for encoding in candidates)}",
        file=file,
        row=data.count(b"\n", 0, failed.start) + 1,
        found=f"byte 0x{data[failed.start]:02x}",
        advice=NEW_DOWNLOAD,
    )


_NAMES: Final = {
    "utf-8-sig": "UTF-8",
    "cp932": "Shift_JIS",
    "cp1252": "Windows-1252",
    "utf-16": "UTF-16",
}


def _encodings(data: bytes, marketplace: str | None) -> tuple[str, ...]:
    if data[:2] in _UTF_16:
        return ("utf-16",)
    if marketplace == "JP":
        return ("utf-8-sig", "cp932", "cp1252")
    return ("utf-8-sig", "cp1252", "cp932")


def _refuse_other_kinds(data: bytes, file: str) -> None:
    for opening, kind in _OTHER_KINDS:
        if data.startswith(opening):
            raise UnreadableFile(f"this is {kind}, not a report", file=file, advice=AS_DELIVERED)
    _refuse_other_texts(data[:1000].removeprefix(b"\xef\xbb\xbf").lstrip().lower(), file)
    if _is_utf_32(data):
        raise UnreadableFile(
            "the text is UTF-32, four bytes to a letter, and no report comes so",
            file=file,
            advice=f"A program has saved it so. {AS_DELIVERED} Or open it in a text editor and save it with "
            "the encoding UTF-8.",
        )
    if data[:2] not in _UTF_16 and b"\x00" in data:
        _refuse_zero_bytes(data, file)


def _refuse_other_texts(opening: bytes, file: str) -> None:
    if opening.startswith(_WEB_PAGES):
        raise UnreadableFile(
            "this is a web page, not a report",
            file=file,
            advice="The link had run out, or you were signed out: sign in, then download it again.",
        )
    if opening.startswith(b"<"):
        raise UnreadableFile(
            "this is an XML document, and reports are read as flat files",
            file=file,
            advice="Download the same report as a flat file (.txt or .csv) and import that.",
        )
    if opening.startswith((b"{", b"[")):
        raise UnreadableFile(
            "this is JSON, and reports are read as flat files", file=file, advice=AS_DELIVERED
        )


def _is_utf_32(data: bytes) -> bool:
    """By its mark; or without one, as of each letter of a header three bytes are nothing."""
    if data[:4] in _UTF_32:
        return True
    start = data[:200]
    if len(start) < 4 or any(start[1::4]) or any(start[2::4]):
        return False
    return any(start[0::4]) != any(start[3::4])


def _refuse_zero_bytes(data: bytes, file: str) -> None:
    start = data[:200]
    if len(start) > 1 and (not any(start[1::2]) or not any(start[0::2])):
        raise UnreadableFile(
            "the text is UTF-16 without the mark that says so",
            file=file,
            advice="A program has saved it so. " + AS_DELIVERED,
        )
    raise UnreadableFile("the file is binary, not a text report", file=file, advice=AS_DELIVERED)


def _gunzipped(data: bytes, file: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            content = stream.read(BYTES_MAX + 1)
    except EOFError as error:
        raise UnreadableFile(
            "the compressed file is cut off", file=file, advice=NEW_DOWNLOAD
        ) from error
    except (OSError, zlib.error) as error:
        raise UnreadableFile(
            "the compressed file is damaged", file=file, advice=NEW_DOWNLOAD
        ) from error
    _must_fit(len(content), file)
    return content


def _unzipped(data: bytes, file: str) -> list[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            _must_be_reports(members, file)
            _must_fit(sum(info.file_size for info in members), file)
            names = sorted(info.filename for info in members if _may_be_report(info.filename))
            return [(f"{file}/{name}", archive.read(name)) for name in names]
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        struct.error,
        EOFError,
        OSError,
        RuntimeError,
        ValueError,
    ) as error:
        raise UnreadableFile(
            "the .zip file is damaged or cut off", file=file, advice=NEW_DOWNLOAD
        ) from error


def _may_be_report(name: str) -> bool:
    return not name.startswith(_NO_REPORTS) and name.rpartition("/")[2] not in _NO_REPORTS


def _must_be_reports(members: list[zipfile.ZipInfo], file: str) -> None:
    names = [info.filename for info in members if _may_be_report(info.filename)]
    if any(name in _WORKBOOKS for name in names):
        raise UnreadableFile(
            "this is a workbook, not a report as Amazon delivered it",
            file=file,
            advice="A workbook loses leading zeros and rewrites dates. " + AS_DELIVERED,
        )
    if any(info.flag_bits & _LOCKED for info in members):
        raise UnreadableFile(
            "the .zip file is locked with a password",
            file=file,
            advice="Unpack it and import the files in it.",
        )
    if not names:
        raise UnreadableFile("the .zip file holds no file", file=file, advice=NEW_DOWNLOAD)


def _must_fit(size: int, file: str) -> None:
    if size > BYTES_MAX:
        raise UnreadableFile(
            f"it unpacks to more than {BYTES_MAX:,} bytes, and no report is as large",
            file=file,
            advice=NEW_DOWNLOAD,
        )


def _member(name: str, content: bytes) -> tuple[str, bytes]:
    """A member may be compressed once more; an archive within an archive is nobody's report."""
    if content[:4] in _ZIP:
        raise UnreadableFile(
            "an archive within an archive, or a workbook",
            file=name,
            advice="Unpack it and import the reports in it.",
        )
    return unpacked(content, name)[0]
