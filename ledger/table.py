"""A report file as a header and rows of cells: bytes decoded, delimiter and quoting found, blank tails dropped."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final

import msgspec

from ledger.errors import UnreadableFile, UnreadableRow

NEW_DOWNLOAD: Final = "Download the report again from Seller Central and import the new file."


class Table(msgspec.Struct, frozen=True):
    """A decoded report: normalised header names, the same names as written, and numbered rows."""

    file: str
    header: tuple[str, ...]
    header_as_written: tuple[str, ...]
    encoding: str
    text: str
    delimiter: str
    quoted: bool
    header_lines: int

    def rows(self) -> Iterator[tuple[int, list[str]] | UnreadableRow]:
        """Line number and stripped cells of every row that is not blank; line 1 is the header's.

        A row that cannot be split into cells comes as the error it gives.
        """
        width = len(self.header)
        for row in self._lines():
            if isinstance(row, UnreadableRow):
                yield row
                continue
            line, cells = row
            stripped = [cell.strip() for cell in cells]
            if not any(stripped):
                continue
            if len(stripped) < width:
                stripped.extend([""] * (width - len(stripped)))
            elif any(stripped[width:]):
                yield self._too_many(line, stripped)
                continue
            yield line, stripped

    def _too_many(self, line: int, cells: list[str]) -> UnreadableRow:
        width = len(self.header)
        return UnreadableRow(
            f"the row has {len(cells)} cells under {width} columns",
            file=self.file,
            row=line,
            found=clip(next(cell for cell in cells[width:] if cell)),
            advice="A column separator inside a value has split the row. " + NEW_DOWNLOAD,
        )

    def _lines(self) -> Iterator[tuple[int, list[str]] | UnreadableRow]:
        if self.quoted:
            yield from _quoted_lines(self.file, self.text, self.delimiter, self.header_lines)
            return
        for number, line in enumerate(self.text.split("\n"), 1):
            if number > self.header_lines and line:
                yield number, line.split(self.delimiter)


def clip(text: str, width: int = 60) -> str:
    """A found value, short enough for one line of a message."""
    return text if len(text) <= width else f"{text[:width]}... ({len(text):,} characters)"


def normalised(name: str) -> str:
    """A column name folded for matching: lower case, blanks, hyphens and underscores alike."""
    return re.sub(r"[\s_\-]+", "-", name.strip().strip('"').strip().lower())


def unpacked(data: bytes, file: str) -> list[tuple[str, bytes]]:
    """The report files inside a delivery: itself, the content of a .gz, or the members of a .zip."""
    if data[:2] == b"\x1f\x8b":
        return [(file.removesuffix(".gz"), _gunzipped(data, file))]
    if data[:4] == b"PK\x03\x04":
        return _unzipped(data, file)
    return [(file, data)]


def read_table(data: bytes, file: str, marketplace: str | None = None) -> Table:
    """Decode a report and find its header; raises UnreadableFile where there is none."""
    if not data.strip():
        raise UnreadableFile("the file is empty", file=file, advice=NEW_DOWNLOAD)
    encoding, text = _decoded(data, file, marketplace)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    skipped = len(text) - len(text.lstrip("\n"))
    first = text[skipped:].partition("\n")[0]
    delimiter = max("\t,;", key=first.count)
    if first.count(delimiter) == 0:
        delimiter = "\t"
    quoted, cells = _header_cells(first, delimiter)
    while cells and not cells[-1].strip():
        cells.pop()
    return Table(
        file=file,
        header=tuple(normalised(cell) for cell in cells),
        header_as_written=tuple(cell.strip() for cell in cells),
        encoding=encoding,
        text=text,
        delimiter=delimiter,
        quoted=quoted,
        header_lines=skipped + 1,
    )


def _header_cells(first: str, delimiter: str) -> tuple[bool, list[str]]:
    """Amazon's tab files hold bare quotes, so quoting counts only where every header cell is quoted."""
    plain = first.split(delimiter)
    all_quoted = all(len(c.strip()) > 1 and c.strip()[0] == c.strip()[-1] == '"' for c in plain)
    quoted = all_quoted or delimiter != "\t"
    if not quoted or len(first) > csv.field_size_limit():
        return False, plain
    return True, next(csv.reader([first], delimiter=delimiter))


def _quoted_lines(
    file: str, text: str, delimiter: str, header_lines: int
) -> Iterator[tuple[int, list[str]] | UnreadableRow]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            if start > header_lines:
                yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        yield UnreadableRow(
            f"the quoting is broken, and nothing after it can be read: {error}",
            file=file,
            row=start,
            advice=NEW_DOWNLOAD,
        )


def _decoded(data: bytes, file: str, marketplace: str | None) -> tuple[str, str]:
    """UTF-8 first; cp932 where Japan is stated; cp1252 before anything looser, because it rarely fails."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        candidates = ["utf-16"]
    elif b"\x00" in data:
        raise UnreadableFile(
            "the file is binary, not a text report",
            file=file,
            advice="Import the .txt or .csv file that Amazon delivers, not a picture, PDF or workbook.",
        )
    elif marketplace == "JP":
        candidates = ["utf-8-sig", "cp932", "cp1252"]
    else:
        candidates = ["utf-8-sig", "cp1252", "cp932"]
    for encoding in candidates:
        try:
            return encoding, data.decode(encoding)
        except UnicodeDecodeError as error:
            failed = error
    line = data.count(b"\n", 0, failed.start) + 1
    raise UnreadableFile(
        f"the bytes are no text in {', '.join(candidates)}",
        file=file,
        row=line,
        found=f"byte 0x{data[failed.start]:02x}",
        advice=NEW_DOWNLOAD + " For a Japanese report, say --marketplace JP.",
    )


def _gunzipped(data: bytes, file: str) -> bytes:
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFile(
            f"the compressed file is damaged or cut off: {error}", file=file, advice=NEW_DOWNLOAD
        ) from error


def _unzipped(data: bytes, file: str) -> list[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
            if "[Content_Types].xml" in names:
                raise UnreadableFile(
                    "this is an Excel workbook, not a report as Amazon delivered it",
                    file=file,
                    advice="Import the original .txt or .csv download: Excel drops leading zeros and dates.",
                )
            members = [(f"{file}/{name}", archive.read(name)) for name in sorted(names)]
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise UnreadableFile(
            f"the .zip file is damaged, cut off or locked: {error}", file=file, advice=NEW_DOWNLOAD
        ) from error
    return [report for name, content in members for report in unpacked(content, name)]
