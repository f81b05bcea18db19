"""A pack that is well signed and says what it should not is refused in words, before anything is made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli.packs import reading
from cli.packs.reading import opened
from ledger.errors import LedgerError, UnreadableFile
from tests.verifiers.making import PHOTO, REPORT, RULES, SEALED, STORY, Making, Told, hex_of, ndjson

FILES = {hex_of(REPORT): SEALED, hex_of(PHOTO): PHOTO, hex_of(RULES): RULES}


def listing() -> bytes:
    return ndjson(
        {
            "bytes": len(data),
            "digest": digest,
            "sealed": None if hex_of(data) == digest else hex_of(data),
        }
        for digest, data in sorted(FILES.items())
    )


def made(*more: Told) -> Making:
    return Making([*STORY, *more]).with_files(
        {f"originals/{digest}": data for digest, data in FILES.items()}
    )


def test_the_originals_are_those_of_the_list(tmp_path: Path) -> None:
    output = made().with_files({"originals.ndjson": listing()}).zip(tmp_path / "pack.zip")

    with opened(output) as pack:
        assert {kept.digest: data for kept, data in pack.originals()} == FILES


def test_files_that_are_there_and_not_listed_would_be_lost(tmp_path: Path) -> None:
    output = made().zip(tmp_path / "pack.zip")

    with pytest.raises(LedgerError, match="3 of the files"), opened(output):
        pass


def test_a_file_that_unpacks_to_more_than_is_kept_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BYTES_MAX", len(SEALED) - 1)
    output = made().with_files({"originals.ndjson": listing()}).zip(tmp_path / "pack.zip")

    with pytest.raises(UnreadableFile, match="larger than anything"), opened(output) as pack:
        list(pack.originals())


@pytest.mark.parametrize("changed", [{"views": 7}, {"views": {"status": {"rows": "x"}}}])
def test_a_manifest_that_says_something_else_is_refused(
    changed: dict[str, Any], tmp_path: Path
) -> None:
    pack = made().with_files({"originals.ndjson": listing()})
    pack.changed = changed

    with pytest.raises(UnreadableFile), opened(pack.signed().zip(tmp_path / "pack.zip")):
        pass


def test_an_entry_that_names_no_file_by_what_should_be_its_digest_is_refused(
    tmp_path: Path,
) -> None:
    pack = made(Told("account", "rulebook-adopted.v1", {"digest": [1]}))
    output = pack.with_files({"originals.ndjson": listing()}).folder(tmp_path / "pack")

    with pytest.raises(UnreadableFile), opened(output):
        pass
