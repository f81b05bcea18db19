"""The work of folding done on this machine: by this process alone, or by several where there is much to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import msgspec

from ledger.store import Log
from projections.projection import EVER
from projections.work import Context, excerpt_cases, streams_after


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A log as it was known at a moment, and what was stated of its files: what a worker reads of it."""

    url: str
    account: str
    known_at: str | None
    stated: Mapping[str, str]


def context_of(
    log: Log, told: Told, rulebook: bytes, days: Iterable[date], excerpts: bytes
) -> Context:
    """What every case is folded with: the excerpts, and those that are others on one of the days."""
    on_days = {}
    for day in set(days) - {EVER}:
        streams = streams_after(excerpts, day)
        cases = log.stored_streams(streams, known_at=told.known_at)
        if changed := excerpt_cases(told.stated, cases, day):
            on_days[day] = changed
    return Context(rulebook=rulebook, stated=told.stated, excerpts=excerpts, on_days=on_days)
