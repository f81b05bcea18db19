"""Small frozen values with one meaning: money, days, marketplaces, identifiers."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from ledger.errors import CurrencyMismatch

EXPONENTS: Final[dict[str, int]] = {
    **dict.fromkeys(
        "USD CAD MXN BRL GBP EUR SEK PLN TRY AED SAR EGP INR SGD AUD CZK DKK NOK CHF HUF ZAR CNY COP NZD HKD".split(),
        2,
    ),
    "JPY": 0,
    "KRW": 0,
    "CLP": 0,
    "KWD": 3,
    "BHD": 3,
    "JOD": 3,
}
"""Decimal places of each currency (ISO 4217)."""


class Money(msgspec.Struct, frozen=True, order=True, gc=False):
    """An exact amount: integer minor units and an ISO 4217 code; it never adds two currencies."""

    minor: int
    currency: str

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.minor * times, self.currency)

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} cannot be added")

    @property
    def text(self) -> str:
        """The amount as a decimal string without the currency: `-12.34`."""
        places = EXPONENTS[self.currency]
        digits = f"{abs(self.minor):0{places + 1}d}"
        sign = "-" if self.minor < 0 else ""
        return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"

    def __str__(self) -> str:
        return f"{self.text} {self.currency}"

    @classmethod
    def of(cls, text: str, currency: str) -> Money:
        """The exact amount that a decimal string tells.

        Raises ValueError where the currency is unknown, the text is no plain decimal number, or it has
        more decimals than the currency (trailing zeros are no decimals).
        """
        if currency not in EXPONENTS:
            raise ValueError(f"unknown currency {currency!r}")
        if not _DECIMAL.fullmatch(text):
            raise ValueError(f"not an amount: {text!r}")
        try:
            scaled = Decimal(text).scaleb(EXPONENTS[currency])
        except InvalidOperation as error:  # pragma: no cover - the pattern refuses these first
            raise ValueError(f"not an amount: {text!r}") from error
        if scaled != scaled.to_integral_value():
            raise ValueError(f"more decimals than {currency} has: {text!r}")
        return cls(int(scaled), currency)


_DECIMAL = re.compile(r"[+-]?\d{1,15}(\.\d{1,6})?")


class Marketplace(msgspec.Struct, frozen=True):
    """One Amazon store: its code, region, currency, clock and the names that reports use for it."""

    code: str
    region: str
    currency: str
    zone: str
    domain: str


MARKETPLACES: Final[tuple[Marketplace, ...]] = (
    Marketplace("US", "NA", "USD", "America/Los_Angeles", "amazon.com"),
    Marketplace("CA", "NA", "CAD", "America/Los_Angeles", "amazon.ca"),
    Marketplace("MX", "NA", "MXN", "America/Los_Angeles", "amazon.com.mx"),
    Marketplace("BR", "NA", "BRL", "America/Sao_Paulo", "amazon.com.br"),
    Marketplace("UK", "EU", "GBP", "Europe/London", "amazon.co.uk"),
    Marketplace("IE", "EU", "EUR", "Europe/Dublin", "amazon.ie"),
    Marketplace("DE", "EU", "EUR", "Europe/Berlin", "amazon.de"),
    Marketplace("FR", "EU", "EUR", "Europe/Paris", "amazon.fr"),
    Marketplace("IT", "EU", "EUR", "Europe/Rome", "amazon.it"),
    Marketplace("ES", "EU", "EUR", "Europe/Madrid", "amazon.es"),
    Marketplace("NL", "EU", "EUR", "Europe/Amsterdam", "amazon.nl"),
    Marketplace("BE", "EU", "EUR", "Europe/Brussels", "amazon.com.be"),
    Marketplace("SE", "EU", "SEK", "Europe/Stockholm", "amazon.se"),
    Marketplace("PL", "EU", "PLN", "Europe/Warsaw", "amazon.pl"),
    Marketplace("TR", "EU", "TRY", "Europe/Istanbul", "amazon.com.tr"),
    Marketplace("AE", "EU", "AED", "Asia/Dubai", "amazon.ae"),
    Marketplace("SA", "EU", "SAR", "Asia/Riyadh", "amazon.sa"),
    Marketplace("EG", "EU", "EGP", "Africa/Cairo", "amazon.eg"),
    Marketplace("IN", "EU", "INR", "Asia/Kolkata", "amazon.in"),
    Marketplace("JP", "FE", "JPY", "Asia/Tokyo", "amazon.co.jp"),
    Marketplace("AU", "FE", "AUD", "Australia/Sydney", "amazon.com.au"),
    Marketplace("SG", "FE", "SGD", "Asia/Singapore", "amazon.sg"),
)
"""Every store this ledger knows, with the zone in which its days end."""

BY_CODE: Final = {market.code: market for market in MARKETPLACES}
_BY_NAME: Final = {
    **{market.domain: market.code for market in MARKETPLACES},
    **{market.code.lower(): market.code for market in MARKETPLACES},
    "gb": "UK",
}


def marketplace_named(name: str) -> str | None:
    """The code for a store as a report names it (`Amazon.de`, `amazon.co.uk`, `GB`), or None."""
    return _BY_NAME.get(name.strip().lower().removeprefix("www."))


@lru_cache(maxsize=64)
def _zone(marketplace: str | None) -> ZoneInfo:
    known = BY_CODE.get(marketplace or "")
    return ZoneInfo(known.zone if known else "UTC")


_DAY_LENGTH: Final = len("2026-03-01")
_HOUR_LENGTH: Final = len("2026-03-01T17")
_SECONDS_LENGTH: Final = len("2026-03-01T17:10:59")


def is_day(told: str) -> bool:
    """True for a day, false for a moment: of what is told with a day only, nobody knows the hour."""
    return len(told) == _DAY_LENGTH


def day_told(told: str) -> date:
    """The day of a day or of a moment, as it is written."""
    return date.fromisoformat(told[:_DAY_LENGTH])


def instant(moment: datetime) -> str:
    """A moment as the ledger writes it: UTC, `2016-04-08T04:46:57Z`, microseconds only where there are any."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a zone")
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


def day_of(occurred_at: str, marketplace: str | None) -> date:
    """The calendar day of a fact in its marketplace's zone (UTC where that is unknown).

    A fact told with a day only is that day, wherever it happened. Most moments share their hour with
    others, and nearly every hour lies within one day of a zone: those are looked up.
    """
    if occurred_at[_SECONDS_LENGTH:] == "Z":
        day = _day_of_hour(occurred_at[:_HOUR_LENGTH], marketplace)
        return _day_of_moment(occurred_at, marketplace) if day is None else day
    if len(occurred_at) == _DAY_LENGTH:
        return _day_written(occurred_at)
    return _day_of_moment(occurred_at, marketplace)


@lru_cache(maxsize=16384)
def _day_written(told: str) -> date:
    return date.fromisoformat(told)


@lru_cache(maxsize=65536)
def _day_of_hour(hour: str, marketplace: str | None) -> date | None:
    """The day in which an hour of UTC (`2026-03-01T17`) lies as a whole, None where it lies in two."""
    if hour[_DAY_LENGTH] != "T":
        return None
    first = datetime.fromisoformat(f"{hour}:00:00+00:00").astimezone(_zone(marketplace))
    last = datetime.fromisoformat(f"{hour}:59:59.999999+00:00").astimezone(_zone(marketplace))
    if first.utcoffset() != last.utcoffset() or first.date() != last.date():
        return None
    return first.date()


def _day_of_moment(occurred_at: str, marketplace: str | None) -> date:
    return datetime.fromisoformat(occurred_at).astimezone(_zone(marketplace)).date()


ORDER_ID: Final = re.compile(r"\d{3}-\d{7}-\d{7}|[A-Z]\d{2}-\d{7}-\d{7}")
"""An Amazon order id (3-7-7 digits) or a multi-channel one (`S01-...`)."""


def is_order_id(text: str) -> bool:
    """True for `114-2962899-5762619` and `S01-1234567-1234567`."""
    return ORDER_ID.fullmatch(text) is not None


@lru_cache(maxsize=4096)
def code(text: str) -> str:
    """A code folded for comparison: `Lost_Warehouse` and `LOST WAREHOUSE` are one; kept verbatim elsewhere."""
    return re.sub(r"[\s_-]+", "_", text.strip()).upper()


_WRITTEN: Final = {
    "safe_t": "SAFE-T",
    "a_to_z": "A-to-z",
    "a_to_z_appeal": "A-to-z appeal",
    "fba": "FBA",
    "csba": "customer service by Amazon",
}


def in_words(code_: str) -> str:
    """A code as the trade writes it: `safe_t` is SAFE-T, `carrier_return` is `carrier return`."""
    return _WRITTEN.get(code_) or code_.replace("_", " ")
