"""The questions before every claim: programme, store, rule, and what the files cover."""

from __future__ import annotations

from datetime import date

import pytest

from ledger import gates
from ledger.book import REIMBURSEMENTS, RETURNS
from ledger.policy import Examination
from tests.ledger.account import ORDER, OTHER_SKU, SKU, TODAY, Account, after

DAY = date.fromisoformat(TODAY)
FIRST = date(2026, 9, 1)


def exam() -> Examination:
    return Examination("return_missing", DAY)


def asked(told: Account, **how: int) -> Examination:
    """Coverage of the returns from September on."""
    made = exam()
    gates.ask_coverage(made, told.book(), RETURNS, FIRST, "nothing came back", **how)
    return made


def answer(made: Examination) -> str:
    return made.tests[-1].answer


# --- coverage ---------------------------------------------------------------------------------


def test_files_without_a_gap_that_are_fresh_are_believed() -> None:
    made = asked(Account().covers("2026-08-01", TODAY))

    assert ("yes, from 2026-09-01 to 2026-11-20", True) == (answer(made), made.tests[-1].passed)
    assert ("coverage", RETURNS, "2026-08-01 to 2026-11-20; last told 2026-11-20") == (
        made.tests[-1].decided_by[0].kind,
        made.tests[-1].decided_by[0].id,
        made.tests[-1].decided_by[0].text,
    )


def test_no_file_at_all_is_named_with_what_to_import() -> None:
    made = asked(Account())

    assert "no fba-customer-returns report was imported" == answer(made)
    assert "from 2026-09-01 to 2026-11-20" in made.tests[-1].would_flip
    assert "nothing imported" == made.tests[-1].decided_by[0].text


@pytest.mark.parametrize(
    ("spans", "told"),
    [
        ([("2026-09-02", TODAY)], "gap from 2026-09-01 to 2026-09-01"),
        (
            [("2026-08-01", "2026-10-01"), ("2026-10-05", TODAY)],
            "gap from 2026-10-02 to 2026-10-04",
        ),
        (
            [("2026-08-01", "2026-11-17"), ("2026-11-20", TODAY)],
            "gap from 2026-11-18 to 2026-11-19",
        ),
        ([("2026-08-01", "2026-08-31")], "ends on 2026-08-31"),
        ([("2026-08-01", "2026-11-12")], "ends on 2026-11-12"),
    ],
)
def test_a_gap_is_told_with_its_days(spans: list[tuple[str, str]], told: str) -> None:
    """Before the first day, inside, in the last days; and where files end too early."""
    files = Account()
    for first, last in spans:
        files.covers(first, last)
    made = asked(files)

    assert told in answer(made)
    assert "review" == made.outcome()[0]


def test_the_last_seven_days_may_be_missing() -> None:
    assert asked(Account().covers("2026-08-01", "2026-11-13")).tests[-1].passed


def test_files_must_reach_beyond_the_first_day_where_reports_come_late() -> None:
    made = exam()
    files = Account().covers("2026-08-01", "2026-11-18").book()
    gates.ask_unpaid(made, files, date(2026, 11, 14), beyond=gates.LATE_DAYS)

    assert "ends on 2026-11-18, and it would have to reach 2026-11-19" in answer(made)


def test_a_telling_that_is_old_is_stale_even_where_its_period_is_not() -> None:
    files = Account().covers("2026-08-01", TODAY, RETURNS, told="2026-11-01")

    assert not asked(files).tests[-1].passed


def test_files_that_only_begin_later_say_nothing() -> None:
    assert "begins later" in answer(asked(Account().covers("2027-01-01", "2027-02-01")))


# --- programmes -------------------------------------------------------------------------------


def programme(told: Account, sku: str | None = SKU) -> str | None:
    return gates.programme_of(told.case(f"order/{ORDER}"), sku)


def test_the_programme_is_told_by_orders_shipments_sales_refunds_and_returns() -> None:
    day = "2026-09-01"

    assert ["FBA"] * 5 == [
        programme(Account().ordered(day)),
        programme(Account().shipped(day)),
        programme(Account().sold(day)),
        programme(Account().refunded(day)),
        programme(Account().returned(day)),
    ]


def test_each_sku_has_its_own_programme() -> None:
    told = Account().sold("2026-09-01").sold("2026-09-01", sku=OTHER_SKU, programme="FBM")

    assert ("FBA", "FBM", None) == (
        programme(told),
        programme(told, OTHER_SKU),
        programme(told, None),
    )


def test_a_letter_in_the_order_id_means_multi_channel() -> None:
    told = Account().returned("2026-09-01", order="S01-0000001-0000001")

    assert "MCF" == gates.programme_of(told.case("order/S01-0000001-0000001"), SKU)


# --- rules ------------------------------------------------------------------------------------


def test_the_rule_ids_begin_with_the_windows() -> None:
    told = Account().covers("2026-01-01", TODAY).sold("2026-08-20").refunded("2026-09-01")

    assert "fba.customer_return.window.US.3" == told.the("return_missing").rule_ids[0]


@pytest.mark.parametrize("on", ["2024-10-20", "2024-10-22", "2024-10-23", "2024-12-01", TODAY])
def test_the_rules_cited_are_the_same_on_every_day(on: str) -> None:
    """Those that had a say in the window; today's stands first."""
    told = Account().covers("2023-12-01", on).sold("2023-12-20").refunded("2024-01-10")
    told.covers("2023-12-01", TODAY)
    rules = told.the("return_missing", on=on).rule_ids

    assert {"fba.customer_return.window.US.2", "fba.customer_return.window.US.3"} == {
        rule for rule in rules if "window" in rule
    }
    assert rules[0].endswith(".2" if on < "2024-10-23" else ".3")


def test_the_weakest_rule_gives_the_evidence() -> None:
    told = Account("DE").covers("2026-01-01", TODAY).sold("2026-06-20").refunded("2026-07-01")

    assert "D" == told.paid("2026-10-15", amount="8.50").the("underpaid").rule_evidence


def test_a_settlement_that_shows_more_than_the_report_is_named() -> None:
    told = Account().sold("2026-08-20").paid("2026-10-15")
    told.settled("2026-10-16", "REVERSAL_REIMBURSEMENT", "17.00")
    even = gates.settled_beyond_reports(told.case(f"order/{ORDER}"), SKU)
    told.settled("2026-10-17", "REVERSAL_REIMBURSEMENT", "5.00")
    more = gates.settled_beyond_reports(told.case(f"order/{ORDER}"), SKU)

    assert (0, 2) == (len(even), len(more))


def test_what_amazon_takes_in_a_settlement_is_no_payment() -> None:
    told = Account().settled("2026-10-16", "COMPENSATED_CLAWBACK", "-17.00")

    assert [] == gates.settled_beyond_reports(told.case(f"order/{ORDER}"), SKU)


def test_coverage_of_another_report_does_not_help() -> None:
    assert not asked(Account().covers("2026-08-01", TODAY, REIMBURSEMENTS)).tests[-1].passed


def test_a_refund_of_yesterday_needs_no_settlement_of_today() -> None:
    made = exam()
    gates.ask_refund_stands(made, Account().book(), date.fromisoformat(after(TODAY, -1)))

    assert ([], True) == (made.assumptions, made.tests[-1].passed)
