"""What reports tell of persons is recorded sealed, once, beside the facts and without changing any of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.errors import Forgotten
from ledger.event import Entry, order_stream
from ledger.events.imports import ReportImported
from ledger.events.personal import PersonalTold
from ledger.folding import fold
from ledger.importing import FileResult, Statement, import_file
from ledger.keystore import KeyStore
from ledger.persons import opened
from ledger.sealing import opener
from ledger.store import Log, root_of_lines
from tests.ledger.test_sealing import ORDER, OTHER, digest_of, plain, row
from tests.story import Story, begin

MOMENT = datetime(2026, 11, 20, 12, tzinfo=UTC)
COMMENT = "Leave it with Erika Berg"


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    begun = begin(tmp_path / "ledger", checked=False)
    yield begun
    begun.close()


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    path = tmp_path / "keys" / "keys.db"
    with KeyStore(path, master=lambda: bytes(32), clock=lambda: MOMENT) as made:
        yield made


def imported(log: Log, data: bytes, keys: KeyStore | None) -> FileResult:
    statement = Statement(actor="seller", command_id="c", marketplace="US")
    return import_file(log, data, "june.txt", statement, keys=keys)


def told(log: Log, order: str = ORDER) -> list[Entry]:
    return list(log.entries(order_stream(order), topics=[PersonalTold.TOPIC]))


def words(log: Log, keys: KeyStore, order: str = ORDER) -> list[str]:
    found = opened(told(log, order), keys, why="test")
    return [text for values in found.values() for text in values.values()]


def test_a_comment_is_told_beside_the_fact_and_only_the_key_opens_it(
    story: Story, keys: KeyStore
) -> None:
    result = imported(story.log, plain(row(COMMENT)).encode(), keys)

    assert (result.rows, result.new) == (1, 1)
    assert [COMMENT] == words(story.log, keys)
    assert COMMENT.encode() not in b"".join(story.log.raw_lines())


def test_it_changes_nothing_that_is_counted_or_worked_out(story: Story, keys: KeyStore) -> None:
    imported(story.log, plain(row("")).encode(), keys)
    before = fold(order_stream(ORDER), story.log.entries(order_stream(ORDER)))
    result = imported(story.log, plain(row(COMMENT)).encode(), keys)
    after = fold(order_stream(ORDER), story.log.entries(order_stream(ORDER)))

    assert (result.new, result.unchanged, result.revised) == (0, 1, 0)
    assert before.refs == after.refs
    assert 1 == len(told(story.log))


def test_what_was_told_alike_is_not_told_again(story: Story, keys: KeyStore) -> None:
    imported(story.log, plain(row(COMMENT)).encode(), keys)
    imported(story.log, plain(row(COMMENT), row("", OTHER)).encode(), keys)
    assert 1 == len(told(story.log))
    imported(story.log, plain(row("Or with the neighbour")).encode(), keys)

    assert [COMMENT, "Or with the neighbour"] == words(story.log, keys)


def test_it_stands_behind_all_facts_stream_by_stream_as_they_do(
    story: Story, keys: KeyStore
) -> None:
    """However the rows stand in the file: who reads by stream finds neighbours beside each other."""
    orders = [f"302-{number * 7 % 10:07}-1234567" for number in range(10)]
    rows = [row(comment, order) for comment in (COMMENT, "Or with others") for order in orders]
    start = story.log.position()
    imported(story.log, plain(*rows).encode(), keys)
    entries = [one for one in story.log.entries(after=start) if one.stream != "account"]
    facts, persons = entries[: len(rows)], entries[len(rows) :]

    assert not any(isinstance(one.event, PersonalTold) for one in facts)
    assert all(isinstance(one.event, PersonalTold) for one in persons)
    for some in (facts, persons):
        places = [(one.stream, one.version) for one in some]
        assert sorted(places) == places
        assert set(map(order_stream, orders)) == {one.stream for one in some}


def test_a_file_without_anything_personal_never_asks_for_a_key(
    story: Story, tmp_path: Path
) -> None:
    def no_key() -> bytes:
        raise AssertionError("no key is needed")

    path = tmp_path / "none" / "keys.db"
    with KeyStore(path, master=no_key, clock=lambda: MOMENT) as keys:
        imported(story.log, plain(row("")).encode(), keys)

    assert not path.parent.exists()


def test_the_original_is_kept_sealed_and_its_root_is_over_what_is_kept(
    story: Story, keys: KeyStore
) -> None:
    data = plain(row(COMMENT), row("", OTHER)).encode()
    imported(story.log, data, keys)
    (entry,) = story.log.entries("account", topics=[ReportImported.TOPIC])
    assert isinstance(entry.event, ReportImported)
    kept = story.log.kept(entry.event.digest)
    story.log.opens = opener(story.log, keys, "test")

    assert entry.event.sealed == digest_of(kept) != entry.event.digest == digest_of(data)
    assert entry.event.root == root_of_lines(kept).hex()
    assert entry.event.lines == 3
    assert data == story.log.original(entry.event.digest)
    assert [] == [problem for check in story.log.verify() for problem in check.problems]


def test_after_the_key_is_destroyed_nothing_of_the_order_is_told_or_opened_again(
    story: Story, keys: KeyStore
) -> None:
    data = plain(row(COMMENT), row("Other words", OTHER)).encode()
    imported(story.log, data, keys)
    keys.destroy([order_stream(ORDER)])
    again = plain(row("Erika again"), row("New words", OTHER)).encode()
    imported(story.log, again, keys)
    story.log.opens = opener(story.log, keys, "test")

    assert ["[erased]"] == words(story.log, keys)
    assert ["Other words", "New words"] == words(story.log, keys, OTHER)
    for digest in (digest_of(data), digest_of(again)):
        with pytest.raises(Forgotten, match="1 pieces of it were erased"):
            story.log.original(digest)


def test_a_file_that_disturbs_another_hears_it_again_without_any_key(story: Story) -> None:
    """A → B → A: the first file is read once more in its sealed form."""
    first = plain(row(COMMENT)).encode()
    changed = first.replace(b"Unit returned to inventory", b"Reimbursed").replace(
        b"Erika", b"Ulrika"
    )
    for data, on in ((first, "2026-06-10"), (first + b"\r\n", "2026-06-30")):
        statement = Statement(actor="s", command_id="c", marketplace="US", told_at=on)
        import_file(story.log, data, "f", statement)
    statement = Statement(actor="s", command_id="c", marketplace="US", told_at="2026-06-20")
    result = import_file(story.log, changed, "f", statement)

    assert result.revised == 1
    tellings = [
        entry.telling.told_at
        for entry in story.log.entries(order_stream(ORDER))
        if entry.telling and entry.telling.part == "status"
    ]
    assert ["2026-06-20", "2026-06-30"] == tellings, "the later file told it otherwise once more"


def test_two_who_import_one_file_at_once_keep_one_sealed_form(story: Story, keys: KeyStore) -> None:
    """Each seals it otherwise, as nonces are drawn: who comes second takes what is kept."""
    data = plain(row(COMMENT)).encode()

    def other(stage: str, _rows: int) -> None:
        if stage == "read" and not story.log.has_original(digest_of(data)):
            first = Statement(actor="s", command_id="1", marketplace="US", told_at="2026-06-10")
            import_file(story.log, data, "june.txt", first, keys=keys)

    second = Statement(actor="s", command_id="2", marketplace="US", told_at="2026-06-11")
    import_file(story.log, data, "june.txt", second, keys=keys, progress=other)
    imports = [entry.event for entry in story.log.entries(topics=[ReportImported.TOPIC])]
    kept = story.log.kept(digest_of(data))

    assert [digest_of(kept)] * 2 == [getattr(event, "sealed", None) for event in imports]
    assert [root_of_lines(kept).hex()] * 2 == [getattr(event, "root", None) for event in imports]
