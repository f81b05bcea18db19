"""A judgement stands until the day or the book answers otherwise: what stands is what would be judged anew."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import resting
from ledger.book import Book
from ledger.case import Case
from ledger.event import ACCOUNT_STREAM
from ledger.events.returns import UnitReturned
from ledger.gates import silence
from ledger.judging import audit, judge
from ledger.policy import Finding
from ledger.recall import Recall
from ledger.resting import fallen
from ledger.watched import FIRST, LAST, WatchedBook
from projections import ELIGIBILITY, moments
from projections.asking import judge_each
from projections.catching_up import catch_up, rebuild
from tests.desk.drawing import Step, sequences
from tests.desk.living import lived, of_a_life
from tests.ledger.account import (
    EVERYTHING,
    ORDER,
    OTHER,
    OTHER_SKU,
    THIRD,
    TODAY,
    Account,
    after,
)
from tests.ledger.invented import DISPOSITIONS, about_day_90, accounts
from tests.properties.test_nearby import happened
from tests.story import Told, begin, files_of

LATEST = date(2026, 7, 31)
"""A story is told on the day after: no file tells of days to come."""


def judged(case: Case, book: Book, rests: list[bytes]) -> list[Finding]:
    """What is found of a case; it is written down what that rests on."""
    watched = WatchedBook(book)
    found = judge(case, watched.as_book, watched.as_of)
    rests.append(msgspec.json.encode(watched.rests(case.stream, since(case), LAST)))
    return found


def since(case: Case) -> int:
    """The latest day of the case: from then on it is the same."""
    return case.latest.toordinal() if case.latest else FIRST


def rows(findings: Sequence[Finding], case: Case, book: Book) -> list[Any]:
    """What is kept of a judgement, without its day."""
    kept = list(ELIGIBILITY.rows(case, book))
    assert len(kept) == len(findings)
    return [msgspec.structs.replace(row, judged_on="") for row in kept]


def check_stands(before: tuple[Case, Book], now: tuple[Case, Book]) -> bool:
    """What stands is the same when it is judged anew; a case that is watched is judged like any other."""
    rests: list[bytes] = []
    found = judged(*before, rests)
    assert msgspec.to_builtins(found) == msgspec.to_builtins(
        judge(before[0], before[1], before[1].as_of)
    )
    if list(fallen(rests, now[1])):
        return False
    assert rows(found, *before) == rows(judge(now[0], now[1], now[1].as_of), *now)
    return True


@st.composite
def crowded(draw: st.DrawFn) -> Account:
    """An account in which more came back sellable, and was put into stock or was not."""
    account = draw(st.booleans().flatmap(accounts))
    for order in draw(st.lists(st.sampled_from([ORDER, OTHER, THIRD]), max_size=3)):
        account.returned(draw(about_day_90), order=order)
    for _ in range(draw(st.integers(0, 2))):
        draw(restocked(account))
    return account


@st.composite
def restocked(draw: st.DrawFn, account: Account) -> None:
    """A unit put into stock on about the day on which one came back."""
    told = [one for entries in account.entries.values() for one in entries]
    back = [one.occurred_at for one in told if isinstance(one.event, UnitReturned)]
    near = draw(st.sampled_from(back)) if back else draw(about_day_90)
    account.restocked(after(near, draw(st.integers(-3, 5))))


@st.composite
def later(draw: st.DrawFn, account: Account, day: str) -> str:
    """More is told and imported, and the day goes on; returns it."""
    told = after(day, draw(st.sampled_from([0, 1, 1, 2, 8, 40, 120])))
    for _ in range(draw(st.integers(0, 1))):
        first = after(told, -draw(st.integers(0, 90)))
        account.covers(first, told, *draw(st.lists(st.sampled_from(EVERYTHING), min_size=1)))
    for _ in range(draw(st.integers(0, 2))):
        draw(news(account))
    return told


@st.composite
def news(draw: st.DrawFn, account: Account) -> None:
    """Something told of another case that may decide one that was judged before."""
    on, order = draw(about_day_90), "114-0000009-0000009"
    match draw(st.integers(0, 8)):
        case 0:
            account.returned(on, order=order, disposition=draw(st.sampled_from(DISPOSITIONS)))
        case 1:
            account.paid(on, "5000", order=None)
        case 2:
            account.taken_back(on, draw(st.sampled_from(["770", "00000010", None])), "5001")
        case 3 | 4 | 5:
            draw(restocked(account))
        case 6:
            account.replaced(on, order=draw(st.sampled_from([order, ORDER])), by=OTHER)
        case _:
            account.found(on)


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(crowded(), st.integers(0, 12), st.data())
def test_what_stands_is_what_would_be_judged_anew(
    account: Account, passed: int, data: st.DataObject
) -> None:
    streams = [stream for stream in account.entries if stream != ACCOUNT_STREAM]
    last = max((since(account.case(stream, "9999-01-01")) for stream in streams), default=1)
    day = after(str(date.fromordinal(last)), passed)
    count = {stream: len(account.entries[stream]) for stream in streams}
    book = account.book(day)
    cases = {stream: account.case(stream, day) for stream in streams}
    now = data.draw(later(account, day))
    moved = account.book(now)
    for stream, case in cases.items():
        if len(account.entries[stream]) == count[stream]:
            check_stands((case, book), (account.case(stream, now), moved))


@of_a_life
@given(sequences(), st.lists(st.integers(0, 200), min_size=1, max_size=8))
def test_what_the_seller_told_stands_like_what_reports_tell(
    steps: list[Step], passed: list[int]
) -> None:
    machine, today, book = lived(steps)
    for order in {fact.order for fact in machine.facts}:
        case = machine.ledger.case(order, today)
        if since(machine.ledger.case(order, date.max)) > today.toordinal():
            continue
        for number in passed:
            day = today + timedelta(days=number)
            check_stands((case, book), (machine.ledger.case(order, day), machine.ledger.book(day)))


@st.composite
def downloads(draw: st.DrawFn) -> list[Any]:
    """Files of every kind, told on days that go on by days or by weeks; some leave gaps, some come late."""
    files = []
    day = date(2026, 5, 20)
    for number in range(draw(st.integers(2, 6))):
        facts: list[Told] = [
            draw(happened(10 * number + place)) for place in range(draw(st.integers(1, 5)))
        ]
        day += timedelta(days=draw(st.sampled_from([0, 1, 2, 7, 20, 45, -3])))
        day = min(day, LATEST)
        first = day - timedelta(days=draw(st.sampled_from([10, 30, 90])))
        period = draw(st.sampled_from([None, (str(first), str(day)), (str(first), str(day))]))
        files += files_of(*facts, told_at=str(day), period=period)
    return files


@settings(max_examples=25)
@given(downloads())
def test_caught_up_is_rebuilt_as_days_pass_and_files_cover_more(files: list[Any]) -> None:
    """Row for row, after every file: which day is the last told, and what is covered, moves with each.

    An audit that leaves aside what stands without a finding finds the same on any day.
    """
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(moments, "GROWN_MUCH", 10**9)
        story = begin(Path(folder), checked=False)
        try:
            for file in files:
                story.imports_file(file)
                catch_up(story.recall(), story.views)
                made = rebuild(story.recall(), story.views, verify=True)
                assert all(one.equal for one in made)
                for on in (
                    date(2026, 6, 5),
                    date.fromisoformat(file.told_at or "2026-07-01"),
                    LATEST,
                ):
                    recall = Recall(story.log, on)
                    assert list(judge_each(recall, story.views)) == list(audit(recall))
        finally:
            story.close()


def test_most_of_an_account_stands_when_a_day_passes() -> None:
    """Otherwise all of the above would hold of nothing."""
    account = Account().covers("2026-01-01", TODAY)
    for number in range(1, 9):
        order = f"114-000000{number}-000000{number}"
        account.sold("2026-08-01", order=order).refunded(after("2026-09-01", number), order=order)
    book, day = account.book(TODAY), after(TODAY, 1)
    rests: list[bytes] = []
    found = [judged(account.case(stream), book, rests) for stream in list(account.entries)]
    account.covers(TODAY, day)
    account.returned(day, order="114-0000009-0000009", sku=OTHER_SKU)

    assert sum(map(len, found)) == 8
    assert list(fallen(rests, account.book(day))) == []


def test_what_many_judgements_ask_in_the_same_words_is_answered_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account = Account().covers("2026-01-01", TODAY)
    for number in range(1, 5):
        order = f"114-000000{number}-000000{number}"
        account.sold("2026-08-01", order=order).refunded("2026-09-01", order=order)
    rests: list[bytes] = []
    for stream in list(account.entries):
        judged(account.case(stream), account.book(TODAY), rests)
    asked = []

    def seen(book: Book, *key: Any) -> object:
        asked.append(key)
        return silence(book, *key)

    monkeypatch.setitem(resting.QUESTIONS, "silence", seen)

    assert list(fallen(rests, account.book(TODAY))) == []
    assert b"".join(rests).count(b'"silence"') > len(asked) == len(set(asked)) > 0
