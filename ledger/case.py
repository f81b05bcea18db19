"""What is known of one thing: an order and its units, one FNSKU in stock, a removal, the account itself."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from ledger.values import Money

if TYPE_CHECKING:
    from ledger.event import Deed

D = TypeVar("D", bound="Deed")


class Ref(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """The entry that says a fact: where it stands, when the fact happened, who told it when."""

    position: int
    slot: str
    """The canonical name of what is told: the same whatever order the files arrived in."""
    occurred_at: str
    day: date
    """The day it happened, in the zone of its marketplace."""
    marketplace: str | None
    told_at: str
    source_digest: str | None = None
    source_row: int | None = None
    tellings: int = 1
    """How often Amazon told it differently, this telling included."""

    @property
    def order(self) -> tuple[str, str, int]:
        """Order of occurrence, then of the canonical name: the same whatever order the files arrived in.

        What no row tells has no such name: it stands in the order in which it was recorded.
        """
        if self.slot[0] == "@":
            return self.occurred_at, "@", self.position
        return self.occurred_at, self.slot, 0


class MoneyLine(msgspec.Struct, frozen=True, gc=False):
    """One line of money as Amazon names it; the sign is Amazon's: minus is taken from the seller."""

    kind: str
    what: str
    amount: Money


class OrderLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One line of an order as the orders report tells it; the price is of the whole line."""

    ref: Ref
    sku: str
    asin: str | None
    quantity: int
    programme: str | None
    price: Money | None = None


class Shipment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Units of one SKU that left for the buyer; the price is of the whole line."""

    ref: Ref
    sku: str
    quantity: int
    programme: str | None
    price: Money | None = None
    promotion: Money | None = None


class Sale(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Units sold and settled, with the money lines of one settlement."""

    ref: Ref
    sku: str
    quantity: int
    programme: str | None
    lines: tuple[MoneyLine, ...]


class Refund(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Money given back to a buyer in one transaction for one item."""

    ref: Ref
    sku: str
    programme: str | None
    trigger: str
    """refund, a_to_z or chargeback: which door it came through, as the settlement says."""
    lines: tuple[MoneyLine, ...]


class Return(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """Units that came back to a fulfilment centre (FBA) or to the seller (FBM)."""

    ref: Ref
    programme: str
    sku: str
    fnsku: str | None
    asin: str | None
    quantity: int
    disposition: str | None
    """Amazon's code, verbatim."""
    reason: str | None
    fulfillment_center: str | None = None


class ReturnRequest(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A buyer's request to send something back to the seller (FBM)."""

    ref: Ref
    rma_id: str | None
    sku: str
    asin: str | None
    quantity: int
    reason: str | None
    in_policy: bool | None = None
    """What Amazon says of it; None where the report does not."""


class RequestState(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the seller-fulfilled returns report said of a request on the day it was told."""

    ref: Ref
    status: str | None
    tracking: bool
    resolution: str | None
    refunded: Money | None
    a_to_z: bool
    safe_t_claim_id: str | None
    safe_t_state: str | None
    safe_t_amount: Money | None


class Reimbursement(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """One line of Amazon's reimbursements report; a reversal has a negative amount or quantity."""

    ref: Ref
    reimbursement_id: str
    case_id: str | None
    order_id: str | None
    reason: str
    sku: str | None
    fnsku: str | None
    asin: str | None
    amount: Money
    cash: int | None
    inventory: int | None
    total: int | None
    reversal: bool = False
    original_id: str | None = None
    original_reason: str | None = None

    @property
    def units(self) -> int:
        """Units it speaks for: cash and in kind; 0 where Amazon states none."""
        return (self.cash or 0) + (self.inventory or 0)


class Replacement(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """Units sent to the buyer again, under an order id of their own."""

    ref: Ref
    replacement_order_id: str
    sku: str
    quantity: int
    reason: str | None


class Movement(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """One row of the inventory ledger: units of an FNSKU in or out of a fulfilment centre's stock."""

    ref: Ref
    kind: str
    """Amazon's event type: Shipments, WhseTransfers, Receipts, Adjustments, CustomerReturns, VendorReturns."""
    fnsku: str
    asin: str | None
    sku: str | None
    quantity: int
    """Signed: plus is into stock."""
    fulfillment_center: str | None
    disposition: str | None
    reason: str | None
    reference: str | None


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How much of a movement Amazon had accounted for on the day it was told."""

    ref: Ref
    reconciled: int | None
    unreconciled: int | None


class RemovalLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One line of a removal order as requested."""

    ref: Ref
    order_type: str
    sku: str
    fnsku: str
    disposition: str | None
    requested: int


class RemovalState(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How far a removal line had come at its last update."""

    ref: Ref
    status: str | None
    cancelled: int
    disposed: int
    shipped: int
    in_process: int
    fee: Money | None


class RemovalShipment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Units of a removal order handed to a carrier."""

    ref: Ref
    sku: str
    fnsku: str
    disposition: str | None
    quantity: int
    carrier: str | None
    tracking: str | None


class SettledTransaction(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Money of a settlement that is neither a sale nor a refund: fees, reimbursements, claims."""

    ref: Ref
    transaction: str
    sku: str | None
    quantity: int | None
    lines: tuple[MoneyLine, ...]


class Untold(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a download does not tell any more of what others told for its days."""

    digest: str
    """The download's."""
    entries: tuple[int, ...]
    """Positions of the entries that record it, in order."""


class ImportedReport(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A file that was imported: what it speaks for and how that is known."""

    ref: Ref
    digest: str
    file: str
    report_format: str
    period_start: date | None
    period_end: date | None
    stated: bool
    told_on: date | None
    marketplace: str | None
    rows: int
    row_days: int
    """Distinct days on which the file has rows: the measure of the report's usual spacing."""
    refused: int = 0
    """Rows that were left out: where there are any, nothing can be said of what the file does not tell."""
    only: str | None = None
    """The one kind of event that it tells, where its report has several: it may have been asked for that alone."""
    untold: tuple[Untold, ...] = ()
    """Of entries told before what it leaves out, and of its own what newer downloads leave out."""
    retold: tuple[int, ...] = ()
    """Positions of entries that an earlier download left out, and that it tells."""


class Case:
    """Everything known of one stream on one day, folded from its events; lists are in order of occurrence."""

    def __init__(self, stream: str, as_of: date | None = None) -> None:
        self.stream: Final = stream
        kind, _, name = stream.partition("/")
        self.kind: Final = kind
        """What the stream is about: order, stock, removal, inbound or account."""
        self.name: Final = name
        """The id of what the stream is about: the order id, the FNSKU, the removal order's name."""
        self.as_of: Final = as_of
        self.marketplace: str | None = None
        self.marketplace_doubt: str = (
            "no report says which marketplace this is, and none was stated at import"
        )
        self.lines: list[OrderLine] = []
        self.order_status: dict[str, str] = {}
        self.shipments: list[Shipment] = []
        self.sales: list[Sale] = []
        self.refunds: list[Refund] = []
        self.returns: list[Return] = []
        self.return_status: dict[str, str] = {}
        """What Amazon says became of a returned unit, by the return's slot."""
        self.license_plates: dict[str, str] = {}
        self.requests: list[ReturnRequest] = []
        self.request_states: dict[str, RequestState] = {}
        self.reimbursements: list[Reimbursement] = []
        self.replacements: list[Replacement] = []
        self.movements: list[Movement] = []
        self.reconciliations: dict[str, Reconciliation] = {}
        self.removal_lines: list[RemovalLine] = []
        self.removal_states: dict[str, RemovalState] = {}
        self.removal_shipments: list[RemovalShipment] = []
        self.transactions: list[SettledTransaction] = []
        self.imports: list[ImportedReport] = []
        self.deeds: list[tuple[Ref, Deed]] = []
        """What the seller told or decided himself, each with its entry."""
        self.refs: list[Ref] = []
        self.latest: date | None = None
        """The latest day of any fact in it: on that day, and ever after, it is the same case."""

    def told(self, kind: type[D]) -> list[tuple[Ref, D]]:
        """What the seller told or decided of one kind, each with its entry, in order of occurrence."""
        if not self.deeds:
            return []
        return [(ref, deed) for ref, deed in self.deeds if isinstance(deed, kind)]
