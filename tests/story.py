"""The language that tests are written in: what happened, as Amazon's reports tell it, and what then holds.

story = begin(tmp_path)
story.imports(sold(ORDER, "2026-06-01"), refunded(ORDER, "2026-06-10"))
story.status(ORDER).units_refunded
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import msgspec

from ledger.event import Entry, Event, Source
from ledger.events import BY_TOPIC
from ledger.importing import FileResult, Statement, import_file, open_account
from ledger.recall import Recall
from ledger.report import ReportFormat
from ledger.reports import REPORT_FORMATS
from ledger.rulebook import shipped as shipped_rules
from ledger.store import Log, open_log
from projections import LIABILITY, PROJECTIONS, STATUS
from projections.catching_up import catch_up, rebuild
from projections.projection import Projection, R
from projections.status import Status
from projections.views import Views, open_views

ORDER: Final = "114-0000001-0000001"
OTHER_ORDER: Final = "114-0000002-0000002"
SKU: Final = "SKU-1"
ASIN: Final = "B000000001"
FNSKU: Final = "X000000001"
TODAY: Final = date(2026, 8, 1)
ROOT: Final = Path(__file__).resolve().parent.parent

_FORMATS: Final = {form.name: form for form in REPORT_FORMATS}
Cells = Mapping[str, str]


# --- what reports tell ------------------------------------------------------------------------


class Told(msgspec.Struct, frozen=True):
    """Rows of one report."""

    report: str
    rows: tuple[Cells, ...]


def ordered(
    order: str,
    on: str,
    *,
    sku: str = SKU,
    asin: str = ASIN,
    quantity: int = 1,
    price: str = "20.00",
    status: str = "Shipped",
    by: str = "Amazon",
    updated: str = "",
) -> Told:
    """A line of an order; the price is of the whole line."""
    cells = {
        "amazon-order-id": order,
        "purchase-date": at(on),
        "last-updated-date": at(updated or on),
        "order-status": status,
        "fulfillment-channel": by,
        "sales-channel": "Amazon.com",
        "sku": sku,
        "asin": asin,
        "quantity": str(quantity),
        "currency": "USD",
        "item-price": price,
    }
    return Told("all-orders", (cells,))


def shipped(
    order: str,
    on: str,
    *,
    sku: str = SKU,
    quantity: int = 1,
    price: str = "20.00",
    channel: str = "amazon.com",
) -> Told:
    """Units of one SKU that left a fulfilment centre."""
    cells = {
        "amazon-order-id": order,
        "shipment-id": f"D{_number(order, sku, on, 8)}",
        "shipment-item-id": f"I{_number(order, sku, on, 8)}",
        "shipment-date": at(on),
        "sku": sku,
        "quantity-shipped": str(quantity),
        "currency": "USD",
        "item-price": price,
        "fulfillment-channel": "AFN",
        "sales-channel": channel,
    }
    return Told("fba-shipments", (cells,))


def sold(
    order: str,
    on: str,
    *,
    sku: str = SKU,
    quantity: int = 1,
    price: str = "20.00",
    by: str = "AFN",
) -> Told:
    """A sale as the settlement tells it; the price is of all units."""
    common = _settled(order, on, "Order", sku, by)
    lines = (("ItemPrice", "Principal", price), ("ItemFees", "Commission", _part(price, "-0.15")))
    rows = [{**common, **_amount(*line)} for line in lines]
    rows[0]["quantity-purchased"] = str(quantity)
    return Told("settlement", tuple(rows))


def refunded(
    order: str,
    on: str,
    *,
    sku: str = SKU,
    principal: str = "20.00",
    transaction: str = "Refund",
    by: str = "AFN",
    number: str = "1",
    more: Iterable[tuple[str, str, str]] = (),
) -> Told:
    """Money given back to a buyer in one transaction; `more` are its further lines."""
    common = _settled(order, on, transaction, sku, by)
    common["adjustment-id"] = f"amzn1:crow:{number}"
    lines = [
        ("ItemPrice", "Principal", f"-{principal}"),
        ("ItemFees", "Commission", _part(principal, "0.15")),
        ("ItemFees", "RefundCommission", _part(principal, "-0.03")),
        *more,
    ]
    return Told("settlement", tuple({**common, **_amount(*line)} for line in lines))


def settled(
    on: str,
    *,
    transaction: str = "other-transaction",
    kind: str,
    what: str,
    amount: str,
    order: str = "",
    sku: str = "",
) -> Told:
    """Money of a settlement that is neither a sale nor a refund."""
    common = _settled(order, on, transaction, sku, "AFN" if sku else "")
    return Told("settlement", ({**common, **_amount(kind, what, amount)},))


def returned(
    order: str,
    on: str,
    *,
    sku: str = SKU,
    asin: str = ASIN,
    fnsku: str = FNSKU,
    disposition: str = "SELLABLE",
    reason: str = "UNWANTED_ITEM",
    status: str = "Unit returned to inventory",
    plate: str = "",
) -> Told:
    """A unit that came back to a fulfilment centre."""
    cells = {
        "return-date": at(on),
        "order-id": order,
        "sku": sku,
        "asin": asin,
        "fnsku": fnsku,
        "quantity": "1",
        "fulfillment-center-id": "LEX1",
        "detailed-disposition": disposition,
        "reason": reason,
        "status": status,
        "license-plate-number": plate,
    }
    return Told("fba-customer-returns", (cells,))


def reimbursed(
    on: str,
    reimbursement_id: str,
    *,
    order: str = "",
    sku: str = SKU,
    fnsku: str = FNSKU,
    asin: str = ASIN,
    amount: str = "15.00",
    cash: str = "1",
    inventory: str = "0",
    reason: str = "CustomerReturn",
    original: str = "",
) -> Told:
    """A line of a reimbursement."""
    cells = {
        "approval-date": at(on),
        "reimbursement-id": reimbursement_id,
        "amazon-order-id": order,
        "reason": reason,
        "sku": sku,
        "fnsku": fnsku,
        "asin": asin,
        "currency-unit": "USD",
        "amount-per-unit": amount,
        "amount-total": amount,
        "quantity-reimbursed-cash": cash,
        "quantity-reimbursed-inventory": inventory,
        "quantity-reimbursed-total": str(int(cash) + int(inventory)) if cash else "",
        "original-reimbursement-id": original,
        "original-reimbursement-type": "CustomerReturn" if original else "",
    }
    return Told("fba-reimbursements", (cells,))


def taken_back(
    on: str,
    reimbursement_id: str,
    *,
    of: str,
    amount: str = "-15.00",
    cash: str = "-1",
    inventory: str = "1",
    order: str = "",
    sku: str = f"Amazon.Found.{ASIN}",
    fnsku: str = FNSKU,
) -> Told:
    """A reimbursement reversed, as Amazon writes it: elsewhere, and with the unit in stock again."""
    return reimbursed(
        on,
        reimbursement_id,
        order=order,
        sku=sku,
        fnsku=fnsku,
        amount=amount,
        cash=cash,
        inventory=inventory,
        reason="Reimbursement_Reversal",
        original=of,
    )


def requested(
    order: str,
    on: str,
    *,
    sku: str = SKU,
    asin: str = ASIN,
    quantity: int = 1,
    status: str = "Approved",
    tracking: str = "",
    delivered: str = "",
    refunded: str = "",
    resolution: str = "StandardRefund",
    a_to_z: str = "N",
    safe_t: str = "",
) -> Told:
    """A buyer's request to send something back to the seller, as far as it has come."""
    cells = {
        "Order ID": order,
        "Order date": on,
        "Return request date": on,
        "Return request status": status,
        "Amazon RMA ID": f"D{_number(order, sku, on, 6)}RRMA",
        "Currency code": "USD",
        "Tracking ID": tracking,
        "A-to-Z Claim": a_to_z,
        "ASIN": asin,
        "Merchant SKU": sku,
        "Return quantity": str(quantity),
        "Return Reason": "CR-DEFECTIVE",
        "Return type": "C-Returns",
        "Resolution": resolution,
        "Return delivery date": delivered,
        "SafeT claim id": safe_t,
        "Refunded Amount": refunded,
    }
    return Told("mfn-returns", (cells,))


def replaced(order: str, on: str, *, by: str, sku: str = SKU, quantity: int = 1) -> Told:
    """Units sent to the buyer again, under an order id of their own."""
    cells = {
        "shipment-date": at(on),
        "sku": sku,
        "asin": ASIN,
        "fulfillment-center-id": "LEX1",
        "original-fulfillment-center-id": "LEX1",
        "quantity": str(quantity),
        "replacement-reason-code": "1",
        "replacement-amazon-order-id": by,
        "original-amazon-order-id": order,
    }
    return Told("fba-replacements", (cells,))


def at(day: str) -> str:
    """Noon of a day, as reports write moments; a moment stays as it is."""
    return day if "T" in day else f"{day}T12:00:00+00:00"


def _settled(order: str, on: str, transaction: str, sku: str, by: str) -> dict[str, str]:
    return {
        "transaction-type": transaction,
        "order-id": order,
        "shipment-id": f"S{_number(order, sku, on, 6)}" if transaction == "Order" else "",
        "marketplace-name": "Amazon.com" if sku else "",
        "fulfillment-id": by,
        "posted-date": on[:10],
        "posted-date-time": f"{on[:10]} 12:00:00 UTC",
        "order-item-code": _number(order, sku, "", 10) if sku else "",
        "sku": sku,
    }


def _amount(kind: str, what: str, amount: str) -> dict[str, str]:
    return {"amount-type": kind, "amount-description": what, "amount": amount}


def _part(price: str, share: str) -> str:
    return str((Decimal(price) * Decimal(share)).quantize(Decimal("0.01")))


def _number(one: str, two: str, three: str, digits: int) -> str:
    digest = hashlib.sha256(f"{one}|{two}|{three}".encode()).hexdigest()
    return str(int(digest, 16))[:digits]


# --- files ------------------------------------------------------------------------------------


class File(msgspec.Struct, frozen=True):
    """A report file as it is downloaded."""

    name: str
    data: bytes
    told_at: str | None = None
    period: tuple[date, date] | None = None


def files_of(
    *told: Told, told_at: str | None = None, period: tuple[str, str] | None = None
) -> list[File]:
    """One file for each report that is told of, rows in the order in which they are told."""
    by_report: defaultdict[str, list[Cells]] = defaultdict(list)
    for one in told:
        by_report[one.report].extend(one.rows)
    days = (date.fromisoformat(period[0]), date.fromisoformat(period[1])) if period else None
    files = []
    for report, rows in by_report.items():
        # A settlement states its own end.
        stated = None if report == "settlement" else told_at
        data = _text(_FORMATS[report], _summed(rows) if report == "settlement" else rows)
        name = f"{report}-{hashlib.sha256(data).hexdigest()[:8]}.txt"
        files.append(File(name, data, stated, None if report == "settlement" else days))
    return files


def _text(form: ReportFormat, rows: Iterable[Cells]) -> bytes:
    header = [column.name for column in form.columns if not (column.ignored or column.personal)]
    out = io.StringIO()
    writer = csv.writer(out, dialect="excel-tab", lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        assert set(row) <= set(header), set(row) - set(header)
        writer.writerow([row.get(name, "") for name in header])
    return out.getvalue().encode()


def _summed(rows: list[Cells]) -> list[Cells]:
    """A settlement's rows, after the one that sums them."""
    number = _number("settlement", str(sorted(map(str, rows))), "", 11)
    days = sorted(row["posted-date"] for row in rows)
    summary = {
        "settlement-id": number,
        "settlement-start-date": f"{days[0]} 00:00:00 UTC",
        "settlement-end-date": f"{days[-1]} 23:00:00 UTC",
        "deposit-date": f"{days[-1]} 23:00:00 UTC",
        "total-amount": str(sum(Decimal(row["amount"]) for row in rows)),
        "currency": "USD",
    }
    return [summary, *({"settlement-id": number, **row} for row in rows)]


# --- the story --------------------------------------------------------------------------------


class Ticking:
    """A clock that goes on by a second each time it is read."""

    def __init__(self, start: datetime) -> None:
        self.moment = start

    def __call__(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment


class Story:
    """One account's ledger as it grows; after each step everything that must hold is checked."""

    def __init__(self, url: str, *, account: str = "seller", checked: bool = True) -> None:
        self.clock = Ticking(datetime(2026, 8, 1, tzinfo=UTC))
        self.url = url
        self.checked = checked
        self.log: Log = open_log(url, account, event_types=BY_TOPIC, clock=self.clock)
        self.views: Views = open_views(url, account)
        open_account(self.log, account, "NA", shipped_rules(), "seller")

    def close(self) -> None:
        self.views.close()
        self.log.close()

    # --- what happens

    def imports(
        self,
        *told: Told,
        told_at: str | None = None,
        period: tuple[str, str] | None = None,
        marketplace: str | None = "US",
    ) -> list[FileResult]:
        """Reports are downloaded and imported, one file for each report."""
        files = files_of(*told, told_at=told_at, period=period)
        return [self.imports_file(file, marketplace=marketplace) for file in files]

    def imports_file(self, file: File, *, marketplace: str | None = "US") -> FileResult:
        """A file is imported, with what is stated of it."""
        statement = Statement(
            actor="seller",
            command_id="import",
            marketplace=marketplace,
            told_at=file.told_at,
            period=file.period,
        )
        result = import_file(self.log, file.data, file.name, statement)
        self._step()
        return result

    def appends(self, stream: str, *events: Event, occurred_at: str = "2026-07-01") -> list[Entry]:
        """Events are appended as they are."""
        version = self.log.heads([stream])[stream]
        entries = [
            Entry(
                stream=stream,
                version=version + number,
                event=event,
                occurred_at=occurred_at,
                actor="seller",
                source=Source(command="test"),
            )
            for number, event in enumerate(events, 1)
        ]
        recorded = self.log.append(entries)
        self._step()
        return recorded

    # --- what is asked

    def recall(self, as_of: date = TODAY, known_at: str | None = None) -> Recall:
        return Recall(self.log, as_of, known_at)

    def rows(self, projection: Projection[R]) -> list[R]:
        """The live rows, caught up."""
        catch_up(self.recall(), self.views)
        return list(self.views.rows(projection))

    def statuses(self, order: str = ORDER) -> list[Status]:
        return [row for row in self.rows(STATUS) if row.order_id == order]

    def status(self, order: str = ORDER) -> Status:
        """The one row of an order with one SKU."""
        (row,) = self.statuses(order)
        return row

    def postings(self) -> list[tuple[str, str, str]]:
        """Every posting of the account: party, line and amount."""
        return [
            (row.party, row.line, f"{Decimal(row.amount) / 100:.2f}")
            for row in self.rows(LIABILITY)
        ]

    # --- what holds after each step

    def _step(self) -> None:
        if self.checked:
            self.check()

    def check(self) -> None:
        """Everything that must hold, whatever happened."""
        problems = [
            f"{check.name}: {check.problems}" for check in self.log.verify() if not check.ok
        ]
        assert problems == []
        self._check_versions()
        catch_up(self.recall(), self.views)
        unequal = [
            one.name for one in rebuild(self.recall(), self.views, verify=True) if not one.equal
        ]
        assert unequal == [], "caught up is not what a rebuild would make"
        assert list(self.events_that_do_not_sum_to_zero()) == []

    def _check_versions(self) -> None:
        for stream, entries in self.log.cases():
            versions = [entry.version for entry in entries]
            assert versions == list(range(1, len(entries) + 1)), stream

    def events_that_do_not_sum_to_zero(self) -> Iterator[tuple[Any, ...]]:
        sums: defaultdict[tuple[str, str, str], int] = defaultdict(int)
        for row in self.views.rows(LIABILITY):
            sums[row.stream, row.slot, row.currency] += row.amount
        return ((*event, total) for event, total in sums.items() if total)

    def digests(self) -> dict[str, str]:
        """The digest of each table, as it stands in the database."""
        catch_up(self.recall(), self.views)
        return {one.name: str(self.views.digest(one)[1]) for one in PROJECTIONS}


def begin(folder: Path, *, checked: bool = True) -> Story:
    """A story whose ledger is in files of this folder."""
    folder.mkdir(exist_ok=True)
    return Story(f"sqlite:///{folder / 'ledger.db'}", checked=checked)
