"""A moment of the log: its end when it was looked at, and how far tables have come towards it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from functools import cached_property
from typing import Any, Final, Protocol

from ledger.book import stated_in
from ledger.event import ACCOUNT_STREAM, Entry
from ledger.events import SILENT
from ledger.events.imports import ReportImported
from ledger.recall import adopted_rulebook
from ledger.store import Log
from projections.local import Crew, Told, context_of
from projections.projection import EVER, Projection
from projections.views import Standing
from projections.work import Context

GROWN_MUCH: Final = 2
"""Where the log has grown by this factor, reading it once as a whole is the shorter way."""


class Ended(Protocol):
    """A log up to one entry: this one's, or that of which a dataset was made."""

    @property
    def position(self) -> int:
        """The last entry."""

    @property
    def known_at(self) -> str | None:
        """When that was recorded."""


class Moment:
    """The log up to one entry: whatever is appended meanwhile is left for the next time."""

    def __init__(self, log: Log, position: int, known_at: str | None) -> None:
        self.log: Final = log
        self.position: Final = position
        self.known_at: Final = known_at
        self._changed: dict[int, list[str]] = {}

    @cached_property
    def imports(self) -> list[Entry]:
        """Every import of the account so far."""
        topics = [ReportImported.TOPIC]
        return list(self.log.entries(ACCOUNT_STREAM, topics=topics, known_at=self.known_at))

    @cached_property
    def stated(self) -> dict[str, str]:
        """Marketplaces stated at import, by original."""
        return stated_in(self.imports)

    def day_for(self, projection: Projection[Any]) -> date:
        """All that was told has happened; but it is judged on the day of the account's last telling."""
        return self.last_told if projection.judges else EVER

    @cached_property
    def last_told(self) -> date:
        """The day of the account's last telling."""
        return told_last(self.imports)

    def changed_after(self, position: int) -> list[str]:
        """The streams that have entries recorded after a position from which anything is folded, by name."""
        if position not in self._changed:
            self._changed[position] = self.log.changed_streams(position, but_for=SILENT)
        return self._changed[position]

    def crew(self) -> Crew:
        """Who folds."""
        told = Told(
            url=self.log.url,
            account=self.log.account,
            known_at=self.known_at,
            stated=self.stated,
        )
        return Crew(self.log, told, self.position)

    def context(self, crew: Crew, excerpts: bytes, days: Collection[date]) -> Context:
        """What cases are folded and judged with on these days."""
        rulebook = adopted_rulebook(self.log, self.known_at).to_json()
        return context_of(self.log, crew.told, rulebook, days, excerpts)


def latest_moment(log: Log) -> Moment:
    """The end of the log, as it is now."""
    while True:
        position = log.position()
        known_at = log.recorded_at()
        if position == log.position():
            return Moment(log, position, known_at)


def moment_of(standing: Standing, log: Log) -> Moment | None:
    """The moment to which a table has come; None where this log never came to it."""
    if standing.position == 0:
        return Moment(log, 0, None)
    for entry in log.entries(after=standing.position - 1):
        if (entry.position, entry.recorded_at) == (standing.position, standing.known_at):
            return Moment(log, standing.position, standing.known_at)
        break
    return None


def is_there(standing: Standing | None, projection: Projection[Any], moment: Moment) -> bool:
    """True where the table of a projection needs nothing to be of that moment."""
    return standing is not None and has_come_to(standing, projection.version, moment)


def has_come_to(standing: Standing, version: int, moment: Moment) -> bool:
    """The same of any table that is kept."""
    return (standing.version, standing.position, standing.known_at) == (
        version,
        moment.position,
        moment.known_at,
    )


def goes_on(standing: Standing, version: int, moment: Moment) -> bool:
    """False where everything must be made again: another version or log, other marketplaces of old rows."""
    if standing.version != version:
        return False
    if standing.position * GROWN_MUCH < moment.position:
        return False
    before = moment_of(standing, moment.log)
    return before is not None and not _restated(before, moment)


def _restated(before: Moment, now: Moment) -> bool:
    """True where another marketplace was stated for a file that had been imported before."""
    known = [entry for entry in now.imports if (entry.position or 0) <= before.position]
    digests = {entry.event.digest for entry in known if isinstance(entry.event, ReportImported)}
    stated_before = stated_in(known)
    return any(now.stated.get(digest) != stated_before.get(digest) for digest in digests)


def last_told(log: Log, position: int, known_at: str | None) -> date:
    """The day of the account's last telling, on which the live tables judge; `EVER` where none is told."""
    return Moment(log, position, known_at).last_told


def told_last(imports: Iterable[Entry]) -> date:
    """The same, of the account's imports."""
    told = [
        entry.event.told_at[:10]
        for entry in imports
        if isinstance(entry.event, ReportImported) and entry.event.told_at
    ]
    return date.fromisoformat(max(told)) if told else EVER
