"""The views of a log as it stood at an entry: their rows, and the digests by which two are compared."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from ledger.recall import Recall
from projections import PROJECTIONS
from projections.catching_up import Progress, catch_up, rows_at
from projections.views import Fingerprint, Views, open_views

if TYPE_CHECKING:
    from ledger.store import Log


class Viewed(msgspec.Struct, frozen=True, kw_only=True):
    """The rows of one projection."""

    version: int
    rows: int
    digest: str
    """SHA-256 over the rows, one JSON array a line: what `rebuild --verify` shows of whole tables."""


def viewed(
    log: Log, address: str, position: int, progress: Progress | None = None
) -> dict[str, Viewed]:
    """Every view at a position: the live tables, where they stand there, else folded anew."""
    known_at = recorded_at(log, position)
    with closing(open_views(address, log.account)) as views:
        if views.may_fill and log.position() == position:
            catch_up(Recall(log, date.max), views, progress)
        live = {one.name: _live(views, position, known_at, one.name) for one in PROJECTIONS}
    folded = None if all(live.values()) else _folded(log, position, known_at, progress)
    found = {}
    for one in PROJECTIONS:
        told = live[one.name] or (folded or {})[one.name]
        found[one.name] = told
    return found


def recorded_at(log: Log, position: int) -> str | None:
    """When the entry at a position was recorded; None at the beginning."""
    return log.entries_at([position])[position].recorded_at if position else None


def _live(views: Views, position: int, known_at: str | None, name: str) -> Viewed | None:
    projection = next(one for one in PROJECTIONS if one.name == name)
    standing, digest = views.digest(projection)
    if standing is None or digest is None:
        return None
    if (standing.position, standing.known_at) != (position, known_at):
        return None
    return Viewed(version=projection.version, rows=standing.rows, digest=digest)


def _folded(
    log: Log, position: int, known_at: str | None, progress: Progress | None
) -> dict[str, Viewed]:
    fingerprints = {one.name: Fingerprint() for one in PROJECTIONS}
    for projection, values in rows_at(log, position, known_at, progress=progress):
        fingerprints[projection.name].add(values)
    return {
        one.name: Viewed(
            version=one.version,
            rows=fingerprints[one.name].rows,
            digest=fingerprints[one.name].digest,
        )
        for one in PROJECTIONS
    }
