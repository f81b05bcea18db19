"""Lost in a fulfilment centre: Amazon's number, our count, and every payment that may be for it."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.book import REIMBURSEMENTS, STOCK
from ledger.events.terms import SourcingCostSet
from ledger.policy import Finding
from ledger.values import Money
from tests.ledger.account import FNSKU, ORDER, SKU, TODAY, Account, after, answer_to
from tests.ledger.desk import Desk

LOST = "2026-10-15"
WAREHOUSE = "Lost_Warehouse"
POOL = "WAREHOUSE_DAMAGED"


def account(store: str = "US") -> Account:
    return Account(store).covers("2026-01-01", TODAY)


def the(told: Account, on: str = TODAY) -> Finding:
    return told.the("fc_lost", on=on)


def found(told: Account) -> list[str]:
    return told.verdicts("fc_lost")


def open_units(told: Account) -> list[tuple[str, int]]:
    return sorted((one.verdict, one.quantity) for one in told.findings("fc_lost"))


# --- what is owed -----------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["M", "5"])
def test_a_misplaced_unit_that_nobody_accounted_for_is_ready(reason: str) -> None:
    finding = the(account().lost(LOST, reason=reason))

    assert ("ready", 1, None, "FBA") == (
        finding.verdict,
        finding.quantity,
        finding.amount_expected,
        finding.programme,
    )
    assert (LOST, "2026-12-14") == (str(finding.window_opens), str(finding.window_closes))
    assert "fba.fc_ops.window.US.2" == finding.rule_ids[0]
    assert "in no report" in " ".join(finding.assumptions)


def test_the_answers_come_in_order() -> None:
    tests = the(account().lost(LOST)).tests

    assert [
        "Did units go?",
        "Which marketplace's rules apply?",
        "Could the unit be sold until then?",
        "How many units are still open?",
        "May a payment be for it that names something else?",
        "Do the imported files show that it was not found again?",
        "Do the imported files show that it was not paid for already?",
        "Is today a day on which it may be filed?",
        "What is a unit worth?",
    ] == [test.test for test in tests]
    assert all(test.would_flip for test in tests)


@pytest.mark.parametrize("reason", ["O", "D", "G", "3", "4", "1", "2", "J", "Q", "X", None])
def test_no_other_code_is_a_loss(reason: str | None) -> None:
    """Corrections, disposals, donations, merged SKUs, and codes that nobody has told us."""
    assert [] == found(account().moved(LOST, reason, -1, unreconciled=1))


@pytest.mark.parametrize("disposition", ["CUSTOMER_DAMAGED", "DEFECTIVE", "EXPIRED", None])
def test_a_unit_that_was_unsellable_already_is_in_review(disposition: str | None) -> None:
    assert ["review"] == found(account().lost(LOST, disposition=disposition))


# --- the window -------------------------------------------------------------------------------


@pytest.mark.parametrize("store", ["US", "DE", "UK"])
@pytest.mark.parametrize(
    ("days", "verdict"), [(5, "ready"), (59, "ready"), (60, "ready"), (61, "expired")]
)
def test_it_may_be_filed_for_60_days(store: str, days: int, verdict: str) -> None:
    assert verdict == the(account(store).lost(after(TODAY, -days))).verdict


@pytest.mark.parametrize("days", [0, 1, 4])
def test_in_the_first_days_a_payment_may_not_show_yet(days: int) -> None:
    """Amazon pays for most losses itself, and a payment may be told five days late."""
    finding = the(account().lost(after(TODAY, -days)))

    assert ("review", "open") == (finding.verdict, finding.standing)


@pytest.mark.parametrize(
    ("store", "on", "verdict", "closes"),
    [
        ("US", "2024-10-22", "ready", "2024-10-22"),
        ("US", "2024-10-23", "expired", "2024-10-22"),
        ("DE", "2025-01-08", "ready", "2025-01-08"),
        ("DE", "2025-01-09", "expired", "2025-01-08"),
    ],
)
def test_18_months_became_60_days_for_older_losses_too(
    store: str, on: str, verdict: str, closes: str
) -> None:
    told = Account(store).covers("2024-01-01", on).lost("2024-03-01")

    assert (verdict, closes) == (the(told, on).verdict, str(the(told, on).window_closes))


def test_a_store_without_a_rule_is_in_review() -> None:
    assert ["review"] == found(account("CA").lost(LOST))


def test_the_store_is_where_the_centre_is() -> None:
    told = account().lost(LOST, country="DE")

    assert ("DE", "fba.fc_ops.window.EU.2") == (the(told).marketplace, the(told).rule_ids[0])


@pytest.mark.parametrize(
    ("on", "basis"),
    [
        ("2025-03-09", "proceeds"),
        ("2025-03-10", "postponed"),
        ("2025-03-30", "postponed"),
        ("2025-03-31", "sourcing cost"),
    ],
)
def test_the_worth_follows_the_rule_of_the_day_of_the_loss(on: str, basis: str) -> None:
    """Sourcing cost was announced for 2025-03-10 and came on 2025-03-31."""
    told = Account().covers("2025-01-01", "2025-04-20").lost(on)

    assert basis in answer_to(the(told, "2025-04-20"), "worth").answer


# --- what was found ---------------------------------------------------------------------------


def test_amazons_own_example() -> None:
    """16 misplaced, five found one by one: 5 reconciled, 11 unreconciled."""
    told = account().lost("2026-10-10", 16, left=11, reconciled=5)
    for days in (2, 3, 5, 7, 14):
        told.found(after("2026-10-10", days))

    assert [("ready", 11)] == open_units(told)


@pytest.mark.parametrize("days", [0, 1, 30])
def test_a_unit_that_was_found_is_nothing(days: int) -> None:
    assert [] == found(account().lost(LOST, left=0).found(after(LOST, days)))


def test_it_may_be_found_in_another_centre() -> None:
    assert [] == found(account().lost(LOST, left=0).found("2026-10-20", centre="ONT8"))


def test_a_unit_found_before_it_was_lost_is_another() -> None:
    """Its loss lies before the first row of the file."""
    assert ["ready"] == found(account().found("2026-10-14").lost(LOST))


def test_a_unit_found_by_our_count_alone_is_asked_about() -> None:
    finding = the(account().lost(LOST, left=1).found("2026-10-20"))

    assert ("review", 1) == (finding.verdict, finding.quantity)
    assert "Amazon says 1 unreconciled" in finding.reason


def test_a_unit_found_by_amazons_count_alone_is_asked_about() -> None:
    """It may have been found under another SKU."""
    finding = the(account().lost(LOST, 2, left=1))

    assert ("review", 1) == (finding.verdict, finding.quantity)


def test_without_amazons_number_our_count_is_not_enough() -> None:
    assert ["review"] == found(account().moved(LOST, "M", -1))


@pytest.mark.parametrize(("reconciled", "unreconciled"), [(0, -1), (1, 1), (5, 0)])
def test_numbers_that_contradict_themselves_are_in_review(
    reconciled: int, unreconciled: int
) -> None:
    told = account().moved(LOST, "M", -1, unreconciled=unreconciled, reconciled=reconciled)

    assert ["review"] == found(told)


def test_of_rows_alike_the_found_unit_is_the_one_that_amazon_calls_accounted_for() -> None:
    """The report has no key: which of two equal rows was found only Amazon's numbers tell."""
    told = account().lost(LOST, left=1).lost(LOST, left=0).found("2026-10-20")

    assert [("ready", 1)] == open_units(told)


def test_of_two_losses_the_earlier_is_found_first() -> None:
    told = account().lost("2026-10-10", left=0).lost("2026-10-12", left=1).found("2026-10-20")

    assert "2026-10-12" == str(the(told).window_opens)


def test_a_unit_replaced_in_kind_is_told_twice_and_counted_once() -> None:
    told = account().lost(LOST, 2, left=1).found("2026-10-20", reason="N")
    told.paid("2026-10-20", order=None, reason=WAREHOUSE, amount="0.00", cash=0, inventory=1)

    assert [("paid", 1), ("ready", 1)] == open_units(told)


def test_an_ownership_transfer_without_a_payment_is_a_unit_found() -> None:
    assert [] == found(account().lost(LOST, left=0).found("2026-10-20", reason="N"))


# --- what was paid ----------------------------------------------------------------------------


def test_a_loss_that_was_paid_is_paid() -> None:
    told = (
        account()
        .lost(LOST, 2, left=0)
        .paid("2026-10-20", order=None, reason=WAREHOUSE, amount="11.00", cash=2)
    )
    finding = the(told)

    assert ("paid", 2, "11.00 USD") == (finding.verdict, finding.quantity, str(finding.amount_paid))


def test_amazons_number_may_lag_behind_its_payment() -> None:
    told = account().lost(LOST, left=1).paid("2026-10-20", order=None, reason=WAREHOUSE)

    assert ["paid"] == found(told)


def test_a_loss_that_was_paid_in_part_is_open_for_the_rest() -> None:
    told = account().lost(LOST, 3, left=2).paid("2026-10-20", order=None, reason=WAREHOUSE)

    assert [("paid", 1), ("ready", 2)] == open_units(told)


def test_one_payment_pays_one_of_two_losses() -> None:
    told = (
        account()
        .lost("2026-10-10", left=0)
        .lost("2026-10-12")
        .paid("2026-10-20", order=None, reason=WAREHOUSE)
    )

    assert ["paid", "ready"] == found(told)


@pytest.mark.parametrize(
    ("days", "verdict"), [(0, "paid"), (-1, "paid"), (-2, "review"), (-7, "review"), (-8, "ready")]
)
def test_a_payment_shortly_before_the_loss_may_be_for_it(days: int, verdict: str) -> None:
    """The ledger's day is the centre's and the payment's the store's; and Amazon may pay before it writes."""
    told = account().lost(LOST, left=0 if verdict == "paid" else 1)

    assert [verdict] == found(told.paid(after(LOST, days), order=None, reason=WAREHOUSE))


@pytest.mark.parametrize(
    "reason", ["Damaged_Warehouse", "GeneralAdjustment", "WAREHOUSE_LOST_MANUAL"]
)
def test_a_payment_of_another_kind_may_be_for_it(reason: str) -> None:
    assert ["review"] == found(account().lost(LOST).paid("2026-10-20", order=None, reason=reason))


@pytest.mark.parametrize(
    "reason", ["CustomerReturn", "Lost_Inbound", "Lost_Outbound", "Removal_Lost"]
)
def test_a_payment_for_something_else_is_none(reason: str) -> None:
    assert ["ready"] == found(account().lost(LOST).paid("2026-10-20", order=None, reason=reason))


@pytest.mark.parametrize("reason", ["LOST_WAREHOUSE", "Lost Warehouse", "lost_warehouse"])
def test_a_reason_is_the_same_however_it_is_written(reason: str) -> None:
    assert ["paid"] == found(
        account().lost(LOST, left=0).paid("2026-10-20", order=None, reason=reason)
    )


def test_a_payment_for_an_order_is_the_orders() -> None:
    assert ["ready"] == found(account().lost(LOST).paid("2026-10-20", order=ORDER))


@pytest.mark.parametrize("reason", [WAREHOUSE, "Damaged_Warehouse"])
def test_a_payment_for_stock_that_names_an_order_may_be_for_it(reason: str) -> None:
    """Its reason says that stock was paid for; what the order has to do with it, nothing tells."""
    assert ["review"] == found(account().lost(LOST).paid("2026-10-20", reason=reason))
    assert ["review"] == found(account().lost(LOST).paid("2026-10-08", reason=reason))
    assert ["ready"] == found(account().lost(LOST).paid("2026-10-07", reason=reason))


@pytest.mark.parametrize(
    "names", [{"fnsku": "B000000001"}, {"fnsku": None}, {"fnsku": "X000000009", "sku": "OTHER"}]
)
def test_a_payment_under_another_name_of_the_item_may_be_for_it(
    names: dict[str, Any],
) -> None:
    told = account().lost(LOST).paid("2026-10-20", order=None, reason=WAREHOUSE, **names)

    assert ["review"] == found(told)


def test_a_payment_for_another_item_is_none() -> None:
    told = account().lost(LOST)
    told.paid(
        "2026-10-20",
        order=None,
        reason=WAREHOUSE,
        fnsku="X000000009",
        sku="BOWL",
        asin="B000000009",
    )

    assert ["ready"] == found(told)


def test_a_payment_in_another_stores_currency_is_for_a_loss_there() -> None:
    """One FNSKU in two countries: dollars pay for the loss in the United States."""
    told = account().lost("2026-10-10", country="CA").lost("2026-10-12", country="US", left=0)
    told.paid("2026-10-20", order=None, reason=WAREHOUSE)
    verdicts = {one.marketplace: one.verdict for one in told.findings("fc_lost")}

    assert {"CA": "review", "US": "paid"} == verdicts


def test_in_europe_stock_is_paid_in_the_currency_of_a_store_where_it_is_sold() -> None:
    """It lies in Poland and is sold in Germany."""
    told = account("DE").lost(LOST, country="PL", left=0)

    assert ["paid"] == found(told.paid("2026-10-20", order=None, reason=WAREHOUSE))


def test_a_local_payment_goes_to_the_local_loss_first() -> None:
    told = account("DE").lost("2026-10-10", country="UK").lost("2026-10-12", country="FR", left=0)
    told.paid("2026-10-20", order=None, reason=WAREHOUSE)
    verdicts = {one.marketplace: one.verdict for one in told.findings("fc_lost")}

    assert {"UK": "ready", "FR": "paid"} == verdicts


# --- what was taken back, and what was too much -----------------------------------------------


def test_a_loss_paid_and_taken_back_is_the_reversals_claim_alone() -> None:
    told = (
        account()
        .lost(LOST, left=1)
        .paid("2026-10-20", order=None, reason=WAREHOUSE)
        .taken_back("2026-11-05")
    )

    assert ["not_claimable"] == found(told)
    assert ["review"] == told.verdicts("reversal_unsupported")


def test_a_reversal_of_one_of_two_lines_leaves_the_other_paid() -> None:
    told = account().lost(LOST, 2, left=1)
    told.paid("2026-10-20", order=None, reason=WAREHOUSE).paid(
        "2026-10-20", order=None, reason=WAREHOUSE
    )
    told.taken_back("2026-11-05")

    assert [("not_claimable", 1), ("paid", 1)] == open_units(told)


def test_lost_paid_found_and_taken_back_is_even() -> None:
    told = account().lost(LOST, left=0).paid("2026-10-18", order=None, reason=WAREHOUSE)
    told.found("2026-11-01").taken_back("2026-11-05")

    assert [] == found(told)
    assert ["not_claimable"] == told.verdicts("reversal_unsupported")


def test_lost_paid_and_found_may_be_taken_back() -> None:
    told = (
        account()
        .lost(LOST, left=0)
        .paid("2026-10-18", order=None, reason=WAREHOUSE)
        .found("2026-11-01")
    )
    finding = the(told)

    assert ("overpaid", "-17.00 USD", 1) == (
        finding.verdict,
        str(finding.amount_open),
        finding.quantity,
    )


def test_a_payment_may_be_for_a_loss_before_the_first_row() -> None:
    """Only a ledger that speaks for the three months before it shows that there was none."""
    told = Account().covers("2026-01-01", TODAY, without=[STOCK]).covers("2026-09-01", TODAY, STOCK)
    told.lost(LOST, left=0).found("2026-10-16")

    assert [] == found(told.paid("2026-10-18", order=None, reason=WAREHOUSE))


def test_a_payment_without_a_loss_is_nothing() -> None:
    assert [] == found(
        account().paid("2026-10-18", order=None, reason=WAREHOUSE).found("2026-11-01")
    )


# --- what the files cover ---------------------------------------------------------------------


@pytest.mark.parametrize("report", [STOCK, REIMBURSEMENTS])
def test_without_one_of_its_reports_nothing_is_ready(report: str) -> None:
    told = Account().covers("2026-01-01", TODAY, without=[report])

    assert ["review"] == found(told.lost(LOST))


@pytest.mark.parametrize("report", [STOCK, REIMBURSEMENTS])
@pytest.mark.parametrize("hole", [LOST, "2026-11-01", "2026-11-16"])
def test_with_a_hole_in_one_of_its_reports_nothing_is_ready(report: str, hole: str) -> None:
    told = Account().covers("2026-01-01", TODAY, without=[report])
    told.covers("2026-01-01", after(hole, -1), report).covers(after(hole, 1), TODAY, report)

    assert ["review"] == found(told.lost(LOST))


@pytest.mark.parametrize("report", [STOCK, REIMBURSEMENTS])
@pytest.mark.parametrize(("days", "verdict"), [(7, "ready"), (8, "review")])
def test_with_an_old_report_nothing_is_ready(report: str, days: int, verdict: str) -> None:
    told = Account().covers("2026-01-01", TODAY, without=[report])
    told.covers("2026-01-01", after(TODAY, -days), report).lost(LOST)

    assert (verdict, "open") == (the(told).verdict, the(told).standing)


def test_a_hole_before_the_loss_hides_nothing_of_it() -> None:
    told = Account().covers("2026-01-01", "2026-10-01").covers("2026-10-10", TODAY)

    assert ["ready"] == found(told.lost(LOST))


# --- one unit, one claim, one id --------------------------------------------------------------


def test_a_loss_keeps_its_id_when_it_is_paid_or_taken_back() -> None:
    lost = account().lost(LOST)
    paid = account().lost(LOST).paid("2026-10-20", order=None, reason=WAREHOUSE)
    back = (
        account()
        .lost(LOST)
        .paid("2026-10-20", order=None, reason=WAREHOUSE)
        .taken_back("2026-11-05")
    )

    assert 1 == len({the(told).finding_id for told in (lost, paid, back)})


def test_rows_alike_in_every_column_are_separate_units_with_separate_ids() -> None:
    findings = account().lost(LOST).lost(LOST).lost(LOST).findings("fc_lost")

    assert (3, 3) == (len(findings), len({finding.finding_id for finding in findings}))


def test_a_unit_misplaced_in_the_damaged_stock_is_no_loss_of_its_own() -> None:
    told = account().broken("2026-10-10", left=0).lost(LOST, disposition=POOL)

    assert ([], ["ready"]) == (found(told), told.verdicts("fc_damaged"))
    assert (FNSKU, SKU) == (told.the("fc_damaged").fnsku, told.the("fc_damaged").sku)


# --- what it cost -----------------------------------------------------------------------------


def costing(
    amount: str = "6.40",
    *,
    on: str = "2026-01-01",
    invoice: str | None = "f" * 64,
    currency: str = "USD",
    invoice_on: str | None = None,
    files: tuple[str, str] = ("2026-01-01", TODAY),
) -> Desk:
    """The seller set what a unit costs him."""
    told = Desk().covers(*files)
    cost = SourcingCostSet(
        sku=SKU, cost=Money.of(amount, currency), invoice=invoice, invoice_on=invoice_on
    )
    return told.says_of_account(cost, on)


def test_a_lost_unit_is_worth_what_it_cost() -> None:
    finding = the(costing().lost(LOST, 3, left=2).found("2026-10-25"))

    assert ("ready", 2, "12.80 USD") == (
        finding.verdict,
        finding.quantity,
        str(finding.amount_open),
    )
    assert answer_to(finding, "worth").answer.startswith("6.40 USD: sourcing cost")


def test_the_cost_is_that_of_the_day_of_the_loss() -> None:
    newer = SourcingCostSet(sku=SKU, cost=Money.of("9.00", "USD"), invoice="e" * 64)
    told = costing().says_of_account(newer, after(LOST, 1)).lost(LOST)

    assert "6.40 USD" == str(the(told).amount_open)
    assert "9.00 USD" == str(the(costing().says_of_account(newer, LOST).lost(LOST)).amount_open)


def test_a_cost_set_after_the_loss_says_nothing_of_it() -> None:
    assert None is the(costing(on=after(LOST, 1)).lost(LOST)).amount_open


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (costing(invoice=None), "no invoice shows it"),
        (costing(currency="EUR"), "pays in another"),
    ],
)
def test_without_its_invoice_in_the_stores_money_the_amount_is_amazons(
    told: Desk, said: str
) -> None:
    finding = the(told.lost(LOST))

    assert ("ready", None) == (finding.verdict, finding.amount_open)
    assert said in " ".join(finding.assumptions)


@pytest.mark.parametrize(("invoice_on", "said"), [("2025-11-19", True), ("2025-11-20", False)])
def test_an_invoice_of_more_than_a_year_is_named(invoice_on: str, said: bool) -> None:
    finding = the(costing(invoice_on=invoice_on).lost(LOST))

    assert said == ("older than a year" in " ".join(finding.assumptions))


def test_a_unit_lost_on_2025_03_15_is_worth_its_estimated_proceeds() -> None:
    """Case 3: the page says 2025-03-10; the change was postponed to 2025-03-31."""
    told = costing(on="2025-01-01", files=("2025-01-01", "2025-04-20")).lost("2025-03-15")
    finding = the(told, "2025-04-20")

    assert ("ready", None) == (finding.verdict, finding.amount_open)
    assert "estimated proceeds (the change announced for 2025-03-10 was postponed)" == (
        answer_to(finding, "worth").answer
    )
    assert {"fba.valuation.pre_order.US.1", "fba.valuation.pre_order.US.1x"} <= set(
        finding.rule_ids
    )


def test_two_weeks_later_it_is_worth_what_it_cost() -> None:
    told = costing(on="2025-01-01", files=("2025-01-01", "2025-04-20")).lost("2025-03-31")

    assert "6.40 USD" == str(the(told, "2025-04-20").amount_open)
