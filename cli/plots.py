"""Numbers drawn with letters: bars and sparklines, plainer where the terminal cannot show them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from typing import Final

import msgspec

LEVELS: Final = "▁▂▃▄▅▆▇█"
EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
PLAIN_LEVELS: Final = "_.-=+*%#"
NARROW, WIDE = 4, 24
"""Letters that a bar may take."""
TEXT: Final = 76
"""Letters that a table of numbers takes beside its bars."""
USUAL: Final = 100


class Pen(msgspec.Struct, frozen=True):
    """With what is drawn: how many letters a bar may take, and whether they must be plain."""

    width: int = WIDE
    plain: bool = False

    def bar(self, value: float, most: float) -> str:
        """A bar as long as a value is to the largest; anything above nothing shows."""
        if most <= 0 or value <= 0:
            return ""
        eighths = max(round(8 * self.width * min(value / most, 1)), 1)
        if self.plain:
            return "#" * max(round(eighths / 8), 1)
        whole, rest = divmod(eighths, 8)
        return EIGHTHS[8] * whole + (EIGHTHS[rest] if rest else "")

    def spark(self, values: Sequence[float | None]) -> str:
        """A letter for each value, as high as it is to the largest; a blank where there is none."""
        levels = PLAIN_LEVELS if self.plain else LEVELS
        known = [value for value in values if value is not None]
        most = max(known, default=0)
        shown = [_level(value, most, levels) for value in values]
        return "".join(shown[-self.width :])

    def arrow(self, direction: str | None) -> str:
        """Up, down or level; a blank where nothing can be said."""
        letters = ("^", "v", "=") if self.plain else ("↑", "↓", "→")
        names = ("rising", "falling", "steady")
        return letters[names.index(direction)] if direction in names else ""


def _level(value: float | None, most: float, levels: str) -> str:
    if value is None:
        return " "
    return levels[round((len(levels) - 1) * value / most)] if most > 0 else levels[0]


def pen() -> Pen:
    """What standard output can show: letters of its encoding, and no more of them than fit."""
    columns = shutil.get_terminal_size((USUAL, 24)).columns
    return Pen(width=max(NARROW, min(WIDE, columns - TEXT)), plain=not _shows(LEVELS + EIGHTHS))


def _shows(letters: str) -> bool:
    if os.environ.get("TERM") == "dumb":
        return False
    try:
        letters.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
