"""Which entries name a file: whoever gets the file gets them, too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from ledger.events.imports import ReportImported

if TYPE_CHECKING:
    from ledger.event import Entry
    from ledger.store import Log

FOR_EVERYBODY: Final = ("signing-key-replaced.v1", "loss-accepted.v1")
NAMING: Final = ("report-imported.v1", "evidence-attached.v1", "rulebook-adopted.v1")
_FIELDS: Final = ("digest", "own", "shipped")


class Naming:
    """The entries of a log up to a position that name files, rulebooks and keys; read when asked."""

    def __init__(self, log: Log, position: int) -> None:
        self._log = log
        self._position = position

    def positions(self, digest: str) -> list[int]:
        """The entries that name a file by its SHA-256."""
        return self._by_digest.get(digest, [])

    def imports(self, positions: Collection[int] | None) -> Iterator[ReportImported]:
        """The files imported by these entries, or by all; the same file once, as it was told last."""
        told: dict[str, ReportImported] = {}
        for entry in self.entries:
            here = positions is None or entry.position in positions
            if here and isinstance(entry.event, ReportImported):
                told[entry.event.digest] = entry.event
        yield from told.values()

    @cached_property
    def reports(self) -> frozenset[str]:
        """The files that were imported as reports: their rows can be proved one by one."""
        return frozenset(told.digest for told in self.imports(None))

    def for_everybody(self) -> list[int]:
        """The entries that every pack has: which key replaced another, and what was given up as lost."""
        found = self._log.entries("account", topics=FOR_EVERYBODY)
        return [position for entry in found if (position := entry.position or 0) <= self._position]

    def digests(self) -> list[str]:
        """Every file that an entry names, sorted."""
        return sorted(self._by_digest)

    @cached_property
    def entries(self) -> list[Entry]:
        """Every entry that names a file or a rulebook."""
        found = self._log.entries(topics=NAMING)
        return [entry for entry in found if (entry.position or 0) <= self._position]

    @cached_property
    def _by_digest(self) -> dict[str, list[int]]:
        named: defaultdict[str, list[int]] = defaultdict(list)
        for entry in self.entries:
            event: Any = entry.event
            for digest in filter(None, {getattr(event, field, None) for field in _FIELDS}):
                named[digest].append(entry.position or 0)
        return dict(named)
