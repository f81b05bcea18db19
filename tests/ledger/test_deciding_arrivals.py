"""What comes back: no more than was sent, and nothing looked at that never came."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.event import removal_stream
from ledger.events.arrivals import (
    DamageInvestigated,
    DamageReported,
    RemovalReceived,
    UnitGraded,
    UnitsReceived,
    WrongItemReceived,
)
from ledger.events.deliveries import OrderDelivered, OrderDispatched
from ledger.events.refunds import ReplacementSent
from ledger.events.removals import RemovalShipped
from ledger.events.requests import ReturnLost
from tests.ledger.seller import SHOWN, Seller
from tests.story import FNSKU, ORDER, SKU, ordered, requested


@pytest.fixture
def seller(tmp_path: Path) -> Seller:
    return Seller(tmp_path).sells(quantity=2, price="40.00").delivers()


def came(quantity: int = 1) -> UnitsReceived:
    return UnitsReceived(order_id=ORDER, sku=SKU, quantity=quantity)


def graded(quantity: int = 1, **how: object) -> UnitGraded:
    how.setdefault("condition", "as_new")
    return UnitGraded(order_id=ORDER, sku=SKU, quantity=quantity, **how)  # type: ignore[arg-type]


def wrong(quantity: int = 1) -> WrongItemReceived:
    return WrongItemReceived(order_id=ORDER, sku=SKU, quantity=quantity, arrived="a brick")


def test_no_more_comes_back_than_was_sent(seller: Seller) -> None:
    seller.refused(came(3))
    first = seller.tells(came(1), "2026-06-20")
    refused = seller.refused(came(2), "2026-06-21")
    seller.tells(came(1), "2026-06-21")

    assert first.entry.position == refused.entry
    assert "2 of SKU-1 were sent, and 1 came back before" in refused.message


def test_what_was_sent_again_can_come_back_too(seller: Seller) -> None:
    seller.tells(came(2))
    seller.refused(came(1))
    seller.tells(ReplacementSent(order_id=ORDER, sku=SKU))

    seller.tells(came(1))
    seller.refused(came(1))


def test_what_a_report_told_is_not_counted_twice(tmp_path: Path) -> None:
    seller = Seller(tmp_path).sells()
    seller.story.imports(requested(ORDER, "2026-06-10", delivered="2026-06-20", tracking="T"))

    seller.tells(came(1), "2026-06-20")
    seller.refused(came(1), "2026-06-20")


def test_what_amazon_fulfils_comes_back_to_amazon(tmp_path: Path) -> None:
    seller = Seller(tmp_path)
    seller.story.imports(ordered(ORDER, "2026-06-01", by="Amazon"))

    assert any("(FBA)" in caution for caution in seller.tells(came()).cautions)


def test_a_parcel_that_was_told_lost_and_came_is_cautioned_of(seller: Seller) -> None:
    seller.tells(ReturnLost(order_id=ORDER, sku=SKU))

    assert any("told lost" in caution for caution in seller.tells(came()).cautions)


# --- looked at --------------------------------------------------------------------------------


def test_only_what_came_back_is_looked_at(seller: Seller) -> None:
    assert "return receive" in seller.refused(graded()).advice()
    assert "return receive" in seller.refused(wrong()).advice()
    seller.tells(came(1))
    seller.refused(graded(2))
    found = seller.tells(graded(1))

    assert found.entry.position == seller.refused(graded(1)).entry
    assert found.entry.position == seller.refused(wrong(1)).entry


def test_a_wrong_item_is_one_of_those_that_came(seller: Seller) -> None:
    seller.tells(came(2))
    seller.tells(wrong(1))
    seller.tells(graded(1))

    seller.refused(wrong(1))


def test_a_unit_is_looked_at_after_it_came(seller: Seller) -> None:
    seller.tells(came(), "2026-06-20")

    seller.refused(graded(), "2026-06-19")
    seller.tells(graded(), "2026-06-20")


def test_what_amazon_sends_back_from_its_stock_names_its_plate(tmp_path: Path) -> None:
    seller = Seller(tmp_path)
    seller.story.imports(ordered(ORDER, "2026-06-01", by="Amazon"))

    seller.refused(graded())
    seller.tells(graded(license_plate="LPNRR123456789"))
    seller.refused(graded(license_plate="LPNRR999999999"))


def test_evidence_is_attached_before_it_is_named(seller: Seller) -> None:
    seller.tells(came())
    refused = seller.refused(graded(condition="used", evidence=(SHOWN,)))
    seller.photographs()
    seller.tells(graded(condition="used", evidence=(SHOWN,)))

    assert SHOWN == refused.found
    assert "evidence attach" in refused.advice()


def test_evidence_of_another_order_is_not_attached_to_this_one(tmp_path: Path) -> None:
    other = "114-0000002-0000002"
    seller = Seller(tmp_path).sells(order=other).photographs(order=other).sells().receives()

    seller.refused(graded(condition="used", evidence=(SHOWN,)))


def test_what_is_not_as_it_was_sent_is_shown_by_photos(seller: Seller) -> None:
    seller.tells(came(2))

    assert any("photo" in one for one in seller.tells(graded(condition="used")).cautions)
    assert not any("photo" in one for one in seller.tells(graded()).cautions)


def test_a_cause_is_looked_for_where_something_is_damaged(seller: Seller) -> None:
    event = DamageInvestigated(order_id=ORDER, sku=SKU, cause="customer")
    before = seller.tells(event, dry_run=True).cautions
    seller.tells(DamageReported(order_id=ORDER, sku=SKU, by="buyer"))

    assert any("nobody has reported" in caution for caution in before)
    assert () == seller.tells(event).cautions


# --- the way out ------------------------------------------------------------------------------


def test_nothing_is_delivered_before_it_left(tmp_path: Path) -> None:
    seller = Seller(tmp_path).sells()
    sent = seller.tells(OrderDispatched(order_id=ORDER), "2026-06-03")

    refused = seller.refused(OrderDelivered(order_id=ORDER), "2026-06-02")
    seller.tells(OrderDelivered(order_id=ORDER), "2026-06-03")

    assert sent.entry.position == refused.entry


def test_a_second_delivery_is_cautioned_of(seller: Seller) -> None:
    told = seller.tells(OrderDelivered(order_id=ORDER), "2026-06-05")

    assert any("told before" in caution for caution in told.cautions)


# --- removals ---------------------------------------------------------------------------------

REMOVAL = removal_stream("RX1")


def removed(quantity: int, damaged: int = 0, fnsku: str = FNSKU) -> RemovalReceived:
    return RemovalReceived(fnsku=fnsku, quantity=quantity, damaged=damaged)


@pytest.fixture
def removing(tmp_path: Path) -> Seller:
    seller = Seller(tmp_path / "removal")
    shipped = RemovalShipped(removal_order_id="RX1", sku=SKU, fnsku=FNSKU, quantity=3)
    seller.story.appends(REMOVAL, shipped, occurred_at="2026-06-10")
    return seller


def test_of_a_removal_no_more_comes_than_was_shipped(removing: Seller) -> None:
    removing.refused(removed(4), stream=REMOVAL)
    removing.tells(removed(2, damaged=2), stream=REMOVAL)
    removing.refused(removed(2), stream=REMOVAL)
    removing.tells(removed(1), stream=REMOVAL)


def test_no_more_of_a_removal_is_damaged_than_came(removing: Seller) -> None:
    removing.refused(removed(1, damaged=2), stream=REMOVAL)


def test_only_what_a_removal_holds_comes_of_it(removing: Seller) -> None:
    assert "no such FNSKU" in removing.refused(removed(1, fnsku="X9"), stream=REMOVAL).message
    assert "nothing is known" in removing.refused(removed(1), stream="removal/RX2").message
