"""Comma-separated values under the names of the fields, for a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import Any

import msgspec

from cli.answer import Answer


def text(answer: Answer) -> str:
    """A header and a line for each row."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    fields = [field.encode_name for field in msgspec.structs.fields(answer.kind)]
    writer.writerow(fields)
    for row in answer.rows:
        told = msgspec.to_builtins(row)
        writer.writerow([cell(told.get(field)) for field in fields])
    return written.getvalue()


def cell(value: Any) -> str | int:
    """Several values stand in one cell, a semicolon between them; what has parts is JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | str):
        return value
    if isinstance(value, list | tuple) and not any(isinstance(item, dict) for item in value):
        return "; ".join(str(cell(item)) for item in value)
    return msgspec.json.encode(value).decode()
