"""Who bears what of that which the seller tells: once, provisional until a report shows it, zero over all parties."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ledger.event import ACCOUNT_STREAM, Deed, order_stream, removal_stream
from ledger.events.claims import ClaimDecided, ClaimFiled, ClaimPaid, ClaimPaymentReversed, Door
from ledger.events.deliveries import OrderDispatched, OrderTold
from ledger.events.refunds import (
    ConcessionGranted,
    RefundGiven,
    RefundPart,
    ReplacementSent,
    RestockingFeeApplied,
)
from ledger.events.requests import ReturnLabelIssued
from ledger.values import Money
from projections import LIABILITY
from projections.catching_up import answer
from projections.liability import liability
from tests.story import (
    ASIN,
    ORDER,
    SKU,
    TODAY,
    Story,
    Told,
    refunded,
    reimbursed,
    settled,
    sold,
    taken_back,
)

STREAM = order_stream(ORDER)
Row = tuple[str, str, str, bool]


def dollars(text: str) -> Money:
    return Money.of(text, "USD")


def about(event: type[Deed], /, **more: Any) -> Any:
    return event(order_id=ORDER, sku=SKU, **more)


def given(*, trigger: Any = "manual", by: Any = "seller", **parts: str) -> RefundGiven:
    """A refund with these components."""
    told: Any = [RefundPart(name, dollars(amount)) for name, amount in parts.items()]  # type: ignore[arg-type]
    return RefundGiven(order_id=ORDER, sku=SKU, by=by, trigger=trigger, parts=tuple(told))


def filed(door: Door, **more: Any) -> ClaimFiled:
    return ClaimFiled(claim="C-1", claim_type=door, door=door, sku=SKU, **more)


def paid(amount: str, **more: Any) -> ClaimPaid:
    return ClaimPaid(claim="C-1", amount=dollars(amount), **more)


def tells(story: Story, *deeds: Deed, stream: str = STREAM, on: str = "2026-07-01") -> None:
    for deed in deeds:
        story.appends(stream, deed, occurred_at=on)


def borne(story: Story) -> list[Row]:
    """What each party bears of each line: party, line, amount, and whether it is provisional."""
    rows = liability("seller", story.rows(LIABILITY), by="party")
    return [(row.party, row.line, row.amount, row.provisional) for row in rows]


def claim_paid(amount: str, on: str = "2026-07-08", *, transaction: str) -> Told:
    """The payment of a claim as a settlement shows it."""
    return settled(
        on,
        transaction=transaction,
        kind="Other Transactions",
        what=transaction,
        amount=amount,
        order=ORDER,
        sku=SKU,
    )


@pytest.mark.parametrize(
    ("deeds", "expected"),
    [
        (
            [about(ReturnLabelIssued, payer="seller", kind="own_domestic", cost=dollars("4.20"))],
            [("carrier", "return_postage", "-4.20", False),
             ("seller", "return_postage", "4.20", False)],
        ),
        (
            [about(ReturnLabelIssued, payer="seller", kind="amazon_prepaid", cost=dollars("4.20"))],
            [("carrier", "return_postage", "-4.20", True),
             ("seller", "return_postage", "4.20", True)],
        ),
        ([about(ReturnLabelIssued, payer="buyer", kind="buyer_ships", cost=dollars("4.20"))], []),
        ([about(ReturnLabelIssued, payer="amazon", kind="amazon_prepaid", cost=dollars("4"))], []),
        ([about(ReturnLabelIssued, payer="seller", kind="own_domestic")], []),
        (
            [ConcessionGranted(order_id=ORDER, kind="voucher", amount=dollars("5.00"), why="w")],
            [("buyer", "goodwill", "-5.00", False), ("seller", "goodwill", "5.00", False)],
        ),
        (
            [about(ConcessionGranted, kind="partial_refund", amount=dollars("5.00"), why="w")],
            [("buyer", "goodwill", "-5.00", True), ("seller", "goodwill", "5.00", True)],
        ),
        (
            [about(ReplacementSent, cost=dollars("3.90"))],
            [("carrier", "shipping", "-3.90", False), ("seller", "shipping", "3.90", False)],
        ),
        (
            [given(item="20.00", item_tax="1.60", shipping="3.00", return_postage="2.00")],
            [("buyer", "product", "-20.00", True), ("buyer", "return_postage", "-2.00", True),
             ("buyer", "shipping", "-3.00", True), ("buyer", "tax", "-1.60", True),
             ("seller", "product", "20.00", True), ("seller", "return_postage", "2.00", True),
             ("seller", "shipping", "3.00", True), ("seller", "tax", "1.60", True)],
        ),
        (
            [given(item="16.00"), about(RestockingFeeApplied, amount=dollars("4.00"), reason="late")],
            [("buyer", "product", "-16.00", True), ("seller", "product", "16.00", True)],
        ),
        (
            [filed("carrier"), paid("12.00")],
            [("carrier", "claim", "12.00", False), ("seller", "claim", "-12.00", False)],
        ),
        (
            [filed("safe_t"), paid("12.00")],
            [("amazon", "claim", "12.00", True), ("seller", "claim", "-12.00", True)],
        ),
        (
            [filed("fba"), paid("12.00"),
             ClaimPaymentReversed(claim="C-1", amount=dollars("12.00"))],
            [("amazon", "reimbursement", "12.00", True),
             ("amazon", "reimbursement_reversal", "-12.00", True),
             ("seller", "reimbursement", "-12.00", True),
             ("seller", "reimbursement_reversal", "12.00", True)],
        ),
    ],
)  # fmt: skip
def test_what_no_report_tells_is_posted(
    story: Story, deeds: list[Deed], expected: list[Row]
) -> None:
    """A restocking fee is in what the buyer got: it is kept, and borne by nobody again."""
    tells(story, *deeds)

    assert expected == borne(story)


def test_the_way_out_is_a_cost_of_returns_once_it_was_in_vain(story: Story) -> None:
    tells(story, about(OrderDispatched, postage=dollars("4.50")))
    sale = borne(story)
    tells(story, given(item="5.00", trigger="goodwill"))
    goodwill = [row for row in borne(story) if row[1] == "shipping"]
    tells(story, given(item="20.00"))
    shipping = [row for row in borne(story) if row[1] == "shipping"]

    assert ([], []) == (sale, goodwill)
    assert [
        ("carrier", "shipping", "-4.50", False),
        ("seller", "shipping", "4.50", False),
    ] == shipping


def test_amazon_pays_what_it_decided_to_fund(story: Story) -> None:
    """It is in no settlement of the seller's, so nothing is waited for."""
    tells(
        story,
        filed("a_to_z", by="buyer"),
        given(item="20.00", trigger="a_to_z", by="amazon"),
        ClaimDecided(claim="C-1", outcome="granted", funded_by="amazon"),
    )

    assert [("amazon", "product", "20.00", False), ("buyer", "product", "-20.00", False)] == borne(
        story
    )


REFUND: list[Row] = [
    ("amazon", "referral_fee", "3.00", False),
    ("amazon", "refund_admin_fee", "-0.60", False),
    ("buyer", "product", "-20.00", False),
    ("seller", "product", "20.00", False),
    ("seller", "referral_fee", "-3.00", False),
    ("seller", "refund_admin_fee", "0.60", False),
]
SAFE_T: list[Row] = [("amazon", "claim", "12.00", False), ("seller", "claim", "-12.00", False)]
PAID: list[Row] = [
    ("amazon", "reimbursement", "15.00", False),
    ("seller", "reimbursement", "-15.00", False),
]
GOODWILL: list[Row] = [("buyer", "goodwill", "-5.00", False), ("seller", "goodwill", "5.00", False)]
LABEL: list[Row] = [
    ("carrier", "return_postage", "-7.50", False),
    ("seller", "return_postage", "7.50", False),
]


@pytest.mark.parametrize("report_first", [True, False])
@pytest.mark.parametrize(
    ("deeds", "told", "expected"),
    [
        ([given(item="20.00")], refunded(ORDER, "2026-07-05"), REFUND),
        ([given(item="19.00")], refunded(ORDER, "2026-07-05"), REFUND),
        (
            [filed("safe_t"), paid("12.00")],
            claim_paid("12.00", transaction="SAFE-T Reimbursement"),
            SAFE_T,
        ),
        (
            [filed("safe_t"), paid("12.50")],
            claim_paid("12.00", transaction="SAFE-T Reimbursement"),
            SAFE_T,
        ),
        (
            [filed("a_to_z"), paid("12.00")],
            claim_paid("12.00", transaction="A-to-z Guarantee Recovery"),
            SAFE_T,
        ),
        (
            [filed("fba"), paid("15.00", reimbursement_id="77")],
            reimbursed("2026-07-05", "77", order=ORDER),
            PAID,
        ),
        ([filed("fba"), paid("15.00")], reimbursed("2026-07-05", "77", order=ORDER), PAID),
        (
            [filed("fba"), paid("15.00", reimbursement_id="77")],
            reimbursed("2026-07-05", "77"),
            PAID,
        ),
        (
            [about(ConcessionGranted, kind="partial_refund", amount=dollars("5.00"), why="w")],
            refunded(ORDER, "2026-07-05", principal="0.00", more=[("ItemPrice", "Goodwill", "-5.00")]),
            GOODWILL,
        ),
        (
            [about(ReturnLabelIssued, payer="seller", kind="amazon_prepaid", cost=dollars("7.40"))],
            settled("2026-07-05", kind="other-transaction",
                    what="Shipping label purchase for return", amount="-7.50", order=ORDER),
            LABEL,
        ),
    ],
)  # fmt: skip
def test_what_a_report_tells_takes_the_place_of_the_sellers_word(
    story: Story, deeds: list[Deed], told: Told, expected: list[Row], report_first: bool
) -> None:
    """Whichever comes first: once, and as the report has it."""
    steps: list[Callable[[], Any]] = [lambda: story.imports(told), lambda: tells(story, *deeds)]
    for step in steps if report_first else reversed(steps):
        step()

    assert expected == borne(story)


@pytest.mark.parametrize(
    ("deeds", "told"),
    [
        # A claim's payment is not another claim's, nor other money long after.
        (
            [filed("safe_t"), paid("12.00")],
            claim_paid("12.00", transaction="A-to-z Guarantee Recovery"),
        ),
        (
            [filed("safe_t"), paid("12.00")],
            claim_paid("30.00", "2026-07-28", transaction="SAFE-T Reimbursement"),
        ),
        # An id is an id.
        (
            [filed("fba"), paid("15.00", reimbursement_id="78")],
            reimbursed("2026-07-05", "77", order=ORDER),
        ),
        # A label of the seller's own carrier is in no settlement.
        (
            [about(ReturnLabelIssued, payer="seller", kind="own_domestic", cost=dollars("7.50"))],
            settled("2026-07-05", kind="other-transaction",
                    what="Shipping label purchase for return", amount="-7.50", order=ORDER),
        ),
    ],
)  # fmt: skip
def test_other_money_takes_nothings_place(story: Story, deeds: list[Deed], told: Told) -> None:
    tells(story, *deeds)
    before = {row.slot for row in story.rows(LIABILITY)}
    story.imports(told)
    after = {row.slot for row in story.rows(LIABILITY)}

    assert before
    assert before < after


def test_a_part_given_back_and_a_refund_are_not_taken_for_each_other(story: Story) -> None:
    """The part settles first, within days of the refund that is told: each finds its own amount."""
    part = about(ConcessionGranted, kind="partial_refund", amount=dollars("5.00"), why="w")
    kept = [("ItemPrice", "Goodwill", "-5.00")]
    tells(story, part, given(item="20.00"))
    story.imports(
        sold(ORDER, "2026-06-01", quantity=2, price="40.00"),
        refunded(ORDER, "2026-07-02", principal="0.00", number="1", more=kept),
        refunded(ORDER, "2026-07-05", number="2"),
    )

    assert sorted([*GOODWILL, *REFUND]) == sorted(borne(story))


def test_each_shown_payment_is_of_one_telling_only(story: Story) -> None:
    """Two payments of the same amount are told, one is shown: the other waits."""
    tells(story, filed("safe_t"), paid("12.00"), paid("12.00"))
    story.imports(claim_paid("12.00", transaction="SAFE-T Reimbursement"))

    assert [
        ("amazon", "claim", "12.00", False),
        ("amazon", "claim", "12.00", True),
        ("seller", "claim", "-12.00", False),
        ("seller", "claim", "-12.00", True),
    ] == borne(story)


def test_a_reversal_that_the_report_shows_is_posted_once(story: Story) -> None:
    """It names no order: it is recorded with the stock, and found by the id of what it takes back."""
    story.imports(reimbursed("2026-07-05", "77", order=ORDER))
    tells(
        story,
        filed("fba"),
        paid("15.00", reimbursement_id="77"),
        ClaimPaymentReversed(claim="C-1", amount=dollars("15.00"), reimbursement_id="77"),
    )
    before = borne(story)
    story.imports(taken_back("2026-07-25", "99", of="77"))

    assert ("seller", "reimbursement_reversal", "15.00", True) in before
    assert [
        *(("amazon", "reimbursement", "15.00", False),),
        ("amazon", "reimbursement_reversal", "-15.00", False),
        ("seller", "reimbursement", "-15.00", False),
        ("seller", "reimbursement_reversal", "15.00", False),
    ] == borne(story)


def test_the_payment_of_a_removal_is_found_where_the_report_records_it(story: Story) -> None:
    """The claim is in the removal's stream, the reimbursement in that of the FNSKU, and comes later."""
    tells(story, filed("fba"), paid("15.00", reimbursement_id="77"), stream=removal_stream("REM-1"))
    before = borne(story)
    story.imports(reimbursed("2026-07-20", "77"))

    assert [(party, line, amount, True) for party, line, amount, _ in PAID] == before
    assert PAID == borne(story)


def test_a_day_before_the_report_is_answered_as_it_was(story: Story) -> None:
    """What had been told and not been reported by then is provisional on that day."""
    tells(story, given(item="20.00"), on="2026-07-01")
    story.imports(refunded(ORDER, "2026-07-05"))
    day = TODAY.replace(month=7, day=3)
    then = list(answer(LIABILITY, story.recall(day)))

    assert {("product", 1)} == {(row.line, row.provisional) for row in then}
    assert borne(story) == REFUND


def test_what_a_report_alone_tells_is_never_provisional(story: Story) -> None:
    story.imports(sold(ORDER, "2026-06-01"), refunded(ORDER, "2026-06-10"))

    assert {0} == {row.provisional for row in story.rows(LIABILITY)}


def test_a_told_order_gives_its_asin_and_its_id(story: Story) -> None:
    tells(
        story,
        OrderTold(order_id=ORDER, sku=SKU, asin=ASIN, marketplace="US", price=dollars("20.00")),
        given(item="20.00"),
    )

    assert {(ORDER, SKU, ASIN)} == {
        (row.order_id, row.sku, row.asin) for row in story.rows(LIABILITY)
    }


def test_what_names_no_sku_belongs_to_the_only_one_of_the_order(story: Story) -> None:
    def order_told(sku: str) -> OrderTold:
        return OrderTold(order_id=ORDER, sku=sku, marketplace="US", price=dollars("20.00"))

    voucher = ConcessionGranted(order_id=ORDER, kind="voucher", amount=dollars("5.00"), why="w")
    tells(story, order_told(SKU), voucher)
    of_one = {row.sku for row in story.rows(LIABILITY)}
    tells(story, order_told("SKU-2"))

    assert ({SKU}, {None}) == (of_one, {row.sku for row in story.rows(LIABILITY)})


def test_a_claim_without_a_case_of_its_own_is_posted_all_the_same(story: Story) -> None:
    tells(story, filed("fba"), paid("15.00"), stream=ACCOUNT_STREAM)

    assert {None} == {row.order_id for row in story.rows(LIABILITY)}
    assert len(story.rows(LIABILITY)) == 2
