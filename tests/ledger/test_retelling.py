"""A download beside the others of its report: what it leaves out is recorded with it, and holds claims back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any, Final

import pytest

from ledger.book import told_no_more
from ledger.dropped import Downloads
from ledger.importing import FileResult, Statement, import_file, imports_of
from ledger.retelling import Retelling
from ledger.slicing import Cutting
from tests.story import TODAY, Story, Told, begin, files_of, returned

JUNE: Final = (date(2026, 6, 1), date(2026, 6, 30))
SLICED: Final = Cutting(sliced_from=0, slice_bytes=200)


@pytest.fixture(params=[None, SLICED], ids=["whole", "sliced"])
def cutting(request: pytest.FixtureRequest) -> Cutting | None:
    cut: Cutting | None = request.param
    return cut


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    told = begin(tmp_path / "ledger", checked=False)
    yield told
    told.close()


def order(number: int) -> str:
    return f"114-0000001-{number:07}"


def back(*numbers: int, on: str = "2026-06-10") -> list[Told]:
    return [returned(order(number), on) for number in numbers]


def download(
    story: Story, told: list[Told], told_at: str, cutting: Cutting | None = None, **said: Any
) -> FileResult:
    (file,) = files_of(*told)
    statement = Statement(
        actor="seller", command_id="test", told_at=told_at, **{"period": JUNE} | said
    )
    return import_file(story.log, file.data, file.name, statement, cutting=cutting)


def left_out(story: Story) -> set[str]:
    """The orders of which something is told no more."""
    book = story.recall().book
    entries = story.log.entries_at(book.retold)
    return {
        entry.stream.partition("/")[2]
        for position, entry in entries.items()
        if told_no_more(book, position)
    }


def left_out_of_files(story: Story) -> set[str]:
    """The same, looked up in the files themselves."""
    positions = [entry.position or 0 for entry in story.log.entries()]
    checked = Downloads(story.recall()).check(positions)
    return {one.entry.stream.partition("/")[2] for one in checked if not one.told}


def test_what_a_newer_download_leaves_out_is_recorded_with_it(
    story: Story, cutting: Cutting | None
) -> None:
    download(story, back(1, 2, 3), "2026-07-01", cutting)
    result = download(story, back(1, 3), "2026-07-08", cutting)

    assert 1 == result.untold
    assert {order(2)} == left_out(story)


@pytest.mark.parametrize("places", list(permutations(range(3))))
def test_in_whatever_order_downloads_arrive_the_newest_counts(
    story: Story, cutting: Cutting | None, places: tuple[int, ...]
) -> None:
    told = [
        (back(1, 2, 3, 4), "2026-07-01"),
        (back(1, 4, 5), "2026-07-08"),
        (back(1, 2, 5), "2026-07-15"),
    ]
    for place in places:
        download(story, *told[place], cutting)

    assert {order(3), order(4)} == left_out(story) == left_out_of_files(story)


def test_what_a_newer_download_tells_again_is_told(story: Story) -> None:
    download(story, back(1, 2), "2026-07-01")
    download(story, back(1), "2026-07-08")
    download(story, back(1, 2, 3), "2026-07-15")

    assert set() == left_out(story)
    assert 1 == len(imports_of(story.log)[-1].retold)


def test_a_dry_run_says_how_many_are_left_out(story: Story) -> None:
    download(story, back(1, 2, 3), "2026-07-01")

    assert 2 == download(story, back(1), "2026-07-08", dry_run=True).untold


def test_of_rows_alike_so_many_are_told_as_there_are(story: Story) -> None:
    download(story, back(1, 1, 1, 2), "2026-07-01")
    download(story, back(1, 1, 2), "2026-07-08")

    assert 1 == len(imports_of(story.log)[-1].untold[0].entries)


def test_the_first_and_the_last_day_may_not_be_whole(story: Story) -> None:
    download(story, [*back(1, on="2026-06-01"), *back(2, on="2026-06-30")], "2026-07-01")
    result = download(story, back(3), "2026-07-08")

    assert 0 == result.untold


@pytest.mark.parametrize(
    "said",
    [
        {"told_at": "2026-07-01"},
        {"marketplace": "CA"},
        {"period": (date(2026, 6, 11), date(2026, 6, 30))},
    ],
    ids=["told no later", "of another store", "of other days"],
)
def test_a_download_of_something_else_leaves_nothing_out(
    story: Story, said: dict[str, Any]
) -> None:
    download(story, back(1, 2), "2026-07-01", marketplace="US")
    result = download(story, back(3, on="2026-06-20"), **{"told_at": "2026-07-08"} | said)

    assert 0 == result.untold


def test_a_part_of_a_report_leaves_nothing_out(story: Story, cutting: Cutting | None) -> None:
    """Who was asked for one SKU, or was cut from a longer file, tells less than half of what there is."""
    download(story, back(*range(1, 21)), "2026-07-01", cutting)
    part = download(story, back(*range(1, 10)), "2026-07-08", cutting)
    whole = download(story, back(*range(1, 12)), "2026-07-15", cutting)

    assert (0, 9) == (part.untold, whole.untold)


def test_the_same_days_downloaded_anew_are_not_looked_through(
    story: Story, cutting: Cutting | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing is new and there are as many rows, each is one of those that were told."""
    download(story, back(1, 2, 3), "2026-07-01", cutting)
    monkeypatch.setattr(Retelling, "_before", None)
    result = download(story, back(3, 2, 1), "2026-07-08", cutting)

    assert (3, 0) == (result.unchanged, result.untold)


def test_a_file_stated_otherwise_says_what_it_leaves_out_anew(story: Story) -> None:
    """Imported again for other days, it says nothing of those for which it spoke before."""
    download(story, back(1, 2), "2026-07-01")
    download(story, back(1), "2026-07-08")
    download(story, back(1), "2026-07-08", period=(date(2026, 6, 1), date(2026, 6, 10)))

    assert set() == left_out(story)


def test_before_it_was_told_nothing_is_left_out(story: Story) -> None:
    download(story, back(1, 2), "2026-07-01")
    download(story, back(1), "2026-07-08")
    (position,) = imports_of(story.log)[-1].untold[0].entries

    assert () == told_no_more(story.recall(date(2026, 7, 7)).book, position)
    assert () != told_no_more(story.recall(TODAY).book, position)


def test_what_another_process_compares_is_looked_at_as_well(story: Story, tmp_path: Path) -> None:
    """A large file is compared elsewhere, and its entries come with their places."""
    apart = Cutting(sliced_from=0, slice_bytes=200, processes=1)
    for number, (told, told_at) in enumerate(
        [(back(1, 4, 5), "2026-07-08"), (back(1, 2, 3, 4), "2026-07-01")]
    ):
        (file,) = files_of(*told)
        path = tmp_path / f"{number}.txt"
        path.write_bytes(file.data)
        statement = Statement(actor="seller", command_id="test", told_at=told_at, period=JUNE)
        import_file(story.log, path, path.name, statement, cutting=apart)

    assert {order(2), order(3)} == left_out(story) == left_out_of_files(story)
