"""What a removal order's numbers leave unaccounted for."""

from __future__ import annotations

from ledger.removals import RemovalAccount, removal_accounts
from tests.ledger.account import FNSKU, Account

ASKED = "2026-09-01"
SENT = "2026-09-10"


def accounts(told: Account) -> list[RemovalAccount]:
    return list(removal_accounts(told.case("removal/REM-1")))


def test_what_was_neither_cancelled_disposed_of_shipped_nor_in_process_is_unaccounted() -> None:
    (account,) = accounts(
        Account().removal(ASKED, 9, shipped=3, cancelled=2, disposed=1, in_process=1)
    )

    assert 2 == account.unaccounted


def test_numbers_may_add_up_to_more_than_was_asked_for() -> None:
    (account,) = accounts(Account().removal(ASKED, 3, shipped=5))

    assert -2 == account.unaccounted


def test_shipments_belong_to_the_line_of_their_fnsku_and_disposition() -> None:
    told = (
        Account().removal(ASKED, 2, shipped=2).removal(ASKED, 3, shipped=3, disposition="DEFECTIVE")
    )
    told.removal_shipped(SENT, 3, disposition="DEFECTIVE").removal_shipped(SENT, 2)

    assert {(2, 0), (3, 0)} == {(one.line.requested, one.not_handed_over) for one in accounts(told)}


def test_a_shipment_in_another_state_belongs_to_the_fnskus_line_all_the_same() -> None:
    told = Account().removal(ASKED, 2, shipped=2)
    (account,) = accounts(told.removal_shipped(SENT, 2, disposition="CARRIER_DAMAGED"))

    assert (0, 1) == (account.not_handed_over, len(account.shipments))


def test_a_shipment_of_another_fnsku_belongs_to_no_line() -> None:
    told = Account().removal(ASKED, 2, shipped=2).removal_shipped(SENT, 2, fnsku="X000000009")
    (account,) = accounts(told)

    assert (2, FNSKU) == (account.not_handed_over, account.line.fnsku)


def test_only_a_completed_return_is_complete_and_sent_back() -> None:
    def told(**how: str) -> tuple[bool, bool]:
        (account,) = accounts(Account().removal(ASKED, 1, **how))  # type: ignore[arg-type]
        return account.complete, account.sent_back

    assert (True, True) == told()
    assert (False, True) == told(status="In Process")
    assert (True, False) == told(order_type="Disposal")


def test_the_entries_that_say_so_are_the_line_its_shipments_and_its_state() -> None:
    (account,) = accounts(Account().removal(ASKED, 2, shipped=2).removal_shipped(SENT, 2))

    assert 3 == len(account.refs)
