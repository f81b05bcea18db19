"""Who bears refunded goods: every cent of a refund has one bearer, and each money counts once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import bearing
from ledger.events.arrivals import DamageInvestigated, WrongItemReceived
from ledger.events.claims import (
    AppealDecided,
    AppealFiled,
    ClaimDecided,
    ClaimFiled,
    ClaimPaid,
    ClaimPaymentReversed,
)
from ledger.events.refunds import ConcessionGranted, RefundPart
from ledger.values import Money
from tests.ledger.account import ORDER, SKU
from tests.ledger.buyer import LONG_AFTER, Buyer, bought

GOODS = "refunded_goods"


def sold(store: str = "US") -> Buyer:
    return bought(store, "2026-03-01", delivered="2026-03-05").asked("2026-03-10")


def refunded(condition: str | None = None, amount: str = "100.00", **more: Any) -> Buyer:
    """Refunded, after it came back in some state, if it did."""
    told = sold()
    if condition:
        told.gets_back("2026-03-15", condition)
    return told.refunds("2026-03-16", amount, **more)


def claims(
    told: Buyer, door: str, outcome: str | None = None, *, by: str = "seller", **more: Any
) -> Buyer:
    """A claim about the refund, decided so if it was; `paid` is what was paid on it."""
    filed: dict[str, Any] = {"claim_type": door, "door": door, "by": by, "sku": SKU}
    asked = more.pop("asked", None)
    filed["amount"] = told.money(asked) if asked else None
    paid = more.pop("paid", None)
    told.says(ClaimFiled(claim="C-1", **filed), "2026-03-20")
    if outcome:
        amount = more.pop("amount", None)
        decided = ClaimDecided(
            claim="C-1",
            outcome=outcome,  # type: ignore[arg-type]
            amount=told.money(amount) if amount else None,
            **more,
        )
        told.says(decided, "2026-03-25")
    if paid:
        told.says(ClaimPaid(claim="C-1", amount=told.money(paid)), "2026-03-28")
    return told


# --- what came back ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "bearer"),
    [
        (None, "seller"),
        ("as_new", "nobody"),
        ("opened", "seller"),
        ("used", "seller"),
        ("damaged", "seller"),
        ("empty_box", "seller"),
    ],
)
def test_the_state_in_which_it_came_back_says_who_bears_it(
    condition: str | None, bearer: str
) -> None:
    assert [(bearer, "100.00 USD")] == refunded(condition).costs(GOODS)


def test_something_else_that_came_back_is_the_sellers_loss() -> None:
    told = refunded()
    told.says(WrongItemReceived(order_id=ORDER, sku=SKU, arrived="a brick"), "2026-03-15")

    assert [("seller", "100.00 USD")] == told.costs(GOODS)


def test_a_unit_that_nobody_graded_is_in_review() -> None:
    told = sold().gets_back("2026-03-15", None).refunds("2026-03-16", "100.00")
    (found,) = told.rulings(GOODS, on=LONG_AFTER)

    assert ("review", "undetermined", None) == (found.state, found.bearer, found.amount)
    assert "in what state did it come back" in (found.question or "")


def test_a_grade_that_was_corrected_by_a_later_one_counts_no_more() -> None:
    told = sold().gets_back("2026-03-15", "as_new").refunds("2026-03-16", "100.00")
    told.gets_back("2026-03-17", "used", quantity=1)
    told.takes_back("2026-03-18")

    assert [("nobody", "100.00 USD")] == told.costs(GOODS)


def test_what_damaged_it_is_said() -> None:
    told = refunded("damaged")
    told.says(DamageInvestigated(order_id=ORDER, sku=SKU, cause="carrier_return"), "2026-03-16")
    (found,) = told.rulings(GOODS, on=LONG_AFTER)

    assert "damaged by the carrier on its way back" in found.reason


def test_units_of_one_refund_are_borne_apart() -> None:
    told = Buyer("US").ordered("2026-03-01", price="50.00", quantity=3, programme="FBM")
    told.gets_back("2026-03-15", "as_new").gets_back("2026-03-16", "used")
    told.refunds("2026-03-17", "50.00", quantity=3)

    assert [
        ("nobody", "16.68 USD"),
        ("seller", "16.66 USD"),
        ("seller", "16.66 USD"),
    ] == told.costs(GOODS)


def test_several_refunds_of_one_unit_are_all_about_that_unit() -> None:
    told = refunded("as_new", "60.00").refunds("2026-03-20", "40.00")

    assert [("nobody", "60.00 USD"), ("nobody", "40.00 USD")] == told.costs(GOODS)


def test_a_refund_without_a_return_is_the_sellers_and_waits_for_nothing() -> None:
    told = refunded(trigger="returnless", by="amazon")
    (found,) = told.rulings(GOODS, on=LONG_AFTER)

    assert ("seller", "100.00 USD") == (found.bearer, str(found.amount))
    assert "without a return" in found.reason


def test_the_state_counts_on_the_day_that_is_asked_about() -> None:
    told = sold().refunds("2026-03-12", "100.00").gets_back("2026-03-15", "as_new")

    assert [("seller", "100.00 USD")] == told.costs(GOODS, on="2026-03-14")
    assert [("nobody", "100.00 USD")] == told.costs(GOODS, on="2026-03-15")


# --- what was granted -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("door", "outcome", "more", "costs"),
    [
        ("safe_t", None, {}, [("seller", "100.00 USD")]),
        ("safe_t", "denied", {}, [("seller", "100.00 USD")]),
        (
            "safe_t",
            "granted",
            {"amount": "30.00"},
            [("amazon", "30.00 USD"), ("seller", "70.00 USD")],
        ),
        ("safe_t", "granted", {"asked": "100.00"}, [("amazon", "100.00 USD")]),
        (
            "safe_t",
            "granted",
            {"amount": "30.00", "paid": "29.99"},
            [("amazon", "29.99 USD"), ("seller", "70.01 USD")],
        ),
        ("safe_t", None, {"paid": "120.00"}, [("amazon", "100.00 USD")]),
        (
            "carrier",
            "partly_granted",
            {"amount": "45.50"},
            [("carrier", "45.50 USD"), ("seller", "54.50 USD")],
        ),
        ("carrier", "partly_granted", {"asked": "90.00"}, [("undetermined", None)]),
        ("fba", "granted", {"amount": "20.00"}, [("amazon", "20.00 USD"), ("seller", "80.00 USD")]),
    ],
)
def test_a_claim_takes_over_what_was_granted_or_paid(
    door: str, outcome: str | None, more: dict[str, Any], costs: list[tuple[str, str | None]]
) -> None:
    told = claims(refunded("used", trigger="first_scan", by="amazon"), door, outcome, **more)

    assert costs == told.costs(GOODS)


def test_a_payment_that_was_taken_back_is_the_sellers_again() -> None:
    told = claims(refunded("used"), "safe_t", "granted", amount="30.00", paid="30.00")
    told.says(ClaimPaymentReversed(claim="C-1", amount=told.money("30.00")), "2026-04-10")

    assert [("amazon", "30.00 USD"), ("seller", "70.00 USD")] == told.costs(GOODS, on="2026-04-09")
    assert [("seller", "100.00 USD")] == told.costs(GOODS, on="2026-04-10")


def test_what_came_back_as_new_needs_no_making_good() -> None:
    told = claims(refunded("as_new"), "safe_t", "granted", amount="30.00")

    assert [("nobody", "100.00 USD")] == told.costs(GOODS)


@pytest.mark.parametrize(
    ("funded_by", "costs"),
    [
        ("amazon", [("amazon", "100.00 USD")]),
        ("seller", [("seller", "100.00 USD")]),
        (None, [("seller", "100.00 USD")]),
    ],
)
def test_an_a_to_z_claim_is_borne_by_who_funds_it(
    funded_by: str | None, costs: list[tuple[str, str | None]]
) -> None:
    told = refunded(trigger="a_to_z", by="amazon")
    claims(told, "a_to_z", "granted", by="buyer", amount="100.00", funded_by=funded_by)

    assert costs == told.costs(GOODS)


def test_an_a_to_z_claim_without_a_refund_beside_it_is_counted_by_itself() -> None:
    told = claims(sold(), "a_to_z", "granted", by="buyer", amount="100.00", funded_by="seller")

    assert [("seller", "100.00 USD")] == told.costs(GOODS)
    told.refunds("2026-03-26", "100.00", trigger="a_to_z", by="amazon")
    assert [("seller", "100.00 USD")] == told.costs(GOODS)


def test_an_appeal_that_was_won_makes_amazon_bear_it() -> None:
    told = claims(
        refunded(trigger="a_to_z", by="amazon"), "a_to_z", "granted", by="buyer", amount="100.00"
    )
    told.says(AppealFiled(claim="C-1"), "2026-04-01")
    assert [("seller", "100.00 USD")] == told.costs(GOODS)
    told.says(AppealDecided(claim="C-1", outcome="granted"), "2026-04-10")
    assert [("amazon", "100.00 USD")] == told.costs(GOODS)


def test_an_a_to_z_claim_makes_no_other_refund_good() -> None:
    """The seller refunded first, and then a claim was granted, too: his own refund stays his."""
    told = refunded().refunds("2026-03-25", "100.00", trigger="a_to_z", by="amazon")
    claims(told, "a_to_z", "granted", by="buyer", amount="100.00", funded_by="amazon")

    assert [("seller", "100.00 USD"), ("amazon", "100.00 USD")] == told.costs(GOODS)


# --- settlements and reports ------------------------------------------------------------------


def test_a_settlement_confirms_what_the_seller_tells_and_adds_nothing() -> None:
    told = refunded("used").refunded("2026-03-20", principal="100.00", programme="FBM")

    assert [("seller", "85.00 USD"), ("amazon", "15.00 USD")] == told.costs(GOODS)


def test_a_recovery_of_the_settlement_counts_once_with_the_claim_that_is_told() -> None:
    told = claims(refunded("used"), "safe_t", "granted", amount="30.00")
    told.settled("2026-03-28", "SAFE-T Reimbursement", "30.00", kind="SAFE-T Reimbursement")
    assert [("amazon", "30.00 USD"), ("seller", "70.00 USD")] == told.costs(GOODS)
    told.settled("2026-03-29", "SAFE-T Reimbursement", "5.00", kind="SAFE-T Reimbursement")
    assert [("amazon", "30.00 USD"), ("amazon", "5.00 USD"), ("seller", "65.00 USD")] == told.costs(
        GOODS
    )


def test_a_concession_that_a_refund_tells_as_well_is_that_refund() -> None:
    told = sold().says(
        ConcessionGranted(
            order_id=ORDER,
            sku=SKU,
            kind="partial_refund",
            amount=Money(1500, "USD"),
            why="a scratch",
            approver="head of service",
        ),
        "2026-03-12",
    )
    told.refunded("2026-03-14", principal="15.00", programme="FBM")
    (goods, fee) = told.rulings(GOODS, on=LONG_AFTER)

    assert ("seller", "12.75 USD", "amazon", "2.25 USD") == (
        goods.bearer,
        str(goods.amount),
        fee.bearer,
        str(fee.amount),
    )
    assert "approved by head of service" in goods.reason
    assert [] == told.rulings("goodwill", on=LONG_AFTER)


def fba() -> Buyer:
    return Buyer("US").sold("2026-08-20").refunded("2026-09-01")


@pytest.mark.parametrize(
    ("disposition", "costs"),
    [
        ("SELLABLE", [("nobody", "17.00 USD"), ("amazon", "3.00 USD")]),
        ("CUSTOMER_DAMAGED", [("seller", "17.00 USD"), ("amazon", "3.00 USD")]),
        ("DEFECTIVE", [("seller", "17.00 USD"), ("amazon", "3.00 USD")]),
        ("DAMAGED", [("undetermined", None), ("amazon", "3.00 USD")]),
        ("EXPIRED", [("undetermined", None), ("amazon", "3.00 USD")]),
        ("DISTRIBUTOR_DAMAGED", [("undetermined", None), ("amazon", "3.00 USD")]),
        ("SCENTED", [("undetermined", None), ("amazon", "3.00 USD")]),
        (None, [("seller", "17.00 USD"), ("amazon", "3.00 USD")]),
    ],
)
def test_amazons_code_says_who_bears_a_unit_that_came_back_to_it(
    disposition: str | None, costs: list[tuple[str, str | None]]
) -> None:
    told = fba()
    if disposition:
        told.returned("2026-09-05", disposition=disposition)

    assert costs == told.costs(GOODS)


def test_a_unit_that_never_came_back_to_amazon_is_mostly_charged_after_sixty_days() -> None:
    found = fba().rulings(GOODS, on=LONG_AFTER)[0]

    assert "nothing comes back in 60 days, the buyer is charged in most cases" in found.reason
    assert ("fba.return_liability.US.1",) == found.rule_ids


@pytest.mark.parametrize("disposition", [None, "DAMAGED", "CUSTOMER_DAMAGED"])
def test_what_amazon_reimbursed_amazon_bears(disposition: str | None) -> None:
    told = fba().paid("2026-10-01", amount="16.50")
    if disposition:
        told.returned("2026-09-05", disposition=disposition)
    costs = [one for one in told.costs(GOODS) if one[0] != "undetermined"]

    rest = [("seller", "0.50 USD")] if disposition != "DAMAGED" else []
    assert [("amazon", "16.50 USD"), *rest, ("amazon", "3.00 USD")] == costs


def test_a_reimbursement_that_was_taken_back_is_borne_by_the_seller_again() -> None:
    told = fba().paid("2026-10-01").taken_back("2026-10-20")

    assert [("seller", "17.00 USD"), ("amazon", "3.00 USD")] == told.costs(GOODS)


def test_a_buyer_who_was_charged_again_bears_it() -> None:
    told = fba().settled("2026-10-20", "BuyerRecharge", "20.00", kind="other-transaction")

    assert [("buyer", "17.00 USD"), ("buyer", "3.00 USD")] == told.costs(GOODS)


def test_an_order_of_which_only_the_sale_is_told_costs_nothing() -> None:
    assert [] == Buyer("US").sold("2026-08-20").rulings(on=LONG_AFTER)


# --- what always holds ------------------------------------------------------------------------

MINOR = st.integers(1, 20_000)
REFUNDS = st.lists(
    st.tuples(
        MINOR,
        st.integers(0, 900),
        st.integers(0, 900),
        st.integers(1, 3),
        st.sampled_from(["manual", "first_scan", "a_to_z", "returnless", "goodwill"]),
    ),
    max_size=4,
)
GRADES = st.lists(st.sampled_from(["as_new", "used", "damaged", "empty_box", None]), max_size=4)
CLAIMS = st.lists(
    st.tuples(
        st.sampled_from(["safe_t", "carrier", "fba", "a_to_z"]),
        st.sampled_from(["granted", "partly_granted", "denied", None]),
        st.one_of(st.none(), MINOR),
        st.one_of(st.none(), MINOR),
    ),
    max_size=3,
)


def told_of(
    refunds: Iterable[tuple[int, int, int, int, str]],
    grades: Iterable[str | None],
    made: Iterable[tuple[str, str | None, int | None, int | None]],
) -> Buyer:
    told = sold()
    for condition in grades:
        told.gets_back("2026-03-15", condition)
    for minor, out, back, quantity, trigger in refunds:
        parts = [("item", minor), ("shipping", out), ("return_postage", back)]
        told.refunds(
            "2026-03-16",
            "",
            parts=tuple(RefundPart(name, Money(part, "USD")) for name, part in parts if part),  # type: ignore[arg-type]
            quantity=quantity,
            trigger=trigger,
        )
    for number, (door, outcome, amount, paid) in enumerate(made):
        name = f"C-{number}"
        told.says(ClaimFiled(claim=name, claim_type=door, door=door, sku=SKU), "2026-03-20")  # type: ignore[arg-type]
        if outcome:
            granted = Money(amount, "USD") if amount else None
            told.says(ClaimDecided(claim=name, outcome=outcome, amount=granted), "2026-03-25")  # type: ignore[arg-type]
        if paid:
            told.says(ClaimPaid(claim=name, amount=Money(paid, "USD")), "2026-03-26")
    return told


@given(REFUNDS, GRADES, CLAIMS)
def test_every_cent_of_a_refund_has_exactly_one_bearer(
    refunds: list[tuple[int, int, int, int, str]],
    grades: list[str | None],
    made: list[tuple[str, str | None, int | None, int | None]],
) -> None:
    told = told_of(refunds, grades, made)
    case, book = told.case(f"order/{ORDER}", LONG_AFTER), told.book(LONG_AFTER)
    shares = bearing.shares_of(case, book)
    given = Counter[str]()
    for share in shares:
        assert share.amount.minor > 0
        given[share.refund.name] += share.amount.minor

    assert given == {
        one.name: one.amount.minor for one in bearing.given_back(case) if one.amount is not None
    }


@given(REFUNDS, GRADES, CLAIMS)
def test_what_the_lines_say_is_what_the_shares_are(
    refunds: list[tuple[int, int, int, int, str]],
    grades: list[str | None],
    made: list[tuple[str, str | None, int | None, int | None]],
) -> None:
    """No cent is lost or told twice between goods and postage; what is in review is in no sum."""
    told = told_of(refunds, grades, made)
    case, book = told.case(f"order/{ORDER}", LONG_AFTER), told.book(LONG_AFTER)
    lines = Counter[str]()
    rulings = told.rulings(GOODS, on=LONG_AFTER) + told.rulings("postage", on=LONG_AFTER)
    for one in rulings:
        if one.amount is not None:
            assert one.question is None
            lines[str(one.bearer)] += one.amount.minor
    shares = Counter[str]()
    for share in bearing.shares_of(case, book):
        if share.question is None:
            shares[share.bearer] += share.amount.minor

    assert lines == shares
