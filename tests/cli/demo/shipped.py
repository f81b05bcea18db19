"""Reads the invented seller's files without the product's readers, so that neither vouches for itself."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

PACIFIC: Final = ZoneInfo("America/Los_Angeles")
ENCODINGS: Final = ("utf-8", "cp1252")

Rows = list[dict[str, str]]


def opened(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files as they are after unpacking, by name."""
    plain = {}
    for name, data in files.items():
        if name.endswith(".gz"):
            plain[name.removesuffix(".gz")] = gzip.decompress(data)
        elif name.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                plain |= {member: archive.read(member) for member in archive.namelist()}
        else:
            plain[name] = data
    return plain


def rows_of(data: bytes) -> Rows:
    """A report's rows by column name, blanks stripped."""
    text = decoded(data)
    if text.startswith('"'):
        table = list(csv.reader(io.StringIO(text, newline="")))
    else:
        table = [line.split("\t") for line in text.replace("\r\n", "\n").split("\n") if line]
    header = [name.strip() for name in table[0]]
    return [dict(zip(header, map(str.strip, cells), strict=True)) for cells in table[1:]]


def decoded(data: bytes) -> str:
    """UTF-8 where it is, else cp1252."""
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AssertionError("every report is UTF-8 or cp1252")


def with_columns(files: Mapping[str, bytes], *columns: str) -> list[Rows]:
    """The reports whose header has these columns."""
    reports = [rows_of(data) for data in opened(files).values()]
    return [rows for rows in reports if rows and set(columns) <= set(rows[0])]


def one(reports: list[Rows]) -> Rows:
    """The only report of a kind."""
    assert len(reports) == 1
    return reports[0]


def day(moment: str) -> date:
    """The day of an instant on Amazon.com's clock; a midnight in UTC is a day without a time."""
    if moment.endswith(" UTC"):
        moment = moment.removesuffix(" UTC") + "+00:00"
    read = datetime.fromisoformat(moment)
    if moment.endswith("T00:00:00+00:00"):
        return read.date()
    return read.astimezone(PACIFIC).date()


def american(text: str) -> date:
    """A day as the inventory ledger writes it."""
    return datetime.strptime(text, "%m/%d/%Y").replace(tzinfo=PACIFIC).date()


def cents(amount: str) -> int:
    """A decimal amount in cents, exactly."""
    sign = -1 if amount.startswith("-") else 1
    whole, _, part = amount.lstrip("-").partition(".")
    assert len(part) <= 2
    return sign * (int(whole or 0) * 100 + int((part + "00")[:2]))


def by(rows: Iterable[dict[str, str]], *columns: str) -> dict[tuple[str, ...], Rows]:
    """Rows grouped by the values of some columns."""
    groups: dict[tuple[str, ...], Rows] = {}
    for row in rows:
        groups.setdefault(tuple(row[column] for column in columns), []).append(row)
    return groups
