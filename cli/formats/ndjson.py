"""JSON, one row a line: what a pipe gets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

import msgspec

from cli.answer import Answer

AT_ONCE: Final = 1_000
"""Rows that are written in one go."""


def text(answer: Answer) -> str:
    """A line for each row; an answer that is one thing is one line."""
    return "".join(part for _, part in parts(answer))


def parts(
    answer: Answer, rows: Iterable[msgspec.Struct] | None = None
) -> Iterator[tuple[int, str]]:
    """The same part by part, each with how many rows it is; of these rows, else of the answer's own."""
    told = answer.rows if answer.whole is None else [answer.whole]
    left = iter(told if rows is None else rows)
    encode = msgspec.json.Encoder().encode
    while some := list(islice(left, AT_ONCE)):
        yield len(some), "".join(f"{encode(row).decode()}\n" for row in some)
