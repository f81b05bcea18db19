"""JSON, one row a line: what a pipe gets."""

from __future__ import annotations

import msgspec

from cli.answer import Answer


def text(answer: Answer) -> str:
    """A line for each row; an answer that is one thing is one line."""
    rows = answer.rows if answer.whole is None else [answer.whole]
    encode = msgspec.json.Encoder().encode
    return "".join(f"{encode(row).decode()}\n" for row in rows)
