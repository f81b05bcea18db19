"""A dataset holds every entry once, each case whole in one file, and proves that it is the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pyarrow as pa
import pytest
from pyarrow import parquet

from ledger.dataset import (
    MANIFEST,
    Bucket,
    Dataset,
    Manifest,
    Place,
    checks,
    planned,
    write,
    writing,
)
from ledger.dataset.checking import PROBLEMS_MAX
from ledger.errors import LedgerError
from ledger.store import Log, microseconds_of
from tests.ledger.store.invented import opened, returned, returns

STREAMS = 12


@pytest.fixture
def url(store_url: str) -> str:
    """A store whose streams are told in turns, so that none of them lies together in the log."""
    with opened(store_url) as log:
        for version in range(1, 6):
            for number in range(STREAMS):
                log.append(
                    [returned(f"order/{number * 7 % STREAMS:02}", version, told=f"L{version}")]
                )
        log.append(returns("stock/Übergröße", range(1, 4)))
    return store_url


def written(url: str, folder: Path, buckets: int | None = 4, processes: int = 1) -> Dataset:
    with opened(url) as log:
        plan = planned(log.position(), buckets)
        write(log, Place(url, "main"), folder, plan, processes=processes)
    return Dataset(folder)


def rows(dataset: Dataset) -> list[dict[str, Any]]:
    return [row for table in dataset.tables() for row in table.to_pylist()]


def problems(dataset: Dataset) -> dict[str, list[str]]:
    return {one.name: one.problems for one in checks(dataset) if one.problems}


def test_every_entry_is_there_once_by_stream_and_version(url: str, tmp_path: Path) -> None:
    dataset = written(url, tmp_path / "dataset")
    with opened(url) as log:
        entries = sorted(log.entries(), key=lambda one: (one.stream, one.version))

    told = rows(dataset)
    assert [(one.position, one.stream, one.version) for one in entries] == [
        (row["position"], row["stream"], row["version"]) for row in told
    ]
    assert [one.telling and one.telling.local_key for one in entries] == [
        row["local_key"] for row in told
    ]
    assert [microseconds_of(one.recorded_at or "") for one in entries] == [
        microseconds_of(row["recorded_at"].isoformat()) for row in told
    ]
    assert dataset.manifest.position == len(entries)


def test_each_stream_lies_in_one_file(url: str, tmp_path: Path) -> None:
    dataset = written(url, tmp_path / "dataset")
    held = [set(table.column("stream").to_pylist()) for table in dataset.tables()]

    assert len(held) == len(dataset.manifest.buckets) > 2
    assert sum(map(len, held)) == len(set().union(*held)) == STREAMS + 1
    for bucket, streams in zip(dataset.manifest.buckets, held, strict=True):
        assert (bucket.first, bucket.last) == (min(streams), max(streams))


@pytest.mark.parametrize("buckets", [1, 1000, None])
def test_it_is_the_log_however_it_is_cut(url: str, tmp_path: Path, buckets: int | None) -> None:
    dataset = written(url, tmp_path / "dataset", buckets)

    assert problems(dataset) == {}
    with opened(url) as log:
        assert dataset.manifest.root == log.tree().root.hex()


@pytest.mark.parametrize(("at_once", "in_batch"), [(1, 1), (2, 3), (5, 7)])
def test_it_is_the_log_however_many_rows_are_fetched_together(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int, in_batch: int
) -> None:
    usual = written(url, tmp_path / "usual")
    monkeypatch.setattr(writing, "ROWS_AT_ONCE", at_once)
    monkeypatch.setattr(writing, "ROWS_IN_BATCH", in_batch)
    dataset = written(url, tmp_path / "dataset")

    assert rows(usual) == rows(dataset)
    assert problems(dataset) == {}


def test_others_begin_while_the_rest_of_the_files_is_looked_for(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    class Noted:
        """Begins nothing, so that all is left to this process, and notes when it was asked to."""

        def __init__(self, *_told: Any) -> None: ...

        def submit(self, _work: Any, span: writing.Span) -> Future[Any]:
            seen.append(f"asked for {span[0]}")
            return Future()

        def shutdown(self, *, cancel_futures: bool) -> None: ...

    def ends(self: Log, *told: Any, **wanted: Any) -> Iterator[str]:
        for number, end in enumerate(found(self, *told, **wanted)):
            seen.append(f"found {number}")
            yield end

    found = Log.stream_ends
    monkeypatch.setattr(Log, "stream_ends", ends)
    monkeypatch.setattr(writing, "pool", Noted)
    dataset = written(url, tmp_path / "dataset", processes=2)

    assert ["found 0", "asked for 0", "found 1", "asked for 1"] == seen[:4]
    assert problems(dataset) == {}


def test_the_same_log_gives_the_same_bytes_by_one_process_or_several(
    url: str, tmp_path: Path
) -> None:
    one = written(url, tmp_path / "one")
    several = written(url, tmp_path / "several", processes=2)

    assert one.manifest == several.manifest
    for path in sorted(one.folder.iterdir()):
        assert path.read_bytes() == (several.folder / path.name).read_bytes()


def test_what_is_appended_meanwhile_is_not_in_it(url: str, tmp_path: Path) -> None:
    with opened(url) as log:
        plan = planned(log.position(), 3)
        root = log.tree().root.hex()
        log.append([returned("order/00", 6), returned("order/99", 1), returned("a/first", 1)])
        write(log, Place(url, "main"), tmp_path / "dataset", plan)
    dataset = Dataset(tmp_path / "dataset")

    assert problems(dataset) == {}
    assert dataset.manifest.root == root


def test_an_empty_log_is_an_empty_dataset(store_url: str, tmp_path: Path) -> None:
    dataset = written(store_url, tmp_path / "dataset", None)

    assert (dataset.manifest.rows, dataset.manifest.buckets) == (0, ())
    assert problems(dataset) == {}


def test_another_program_reads_it(url: str, tmp_path: Path) -> None:
    written(url, tmp_path / "dataset")
    asked = (
        "SELECT count(*), count(DISTINCT stream), sum(octet_length(leaf)), "
        "min(json_extract_string(decode(state), '$.event.sku')) "
        f"FROM '{tmp_path}/dataset/*.parquet'"
    )

    with duckdb.connect() as connection:
        told = connection.execute(asked).fetchall()
    assert told == [(63, 13, 63 * 32, "SKU-1")]


# --- damage -----------------------------------------------------------------------------------


def forged(dataset: Dataset, change: Callable[[Any], Any]) -> Dataset:
    """The dataset with another first file, of which the manifest tells the digest as if it were the right one."""
    from hashlib import sha256

    first, *others = dataset.manifest.buckets
    table = change(dataset.table(first))
    path = dataset.folder / first.file
    parquet.write_table(table, path)
    known = msgspec.structs.replace(first, sha256=sha256(path.read_bytes()).hexdigest())
    manifest = msgspec.structs.replace(dataset.manifest, buckets=(known, *others))
    (dataset.folder / MANIFEST).write_bytes(msgspec.json.encode(manifest))
    return Dataset(dataset.folder)


def restated(table: Any) -> Any:
    states = table.column("state").to_pylist()
    states[0] = states[0].replace(b"1299", b"9912")
    at = table.schema.get_field_index("state")
    return table.set_column(at, table.schema.field(at), pa.array(states, pa.binary()))


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (restated, {"leaves"}),
        (lambda table: table.slice(1), {"buckets", "cases", "tree"}),
        (
            lambda table: pa.concat_tables([table, table.slice(0, 1)]),
            {"buckets", "cases", "leaves"},
        ),
        (lambda table: table.take(list(reversed(range(table.num_rows)))), {"cases"}),
    ],
    ids=["changed", "left out", "twice", "in another order"],
)
def test_rows_that_are_not_the_logs_are_found(
    url: str, tmp_path: Path, change: Callable[[Any], Any], found: set[str]
) -> None:
    dataset = forged(written(url, tmp_path / "dataset"), change)

    assert set(problems(dataset)) == found


def test_a_file_that_is_not_the_manifests_is_never_read(url: str, tmp_path: Path) -> None:
    dataset = written(url, tmp_path / "dataset")
    first: Bucket = dataset.manifest.buckets[0]
    path = dataset.folder / first.file
    path.write_bytes(path.read_bytes() + b" ")

    with pytest.raises(LedgerError, match="is another file than the manifest says"):
        dataset.table(first)
    assert "buckets" in problems(dataset)


def test_what_is_no_dataset_says_how_one_is_made(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="no dataset") as error:
        _ = Dataset(tmp_path).manifest

    assert "export --parquet" in error.value.advice()


def test_a_newer_layout_is_refused(url: str, tmp_path: Path) -> None:
    dataset = written(url, tmp_path / "dataset")
    newer: Manifest = msgspec.structs.replace(dataset.manifest, layout=99)
    (dataset.folder / MANIFEST).write_bytes(msgspec.json.encode(newer))

    with pytest.raises(LedgerError, match="version 99"):
        _ = Dataset(dataset.folder).manifest


def test_problems_are_listed_up_to_a_limit(url: str, tmp_path: Path) -> None:
    dataset = forged(
        written(url, tmp_path / "dataset", 1),
        lambda table: pa.concat_tables([table] * 3),
    )

    assert len(problems(dataset)["leaves"]) == PROBLEMS_MAX
