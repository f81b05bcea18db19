"""What must hold of every import: split, repeated, written and read, and as it was known once."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.judging import audit
from ledger.recall import Recall
from ledger.store import Log
from projections import ELIGIBILITY, LIABILITY, PROJECTIONS, STATUS
from projections.catching_up import answer
from projections.projection import Projection
from tests.projections.test_properties import downloads, file_url, told
from tests.story import TODAY, File, Story

EXAMPLES = 25
COMPARED: Final[tuple[Projection[Any], ...]] = (STATUS, LIABILITY, ELIGIBILITY)
WHOLE_TIME = (TODAY.replace(month=5), TODAY.replace(month=7, day=28))


def pieces(file: File, count: int) -> list[File]:
    """The file in so many pieces, the rows of one order or FNSKU in one of them; a settlement stays whole."""
    if file.name.startswith("settlement"):
        return [file]
    header, *lines = file.data.splitlines(keepends=True)
    names = header.decode().strip("\r\n").split("\t")
    about = [
        names.index(name)
        for name in ("amazon-order-id", "order-id", "Order ID", "original-amazon-order-id", "fnsku")
        if name in names
    ]
    parts: list[list[bytes]] = [[] for _ in range(count)]
    for line in lines:
        cells = line.decode().split("\t")
        # A reimbursement is told under its order or, without one, under its FNSKU: by what is there.
        key = next((cells[place] for place in about if cells[place].strip()), "")
        parts[sum(key.encode()) % count].append(line)
    return [
        msgspec.structs.replace(file, name=f"{number}-{file.name}", data=header + b"".join(part))
        for number, part in enumerate(parts)
        if part
    ]


def stated(files: list[File]) -> list[File]:
    """The same files, each with the same period stated, so that pieces speak for what the whole does."""
    return [
        file
        if file.name.startswith("settlement")
        else msgspec.structs.replace(file, period=WHOLE_TIME)
        for file in files
    ]


def everything(log: Log) -> list[bytes]:
    return list(log.raw_lines())


@settings(max_examples=EXAMPLES)
@given(downloads(), st.integers(2, 4))
def test_a_file_imported_in_pieces_ends_in_the_same_views(files: list[File], count: int) -> None:
    """Rows of one thing are kept together, and the pieces state what the whole stated."""
    whole = stated(files)
    split = [piece for file in whole for piece in pieces(file, count)]
    with (
        file_url() as one_url,
        file_url() as other_url,
        told(one_url, whole) as one,
        told(other_url, split) as other,
    ):
        for projection in COMPARED:
            assert one.rows(projection) == other.rows(projection)


@settings(max_examples=EXAMPLES)
@given(downloads())
def test_importing_twice_is_importing_once(files: list[File]) -> None:
    """The second time nothing is new, nothing revised, and not one entry is added."""
    with file_url() as url, told(url, files) as story:
        before = everything(story.log)
        for file in files:
            result = story.imports_file(file)

            assert (result.new, result.revised) == (0, 0)
            assert result.rows == result.unchanged + result.refused
        assert everything(story.log) == before


@settings(max_examples=EXAMPLES)
@given(downloads())
def test_what_is_written_is_what_is_read(files: list[File]) -> None:
    """The counts of each file add up, and an entry read and written again is the same line."""
    with file_url() as url, file_url() as copy_url:
        story, copy = Story(url, checked=False), Story(copy_url, checked=False)
        try:
            for file in files:
                result = story.imports_file(file)
                assert result.rows == result.new + result.unchanged + result.revised
            entries = list(story.log.entries())
            known = copy.log.position()
            copy.log.append(entries[known:])
            again = list(copy.log.entries())

            assert [unplaced(one) for one in entries] == [unplaced(one) for one in again]
        finally:
            story.close()
            copy.close()


def unplaced(entry: object) -> object:
    """An entry without the moment at which it was recorded, which is the log's own."""
    return msgspec.structs.replace(entry, recorded_at=None, actor="")  # type: ignore[type-var]


@settings(max_examples=EXAMPLES, deadline=None)
@given(downloads())
def test_an_answer_for_a_moment_of_knowledge_never_changes(files: list[File]) -> None:
    """Whatever is imported later, and however old it is: `--known-at` answers as it did then."""
    with file_url() as url:
        story = Story(url, checked=False)
        try:
            answered = {}
            for file in files:
                story.imports_file(file)
                moment = story.log.recorded_at()
                assert moment is not None
                answered[moment] = answers(story.log, moment)
            for moment, told_then in answered.items():
                assert answers(story.log, moment) == told_then
        finally:
            story.close()


def answers(log: Log, known_at: str) -> list[object]:
    """Every row of every projection, and every finding with its tests, as known at a moment."""
    recall = Recall(log, TODAY, known_at)
    rows = [list(answer(one, recall)) for one in PROJECTIONS]
    return [*rows, list(audit(Recall(log, TODAY, known_at)))]
