"""Which letters the typefaces have: what they lack is written by its number, so that nothing is lost or hidden."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any, Final

SEALED: Final = re.compile(r"sealed:[A-Za-z0-9_-]{38,}")
"""A value that is personal, as it stands in the log: 12 bytes of nonce and 16 of tag at the least."""
SOFT: Final = "\N{ZERO WIDTH SPACE}"
"""Where a long word may be broken."""
LONG: Final = 66
"""A word of more letters may be broken inside: a full line has room for a whole SHA-256.

A place to break is a letter of its own to who copies the text, so no more are set than are needed.
"""
NARROW: Final = 24
"""The same in the cells of a table; no id of Amazon's is so long."""
_STEP: Final = 8
_PART: Final = 20
_HIDDEN: Final = frozenset(("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"))
"""What steers or stands for nothing: a letter that turns the line around must not pass unseen."""
_WORD: Final = re.compile(r"\S+")
_AFTER: Final = re.compile(r"(?<=[-_/.:,;@&=+])(?=\w)|(?<=[a-z])(?=[A-Z])")


@cache
def letters() -> frozenset[int]:
    """Every letter that can be set."""
    source = files("cli.dossier").joinpath("letters.txt").read_text(encoding="ascii")
    found: set[int] = set()
    for span in source.split():
        first, _, last = span.partition("-")
        found.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(found)


PLAIN: Final = frozenset((*range(0x20, 0x7F), *range(0xA0, 0x180), 0x2013, 0x2014, 0x2026, 0x2212))
"""Letters that stand alone in every typeface: no sign before or behind them changes their shape."""


def shown(text: str, known: frozenset[int] | None = None) -> str:
    """The text as it can be set; letters that the typefaces lack, and hidden ones, by their numbers."""
    known = letters() if known is None else known
    text = SEALED.sub("[sealed]", text.replace("\r\n", "\n").replace("\t", "    "))
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    told: list[str] = []
    odd: list[str] = []
    for letter in text:
        if _can_be_set(letter, known):
            if odd:
                told.append(f"[U+{' '.join(odd)}]")
                odd = []
            told.append(letter)
        else:
            odd.append(f"{ord(letter):04X}")
    if odd:
        told.append(f"[U+{' '.join(odd)}]")
    return "".join(told)


def _can_be_set(letter: str, known: frozenset[int]) -> bool:
    if letter == "\n":
        return True
    return ord(letter) in known and unicodedata.category(letter) not in _HIDDEN


def breakable(text: str, long: int = LONG) -> str:
    """The text with places at which long words may be broken: a SKU may have any length."""
    if len(text) <= long:
        return text
    return _WORD.sub(lambda word: _broken(word[0]) if len(word[0]) > long else word[0], text)


def _broken(word: str) -> str:
    parts = [part for part in _AFTER.split(word) if part]
    pieces = [part[start : start + _STEP] for part in parts for start in range(0, len(part), _STEP)]
    return SOFT.join(pieces)


def as_set(told: Any, long: int = LONG, known: frozenset[int] | None = None) -> Any:
    """All texts in a structure as they can be set."""
    if isinstance(told, str):
        return breakable(shown(told, known), long)
    if isinstance(told, dict):
        if told.get("as") == "digest":
            return told
        return {
            key: as_set(value, NARROW if key == "rows" else long, known)
            for key, value in told.items()
        }
    if isinstance(told, list | tuple):
        return [as_set(one, long, known) for one in told]
    return told


def has_odd(told: Any) -> bool:
    """True where a letter had to be written by its number."""
    if isinstance(told, str):
        return "[U+" in shown(told)
    if isinstance(told, dict):
        return any(has_odd(value) for value in told.values())
    return isinstance(told, list | tuple) and any(has_odd(one) for one in told)
