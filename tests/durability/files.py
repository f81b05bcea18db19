"""A morning's downloads of an invented seller, and the one way in which they are imported here."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from ledger.events import BY_TOPIC
from ledger.importing import Statement, import_file, open_account
from ledger.rulebook import shipped as shipped_rules
from ledger.store import Log, open_log
from tests.story import File, Told, files_of, refunded, reimbursed, returned, sold

BEGUN: Final = date(2026, 5, 1)
DISPOSITIONS: Final = ("SELLABLE", "SELLABLE", "CUSTOMER_DAMAGED", "DEFECTIVE")

Say = Callable[[str], None]


def _day(number: int) -> str:
    return (BEGUN + timedelta(days=number // 16)).isoformat()


def _order(number: int) -> str:
    return f"114-{number:07}-{number * 7919 % 10**7:07}"


def _sku(number: int) -> str:
    return f"SKU-{number % 40:03}"


def _came_back(numbers: range) -> list[Told]:
    chance = random.Random(1)
    dispositions = [chance.choice(DISPOSITIONS) for _ in range(numbers.stop)]
    return [
        returned(
            _order(number),
            _day(number),
            sku=_sku(number),
            disposition=dispositions[number],
            plate=f"LPN{number:07}",
        )
        for number in numbers
    ]


def _moved(numbers: range, *, unreconciled: int) -> list[Told]:
    """Units lost in a fulfilment centre; how many are still sought changes from download to download."""
    return [
        Told(
            "inventory-ledger",
            (
                {
                    "Date": date.fromisoformat(_day(number)).strftime("%m/%d/%Y"),
                    "FNSKU": f"X{number % 40:09}",
                    "ASIN": f"B{number % 40:09}",
                    "MSKU": _sku(number),
                    "Event Type": "Adjustments",
                    "Reference ID": f"{7_000_000 + number}",
                    "Quantity": "-2",
                    "Fulfillment Center": "LEX1",
                    "Disposition": "SELLABLE",
                    "Reason": "M",
                    "Country": "US",
                    "Reconciled Quantity": str(2 - unreconciled),
                    "Unreconciled Quantity": str(unreconciled),
                },
            ),
        )
        for number in numbers
    ]


def _paid(numbers: range) -> list[Told]:
    return [
        reimbursed(_day(number + 500), f"9{number:09}", order=_order(number), sku=_sku(number))
        for number in numbers
    ]


def _settled(numbers: range) -> list[Told]:
    sales = [sold(_order(number), _day(number), sku=_sku(number)) for number in numbers]
    refunds = [
        refunded(_order(number), _day(number + 300), sku=_sku(number)) for number in numbers[::2]
    ]
    return sales + refunds


FILES: Final[Sequence[File]] = (
    *files_of(*_came_back(range(500))),
    *files_of(*_moved(range(360), unreconciled=2), told_at="2026-07-01"),
    *files_of(*_came_back(range(300, 800))),
    *files_of(*_paid(range(0, 800, 3))),
    *files_of(*_settled(range(150))),
    *files_of(*_moved(range(200, 500), unreconciled=0), told_at="2026-07-20"),
)
"""The second and the last file of a kind overlap the first: rows told again, and told otherwise."""


def clock() -> datetime:
    """It stands still, so that two logs of the same files are the same to the last byte."""
    return datetime(2026, 8, 1, tzinfo=UTC)


def opened(url: str, account: str) -> Log:
    """The log, made where there is none."""
    return open_log(url, account, event_types=BY_TOPIC, clock=clock)


def import_all(log: Log, say: Say = lambda _line: None) -> None:
    """Open the account and import every file; what has been done is said, line by line.

    The account's name in the log is the same everywhere, whatever the log itself is called.
    """
    open_account(log, "seller", "NA", shipped_rules(), "seller")
    say("opened")
    for file in FILES:
        import_one(log, file, say)


def import_one(log: Log, file: File, say: Say = lambda _line: None) -> None:
    """Import a file; `acknowledged` is said when the program would tell the seller that it is done."""
    statement = Statement(
        actor="seller", command_id="import", marketplace="US", told_at=file.told_at
    )
    import_file(
        log, file.data, file.name, statement, progress=lambda stage, _: say(f"{stage} {file.name}")
    )
    say(f"acknowledged {file.name}")
