"""What is known of the account is read once and goes on with each entry: it is what all its entries amount to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cli.desk.rehearsing import Rehearsal
from ledger.book import Book, stated_in
from ledger.case import Case
from ledger.deciding import Account
from ledger.event import ACCOUNT_STREAM, Entry, Event, Source
from ledger.events.imports import ReportImported
from ledger.events.keeping import EntryCorrected, NoteAdded
from ledger.events.terms import ContactSet, ProductDescribed, SourcingCostSet
from ledger.folding import fold, with_deed
from ledger.recall import adopted_rulebook
from ledger.values import Money
from tests.story import ORDER, Story, begin, returned

DAYS = ("2026-01-01", "2026-01-01T09:00:00Z", "2026-01-02", "2025-12-31", "2026-03-01")

deeds = st.one_of(
    st.builds(SourcingCostSet, sku=st.sampled_from("AB"), cost=st.just(Money(450, "EUR"))),
    st.builds(ProductDescribed, sku=st.sampled_from("AB"), category=st.sampled_from(["toys", "x"])),
    st.just(ContactSet(ways=("email",))),
    st.builds(NoteAdded, text=st.sampled_from(["one", "two"])),
)
others = st.one_of(
    st.builds(EntryCorrected, corrects=st.integers(1, 8), why=st.just("mistyped")),
    st.builds(
        ReportImported,
        digest=st.sampled_from(["f", "g"]),
        file=st.just("a file"),
        report_format=st.just("fba-customer-returns"),
        root=st.just("r"),
        lines=st.just(2),
        rows=st.just(1),
        told_at=st.just("2026-01-05"),
        marketplace=st.sampled_from(["US", None]),
    ),
)


def entry(event: Event, on: str, position: int, stream: str = ACCOUNT_STREAM) -> Entry:
    return Entry(
        stream=stream,
        version=position,
        event=event,
        occurred_at=on,
        actor="seller",
        source=Source(command="test"),
        position=position,
    )


def known(case: Case) -> dict[str, Any]:
    return vars(case)


@given(st.lists(st.tuples(st.one_of(deeds, deeds, others), st.sampled_from(DAYS)), max_size=12))
def test_a_deed_more_makes_the_case_that_all_entries_make(
    told: Sequence[tuple[Event, str]],
) -> None:
    entries = [entry(event, on, position) for position, (event, on) in enumerate(told, 1)]
    for number, newest in enumerate(entries):
        before = fold(ACCOUNT_STREAM, entries[:number])
        kept = fold(ACCOUNT_STREAM, entries[:number])
        grown = with_deed(before, newest)
        assert known(before) == known(kept), "what was known stays as it was"
        if grown is not None:
            assert known(grown) == known(fold(ACCOUNT_STREAM, entries[: number + 1]))
    if all(not isinstance(event, EntryCorrected | ReportImported) for event, _ in told):
        assert all(with_deed(fold(ACCOUNT_STREAM, ()), one) for one in entries)


def test_only_the_accounts_own_case_grows_by_a_deed() -> None:
    note = entry(NoteAdded(text="one"), DAYS[0], 1, f"order/{ORDER}")
    assert with_deed(fold(note.stream, ()), note) is None
    assert with_deed(fold(ACCOUNT_STREAM, (), as_of=date(2026, 1, 1)), note) is None


def test_an_account_that_is_read_on_is_that_which_is_read_anew(tmp_path: Any) -> None:
    story = begin(tmp_path, checked=False)
    try:
        one = Account(story.log)
        agrees(one, story)
        for number, on in enumerate(DAYS):
            story.appends(ACCOUNT_STREAM, SourcingCostSet(sku="A", cost=Money(number, "EUR")))
            agrees(one, story)
            story.imports(returned(ORDER, f"2026-06-{number + 1:02}"), marketplace="US")
            story.appends(f"order/{ORDER}", NoteAdded(text="one"), occurred_at=on)
            agrees(one, story)
    finally:
        story.close()


def agrees(account: Account, story: Story) -> None:
    entries = list(story.log.entries(ACCOUNT_STREAM))
    assert account.entries() == entries
    assert account.stated == stated_in(entries)
    assert known(account.case) == known(fold(ACCOUNT_STREAM, entries, stated=stated_in(entries)))
    for day in (None, date(2026, 7, 1)):
        book = Book(adopted_rulebook(story.log), day or date.max)
        book.add(fold(ACCOUNT_STREAM, entries, as_of=day))
        assert vars(account.book(day)) == vars(book)


def test_what_is_tried_on_a_log_leaves_what_is_known_of_it(tmp_path: Any) -> None:
    story = begin(tmp_path, checked=False)
    try:
        account = Account(story.log)
        before = list(account.entries())
        trial = Rehearsal(story.log)
        beside = account.beside(trial)
        trial.append([entry(NoteAdded(text="one"), DAYS[0], 0)])
        assert len(beside.entries()) == len(before) + 1
        assert account.entries() == before
        assert known(account.case) == known(fold(ACCOUNT_STREAM, before))
    finally:
        story.close()
