"""Reports on reasons, products, service and policy: numbers that were worked out by hand."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from ledger.event import ACCOUNT_STREAM, Deed, order_stream
from ledger.events.arrivals import UnitGraded, UnitsReceived, WrongItemReceived
from ledger.events.claims import (
    AppealDecided,
    AppealFiled,
    ClaimDecided,
    ClaimFiled,
    ClaimPaid,
    ClaimPaymentReversed,
)
from ledger.events.messages import MessageAnswered, MessageReceived
from ledger.events.refunds import (
    ConcessionGranted,
    RefundGiven,
    RefundPart,
    RestockingFeeApplied,
)
from ledger.events.requests import (
    RequestReceived,
    ReturnAuthorized,
    ReturnDeclined,
    ReturnLabelIssued,
    WithdrawalDeclared,
)
from ledger.events.terms import ReturnPolicySet
from ledger.ruling import Ruling
from ledger.values import Money
from projections import LIABILITY, STATUS
from projections.products import ProductRow, Products, Shipped, trend
from projections.reasons import By, ReasonRow, Reasons
from projections.service import Service, ServiceRow
from projections.spending import PolicyRow, Spending
from projections.tallying import Period, months_of, ninetieth, wilson
from tests.story import (
    ORDER,
    OTHER_ORDER,
    SKU,
    Story,
    ordered,
    refunded,
    reimbursed,
    requested,
    returned,
    shipped,
    sold,
)

AUGUST = date(2026, 8, 1)
JUNE = Period(date(2026, 6, 1), date(2026, 6, 30))
EVER = Period()


def dollars(text: str) -> Money:
    return Money.of(text, "USD")


def order(number: int) -> str:
    return f"114-0000{number:03}-0000001"


def tells(story: Story, *said: tuple[str, Deed], stream: str = order_stream(ORDER)) -> None:
    for on, deed in said:
        story.appends(stream, deed, occurred_at=on)


def about(event: type[Deed], /, **more: Any) -> Any:
    return event(order_id=ORDER, sku=SKU, **more)


def taken(story: Story, tally: Any) -> Any:
    """The rows of a report after one pass over the cases; the same, put together of what each case comes to."""
    recall, empty, of_parts = story.recall(AUGUST), deepcopy(tally), deepcopy(tally)
    for case in recall.cases():
        part = deepcopy(empty)
        part.take(case, recall.book)
        of_parts.add(part)
        tally.take(case, recall.book)
    rows = tally.rows(recall.book)
    assert rows == of_parts.rows(recall.book)
    return rows


def reasons(story: Story, period: Period = EVER, by: By | None = None) -> list[ReasonRow]:
    rows: list[ReasonRow] = taken(story, Reasons("seller", period, by))
    return rows


def products(story: Story, period: Period = EVER) -> list[ProductRow]:
    rows: list[ProductRow] = taken(story, Products("seller", period, AUGUST))
    return rows


def service(
    story: Story, period: Period = EVER, rulings: list[Ruling] | None = None
) -> dict[str, ServiceRow]:
    told = rulings or []
    tally = Service("seller", period, AUGUST, lambda case, book, as_of: told)
    rows: list[ServiceRow] = taken(story, tally)
    return {f"{row.area}/{row.measure}": row for row in rows}


def policy(story: Story, period: Period = EVER) -> list[tuple[Any, ...]]:
    rows: list[PolicyRow] = taken(story, Spending("seller", period))
    return [
        (row.what, row.kind, row.approver, row.month, row.count, row.units, row.amount)
        for row in rows
    ]


# --- reasons ----------------------------------------------------------------------------------


def told_in_june_and_july(story: Story) -> None:
    """Six units of SKU-1 and four of SKU-2 go out in June; three and one come back, one is asked for in July."""
    story.imports(
        *(shipped(order(number), "2026-06-02", quantity=2, price="40.00") for number in (1, 2, 3)),
        shipped(order(4), "2026-06-03", sku="SKU-2", quantity=4, price="40.00"),
        returned(order(1), "2026-06-10", reason="DEFECTIVE", disposition="DEFECTIVE"),
        returned(order(2), "2026-06-11", reason="DEFECTIVE"),
        returned(order(3), "2026-07-10", reason="UNWANTED_ITEM"),
        returned(
            order(4), "2026-06-12", sku="SKU-2", asin="B000000002", fnsku="X2", reason="DEFECTIVE"
        ),
    )


def test_reasons_are_counted_with_their_shares_and_rates(story: Story) -> None:
    told_in_june_and_july(story)

    assert [
        ("DEFECTIVE", 3, 4, 0.75, 10, 0.3, {"2026-06": 3, "2026-07": 0}),
        ("UNWANTED_ITEM", 1, 4, 0.25, 10, 0.1, {"2026-06": 0, "2026-07": 1}),
    ] == [
        (row.reason, row.units, row.of, row.share, row.units_shipped, row.rate, row.months)
        for row in reasons(story)
    ]
    assert {"SELLABLE": 2, "DEFECTIVE": 1} == reasons(story)[0].dispositions
    assert {True} == {row.small for row in reasons(story)}


def test_a_period_holds_what_came_back_in_it(story: Story) -> None:
    told_in_june_and_july(story)
    (row,) = reasons(story, JUNE)

    assert ("DEFECTIVE", 3, 3, 10) == (row.reason, row.units, row.of, row.units_shipped)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("sku", [(SKU, "DEFECTIVE", 2, 3, 6), (SKU, "UNWANTED_ITEM", 1, 3, 6),
                 ("SKU-2", "DEFECTIVE", 1, 1, 4)]),
        ("asin", [("B000000001", "DEFECTIVE", 2, 3, 6), ("B000000001", "UNWANTED_ITEM", 1, 3, 6),
                  ("B000000002", "DEFECTIVE", 1, 1, 4)]),
        ("marketplace", [("US", "DEFECTIVE", 3, 4, 10), ("US", "UNWANTED_ITEM", 1, 4, 10)]),
    ],
)  # fmt: skip
def test_each_group_has_denominators_of_its_own(
    story: Story, by: By, expected: list[tuple[Any, ...]]
) -> None:
    told_in_june_and_july(story)

    assert expected == [
        (getattr(row, by), row.reason, row.units, row.of, row.units_shipped)
        for row in reasons(story, by=by)
    ]


def test_a_request_told_by_both_counts_once_with_the_sellers_grade(story: Story) -> None:
    """Requests without a reason, withdrawals and what came instead are told apart."""
    tells(story, ("2026-06-10", about(RequestReceived, reason="CR-DEFECTIVE", quantity=2)))
    story.imports(
        sold(ORDER, "2026-06-01", quantity=4, price="80.00", by="MFN"),
        requested(ORDER, "2026-06-10", quantity=2, delivered="2026-06-15"),
    )
    tells(
        story,
        ("2026-06-16", about(UnitGraded, condition="used")),
        ("2026-06-16", about(WrongItemReceived, arrived="a brick")),
        ("2026-06-18", about(WithdrawalDeclared)),
        ("2026-06-19", about(RequestReceived)),
    )
    found = {row.reason: (row.programme, row.units, row.dispositions) for row in reasons(story)}

    assert {
        "CR-DEFECTIVE": ("FBM", 2, {"used": 1, "wrong_item": 1}),
        "withdrawal": ("FBM", 1, {}),
        "not_told": ("FBM", 1, {}),
    } == found


def test_nothing_shipped_is_no_rate(story: Story) -> None:
    story.imports(returned(ORDER, "2026-06-10"))
    (row,) = reasons(story)

    assert (0, None, 1.0) == (row.units_shipped, row.rate, row.share)


# --- products ---------------------------------------------------------------------------------


def test_a_product_is_followed_from_its_shipping(story: Story) -> None:
    """Of six units shipped in June three came back, one of them in July; in July nothing was shipped."""
    told_in_june_and_july(story)
    first, second = products(story, JUNE)

    assert ("B000000001", (SKU,), 6, 3, 0.5) == (
        first.asin,
        first.skus,
        first.units_shipped,
        first.units_returned,
        first.return_rate,
    )
    assert {"DEFECTIVE": 2, "UNWANTED_ITEM": 1} == first.reasons
    assert (4, 1, 0.25) == (second.units_shipped, second.units_returned, second.return_rate)
    assert [] == [
        row for row in products(story, Period(date(2026, 7, 1))) if row.units_shipped or row.lost
    ]


def test_the_interval_is_wilsons(story: Story) -> None:
    """3 of 6: by the formula 0.1876 to 0.8124."""
    told_in_june_and_july(story)
    first = products(story)[0]

    assert (0.1876, 0.8124) == (first.rate_low, first.rate_high)


@pytest.mark.parametrize(
    ("count", "of", "expected"),
    [
        (0, 0, None),
        (0, 10, (0.0, 0.2775)),
        (10, 10, (0.7225, 1.0)),
        (1, 29, (0.0061, 0.1718)),
        (50, 100, (0.4038, 0.5962)),
    ],
)
def test_wilsons_interval_as_the_tables_give_it(
    count: int, of: int, expected: tuple[float, float] | None
) -> None:
    assert expected == wilson(count, of)


def test_money_lost_is_the_sellers_liability_of_the_product(story: Story) -> None:
    """A refund of 20.00 with its fees is 17.60; Amazon paid 15.00 for it, and more is given but not settled."""
    story.imports(
        ordered(ORDER, "2026-06-01"),
        refunded(ORDER, "2026-06-10"),
        reimbursed("2026-06-20", "1", order=ORDER),
        reimbursed("2026-06-21", "2", amount="4.00"),
    )
    tells(
        story,
        ("2026-06-25", about(ReturnLabelIssued, payer="seller", kind="own_domestic", cost=dollars("3.00"))),
        ("2026-06-26", about(ReturnLabelIssued, payer="seller", kind="amazon_prepaid", cost=dollars("2.00"))),
    )  # fmt: skip
    (row,) = products(story)
    borne = sum(one.amount for one in story.rows(LIABILITY) if one.party == "seller")

    assert {"USD": "3.60"} == row.lost
    assert {"USD": "2.00"} == row.lost_provisional
    assert borne == 360
    assert [] == products(story, Period(date(2026, 7, 1)))


def test_units_of_the_products_are_those_of_the_status(story: Story) -> None:
    told_in_june_and_july(story)
    story.imports(
        sold(ORDER, "2026-06-05", quantity=2, price="40.00"),
        refunded(ORDER, "2026-06-20", principal="40.00"),
    )
    rows = products(story)
    statuses = story.rows(STATUS)

    for told in ("units_shipped", "units_refunded", "units_returned"):
        assert sum(getattr(row, told) for row in rows) == sum(
            getattr(row, told) or 0 for row in statuses
        )


def test_a_return_of_an_order_that_no_file_tells_of_is_in_no_rate(story: Story) -> None:
    told_in_june_and_july(story)
    story.imports(returned(OTHER_ORDER, "2026-06-28"))
    first = products(story)[0]

    assert (6, 3, 1) == (first.units_shipped, first.units_returned, first.unplaced)


def test_an_asin_that_only_one_order_tells_is_known_of_all_of_its_sku(story: Story) -> None:
    story.imports(sold(ORDER, "2026-06-01"), ordered(OTHER_ORDER, "2026-06-02"))
    (row,) = products(story)

    assert ("B000000001", 2) == (row.asin, row.units_shipped)


def month(shipped: int, returned: int, *, ripe: bool = True) -> Shipped:
    return Shipped(shipped=shipped, returned=returned, rate=returned / shipped, ripe=ripe)


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        ([month(100, 5)], None),
        ([month(100, 5), month(100, 20)], "rising"),
        ([month(100, 20), month(100, 5)], "falling"),
        ([month(100, 5), month(100, 7)], "steady"),
        ([month(100, 5), month(100, 20, ripe=False)], None),
        ([month(100, 5), month(29, 20)], None),
        ([month(29, 2), month(100, 20)], None),
        ([month(20, 1), month(20, 1), month(100, 20)], "rising"),
    ],
)
def test_a_trend_is_more_than_chance(months: list[Shipped], expected: str | None) -> None:
    """Only of months that are over, and of thirty units at least on either side."""
    assert expected == trend(months)


def test_a_month_is_over_when_its_buyers_can_return_no_more(story: Story) -> None:
    """45 days after its last day: on the first of August that is so of May (14 July), and not of June."""
    story.imports(shipped(order(1), "2026-05-20"), shipped(order(2), "2026-06-20"))
    (row,) = products(story)

    assert {"2026-05": True, "2026-06": False} == {
        name: one.ripe for name, one in row.months.items()
    }


def test_months_without_anything_are_months_too() -> None:
    assert ["2025-11", "2025-12", "2026-01"] == months_of(["2026-01", "2025-11"])
    assert [] == months_of([])


# --- service ----------------------------------------------------------------------------------


def test_messages_are_timed_from_one_moment_to_the_other(story: Story) -> None:
    """Answered after 2, 10 and 30 hours; one is overdue, one needs no answer, a machine's answer is none."""
    for number, (ended, needs) in enumerate(
        [
            ("06-01T12:00", True),
            ("06-01T20:00", True),
            ("06-02T16:00", True),
            ("", True),
            ("", False),
        ]
    ):
        name = f"M-{number}"
        message = MessageReceived(message=name, order_id=ORDER, needs_answer=needs)
        tells(story, ("2026-06-01T10:00:00Z", message))
        if ended:
            answer = (f"2026-{ended}:00Z", MessageAnswered(message=name))
            tells(story, answer, stream=ACCOUNT_STREAM if number else order_stream(ORDER))
        else:
            machine = MessageAnswered(message=name, automatic=True)
            tells(story, ("2026-06-01T10:01:00Z", machine))
    found = service(story)

    answered = found["messages/answered"]
    assert (3, 4, 0.75, True) == (answered.count, answered.of, answered.share, answered.small)
    in_time = found["messages/answered_in_24h"]
    assert (2, 4, 0.5) == (in_time.count, in_time.of, in_time.share)
    span = found["messages/time_to_answer"]
    assert (3, 10.0, 30.0, "hours") == (span.count, span.median, span.ninetieth, span.unit)
    assert service(story, Period(date(2026, 7, 1))) == {}


def test_answers_of_which_only_the_day_is_told_are_counted_and_not_measured(story: Story) -> None:
    tells(
        story,
        ("2026-06-01", MessageReceived(message="M")),
        ("2026-06-02", MessageAnswered(message="M")),
    )

    assert {"messages/answered"} == set(service(story))


def test_requests_are_timed_where_the_seller_tells_of_them(story: Story) -> None:
    """Amazon's own answer is not the seller's; of a request that the report alone tells nobody knows."""
    tells(
        story,
        ("2026-06-01T10:00:00Z", about(RequestReceived, rma_id="A")),
        ("2026-06-01T14:00:00Z", about(ReturnDeclined, rma_id="A", rule_id="r")),
        ("2026-06-02T10:00:00Z", about(RequestReceived, rma_id="B")),
        ("2026-06-02T10:00:10Z", about(ReturnAuthorized, rma_id="B", by="amazon")),
    )
    story.imports(requested(OTHER_ORDER, "2026-06-03"))
    found = service(story)

    assert (1, 1) == (found["requests/answered"].count, found["requests/answered"].of)
    assert found["requests/time_to_answer"].median == 4.0


def given(text: str = "20.00", **more: Any) -> RefundGiven:
    told: Any = {"by": "seller", "trigger": "manual", **more}
    return RefundGiven(order_id=ORDER, sku=SKU, parts=(RefundPart("item", dollars(text)),), **told)


@pytest.mark.parametrize(
    ("refunded_on", "measure", "count", "median"),
    [
        ("2026-06-14", "refunds/receipt_to_refund", 1, 4.0),
        ("2026-06-08", "refunds/refunded_before_receipt", 1, None),
        (None, "refunds/not_refunded", 1, None),
    ],
)
def test_how_long_a_buyer_waits_after_his_parcel_arrived(
    story: Story, refunded_on: str | None, measure: str, count: int, median: float | None
) -> None:
    story.imports(sold(ORDER, "2026-06-01", by="MFN"))
    tells(story, ("2026-06-10", about(UnitsReceived)))
    tells(story, *([(refunded_on, given())] if refunded_on else []))
    row = service(story)[measure]

    assert (count, median) == (row.count, row.median)


def test_how_long_a_parcel_waits_to_be_looked_at(story: Story) -> None:
    tells(story, ("2026-06-10", about(UnitsReceived)))
    before = service(story)["grading/not_graded"]
    tells(story, ("2026-06-12", about(UnitGraded, condition="used")))
    found = service(story)

    assert (1, 1) == (before.count, before.of)
    assert (2.0, 0) == (
        found["grading/receipt_to_grade"].median,
        found["grading/not_graded"].count,
    )


def test_claims_won_are_a_part_of_those_decided(story: Story) -> None:
    """Four filed, three decided, two won (one of them on appeal); 22.00 paid of which 10.00 went back."""

    def filed(name: str, amount: str) -> tuple[str, Deed]:
        claim = ClaimFiled(
            claim=name, claim_type="safe_t", door="safe_t", sku=SKU, amount=dollars(amount)
        )
        return "2026-06-10", claim

    tells(
        story,
        *(filed(f"C-{number}", "20.00") for number in range(4)),
        ("2026-06-20", ClaimDecided(claim="C-0", outcome="granted")),
        ("2026-06-20", ClaimDecided(claim="C-1", outcome="denied")),
        ("2026-06-21", AppealFiled(claim="C-1")),
        ("2026-06-25", AppealDecided(claim="C-1", outcome="partly_granted")),
        ("2026-06-20", ClaimDecided(claim="C-2", outcome="denied")),
        ("2026-06-22", ClaimPaid(claim="C-0", amount=dollars("12.00"))),
        ("2026-06-26", ClaimPaid(claim="C-1", amount=dollars("10.00"))),
        ("2026-06-28", ClaimPaymentReversed(claim="C-1", amount=dollars("10.00"))),
    )
    found = service(story, JUNE)

    assert found["claims/safe_t: filed"].count == 4
    won = found["claims/safe_t: won"]
    assert (2, 3, 0.6667) == (won.count, won.of, won.share)
    asked, paid = found["claims/safe_t: asked"], found["claims/safe_t: paid"]
    assert (4, "80.00", "USD") == (asked.count, asked.amount, asked.currency)
    assert (2, "12.00") == (paid.count, paid.amount)
    assert not [name for name in service(story, Period(date(2026, 7, 1))) if "safe_t" in name]


def test_a_buyers_claim_is_won_when_it_comes_to_nothing(story: Story) -> None:
    claim = ClaimFiled(claim="A-1", claim_type="a_to_z", door="a_to_z", by="buyer")
    story.imports(sold(ORDER, "2026-06-01", by="MFN"), sold(OTHER_ORDER, "2026-06-01", by="MFN"))
    tells(story, ("2026-06-10", claim), ("2026-06-20", ClaimDecided(claim="A-1", outcome="denied")))
    found = service(story)

    assert found["claims/a_to_z by buyers: won"].share == 1.0
    part = found["a_to_z/orders_with_a_claim"]
    assert (1, 2, 0.5) == (part.count, part.of, part.share)


@pytest.mark.parametrize("door", ["settlement", "report"])
def test_an_a_to_z_claim_may_be_told_by_a_report(story: Story, door: str) -> None:
    story.imports(sold(ORDER, "2026-06-01", by="MFN"))
    told = {
        "settlement": refunded(ORDER, "2026-06-10", transaction="A-to-z Guarantee Refund"),
        "report": requested(ORDER, "2026-06-10", a_to_z="Y"),
    }
    story.imports(told[door])

    assert service(story)["a_to_z/orders_with_a_claim"].count == 1


def duty(state: Any, due_at: str | None) -> Ruling:
    return Ruling(
        policy="p", kind="duty", stream=f"order/{ORDER}", marketplace="US",
        what="answer the return request", state=state, due_at=due_at, reason="r",
    )  # fmt: skip


def test_duties_missed_are_a_part_of_those_that_ended(story: Story) -> None:
    """Met or missed in the period; what is open, or in review, has not ended."""
    told = [
        duty("missed", "2026-06-10T10:00:00Z"),
        duty("met", "2026-06-12"),
        duty("missed", "2026-07-12"),
        duty("open", "2026-06-20"),
        duty("review", None),
    ]
    story.appends(order_stream(ORDER), about(RequestReceived))
    # The account's own case is asked, too, so each is told twice.
    june = service(story, JUNE, told)["duties/missed: p"]
    ever = service(story, EVER, told)["duties/missed: p"]

    assert (2, 4, 0.5) == (june.count, june.of, june.share)
    assert (4, 6) == (ever.count, ever.of)


def test_nine_of_ten_took_no_longer() -> None:
    assert [9.0, 1.0, None] == [ninetieth(list(range(1, 11))), ninetieth([1]), ninetieth([])]


# --- policy -----------------------------------------------------------------------------------


def test_what_was_given_and_kept_by_kind_approver_and_month(story: Story) -> None:
    tells(
        story,
        ("2026-05-20", ReturnPolicySet(free_returns=True)),
        stream=ACCOUNT_STREAM,
    )
    label: Any = {"payer": "seller", "kind": "own_domestic"}
    tells(
        story,
        ("2026-05-10", about(ReturnLabelIssued, **label, cost=dollars("4.00"))),
        ("2026-06-10", about(ReturnLabelIssued, **label, cost=dollars("3.00"))),
        ("2026-06-11", about(ReturnLabelIssued, payer="buyer", kind="buyer_ships")),
        ("2026-06-12", about(RequestReceived, in_policy=False, rma_id="A")),
        ("2026-06-13", about(ReturnAuthorized, rma_id="A", goodwill=True, approver="lead")),
        ("2026-06-14", about(ConcessionGranted, kind="voucher", amount=dollars("5.00"), why="w")),
        ("2026-06-15", about(ConcessionGranted, kind="voucher", amount=dollars("6.00"), why="w")),
        ("2026-07-15", about(ConcessionGranted, kind="discount", amount=dollars("7.00"), why="w", approver="lead")),
        ("2026-06-16", about(RestockingFeeApplied, amount=dollars("4.00"), reason="late")),
        ("2026-06-17", given("16.00")),
        ("2026-06-18", given("9.00", trigger="goodwill", approver="lead")),
        ("2026-06-19", given("8.00", trigger="returnless", by="amazon")),
    )  # fmt: skip

    assert [
        ("concession", "discount", "lead", "2026-07", 1, None, "7.00"),
        ("concession", "voucher", None, "2026-06", 2, None, "11.00"),
        ("goodwill_refund", "by seller", "lead", "2026-06", 1, 1, "9.00"),
        ("goodwill_return", "return", "lead", "2026-06", 1, 1, None),
        ("label", "free_returns", None, "2026-06", 1, 1, "3.00"),
        ("label", "own_domestic", None, "2026-05", 1, 1, "4.00"),
        ("late_return", "out_of_policy", "lead", "2026-06", 1, 1, None),
        ("refund", "goodwill", None, "2026-06", 1, 1, "9.00"),
        ("refund", "manual", None, "2026-06", 1, 1, "16.00"),
        ("refund", "returnless", None, "2026-06", 1, 1, "8.00"),
        ("restocking_fee", "late", None, "2026-06", 1, 1, "4.00"),
        ("returnless_refund", "by amazon", None, "2026-06", 1, 1, "8.00"),
    ] == policy(story)
    assert {"2026-06"} == {row[3] for row in policy(story, JUNE)}


def test_a_settled_refund_counts_once_by_what_the_seller_says_set_it_off(story: Story) -> None:
    story.imports(sold(ORDER, "2026-06-01"), refunded(ORDER, "2026-06-12"))
    tells(story, ("2026-06-10", given("20.00", trigger="first_scan", by="amazon")))
    story.imports(
        sold(OTHER_ORDER, "2026-06-01"),
        refunded(OTHER_ORDER, "2026-06-12", number="2", transaction="A-to-z Guarantee Refund"),
    )

    assert [
        ("refund", "a_to_z", None, "2026-06", 1, None, "20.00"),
        ("refund", "first_scan", None, "2026-06", 1, 1, "20.00"),
    ] == policy(story)
