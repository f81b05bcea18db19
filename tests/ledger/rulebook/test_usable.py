"""What the seller's own rules must state, and how great their numbers may be."""

from __future__ import annotations

import pytest

from ledger.rulebook import UnreadableRulebook, shipped
from ledger.rulebook.own import merge
from ledger.rulebook.usable import ASKED, missing_in, too_great_in
from tests.ledger.rulebook.test_own import TRUST, told


def refused(text: str) -> UnreadableRulebook:
    with pytest.raises(UnreadableRulebook) as caught:
        merge(shipped(), "my-rules.toml", text.encode())
    return caught.value


def term(rule_id: str, text: str) -> str:
    return told(rule_id, "", f"{TRUST}[rules.terms]\n{text}\n")


def test_every_rule_that_comes_with_the_program_is_usable() -> None:
    assert [rule.id for rule in shipped().rules if missing_in(rule) or [*too_great_in(rule)]] == []


def test_what_is_asked_of_a_family_is_asked_of_a_family_that_there_is() -> None:
    series = [f"{rule.series}." for rule in shipped().rules]

    assert [one for one in ASKED if not any(s.startswith(f"{one}.") for s in series)] == []


@pytest.mark.parametrize(
    ("rule_id", "name"),
    [
        ("az.appeal.ANY.1", "deadline_days"),
        ("fee.refund_admin.US.1", "pct_of_referral_fee"),
        ("law.eu.withdrawal.1", "may_withhold_until"),
        ("law.uk.cra.1", "refund_counts_from"),
        ("msg.sla.US.1", "respond_hours"),
        ("ret.aprl.US.2", "high_value_exemption"),
        ("ret.authorization.EU.1", "respond_hours"),
        ("ret.buyer_fees.US.1", "late_fee_first_days"),
        ("ret.holiday.2025.US.default", "return_until"),
        ("ret.intl.EU_low.1", "threshold_inclusive"),
        ("ret.postage.US.1", "buyer_reason_return"),
        ("ret.restocking.US.1", "photo_required_from_pct"),
        ("ret.returnless.ANY.1", "binds_though_deleted"),
        ("ret.window.DEIT_electronics.1", "transition_days"),
        ("review.seller_conduct.ANY.1", "forbidden"),
    ],
)
def test_a_rule_is_not_left_without_what_is_asked_of_it(rule_id: str, name: str) -> None:
    """Once adopted, it would leave every deadline of the account without an answer."""
    found = refused(told(rule_id, f'without = ["{name}"]'))

    assert f"{rule_id}, field 'terms.{name}': missing" in str(found)


def test_a_new_version_states_what_is_asked_of_it() -> None:
    new = told(
        "msg.sla.US.2",
        'title = "Answers are due"\nmarketplaces = ["US"]\nprogrammes = ["FBM"]\n'
        'claim_types = ["message"]\nversion_selected_by = "message_received_at"\n'
        "effective_from = 2027-01-01",
    )

    assert "msg.sla.US.2, field 'terms.respond_hours': missing" in str(refused(new))


def test_days_may_take_the_place_of_business_days() -> None:
    text = told("ret.refund_clock.EU.1", 'without = ["deadline_business_days"]')
    text += "[rules.terms]\ndeadline_days = 4\n"
    book = merge(shipped(), "my-rules.toml", text.encode()).rulebook

    assert book.rule("ret.refund_clock.EU.1").number("deadline_days") == 4


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (told("fba.customer_return.window.US.3", "window_end_days = 36501"), "window_end_days"),
        (told("law.eu.conformity.1", "window_end_months = 1201"), "window_end_months"),
        (term("ret.refund_clock.US.2", "deadline_days = 36501"), "terms.deadline_days"),
        (term("msg.sla.US.1", "respond_hours = 87601"), "terms.respond_hours"),
        (term("law.uk.cra.1", "limitation_years = 101"), "terms.limitation_years"),
        (term("ret.restocking.US.1", "photo_required_from_pct = 101"), "terms.photo_required"),
    ],
    ids=lambda value: value if "\n" not in value else "",
)
def test_a_number_that_cannot_be_meant_is_refused(text: str, field: str) -> None:
    """Days beyond the calendar's end would end every answer."""
    found = refused(text)

    assert f"field '{field}" in str(found)
    assert "too great a number" in str(found)


def test_the_greatest_number_is_taken() -> None:
    text = told("fba.customer_return.window.US.3", "window_end_days = 36500")

    assert merge(shipped(), "my-rules.toml", text.encode()).changed
