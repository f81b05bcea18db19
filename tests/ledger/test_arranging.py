"""A file that another process compares leaves the very entries that it leaves when this one does."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pytest

from ledger import importing
from ledger.arranging import Arranger
from ledger.comparing import Compared
from ledger.importing import FileResult, Statement, import_file
from ledger.keystore import KeyStore
from ledger.slicing import Cutting
from ledger.store import Head, Log
from tests.ledger.test_sealing import plain, row
from tests.ledger.test_slicing import WHOLE, keys, log, other, words

__all__ = ["keys", "log", "other"]

APART: Final = Cutting(sliced_from=0, slice_bytes=2000, processes=1)


def text_of(comment: str) -> str:
    """Sixty units of seventeen orders, every other one with a licence plate."""
    rows = [
        row(comment and f"{comment} {at}", f"114-00000{at % 17:02}-0000001") for at in range(60)
    ]
    for at, cells in enumerate(rows[::2]):
        cells[-2] = f"LPN{at}"
    return plain(*rows)


def files_in(folder: Path, text: str) -> list[tuple[Path, str]]:
    """Files with the day on which each was told: repeats, a change, and a story of an earlier day."""
    texts = {
        "2026-06-20": text,
        "2026-06-21": text + "\r\n",
        "2026-06-25": text.replace("SELLABLE", "DEFECTIVE", 7),
        "2026-06-22": text.replace("SELLABLE", "DAMAGED", 3),
    }
    files = []
    for number, (day, told) in enumerate(texts.items()):
        path = folder / f"{number}.txt"
        path.write_bytes(told.encode())
        files.append((path, day))
    return files


def imported(
    log: Log, files: list[tuple[Path, str]], cutting: Cutting, keys: KeyStore | None = None
) -> list[FileResult]:
    return [
        import_file(
            log,
            path,
            path.name,
            Statement(actor="seller", command_id="c", marketplace="US", told_at=day),
            keys=keys,
            cutting=cutting,
        )
        for path, day in files
    ]


def test_another_process_leaves_what_this_one_leaves(log: Log, other: Log, tmp_path: Path) -> None:
    files = files_in(tmp_path, text_of(""))
    results = imported(log, files, APART)

    assert results == imported(other, files, WHOLE)
    assert list(log.raw_lines()) == list(other.raw_lines())
    assert all(check.ok for check in log.verify())
    assert any(one.revised for one in results)
    assert any(one.unchanged for one in results)


def test_what_is_personal_is_sealed_by_this_process_alone(
    log: Log, other: Log, keys: KeyStore, tmp_path: Path
) -> None:
    files = files_in(tmp_path, text_of("Erika Berg"))

    assert imported(log, files, APART, keys) == imported(other, files, WHOLE, keys)
    assert words(log, keys) == words(other, keys)
    assert len(words(log, keys)) >= 60


def test_a_process_that_is_gone_is_done_without(
    log: Log, other: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[int] = []

    class Killed(Arranger):
        """It is killed when it is asked, or after its first answer."""

        def batches(self, head: Head) -> Iterator[Compared]:
            answers = super().batches(head)
            if len(gone) % 2:
                yield from islice(answers, 1)
            self._process.kill()
            self._process.join()
            gone.append(head.position)
            yield from answers

    monkeypatch.setattr(importing, "Arranger", Killed)
    files = files_in(tmp_path, text_of(""))

    assert imported(log, files, APART) == imported(other, files, WHOLE)
    assert list(log.raw_lines()) == list(other.raw_lines())
    assert len(files) == len(gone)


def test_what_the_other_process_raises_is_raised_and_nothing_is_written(
    log: Log, other: Log, tmp_path: Path
) -> None:
    first, _again, changed, _earlier = files_in(tmp_path, text_of(""))
    raised: list[Any] = []
    for one, cutting in ((log, APART), (other, WHOLE)):
        imported(one, [first], WHOLE)
        with sqlite3.connect(one.url.removeprefix("sqlite:///")) as damaging:
            damaging.execute("DROP TRIGGER entries_refuse_update")
            damaging.execute("UPDATE entries SET state = CAST('{}' AS BLOB) WHERE position = 7")
        damaging.close()
        before = list(one.raw_lines())
        with pytest.raises(Exception) as error:  # noqa: PT011  the same, whatever it is
            imported(one, [changed], cutting)
        raised.append((type(error.value), str(error.value)))

        assert before == list(one.raw_lines())

    assert raised[0] == raised[1]
