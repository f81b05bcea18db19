"""Who bears what: every event posted once, over parties that sum to zero."""

from __future__ import annotations

from decimal import Decimal

import pytest

from projections import LIABILITY
from projections.liability import (
    REFUND_LINES,
    REFUND_REST,
    REFUND_TYPES,
    TRANSACTIONS,
    Grouping,
    liability,
)
from tests.story import (
    ASIN,
    ORDER,
    OTHER_ORDER,
    SKU,
    Story,
    ordered,
    refunded,
    reimbursed,
    requested,
    returned,
    settled,
    sold,
    taken_back,
)

LINES = {
    "product",
    "tax",
    "shipping",
    "gift_wrap",
    "promotion",
    "referral_fee",
    "refund_admin_fee",
    "return_postage",
    "restocking_fee",
    "goodwill",
    "reimbursement",
    "reimbursement_reversal",
    "claim",
    "other",
}
"""What the command `liability` promises to programs."""


def test_every_line_is_one_that_was_promised() -> None:
    told = [*REFUND_LINES.values(), *REFUND_TYPES.values(), REFUND_REST, *TRANSACTIONS.values()]

    assert {posted.line for posted in told} <= LINES


def test_a_sale_is_nobodys_cost(story: Story) -> None:
    story.imports(ordered(ORDER, "2026-06-01"), sold(ORDER, "2026-06-01"))

    assert story.postings() == []


def test_a_refund_is_borne_by_the_seller_who_gets_the_commission_back_less_a_fee(
    story: Story,
) -> None:
    story.imports(refunded(ORDER, "2026-06-10", principal="20.00"))

    assert sorted(story.postings()) == [
        ("amazon", "referral_fee", "3.00"),
        ("amazon", "refund_admin_fee", "-0.60"),
        ("buyer", "product", "-20.00"),
        ("seller", "product", "20.00"),
        ("seller", "referral_fee", "-3.00"),
        ("seller", "refund_admin_fee", "0.60"),
    ]


@pytest.mark.parametrize(
    ("kind", "what", "amount", "expected"),
    [
        ("ItemPrice", "Tax", "-1.00", ("tax", "buyer")),
        ("ItemPrice", "ShippingTax", "-1.00", ("tax", "buyer")),
        ("ItemPrice", "GiftWrapTax", "-1.00", ("tax", "buyer")),
        ("ItemPrice", "Shipping", "-1.00", ("shipping", "buyer")),
        ("ItemPrice", "GiftWrap", "-1.00", ("gift_wrap", "buyer")),
        ("ItemPrice", "Goodwill", "-1.00", ("goodwill", "buyer")),
        ("ItemPrice", "RestockingFee", "1.00", ("restocking_fee", "buyer")),
        ("ItemPrice", "ReturnShipping", "1.00", ("return_postage", "buyer")),
        ("ItemPrice", "ExportCharge", "-1.00", ("other", "buyer")),
        ("Promotion", "Shipping", "1.00", ("promotion", "buyer")),
        ("Promotion", "Principal", "1.00", ("promotion", "buyer")),
        ("ItemWithheldTax", "MarketplaceFacilitatorTax-Principal", "1.00", ("tax", "amazon")),
        ("ItemFees", "ShippingChargeback", "1.00", ("other", "amazon")),
        ("SomethingNew", "OfAmazons", "1.00", ("other", "amazon")),
    ],
)
def test_each_line_of_a_refund_has_its_place(
    story: Story, kind: str, what: str, amount: str, expected: tuple[str, str]
) -> None:
    """Amazon's sign: minus is taken from the seller, who then bears it."""
    story.imports(refunded(ORDER, "2026-06-10", principal="0.00", more=[(kind, what, amount)]))
    line, against = expected
    borne = str(-Decimal(amount))

    assert sorted(story.postings()) == sorted([("seller", line, borne), (against, line, amount)])


def test_tax_that_amazon_withheld_and_gives_back_costs_the_seller_nothing(story: Story) -> None:
    """The buyer's tax comes from Amazon: on the seller's side it cancels out within the event."""
    lines = [
        ("ItemPrice", "Tax", "-1.65"),
        ("ItemWithheldTax", "MarketplaceFacilitatorTax-Principal", "1.65"),
    ]
    story.imports(refunded(ORDER, "2026-06-10", principal="0.00", more=lines))

    assert sorted(story.postings()) == [("amazon", "tax", "1.65"), ("buyer", "tax", "-1.65")]


@pytest.mark.parametrize("transaction", ["Refund", "A-to-z Guarantee Refund", "Chargeback Refund"])
def test_a_refund_is_a_refund_through_whichever_door(story: Story, transaction: str) -> None:
    story.imports(refunded(ORDER, "2026-06-10", transaction=transaction))

    assert ("seller", "product", "20.00") in story.postings()


def test_a_refund_that_names_no_item_is_posted_all_the_same(story: Story) -> None:
    story.imports(
        settled(
            "2026-06-10", transaction="Refund", kind="ItemPrice", what="Principal", amount="-9.00"
        )
    )

    assert sorted(story.postings()) == [
        ("buyer", "product", "-9.00"),
        ("seller", "product", "9.00"),
    ]


def test_a_reimbursement_told_by_two_reports_is_posted_once(story: Story) -> None:
    """The reimbursements report tells it; the settlement confirms and never adds."""
    story.imports(
        reimbursed("2026-07-20", "1", order=ORDER),
        settled(
            "2026-07-21",
            kind="FBA Inventory Reimbursement",
            what="REVERSAL_REIMBURSEMENT",
            amount="15.00",
            order=ORDER,
            sku=SKU,
        ),
    )

    assert sorted(story.postings()) == [
        ("amazon", "reimbursement", "15.00"),
        ("seller", "reimbursement", "-15.00"),
    ]


def test_what_amazon_takes_back_is_the_sellers_again(story: Story) -> None:
    story.imports(reimbursed("2026-07-20", "1", order=ORDER), taken_back("2026-07-25", "2", of="1"))
    rows = list(liability("seller", story.rows(LIABILITY), by="party"))

    assert [
        ("amazon", "reimbursement", "15.00"),
        ("amazon", "reimbursement_reversal", "-15.00"),
        ("seller", "reimbursement", "-15.00"),
        ("seller", "reimbursement_reversal", "15.00"),
    ] == [(row.party, row.line, row.amount) for row in rows]


def test_a_unit_given_in_kind_moves_no_money(story: Story) -> None:
    story.imports(reimbursed("2026-07-20", "1", amount="0.00", cash="0", inventory="1"))

    assert story.postings() == []


@pytest.mark.parametrize(
    ("transaction", "kind", "what", "amount", "expected"),
    [
        ("SAFE-T Reimbursement", "Other Transactions", "SAFE-T Reimbursement", "12.00",
         ("claim", "amazon")),
        ("FBAFees", "FBA Customer Returns Fee", "BASE_FEE", "-2.00", ("other", "amazon")),
        ("FBAFees", "FBA Customer Returns Fee", "TAX_ON_FEE", "-0.40", ("other", "amazon")),
        ("other-transaction", "other-transaction", "FBACustomerReturnPerUnitFee", "-2.00",
         ("other", "amazon")),
        ("other-transaction", "other-transaction", "Shipping label purchase for return", "-7.50",
         ("return_postage", "carrier")),
        ("other-transaction", "other-transaction", "BuyerRecharge", "20.00", ("other", "buyer")),
    ],
)  # fmt: skip
def test_other_transactions_that_are_a_cost_of_returns_are_posted(
    story: Story, transaction: str, kind: str, what: str, amount: str, expected: tuple[str, str]
) -> None:
    story.imports(
        settled(
            "2026-06-25", transaction=transaction, kind=kind, what=what, amount=amount, order=ORDER
        )
    )
    line, against = expected
    borne = str(-Decimal(amount))

    assert sorted(story.postings()) == sorted([("seller", line, borne), (against, line, amount)])


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("other-transaction", "Subscription Fee"),
        ("other-transaction", "Storage Fee"),
        ("other-transaction", "DisposalComplete"),
        ("other-transaction", "Payable to Amazon"),
        ("MCF Inventory Reimbursement", "MULTICHANNEL_ORDER_LOST"),
        ("FBA Inventory Reimbursement", "COMPENSATED_CLAWBACK"),
    ],
)
def test_what_is_no_cost_of_a_return_is_left_out(story: Story, kind: str, what: str) -> None:
    story.imports(settled("2026-06-25", kind=kind, what=what, amount="-39.99"))

    assert story.postings() == []


def test_what_other_reports_say_was_refunded_is_not_posted_again(story: Story) -> None:
    story.imports(requested(ORDER, "2026-06-10", refunded="20.00", safe_t="1"))

    assert story.postings() == []


@pytest.mark.parametrize(
    ("by", "group"),
    [
        ("order", (ORDER, None, None, None)),
        ("sku", (None, SKU, None, None)),
        ("asin", (None, None, ASIN, None)),
        ("month", (None, None, None, "2026-06")),
        ("party", (None, None, None, None)),
    ],
)
def test_rows_are_grouped_as_asked_for(
    story: Story, by: Grouping, group: tuple[str | None, ...]
) -> None:
    """Entries are counted, not postings; groups come in order, each party and line once."""
    story.imports(
        returned(ORDER, "2026-06-09"),
        refunded(ORDER, "2026-06-10", number="1"),
        refunded(ORDER, "2026-06-30", number="2", principal="5.00"),
        refunded(OTHER_ORDER, "2026-07-10", sku="SKU-2", number="3", principal="10.00"),
    )
    rows = list(liability("seller", story.rows(LIABILITY), by=by))
    mine = [
        row
        for row in rows
        if (row.party, row.line) == ("seller", "product")
        and (row.order_id, row.sku, row.asin, row.month) == group
    ]

    assert (
        [("35.00", 3)]
        if by == "party"
        else [("25.00", 2)] == [(row.amount, row.entries) for row in mine]
    )
    assert sum(Decimal(row.amount) for row in rows) == 0


def test_each_event_counts_in_the_month_in_which_it_happened_there(story: Story) -> None:
    """Six in the evening of the last of June in California is July in UTC."""
    told = reimbursed("2026-07-01T01:00:00+00:00", "1", order=ORDER)
    story.imports(ordered(ORDER, "2026-06-01"), told)

    assert {"2026-06"} == {row.month for row in story.rows(LIABILITY)}
