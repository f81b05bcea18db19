"""The fixed words of a dossier in each language, and how that language writes days, moments and amounts."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from cli.drafting import said_day, said_money
from ledger.values import BY_CODE, Money, in_words, is_day

Lang = Literal["en", "sv", "de"]
LANGS: Final[tuple[Lang, ...]] = ("en", "sv", "de")
HARD: Final = "\N{NO-BREAK SPACE}"
"""Between a number and what it counts."""
MINUS: Final = "\N{MINUS SIGN}"
_LOCALES: Final[dict[Lang, str]] = {"en": "en_GB", "sv": "sv_SE", "de": "de_DE"}


@cache
def _read(lang: Lang) -> dict[str, Any]:
    source = files("cli.dossier").joinpath("words", f"{lang}.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)


class Words:
    """What a dossier says in one language."""

    def __init__(self, lang: Lang) -> None:
        self.lang: Final = lang
        self._words = _read(lang)

    def __call__(self, key: str, /, **facts: object) -> str:
        """A fixed text with its facts; a fact is set as it is, whatever stands in it."""
        text: str = self._words[key]
        return text.format(**facts)

    def of(self, table: str, key: str, /, **facts: object) -> str:
        """A word from a table; a code that has none stays as the trade writes it."""
        text: str | None = self._words[table].get(key)
        return in_words(key) if text is None else text.format(**facts)

    def event(self, topic: str) -> str:
        """What a kind of event is called."""
        name = topic.rpartition(".")[0]
        return self.of("events", name).replace("-", " ")

    def units(self, count: int) -> str:
        """`1 unit`, `2 units`."""
        return self("unit_one") if count == 1 else self("unit_many", count=self.number(count))

    def rows(self, count: int) -> str:
        """`no row`, `1 row`, `2 rows`."""
        return self._counted("row", count)

    def files(self, count: int) -> str:
        """`no file of our own`, `1 file of our own`, `2 files of our own`."""
        return self._counted("file", count)

    def reports(self, count: int) -> str:
        """`no report`, `1 report`, `2 reports`."""
        return self._counted("report", count)

    def _counted(self, what: str, count: int) -> str:
        which = {0: "none", 1: "one"}.get(count, "many")
        return self(f"{what}_{which}", count=self.number(count))

    def number(self, number: int) -> str:
        """A whole number with its thousands apart."""
        from babel.numbers import format_decimal

        return format_decimal(number, locale=_LOCALES[self.lang])

    def long_day(self, day: date) -> str:
        """A day in a sentence: `7 September 2026`."""
        return said_day(day, self.lang) or ""

    def day(self, day: date) -> str:
        """A day in a table: `7 Sept 2026`."""
        from babel.dates import format_date

        return format_date(day, "medium", locale=_LOCALES[self.lang])

    def moment(self, told: str) -> str:
        """A moment in UTC, to the second; a day stays a day."""
        if is_day(told):
            return self.day(date.fromisoformat(told))
        moment = datetime.fromisoformat(told)
        return f"{self.day(moment.date())}, {moment:%H:%M:%S} UTC"

    def hour(self, told: str, marketplace: str | None) -> str:
        """The hour of a moment in its store's zone, where its day was taken, too; empty for a day."""
        if is_day(told):
            return ""
        market = BY_CODE.get(marketplace or "")
        zone = ZoneInfo(market.zone) if market else UTC
        return f"{datetime.fromisoformat(told).astimezone(zone):%H:%M:%S %Z}"

    def money(self, amount: Money) -> str:
        """An amount with its currency; what is less than nothing has a minus, no hyphen."""
        return (said_money(amount, self.lang) or "").replace("-", MINUS).replace(" ", HARD)

    def list(self, things: Iterable[object]) -> str:
        """Things one after the other."""
        return ", ".join(str(one) for one in things) or self("none")
