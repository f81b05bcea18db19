"""What was bought before Christmas: the later of a fixed day and the normal window."""

from __future__ import annotations

import pytest

from ledger.events.deliveries import OrderDispatched
from ledger.ruling import Ruling
from tests.ledger.account import ORDER
from tests.ledger.buyer import Buyer, bought


def the(told: Buyer) -> Ruling:
    return told.right("holiday_extension")


def days(
    store: str, on: str, delivered: str, category: str | None = None
) -> tuple[str | None, str | None]:
    """Until when, and by which rule; nothing where no extension is told."""
    found = bought(store, on, delivered=delivered, category=category).rulings(
        "holiday_extension", on="2026-11-20"
    )
    return (found[0].due_at, found[0].rule_ids[0]) if found else (None, None)


@pytest.mark.parametrize(
    ("store", "ordered", "until", "rule"),
    [
        ("US", "2020-09-30", None, None),
        ("US", "2020-10-01", "2021-01-31", "ret.holiday.2020.US.default"),
        ("US", "2020-12-31", "2021-01-31", "ret.holiday.2020.US.default"),
        ("US", "2021-01-01", None, None),
        ("US", "2021-09-30", None, None),
        ("US", "2021-10-01", "2022-01-31", "ret.holiday.2021.US.default"),
        ("US", "2021-12-31", "2022-01-31", "ret.holiday.2021.US.default"),
        ("US", "2022-10-06", None, None),
        ("US", "2022-10-07", "2023-01-31", "ret.holiday.2022.US.default"),
        ("US", "2022-12-31", "2023-01-31", "ret.holiday.2022.US.default"),
        ("US", "2023-10-31", None, None),
        ("US", "2023-11-01", "2024-01-31", "ret.holiday.2023.US.default"),
        ("US", "2023-12-31", "2024-01-31", "ret.holiday.2023.US.default"),
        ("US", "2024-10-31", None, None),
        ("US", "2024-11-01", None, "ret.holiday.2024.US.default"),
        ("US", "2024-12-31", None, "ret.holiday.2024.US.default"),
        ("US", "2025-01-01", None, None),
        ("US", "2025-10-31", None, None),
        ("US", "2025-11-01", "2026-01-31", "ret.holiday.2025.US.default"),
        ("US", "2025-12-31", "2026-01-31", "ret.holiday.2025.US.default"),
        ("US", "2026-10-31", None, None),
        ("US", "2026-11-01", None, "ret.holiday.2026.US.default"),
        ("SE", "2024-10-31", None, None),
        ("SE", "2024-11-01", "2025-01-31", "ret.holiday.2024.EU.default"),
        ("UK", "2024-12-25", "2025-01-31", "ret.holiday.2024.EU.default"),
        ("UK", "2024-12-26", None, None),
        ("IE", "2025-11-05", "2026-01-31", "ret.holiday.2025.EU.default"),
        ("SE", "2025-10-31", None, None),
        ("SE", "2025-11-01", "2026-01-31", "ret.holiday.2025.EU.default"),
        ("SE", "2025-12-25", "2026-01-31", "ret.holiday.2025.EU.default"),
        ("SE", "2025-12-26", None, None),
        ("ES", "2025-10-31", None, None),
        ("ES", "2025-11-01", None, "ret.holiday.2025.ES.default"),
        ("ES", "2025-12-25", None, "ret.holiday.2025.ES.default"),
        ("ES", "2025-12-26", None, None),
        ("SE", "2026-11-01", None, "ret.holiday.2026.EU.default"),
    ],
)
def test_the_day_of_the_order_picks_the_year(
    store: str, ordered: str, until: str | None, rule: str | None
) -> None:
    """Both ends of the days between which it must have been ordered; what is not verified has no day."""
    assert (until, rule) == days(store, ordered, ordered)


@pytest.mark.parametrize(
    ("delivered", "until"),
    [("2025-12-30", "2026-01-31"), ("2026-01-01", "2026-01-31"), ("2026-01-02", "2026-02-01")],
)
def test_the_later_of_the_fixed_day_and_the_normal_window_counts(
    delivered: str, until: str
) -> None:
    assert until == days("US", "2025-12-20", delivered)[0]


def test_before_the_delivery_is_known_the_fixed_day_is_the_least() -> None:
    told = bought("US", "2025-11-10", delivered=None).says(
        OrderDispatched(order_id=ORDER), "2025-11-11"
    )

    assert ("review", None) == (the(told).state, the(told).due_at)
    assert "at least to 2026-01-31" in (the(told).question or "")


# --- kinds of products ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ordered", "until", "rule"),
    [
        ("2023-10-31", None, None),
        ("2023-11-01", "2024-01-15", "ret.holiday.2023.US.apple"),
        ("2023-12-31", "2024-01-30", "ret.holiday.2023.US.apple"),
        ("2024-01-01", None, None),
        ("2025-10-31", None, None),
        ("2025-11-01", "2026-01-15", "ret.holiday.2025.US.apple"),
        ("2025-12-31", "2026-01-30", "ret.holiday.2025.US.apple"),
        ("2022-11-01", "2023-01-31", "ret.holiday.2022.US.default"),
    ],
)
def test_what_apple_makes_has_fewer_days(ordered: str, until: str | None, rule: str | None) -> None:
    told = bought("US", ordered, delivered=ordered, traits=("apple",))
    found = told.rulings("holiday_extension", on="2026-11-20")

    assert (until, rule) == ((found[0].due_at, found[0].rule_ids[0]) if found else (None, None))


def test_a_product_that_nobody_described_is_taken_for_none_of_apples() -> None:
    assert any(
        "Apple" in text
        for text in the(bought("US", "2025-11-05", delivered="2025-11-07")).assumptions
    )
    described = bought("US", "2025-11-05", delivered="2025-11-07", category="toys")
    assert not any("Apple" in text for text in the(described).assumptions)


@pytest.mark.parametrize("store", ["DE", "IT"])
@pytest.mark.parametrize(
    ("ordered", "category", "until", "rule"),
    [
        ("2024-10-31", "camera", None, None),
        ("2024-11-01", "camera", "2025-01-15", "ret.holiday.2024.DE-IT.14day_categories"),
        ("2024-12-25", "music", "2025-01-15", "ret.holiday.2024.DE-IT.14day_categories"),
        ("2024-11-10", "toys", "2025-01-31", "ret.holiday.2024.EU.default"),
        ("2025-11-10", "toys", "2026-01-15", "ret.holiday.2025.DE-IT.14day_categories"),
        ("2025-11-01", "camera", "2026-01-15", "ret.holiday.2025.DE-IT.14day_categories"),
        ("2025-12-25", "books", "2026-01-15", "ret.holiday.2025.DE-IT.14day_categories"),
        ("2025-12-26", "books", None, None),
        ("2025-11-10", "shoes", "2026-01-31", "ret.holiday.2025.EU.default"),
    ],
)
def test_what_has_fourteen_days_is_extended_less(
    store: str, ordered: str, category: str, until: str | None, rule: str | None
) -> None:
    assert (until, rule) == days(store, ordered, ordered, category)


def test_an_amazon_device_has_thirty_days_and_the_longer_extension() -> None:
    told = bought(
        "DE",
        "2024-11-10",
        delivered="2024-11-12",
        category="electronics",
        traits=("amazon_device",),
    )

    assert "2025-01-31" == the(told).due_at


def test_an_unknown_category_is_asked_for_where_the_days_differ() -> None:
    found = the(bought("DE", "2025-11-10", delivered="2025-11-12"))

    assert ("review", None) == (found.state, found.due_at)
    assert "which category" in (found.question or "")
    assert "at least to 2026-01-15" in (found.question or "")


# --- what is not verified ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("store", "ordered", "hidden"),
    [
        ("US", "2026-11-10", "2027-01-31"),
        ("DE", "2026-11-10", "2027-01-31"),
        ("ES", "2025-11-10", "2026-02-06"),
        ("US", "2024-11-10", "2025-01-31"),
    ],
)
def test_an_extension_that_is_not_verified_is_a_question_and_never_a_date(
    store: str, ordered: str, hidden: str
) -> None:
    told = bought(store, ordered, delivered=ordered, category="shoes")
    found = told.right("holiday_extension", on="2026-11-22")

    assert ("review", None) == (found.state, found.due_at)
    assert found.reason.startswith("not verified: ret.holiday")
    assert hidden not in str(found), "nowhere: neither in words nor in a test"


@pytest.mark.parametrize(
    ("store", "ordered", "state"),
    [
        ("US", "2027-09-30", None),
        ("US", "2027-10-01", "review"),
        ("US", "2027-12-31", "review"),
        ("US", "2028-01-01", None),
        ("ES", "2024-10-31", None),
        ("ES", "2024-11-01", "review"),
        ("ES", "2024-12-25", "review"),
        ("ES", "2024-12-26", None),
        ("UK", "2023-12-25", "review"),
        ("DE", "2021-11-01", "review"),
        ("CA", "2025-12-20", "review"),
        ("CA", "2025-09-30", None),
    ],
)
def test_in_a_season_of_which_no_rule_tells_nothing_ends_for_sure(
    store: str, ordered: str, state: str | None
) -> None:
    """Amazon extends every year: that the rulebook has no rule of one does not end the window."""
    told = bought(store, ordered, delivered=ordered, category="shoes")
    long_after = "2030-01-01"
    found = [one.state for one in told.rulings("holiday_extension", on=long_after)]

    assert found == ([state] if state else [])
    whole = told.right("return_by", on=long_after)
    assert (whole.state, whole.due_at is None) == (("review", True) if state else ("ended", False))


# --- dates that are of the shipping -----------------------------------------------------------


@pytest.mark.parametrize(
    ("ordered", "sent", "extended"),
    [
        ("2020-09-28", "2020-09-30", False),
        ("2020-09-28", "2020-10-01", True),
        ("2020-12-30", "2020-12-31", True),
        ("2020-12-30", "2021-01-01", False),
    ],
)
def test_in_2020_the_day_of_the_shipping_counted(ordered: str, sent: str, extended: bool) -> None:
    told = bought("US", ordered, delivered=sent).says(OrderDispatched(order_id=ORDER), sent)

    assert extended == bool(told.rulings("holiday_extension", on="2026-11-20"))
