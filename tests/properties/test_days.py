"""A day that has passed stays as it was: what happens later, and is told later, says nothing of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.event import ACCOUNT_STREAM
from ledger.recall import Recall
from projections import LIABILITY, STATUS
from projections.catching_up import answer
from tests.projections.test_properties import file_url
from tests.story import (
    Story,
    Told,
    files_of,
    refunded,
    reimbursed,
    replaced,
    requested,
    returned,
    settled,
    shipped,
    sold,
    taken_back,
)

DAY: Final = date(2026, 6, 15)
PERIOD: Final = ("2026-05-01", "2026-07-20")
ORDERS: Final = ["114-0000001-0000001", "114-0000002-0000002"]


@st.composite
def happened(draw: st.DrawFn, first: int, last: int, number: int) -> Told:
    """Something that happens between two days of June, and to nothing that happened on another day."""
    order = draw(st.sampled_from(ORDERS))
    on = f"2026-06-{draw(st.integers(first, last)):02}"
    own = f"{first}{number}"
    kinds = {
        "sold": lambda: sold(order, on),
        "shipped": lambda: shipped(order, on),
        "refunded": lambda: refunded(order, on, number=own),
        "settled": lambda: settled(
            on, kind="other-transaction", what="BASE_FEE", amount="-3.00", order=order, sku="SKU-1"
        ),
        "returned": lambda: returned(order, on, disposition="DAMAGED"),
        "requested": lambda: requested(order, on, delivered=on, refunded="20.00"),
        "reimbursed": lambda: reimbursed(on, own, order=order),
        "taken back": lambda: taken_back(on, f"9{own}", of=draw(st.sampled_from(["10", "11"]))),
        "replaced": lambda: replaced(order, on, by="114-0000009-0000009"),
    }
    return kinds[draw(st.sampled_from(sorted(kinds)))]()


def facts(first: int, last: int) -> st.SearchStrategy[list[Told]]:
    return st.integers(1, 6).flatmap(
        lambda count: st.tuples(*(happened(first, last, number) for number in range(count))).map(
            list
        )
    )


def on_the_day(story: Story) -> list[Any]:
    """The status and liability of everything on the day, and how its cases stood."""
    recall = Recall(story.log, DAY)
    cases = [
        {name: told for name, told in vars(case).items() if name != "imports"}
        for case in recall.cases()
        if case.stream != ACCOUNT_STREAM and case.refs
    ]
    return [list(answer(STATUS, recall)), list(answer(LIABILITY, recall)), cases]


def everything_covered(story: Story) -> None:
    """So that what is told later does not make certain what was doubtful."""
    other = "114-0000008-0000008"
    told: Sequence[Told] = [
        returned(other, "2026-05-02"),
        reimbursed("2026-05-02", "5", order=other),
        requested(other, "2026-05-02"),
        replaced(other, "2026-05-02", by="114-0000007-0000007"),
        sold(other, "2026-05-02"),
    ]
    for file in files_of(*told, told_at="2026-07-20", period=PERIOD):
        story.imports_file(file)


@settings(max_examples=40)
@given(facts(1, 15), facts(16, 28))
def test_what_happens_later_says_nothing_of_a_day_that_has_passed(
    before: list[Told], after: list[Told]
) -> None:
    with file_url() as url:
        story = Story(url, checked=False)
        try:
            everything_covered(story)
            for file in files_of(*before, told_at="2026-06-15", period=PERIOD):
                story.imports_file(file)
            then = on_the_day(story)
            for file in files_of(*after, told_at="2026-07-20", period=PERIOD):
                story.imports_file(file)

            assert on_the_day(story) == then
        finally:
            story.close()
