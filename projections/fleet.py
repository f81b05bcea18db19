"""Many accounts audited, each by itself and by whoever is free: what is owed to each, or why that cannot be said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from ledger.dataset import Place
from ledger.errors import LedgerError
from ledger.judging import audit
from ledger.policy import Finding
from ledger.recall import Recall
from projections.spread import Engine, in_order


class Sum(msgspec.Struct, frozen=True, kw_only=True):
    """The findings of one verdict in one currency."""

    verdict: str
    currency: str | None
    findings: int
    minor: int
    """What is open of them, in the currency's minor units."""


class Audited(msgspec.Struct, frozen=True, kw_only=True):
    """What an audit of one account came to; of one that cannot be read, why."""

    account: str
    entries: int = 0
    sums: tuple[Sum, ...] = ()
    error: str | None = None
    advice: str = ""


def audited(place: Place, as_of: date, known_at: str | None) -> Audited:
    """The audit of one account, by its log alone; nothing is recorded, and trouble with it is an answer, too."""
    try:
        log = place.open()
        try:
            recall = Recall(log, as_of, known_at)
            found = tuple(_sums(audit(recall)))
            return Audited(account=place.account, entries=log.position(), sums=found)
        finally:
            log.close()
    except LedgerError as error:
        return in_trouble(place.account, error)


def in_trouble(account: str, error: LedgerError) -> Audited:
    """What is said of an account that cannot be audited; it is named there once."""
    error.name_account(account)
    return Audited(account=account, error=str(error), advice=error.advice())


def _sums(findings: Iterator[Finding]) -> Iterator[Sum]:
    counted: dict[tuple[str, str | None], tuple[int, int]] = {}
    for one in findings:
        amount = one.amount_open
        key = (one.verdict, amount.currency if amount else None)
        number, minor = counted.get(key, (0, 0))
        counted[key] = (number + 1, minor + (amount.minor if amount else 0))
    for (verdict, currency), (number, minor) in sorted(counted.items(), key=_by_name):
        yield Sum(verdict=verdict, currency=currency, findings=number, minor=minor)


def _by_name(item: tuple[tuple[str, str | None], object]) -> tuple[str, str]:
    (verdict, currency), _counted = item
    return verdict, currency or ""


def audit_each(
    engine: Engine, places: Sequence[Place], as_of: date, known_at: str | None
) -> Iterator[Audited]:
    """Every account, in the order in which they are named; one that cannot be audited stops no other."""
    work = (engine.submit(audited, place, as_of, known_at) for place in places)
    for place, promise in zip(places, in_order(engine, work), strict=True):
        try:
            yield engine.result(promise)
        except LedgerError as error:  # the worker that had it was lost, time and again
            yield in_trouble(place.account, error)
