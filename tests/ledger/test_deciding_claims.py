"""A claim's life: filed once, asked before answered, decided before appealed, paid as granted."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.event import Deed
from ledger.events.claims import (
    AppealDecided,
    AppealFiled,
    ClaimDecided,
    ClaimDrafted,
    ClaimFiled,
    ClaimInfoAnswered,
    ClaimInfoRequested,
    ClaimPaid,
    ClaimPaymentReversed,
    Door,
    Outcome,
)
from ledger.values import Money
from tests.ledger.seller import Seller, refund, usd
from tests.story import SKU


@pytest.fixture
def seller(tmp_path: Path) -> Seller:
    return Seller(tmp_path).sells(quantity=2, price="40.00").delivers()


def files(claim: str = "C", door: Door = "safe_t", **how: object) -> ClaimFiled:
    told: dict[str, object] = {"sku": SKU, "amount": usd("20.00"), **how}
    return ClaimFiled(claim=claim, claim_type=door, door=door, **told)  # type: ignore[arg-type]


def decided(
    outcome: Outcome = "granted", amount: str | None = None, *, claim: str = "C", **how: object
) -> ClaimDecided:
    money = usd(amount) if amount else None
    return ClaimDecided(claim=claim, outcome=outcome, amount=money, **how)  # type: ignore[arg-type]


def appealed(outcome: Outcome, amount: str | None = None) -> AppealDecided:
    return AppealDecided(claim="C", outcome=outcome, amount=usd(amount) if amount else None)


def paid(amount: str) -> ClaimPaid:
    return ClaimPaid(claim="C", amount=usd(amount))


def taken_back(amount: str) -> ClaimPaymentReversed:
    return ClaimPaymentReversed(claim="C", amount=usd(amount))


# --- filing -----------------------------------------------------------------------------------


def test_a_claim_is_filed_once_under_its_name(seller: Seller) -> None:
    draft = ClaimDrafted(claim="C", claim_type="safe_t", door="safe_t")
    seller.tells(draft)
    first = seller.tells(files())

    assert first.entry.position == seller.refused(files()).entry
    assert first.entry.position == seller.refused(draft).entry


def test_a_unit_is_claimed_for_once_while_the_claim_is_open(seller: Seller) -> None:
    """Of two units each may be claimed for, and no third one."""
    seller.tells(files("C"))
    second = seller.tells(files("D"))

    assert second.entry.position == seller.refused(files("E")).entry


@pytest.mark.parametrize(
    ("outcome", "again"),
    [("granted", False), ("partly_granted", False), ("denied", True), ("withdrawn", True)],
)
def test_what_was_granted_is_not_claimed_for_again(
    seller: Seller, outcome: Outcome, again: bool
) -> None:
    seller.tells(files("C", quantity=2))
    seller.tells(decided(outcome))

    if again:
        seller.tells(files("D"))
    else:
        seller.refused(files("D"))


def test_a_denied_claim_is_better_appealed_than_filed_anew(seller: Seller) -> None:
    seller.tells(files("C"))
    seller.tells(decided("denied"))

    assert any("an appeal may be the way" in one for one in seller.tells(files("D")).cautions)


def test_another_door_is_another_claim(seller: Seller) -> None:
    seller.tells(files("C", quantity=2))

    seller.tells(files("D", "carrier", quantity=2))
    seller.tells(files("E", "a_to_z", by="buyer", quantity=2))


def test_a_claim_for_the_whole_order_is_for_each_of_its_units(seller: Seller) -> None:
    seller.tells(files("C", sku=None))

    seller.refused(files("D"))


def test_a_claim_for_the_whole_order_follows_no_claim_for_a_part(seller: Seller) -> None:
    seller.tells(files("C"))

    seller.refused(files("D", sku=None))


def test_what_was_paid_too_little_is_claimed_after_the_loss(seller: Seller) -> None:
    lost = ClaimFiled(claim="C", claim_type="return_missing", door="fba", sku=SKU, quantity=2)
    more = ClaimFiled(claim="D", claim_type="underpaid", door="fba", sku=SKU, quantity=2)
    again = ClaimFiled(claim="E", claim_type="return_missing", door="fba", sku=SKU)
    seller.tells(lost)

    seller.tells(more)
    seller.refused(again)


def test_the_same_finding_is_claimed_once(seller: Seller) -> None:
    seller.tells(files("C", "fba", finding_id="F-1"))

    seller.refused(files("D", "fba", finding_id="F-1"))
    seller.tells(files("D", "fba", finding_id="F-2"))


def test_safe_t_is_not_for_refunds_that_the_seller_made(seller: Seller) -> None:
    own = seller.tells(refund(("item", "20.00")))
    cautions = seller.tells(files()).cautions

    assert any(f"entry {own.entry.position}" in one and "SAFE-T" in one for one in cautions)


def test_safe_t_is_for_refunds_that_amazon_made(seller: Seller) -> None:
    seller.tells(refund(("item", "20.00"), by="amazon", trigger="first_scan"))

    assert () == seller.tells(files()).cautions


def test_a_claim_on_amazon_is_in_the_stores_currency(seller: Seller) -> None:
    euro = Money.of("20.00", "EUR")

    seller.refused(files(amount=euro))
    seller.tells(files("D", "carrier", amount=euro))


# --- asked and answered -----------------------------------------------------------------------

ON_UNKNOWN: list[Deed] = [
    ClaimInfoRequested(claim="C"),
    ClaimInfoAnswered(claim="C"),
    decided(),
    AppealFiled(claim="C"),
    appealed("granted"),
    paid("1.00"),
    taken_back("1.00"),
]


@pytest.mark.parametrize("event", ON_UNKNOWN, ids=lambda event: type(event).__name__)
def test_nothing_goes_on_with_a_claim_that_was_not_filed(seller: Seller, event: Deed) -> None:
    seller.tells(ClaimDrafted(claim="C", claim_type="safe_t", door="safe_t"))

    refused = seller.refused(event)

    assert "no claim of this name was filed" in refused.message


@pytest.mark.parametrize("event", ON_UNKNOWN, ids=lambda event: type(event).__name__)
def test_nothing_goes_on_with_a_claim_before_it_was_filed(seller: Seller, event: Deed) -> None:
    filed = seller.tells(files(), "2026-07-02")

    assert filed.entry.position == seller.refused(event, "2026-07-01").entry


def test_only_what_was_asked_is_answered(seller: Seller) -> None:
    seller.tells(files(), "2026-07-01")
    answer = ClaimInfoAnswered(claim="C")

    assert "nothing was asked" in seller.refused(answer, "2026-07-02").message
    seller.tells(ClaimInfoRequested(claim="C"), "2026-07-02")
    assert () == seller.tells(answer, "2026-07-03").cautions
    assert any("answered already" in one for one in seller.tells(answer, "2026-07-04").cautions)


def test_the_last_day_to_answer_lies_after_the_request(seller: Seller) -> None:
    seller.tells(files(), "2026-07-01")

    seller.refused(ClaimInfoRequested(claim="C", due_at="2026-07-01"), "2026-07-02")
    seller.refused(ClaimInfoRequested(claim="C", due_at="9999-12-31T23:59:59Z"), "2026-07-02")
    seller.tells(ClaimInfoRequested(claim="C", due_at="2026-07-02"), "2026-07-02")


def test_a_decided_claim_is_asked_about_on_appeal_only(seller: Seller) -> None:
    asked = ClaimInfoRequested(claim="C", on_appeal=True)
    seller.tells(files())
    decision = seller.tells(decided("denied"))

    assert decision.entry.position == seller.refused(asked).entry
    seller.tells(AppealFiled(claim="C"))
    seller.tells(asked)


# --- decided ----------------------------------------------------------------------------------


def test_a_claim_is_decided_once(seller: Seller) -> None:
    seller.tells(files())
    first = seller.tells(decided("granted"))

    assert first.entry.position == seller.refused(decided("denied")).entry


def test_nothing_is_granted_where_a_claim_is_denied(seller: Seller) -> None:
    seller.tells(files())

    seller.refused(decided("denied", "5.00"))
    seller.tells(decided("partly_granted", "5.00"))


def test_the_last_day_to_appeal_lies_after_the_decision(seller: Seller) -> None:
    seller.tells(files())

    seller.refused(decided("denied", appeal_until="2026-06-30"), "2026-07-01")
    seller.tells(decided("denied", appeal_until="2026-07-01"), "2026-07-01")


# --- appealed ---------------------------------------------------------------------------------


def test_only_a_decision_is_appealed(seller: Seller) -> None:
    seller.tells(files())

    assert "not decided" in seller.refused(AppealFiled(claim="C")).message


@pytest.mark.parametrize(
    ("by", "outcome", "allowed"),
    [
        ("seller", "denied", True),
        ("seller", "partly_granted", True),
        ("seller", "granted", False),
        ("seller", "withdrawn", False),
        ("buyer", "granted", True),
        ("buyer", "denied", False),
    ],
)
def test_who_lost_appeals(seller: Seller, by: str, outcome: Outcome, allowed: bool) -> None:
    seller.tells(files(door="a_to_z", by=by))
    seller.tells(decided(outcome))

    if allowed:
        seller.tells(AppealFiled(claim="C"))
    else:
        assert "nothing to appeal" in seller.refused(AppealFiled(claim="C")).message


def test_a_safe_t_claim_is_appealed_once(seller: Seller) -> None:
    seller.tells(files())
    seller.tells(decided("denied"))
    first = seller.tells(AppealFiled(claim="C"))
    under_way = seller.refused(AppealFiled(claim="C"))
    seller.tells(appealed("denied"))
    second = seller.refused(AppealFiled(claim="C"), late=True)

    assert first.entry.position == under_way.entry
    assert "safet.appeal.ANY.1" == second.rule


def test_where_no_rule_says_once_an_appeal_may_follow_an_appeal(seller: Seller) -> None:
    seller.tells(files(door="carrier"))
    seller.tells(decided("denied"))
    seller.tells(AppealFiled(claim="C"))
    seller.tells(appealed("denied"))

    seller.tells(AppealFiled(claim="C"))
    assert "under way" in seller.refused(AppealFiled(claim="C")).message


def test_an_appeal_after_the_day_that_the_decision_shows_is_refused(seller: Seller) -> None:
    seller.tells(files(), "2026-06-20")
    decision = seller.tells(decided("denied", appeal_until="2026-06-27"), "2026-06-20")
    appeal = AppealFiled(claim="C")

    refused = seller.refused(appeal, "2026-06-28")
    in_time = seller.tells(appeal, "2026-06-27", dry_run=True)
    late = seller.tells(appeal, "2026-06-28", late=True)

    assert decision.entry.position == refused.entry
    assert "--late" in refused.advice()
    assert () == in_time.cautions
    assert ("the last day to appeal was 2026-06-27",) == late.cautions


def test_the_event_itself_may_say_that_it_is_late(seller: Seller) -> None:
    seller.tells(files(), "2026-06-20")
    seller.tells(decided("denied", appeal_until="2026-06-27"), "2026-06-20")

    seller.tells(AppealFiled(claim="C", late=True), "2026-06-28")


def test_an_a_to_z_claim_is_appealed_within_the_days_of_its_rule(seller: Seller) -> None:
    """Granted on 1 June, it may be appealed to 1 July."""
    seller.tells(files(door="a_to_z", by="buyer"), "2026-06-01")
    seller.tells(decided("granted"), "2026-06-01")

    assert "az.appeal.ANY.1" == seller.refused(AppealFiled(claim="C"), "2026-07-02").rule
    seller.tells(AppealFiled(claim="C"), "2026-07-01")


def test_where_no_last_day_is_known_it_is_cautioned_of(seller: Seller) -> None:
    seller.tells(files())
    seller.tells(decided("denied"))

    assert any("no last day" in one for one in seller.tells(AppealFiled(claim="C")).cautions)


def test_only_an_appeal_under_way_is_decided(seller: Seller) -> None:
    seller.tells(files())
    seller.tells(decided("denied"))
    seller.refused(appealed("granted"))
    seller.tells(AppealFiled(claim="C"), "2026-07-10")

    seller.refused(appealed("granted"), "2026-07-09")
    seller.tells(appealed("granted"), "2026-07-10")
    seller.refused(appealed("denied"), "2026-07-10")


# --- paid and taken back ----------------------------------------------------------------------


def test_no_more_is_paid_than_was_granted(seller: Seller) -> None:
    seller.tells(files())
    undecided = seller.refused(paid("1.00"))
    decision = seller.tells(decided("partly_granted", "15.00"))

    assert "nothing was granted yet" in undecided.message
    assert decision.entry.position == seller.refused(paid("15.01")).entry
    seller.tells(paid("10.00"))
    assert "10.00 USD was paid before" in seller.refused(paid("5.01")).message
    seller.tells(paid("5.00"))


def test_nothing_is_paid_on_a_claim_that_was_denied(seller: Seller) -> None:
    seller.tells(files())
    seller.tells(decided("denied"))

    seller.refused(paid("1.00"))


def test_where_the_decision_tells_no_amount_the_claims_counts(seller: Seller) -> None:
    seller.tells(files())
    seller.tells(decided("granted"))

    seller.refused(paid("20.01"))
    seller.tells(paid("20.00"))


def test_an_appeal_that_was_won_is_paid_too(seller: Seller) -> None:
    seller.tells(files())
    seller.tells(decided("partly_granted", "5.00"))
    seller.tells(AppealFiled(claim="C"))
    seller.tells(appealed("granted", "10.00"))

    seller.tells(paid("5.00"))
    seller.refused(paid("10.01"))
    seller.tells(paid("10.00"))


def test_a_buyers_claim_pays_the_seller_on_appeal_only(seller: Seller) -> None:
    seller.tells(files(door="a_to_z", by="buyer"))
    seller.tells(decided("granted", "20.00"))
    seller.refused(paid("20.00"))
    seller.tells(AppealFiled(claim="C"))
    seller.tells(appealed("granted"))

    seller.refused(paid("20.01"))
    seller.tells(paid("20.00"))


def test_a_payment_is_in_the_claims_currency(seller: Seller) -> None:
    seller.tells(files())
    seller.tells(decided("granted"))

    seller.refused(ClaimPaid(claim="C", amount=Money.of("20.00", "EUR")))
    seller.refused(paid("0.00"))
    seller.refused(paid("-1.00"))


def test_no_more_is_taken_back_than_was_paid(seller: Seller) -> None:
    seller.tells(files())
    seller.tells(decided("granted"))
    seller.refused(taken_back("1.00"))
    seller.tells(paid("20.00"))

    seller.refused(taken_back("20.01"))
    seller.tells(taken_back("15.00"))
    assert "15.00 USD was taken back before" in seller.refused(taken_back("5.01")).message
    seller.tells(taken_back("5.00"))


def test_a_claim_about_another_sku_than_the_orders_is_refused(seller: Seller) -> None:
    refused = seller.refused(files(sku="SKU-9"))

    assert f"It has: {SKU}." == refused.advice()
