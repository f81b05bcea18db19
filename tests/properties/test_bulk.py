"""A file that is read in slices, or recognised the short way, leaves the very entries that the thorough way leaves."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from ledger import comparing
from ledger.events import BY_TOPIC
from ledger.importing import FileResult, import_file
from ledger.slicing import Cutting
from ledger.store import open_log
from tests.properties.worlds import Download, downloads

WHOLE: Final = Cutting(sliced_from=1 << 30)


def left(files: Sequence[Download], cutting: Cutting) -> tuple[list[FileResult], list[bytes]]:
    """What the imports of some files said, and every line that they left in a log."""
    clock = iter(datetime(2026, 7, 1, n // 60, n % 60, tzinfo=UTC) for n in range(1000))
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'ledger.db'}"
        log = open_log(url, "bulk", event_types=BY_TOPIC, clock=lambda: next(clock))
        try:
            results = [
                import_file(log, file.data, f"{number}.txt", file.statement, cutting=cutting)
                for number, file in enumerate(files)
            ]
            return results, list(log.raw_lines())
        finally:
            log.close()


@given(downloads(), st.integers(40, 400))
def test_a_file_in_slices_leaves_what_the_whole_file_leaves(
    files: list[Download], size: int
) -> None:
    sliced = Cutting(sliced_from=0, slice_bytes=size, processes=0)

    assert left(files, sliced) == left(files, WHOLE)


@given(downloads())
def test_the_short_way_leaves_what_the_thorough_way_leaves(files: list[Download]) -> None:
    with patch.object(comparing, "plainly", lambda *_: None):
        thorough = left(files, WHOLE)

    assert left(files, WHOLE) == thorough
