"""The views that are made from a dataset are those that are made from the log, however it is cut."""

from __future__ import annotations

import json
import tempfile
from contextlib import closing
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from ledger.dataset import Dataset, Place, planned, write
from ledger.store import Log
from projections import ELIGIBILITY, PROJECTIONS
from projections.arrow import RESULT, cases_in, fold, folded_in
from projections.catching_up import rebuild
from projections.spread import (
    Alone,
    Spread,
    bases,
    excerpts,
    into_parquet,
    into_views,
    job_of,
    shared,
)
from projections.views import Views, open_views
from projections.work import Folding
from tests.projections.test_properties import downloads, file_url, told
from tests.story import ORDER, OTHER_ORDER, File, Story, refunded, returned, sold

EXAMPLES = 5


def dataset_of(log: Log, folder: Path, buckets: int = 3) -> Dataset:
    write(log, Place(log.url, log.account), folder, planned(log.position(), buckets))
    return Dataset(folder)


def spread_over(dataset: Dataset) -> Spread:
    return Spread(Alone(), dataset, job_of(dataset))


@settings(max_examples=EXAMPLES)
@given(downloads(), st.integers(1, 6))
def test_views_of_a_dataset_are_the_logs(files: list[File], buckets: int) -> None:
    """Row for row, with equal digests, and all that a rebuild records besides: position, moment, grounds."""
    with (
        file_url() as url,
        told(url, files) as story,
        tempfile.TemporaryDirectory() as folder,
    ):
        rebuild(story.recall(), story.views)
        digests, standings = story.digests(), story.views.standings()
        rows = {one.name: list(story.views.rows(one)) for one in PROJECTIONS}
        rests, excerpts = story.views.found(ELIGIBILITY), story.views.excerpts()
        dataset = dataset_of(story.log, Path(folder) / "dataset", buckets)
        made = into_views(spread_over(dataset), dataset, story.views)

        assert digests == {one.name: one.digest for one in made}
        assert rows == {one.name: list(story.views.rows(one)) for one in PROJECTIONS}
        for one in PROJECTIONS:
            assert standings[one.name] == story.views.standings()[one.name]
        assert rests == story.views.found(ELIGIBILITY)
        assert excerpts == story.views.excerpts()


def a_story(story: Story) -> None:
    story.imports(sold(ORDER, "2026-06-01"), refunded(ORDER, "2026-06-10"))
    story.imports(sold(OTHER_ORDER, "2026-06-02"), refunded(OTHER_ORDER, "2026-07-02"))
    story.imports(returned(ORDER, "2026-06-15"))


def test_a_case_may_go_on_in_the_next_batch(story: Story, tmp_path: Path) -> None:
    a_story(story)
    dataset = dataset_of(story.log, tmp_path / "dataset", 1)
    (table,) = dataset.tables()
    job = job_of(dataset)
    told = shared(job, dataset.rulebook().to_json(), excerpts(job, dataset.manifest.buckets[0]))
    folding = Folding(told.context)
    whole = fold([table], folding, job.wanted)

    assert whole.schema == RESULT
    for size in range(1, table.num_rows):
        assert whole.equals(fold(table.to_batches(max_chunksize=size), folding, job.wanted))
    assert [stream for stream, _rows in cases_in([table])] == sorted(
        set(table.column("stream").to_pylist())
    )


def test_what_arrow_holds_is_what_was_folded(story: Story, tmp_path: Path) -> None:
    a_story(story)
    dataset = dataset_of(story.log, tmp_path / "dataset", 1)
    job = job_of(dataset)
    (bucket,) = dataset.manifest.buckets
    told = shared(job, dataset.rulebook().to_json(), excerpts(job, bucket))
    folding = Folding(told.context)
    table = dataset.table(bucket)
    folded = folding.fold(job.wanted, cases_in([table]))

    assert any(folded.lines)
    read = folded_in(fold([table], folding, job.wanted), job.wanted)
    assert (folded.entries, list(folded.latest), list(folded.lines)) == (
        read.entries,
        list(read.latest),
        list(read.lines),
    )
    assert len(bases(job, told)) == len(PROJECTIONS)


def test_views_are_handed_out_with_their_columns_typed(story: Story, tmp_path: Path) -> None:
    a_story(story)
    dataset = dataset_of(story.log, tmp_path / "dataset")
    folder = tmp_path / "views"
    folder.mkdir()
    made = into_parquet(spread_over(dataset), dataset, folder)

    told = json.loads((folder / "views.json").read_bytes())
    assert told["root"] == story.log.tree().root.hex()
    for one, projection in zip(made, PROJECTIONS, strict=True):
        rows = parquet.read_table(folder / f"{one.name}.parquet").to_pylist()
        live = [msgspec.structs.asdict(row) for row in story.views.rows(projection)]
        assert live == [{name: row[name] for name in row if name != "place"} for row in rows]
        assert told["views"][one.name]["digest"] == one.digest
        assert told["views"][one.name]["rows"] == len(live) == one.rows


def test_readers_see_the_old_views_until_the_new_are_whole(story: Story, tmp_path: Path) -> None:
    """Whoever reads while the tables beside are filled reads what was there before."""
    a_story(story)
    before = story.digests()
    dataset = dataset_of(story.log, tmp_path / "dataset")
    seen = []
    with closing(open_views(story.log.url, story.log.account)) as reader:
        into_views(
            spread_over(dataset), dataset, story.views, lambda done: seen.append(live(reader))
        )
        seen.append(live(reader))

    assert len(seen) > 2
    assert all(one == before for one in seen)


def live(views: Views) -> dict[str, str | None]:
    return {one.name: views.digest(one)[1] for one in PROJECTIONS}
