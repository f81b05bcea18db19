"""A log to try things on: what is appended is known for a while, and nothing of it is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain

import msgspec

from ledger.event import Entry
from ledger.store import Log, Original


class Rehearsal(Log):
    """A log as another one stands, and as it would stand after what is tried on it.

    It knows what recording a deed asks of a log. Whatever else is asked of it fails, rather than be answered
    from half of what there is.
    """

    def __init__(self, log: Log) -> None:
        self._real = log
        self.account = log.account
        self._added: list[Entry] = []
        self._tried: dict[str, bytes] = {}

    def append(
        self, entries: Sequence[Entry], *, originals: Sequence[Original | bytes] = ()
    ) -> list[Entry]:
        """Take entries in as the log would, each with the position that it would get."""
        first, moment = self.position() + 1, self.now()
        placed = [
            msgspec.structs.replace(entry, position=first + number, recorded_at=moment)
            for number, entry in enumerate(entries)
        ]
        self._added += placed
        tried = map(Original.of, originals)
        self._tried.update({original.digest: original.content for original in tried})
        return placed

    def entries(
        self,
        stream: str | None = None,
        *,
        after: int = 0,
        until: int | None = None,
        known_at: str | None = None,
        topics: Collection[str] = (),
    ) -> Iterator[Entry]:
        """The log's entries, then those that were tried."""
        tried = (
            entry
            for entry in self._added
            if stream in (None, entry.stream)
            and after < (entry.position or 0)
            and (until is None or (entry.position or 0) <= until)
            and (not topics or entry.event.TOPIC in topics)
        )
        return chain(
            self._real.entries(stream, after=after, until=until, known_at=known_at, topics=topics),
            tried,
        )

    def streams(
        self, names: Collection[str], *, known_at: str | None = None
    ) -> dict[str, list[Entry]]:
        """The entries of many streams, those that were tried at the end of each."""
        found = self._real.streams(names, known_at=known_at)
        for entry in self._added:
            if entry.stream in found:
                found[entry.stream].append(entry)
        return found

    def heads(self, names: Iterable[str]) -> dict[str, int]:
        """The highest version of each stream."""
        heads = self._real.heads(names)
        for entry in self._added:
            if entry.stream in heads:
                heads[entry.stream] = max(heads[entry.stream], entry.version)
        return heads

    def now(self) -> str:
        """The moment by the log's clock."""
        return self._real.now()

    def position(self) -> int:
        """The last position."""
        return self._real.position() + len(self._added)

    def recorded_at(self) -> str | None:
        """When the last entry was recorded."""
        return self._added[-1].recorded_at if self._added else self._real.recorded_at()

    def original(self, digest: str) -> bytes:
        """A file that is kept, or would be."""
        return self._tried[digest] if digest in self._tried else self._real.original(digest)

    def kept(self, digest: str) -> bytes:
        """A file as it is kept, or would be."""
        return self._tried[digest] if digest in self._tried else self._real.kept(digest)

    def has_original(self, digest: str) -> bool:
        """True where the file with this SHA-256 is kept, or would be."""
        return digest in self._tried or self._real.has_original(digest)
