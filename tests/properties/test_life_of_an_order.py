"""What was answered about an order on any day of its life is answered again, whatever happened and was told since."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.deciding import Decision, Refused, decide
from ledger.event import Deed, order_stream
from ledger.events.arrivals import UnitGraded, UnitsReceived
from ledger.events.claims import AppealFiled, ClaimDecided, ClaimFiled, ClaimPaid
from ledger.events.deliveries import OrderDelivered
from ledger.events.keeping import EntryCorrected
from ledger.events.messages import MessageAnswered, MessageReceived
from ledger.events.refunds import RefundGiven, RefundPart
from ledger.events.requests import (
    RequestReceived,
    ReturnAuthorized,
    ReturnDeclined,
    ReturnFirstScanned,
)
from ledger.judging import judge, rulings
from ledger.recall import Recall
from ledger.values import Money, instant
from projections import LIABILITY, STATUS
from projections.catching_up import answer
from tests.story import (
    ORDER,
    SKU,
    Story,
    Told,
    begin,
    files_of,
    refunded,
    reimbursed,
    requested,
    returned,
    sold,
    taken_back,
)

FIRST: Final = date(2026, 3, 2)
STREAM: Final = order_stream(ORDER)
PRICE: Final = Money.of("20.00", "USD")


def deeds() -> st.SearchStrategy[Deed]:
    """Anything that a seller might tell of the order, in whatever order it comes."""
    told: dict[str, Any] = {"order_id": ORDER, "sku": SKU}
    part = (RefundPart("item", PRICE),)
    return st.sampled_from(
        [
            OrderDelivered(order_id=ORDER),
            RequestReceived(**told, reason="CR-DEFECTIVE", in_policy=False),
            ReturnAuthorized(**told),
            ReturnDeclined(**told, rule_id="ret.window.US.1"),
            ReturnFirstScanned(**told),
            UnitsReceived(**told),
            UnitGraded(**told, condition="as_new"),
            UnitGraded(**told, condition="damaged"),
            RefundGiven(**told, by="seller", trigger="manual", parts=part),
            RefundGiven(**told, by="amazon", trigger="first_scan", parts=part),
            ClaimFiled(claim="C", claim_type="safe_t", door="safe_t", sku=SKU, amount=PRICE),
            ClaimDecided(claim="C", outcome="denied", appeal_until="2026-04-20"),
            AppealFiled(claim="C"),
            ClaimPaid(claim="C", amount=PRICE),
            MessageReceived(message="M", order_id=ORDER),
            MessageAnswered(message="M"),
        ]
    )


class Report(NamedTuple):
    """A row of a report, told of a day so many days before the one on which it is imported."""

    of: str
    days_before: int

    def told(self, today: date) -> Told:
        on = str(max(today - timedelta(days=self.days_before), FIRST))
        kinds: dict[str, Callable[[], Told]] = {
            "refunded": lambda: refunded(ORDER, on),
            "returned": lambda: returned(ORDER, on, disposition="DAMAGED"),
            "requested": lambda: requested(ORDER, on, delivered=on, refunded="20.00"),
            "reimbursed": lambda: reimbursed(on, "10", order=ORDER),
            "taken back": lambda: taken_back(on, "11", of="10"),
        }
        return kinds[self.of]()


KINDS: Final = ("refunded", "returned", "requested", "reimbursed", "taken back")


class Correction(NamedTuple):
    """The seller takes back what he told so many deeds ago."""

    back: int


def steps() -> st.SearchStrategy[Any]:
    reports = st.builds(Report, st.sampled_from(KINDS), st.integers(0, 20))
    return st.one_of(deeds(), deeds(), reports, st.builds(Correction, st.integers(0, 8)))


def everything(recall: Recall) -> dict[str, Any]:
    """All that the program answers about the order."""
    case = recall.case(STREAM)
    return {
        "status": list(answer(STATUS, recall, [STREAM])),
        "liability": list(answer(LIABILITY, recall, [STREAM])),
        "audit": judge(case, recall.book, recall.as_of),
        "rulings": rulings(case, recall.book, recall.as_of),
    }


@given(st.lists(st.tuples(steps(), st.integers(0, 9)), min_size=1, max_size=12))
@settings(max_examples=40)
def test_every_day_of_an_orders_life_is_answered_as_it_was(
    life: list[tuple[Any, int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        story = begin(Path(folder), checked=False)
        story.clock.moment = datetime.combine(FIRST, datetime.min.time(), UTC)
        story.imports(sold(ORDER, "2026-03-01", price="20.00"))
        answered: list[tuple[date, str, dict[str, Any]]] = []
        for step, days in life:
            story.clock.moment += timedelta(days=days, seconds=5)
            happen(story, step)
            today = story.clock.moment.date()
            moment = story.log.recorded_at()
            assert moment is not None
            answered.append((today, moment, everything(Recall(story.log, today))))
        for today, moment, then in answered:
            assert everything(Recall(story.log, today, moment)) == then
        story.close()


def happen(story: Story, step: Any) -> None:
    """The seller does it, or a report is imported; what the case does not allow stays undone."""
    now = instant(story.clock.moment)
    if isinstance(step, Report):
        today = story.clock.moment.date()
        told = step.told(today)
        for file in files_of(told, told_at=now, period=(str(FIRST), str(today))):
            story.imports_file(file)
        return
    deed = correction(story, step.back) if isinstance(step, Correction) else step
    if deed is None:
        return
    with suppress(Refused):
        decide(
            story.log,
            Decision(stream=STREAM, event=deed, occurred_at=now),
            actor="seller",
            command="test",
            command_id=now,
            now=now,
            late=True,
            again=True,
            against_advice=True,
        )


def correction(story: Story, back: int) -> Deed | None:
    """The deed so many before the last counts no more; None where there are not so many."""
    told = [one for one in story.log.streams([STREAM])[STREAM] if isinstance(one.event, Deed)]
    if back >= len(told):
        return None
    return EntryCorrected(corrects=told[-1 - back].position or 0, why="it was wrong")
