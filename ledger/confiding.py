"""What a file tells of persons, sealed while its facts are compared, and recorded behind all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ledger.comparing import Compared, Confides, Disturbed
from ledger.event import Entry, Source
from ledger.gathering import Rows
from ledger.keystore import KeyStore
from ledger.persons import confided, keep_erased, marks_in
from ledger.spool import Spool, packed_run
from ledger.store import Encoded, Log


class Confiding:
    """What is told of persons, on its way into the order of the streams."""

    def __init__(self, log: Log, rows: Rows, keys: KeyStore | None) -> None:
        self._log = log
        self._rows = rows
        self._keys = keys
        self._later: list[Confides] = []
        self._spool: Spool | None = None

    def take(self, compared: Compared) -> None:
        """Seal what some streams tell; what is told of one whose facts are not all told yet waits."""
        if self._keys is not None and compared.erased:
            keep_erased(map(self._log.read, compared.erased), self._keys)
        self._seal([one for one in compared.confides if not one.waits])
        self._later += [one for one in compared.confides if one.waits]

    def batches(self, disturbed: Disturbed) -> Iterator[list[Encoded]]:
        """All of it by stream, now that all facts are told.

        So a stream's neighbours lie beside it here as among the facts: whoever reads by stream, or looks
        into an index by it, finds the next entry near the last one, and not anywhere in the file.
        """
        streams = disturbed.streams
        self._seal([one._replace(version=streams[one.stream].version) for one in self._later])
        if self._spool is not None:
            for rows in self._spool.batches():
                yield [Encoded(*row) for row in rows]
            self._spool.close()

    def _seal(self, confides: Sequence[Confides]) -> None:
        """Put what is told into the spool, as it is appended; no row is more or less new by it."""
        if self._keys is None or not confides:
            return
        told = self._rows.told
        versions = {one.stream: one.version for one in confides}
        marks = {one.stream: marks_in(map(self._log.read, one.stored)) for one in confides}
        rows = self._rows.again([row for one in confides for row in one.rows])
        sealed: list[tuple[Any, ...]] = []
        for one in confided(rows, told.form, marks, self._keys):
            versions[one.stream] += 1
            entry = Entry(
                stream=one.stream,
                version=versions[one.stream],
                event=one.event,
                occurred_at=told.told_at or self._log.now(),
                actor=told.statement.actor,
                source=Source(digest=told.digest, row=one.row),
                correlation=told.statement.command_id,
            )
            sealed.append((one.stream, entry.version, *self._log.encoded(entry)))
        if sealed:
            self._spool = self._spool or Spool()
            self._spool.add(packed_run(sealed))
