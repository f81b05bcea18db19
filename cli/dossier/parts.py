"""What a page is made of: texts, pairs, tables and the like, as the template takes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

Part = dict[str, Any]
"""One part of a section; its keys say which kind it is."""
Cell = str | dict[str, str] | list[Any]
"""A text, a text with a manner, or several below each other."""


def text(words: str, *, lang: str | None = None, quiet: bool = False) -> Part:
    """A paragraph."""
    return {"text": words, "lang": lang, "quiet": quiet}


def heading(words: str, *, lang: str | None = None) -> Part:
    """A heading below a section's."""
    return {"heading": words, "lang": lang}


def pairs(told: Iterable[tuple[str, Cell | None]]) -> Part:
    """Names and what stands behind them; what is not known is left out."""
    known = [[name, value] for name, value in told if value not in (None, "", [])]
    return {"pairs": known, "together": len(str(known)) < TOGETHER}


TOGETHER: Final = 3000
"""Pairs of fewer letters stand on one page."""


def column(title: str, width: str, *, right: bool = False) -> Part:
    """A column of a table: `1fr` is a share of what is left, `60pt` a length."""
    return {"title": title, "width": width, "right": right}


LONG: Final = 1200
"""A row with more letters may go on over the page."""


def table(columns: Sequence[Part], rows: Iterable[Sequence[Cell]]) -> Part:
    """A table whose header is repeated on every page; only a very long row is broken."""
    told = [list(row) for row in rows]
    return {"columns": list(columns), "rows": told, "long": [len(str(row)) > LONG for row in told]}


def boxed(words: str, title: str = "", *, lang: str | None = None) -> Part:
    """Something that nobody should overlook."""
    return {"boxed": words, "title": title, "lang": lang}


def letter(subject: str, body: str) -> Part:
    """A text as it is to be sent, or as it was received."""
    return {"letter": body.strip("\n"), "subject": subject}


def code(lines: str) -> Part:
    """What is to be typed."""
    return {"code": lines}


def strong(words: str, lang: str | None = None) -> Cell:
    """In bold."""
    return _as("strong", words, lang)


def quiet(words: str, lang: str | None = None) -> Cell:
    """Smaller and paler."""
    return _as("quiet", words, lang)


def plain(words: str, lang: str | None = None) -> Cell:
    """As it is, in its own language."""
    return _as("", words, lang)


def mono(words: str) -> Cell:
    """In letters of one width: ids."""
    return _as("mono", words, None)


def digest(words: str) -> Cell:
    """A SHA-256, on one line and never broken."""
    return _as("digest", words, None)


def _as(how: str, words: str, lang: str | None) -> Cell:
    told = {"text": words, "as": how}
    return told if lang is None else {**told, "lang": lang}
