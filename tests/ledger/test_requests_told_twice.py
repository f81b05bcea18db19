"""One request told by the report and by the seller, and two that are merely alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.events.requests import RequestReceived
from tests.ledger.seller import Seller
from tests.story import ORDER, SKU, ordered, requested

ASKED = RequestReceived(order_id=ORDER, sku=SKU, in_policy=False)


@pytest.fixture
def seller(tmp_path: Path) -> Seller:
    found = Seller(tmp_path)
    found.story.imports(ordered(ORDER, "2026-02-01", quantity=2, price="40.00", by="Merchant"))
    return found


def test_a_request_like_one_of_months_before_is_a_new_one_and_to_be_answered(
    seller: Seller,
) -> None:
    """The report's of February is answered; the buyer asks for the second unit in April."""
    seller.story.imports(requested(ORDER, "2026-02-10", status="Approved"), told_at="2026-03-01")
    decided = seller.tells(ASKED, "2026-04-15", now="2026-04-15T12:00:00Z")

    (duty,) = decided.due
    assert (duty.what, duty.state, duty.due_at) == (
        "answer the return request",
        "open",
        "2026-04-16",
    )


@pytest.mark.parametrize(("on", "open_duties"), [("2026-02-24", 0), ("2026-02-25", 1)])
def test_a_request_told_within_two_weeks_of_the_reports_is_the_same(
    seller: Seller, on: str, open_duties: int
) -> None:
    seller.story.imports(requested(ORDER, "2026-02-10", status="Approved"), told_at="2026-02-20")

    assert len(seller.tells(ASKED, on, now="2026-02-26T12:00:00Z").due) == open_duties
