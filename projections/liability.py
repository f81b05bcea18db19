"""Who bears the cost of returns: postings over seller, buyer, Amazon and carrier, zero in every event."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import ClassVar, Final, Literal, get_args

import msgspec
from sqlalchemy import ColumnElement, Table

from ledger.book import Book
from ledger.case import Case, Ref, Refund, Reimbursement, SettledTransaction
from ledger.desk import lines_of, skus_of
from ledger.events.claims import ClaimPaid, ClaimPaymentReversed
from ledger.events.reimbursements import ReimbursementPosted, ReimbursementReversed
from ledger.store import Log
from ledger.values import Money, code
from projections.borne import Borne, borne_of
from projections.parties import Lines, Posted
from projections.projection import Projection, digest_of

Grouping = Literal["order", "sku", "asin", "month", "party"]
GROUPINGS: Final[tuple[Grouping, ...]] = get_args(Grouping)

# --- the table --------------------------------------------------------------------------------


class Posting(msgspec.Struct, frozen=True, gc=False):
    """What one event puts on one party under one line; the parties of an event sum to zero."""

    stream: str
    slot: str
    """Names the event in its stream."""
    day: str
    month: str
    order_id: str | None
    sku: str | None
    asin: str | None
    party: str
    line: str
    currency: str
    amount: int
    """Minor units; above zero it is borne by this party."""
    provisional: int
    """1 where the seller alone tells it and a report will: it is replaced by what the report tells."""


# --- rules, as data: codes are folded by values.code ------------------------------------------

REFUND_LINES: Final[Mapping[tuple[str, str], Posted]] = {
    ("ITEMPRICE", "PRINCIPAL"): Posted("product", "buyer"),
    ("ITEMPRICE", "TAX"): Posted("tax", "buyer"),
    ("ITEMPRICE", "SHIPPINGTAX"): Posted("tax", "buyer"),
    ("ITEMPRICE", "GIFTWRAPTAX"): Posted("tax", "buyer"),
    ("ITEMPRICE", "SHIPPING"): Posted("shipping", "buyer"),
    ("ITEMPRICE", "GIFTWRAP"): Posted("gift_wrap", "buyer"),
    ("ITEMPRICE", "GOODWILL"): Posted("goodwill", "buyer"),
    ("ITEMPRICE", "RESTOCKINGFEE"): Posted("restocking_fee", "buyer"),
    ("ITEMPRICE", "RETURNSHIPPING"): Posted("return_postage", "buyer"),
    ("ITEMFEES", "COMMISSION"): Posted("referral_fee", "amazon"),
    ("ITEMFEES", "REFUNDCOMMISSION"): Posted("refund_admin_fee", "amazon"),
}
"""Lines of a refund by amount type and description."""

REFUND_TYPES: Final[Mapping[str, Posted]] = {
    "ITEMPRICE": Posted("other", "buyer"),
    "PROMOTION": Posted("promotion", "buyer"),
    "POINTS": Posted("promotion", "buyer"),
    "ITEMFEES": Posted("other", "amazon"),
    "ITEMWITHHELDTAX": Posted("tax", "amazon"),
}
"""Lines of a refund by amount type alone, where the description decides nothing."""

REFUND_REST: Final = Posted("other", "amazon")

REFUND_TRANSACTIONS: Final = frozenset(
    ("REFUND", "A_TO_Z_GUARANTEE_REFUND", "CHARGEBACK_REFUND", "REFUND_RETROCHARGE")
)
"""Transactions read as refunds even where they name no item."""

CONFIRMING: Final = frozenset(("FBA_INVENTORY_REIMBURSEMENT", "MCF_INVENTORY_REIMBURSEMENT"))
"""Amount types that repeat the reimbursements report: money told twice is posted once."""

TRANSACTIONS: Final[Mapping[str, Posted]] = {
    "SAFE_T_REIMBURSEMENT": Posted("claim", "amazon"),
    "A_TO_Z_GUARANTEE_RECOVERY": Posted("claim", "amazon"),
    "CHARGEBACK_RECOVERY": Posted("claim", "amazon"),
    "FBA_CUSTOMER_RETURNS_FEE": Posted("other", "amazon"),
    "FBACUSTOMERRETURNPERORDERFEE": Posted("other", "amazon"),
    "FBACUSTOMERRETURNPERUNITFEE": Posted("other", "amazon"),
    "FBACUSTOMERRETURNWEIGHTBASEDFEE": Posted("other", "amazon"),
    "BUYERRECHARGE": Posted("other", "buyer"),
    "SHIPPING_LABEL_PURCHASE_FOR_RETURN": Posted("return_postage", "carrier"),
}
"""Other transactions that are a cost of returns, by transaction type, amount type or description.

Every other one (subscriptions, storage, advertising, transfers, debts, removals) is no return's cost.
"""


class Liability(Projection[Posting]):
    """Postings of every event that moves money because of a return."""

    name: ClassVar[str] = "liability"
    version: ClassVar[int] = 2
    row_type: ClassVar[type[Posting]] = Posting
    book_topics: ClassVar[frozenset[str]] = frozenset(
        kind.TOPIC for kind in (ReimbursementPosted, ReimbursementReversed)
    )

    def rows(self, case: Case, book: Book) -> Iterator[Posting]:
        """Postings event by event: what reports tell, then what the seller alone does."""
        if not (case.refunds or case.reimbursements or case.transactions or case.deeds):
            return
        asins = _asins(case)
        for refund in case.refunds:
            yield from _posted(refund.ref, _refunded(refund), case, refund.sku, asins)
        for payment in case.reimbursements:
            yield from _posted(payment.ref, _reimbursed(payment), case, payment.sku, asins, payment)
        for transaction in case.transactions:
            lines = _settled(transaction)
            yield from _posted(transaction.ref, lines, case, transaction.sku, asins)
        for borne in borne_of(case, book):
            yield from _told(borne, case, asins)

    def book_streams(self, log: Log, known_at: str | None) -> set[str]:
        """Where the reimbursements are recorded that the seller names as payments of his claims."""
        topics = (ClaimPaid.TOPIC, ClaimPaymentReversed.TOPIC)
        named = {
            entry.event.reimbursement_id
            for entry in log.entries(topics=topics, known_at=known_at)
            if isinstance(entry.event, ClaimPaid | ClaimPaymentReversed)
        } - {None}
        if not named:
            return set()
        return {
            entry.stream
            for entry in log.entries(topics=self.book_topics, known_at=known_at)
            if isinstance(entry.event, ReimbursementPosted | ReimbursementReversed)
            and named & {entry.event.reimbursement_id, entry.event.original_id}
        }

    def basis(self, book: Book) -> str:
        """Which reimbursements are reported: what the seller told of them is then told by a report."""
        if not book.payments and not book.reversals:
            return ""
        return digest_of([*sorted(book.payments), "reversed", *sorted(book.reversals)])

    def depends(self, table: Table) -> ColumnElement[bool]:
        """Only what no report has told yet waits for one."""
        found: ColumnElement[bool] = table.c.provisional == 1
        return found


# --- from a case to postings ------------------------------------------------------------------


def _refunded(refund: Refund) -> Lines:
    return [(_refund_line(line.kind, line.what), line.amount) for line in refund.lines]


@lru_cache(maxsize=4096)
def _refund_line(kind: str, what: str) -> Posted:
    kind = code(kind)
    known = REFUND_LINES.get((kind, code(what))) or REFUND_TYPES.get(kind)
    return known or REFUND_REST


def _reimbursed(payment: Reimbursement) -> Lines:
    line = "reimbursement_reversal" if payment.reversal else "reimbursement"
    return [(Posted(line, "amazon"), payment.amount)]


def _settled(transaction: SettledTransaction) -> Lines:
    """What a transaction that is neither sale nor refund of an item adds to the cost of returns."""
    return [
        (posted, line.amount)
        for line in transaction.lines
        if (posted := _settled_line(transaction.transaction, line.kind, line.what)) is not None
    ]


@lru_cache(maxsize=4096)
def _settled_line(transaction: str, kind: str, what: str) -> Posted | None:
    if code(transaction) in REFUND_TRANSACTIONS:
        return _refund_line(kind, what)
    if code(kind) in CONFIRMING:
        return None
    names = (code(what), code(kind), code(transaction))
    return next((TRANSACTIONS[name] for name in names if name in TRANSACTIONS), None)


def _posted(
    ref: Ref,
    lines: Lines,
    case: Case,
    sku: str | None,
    asins: Mapping[str, str],
    payment: Reimbursement | None = None,
) -> Iterator[Posting]:
    asin = (payment.asin if payment else None) or asins.get(sku or "")
    order_id = case.name if case.kind == "order" else payment.order_id if payment else None
    yield from _postings(ref, lines, case.stream, order_id, sku, asin, provisional=False)


def _told(borne: Borne, case: Case, asins: Mapping[str, str]) -> Iterator[Posting]:
    """What names no SKU belongs to the order's only one."""
    skus = skus_of(case)
    sku = borne.sku or (skus[0] if len(skus) == 1 else None)
    yield from _postings(
        borne.ref,
        borne.lines,
        case.stream,
        case.name if case.kind == "order" else None,
        sku,
        asins.get(sku or ""),
        provisional=borne.provisional,
    )


def _postings(
    ref: Ref,
    lines: Lines,
    stream: str,
    order_id: str | None,
    sku: str | None,
    asin: str | None,
    *,
    provisional: bool,
) -> Iterator[Posting]:
    """What an event puts on each party; the parties sum to zero."""
    sums: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for posted, amount in lines:
        sums[posted.line, amount.currency, posted.by] -= amount.minor
        sums[posted.line, amount.currency, posted.against] += amount.minor
    day = ref.day.isoformat()
    for (line, currency, party), minor in sorted(sums.items()):
        if minor:
            yield Posting(
                stream=stream,
                slot=ref.slot,
                day=day,
                month=day[:7],
                order_id=order_id,
                sku=sku,
                asin=asin,
                party=party,
                line=line,
                currency=currency,
                amount=minor,
                provisional=int(provisional),
            )


def _asins(case: Case) -> dict[str, str]:
    """The ASIN of each SKU of the case, as the reports tell it; the order's own line stands."""
    told = [(payment.sku, payment.asin) for payment in case.reimbursements]
    told += [(request.sku, request.asin) for request in case.requests]
    told += [(returned.sku, returned.asin) for returned in case.returns]
    told += [(line.sku, line.asin) for line in lines_of(case)]
    return {sku: asin for sku, asin in told if sku and asin}


# --- the questions ----------------------------------------------------------------------------


class LiabilityRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one party bears under one line in one group; what the rows are grouped by is set."""

    account: str
    order_id: str | None = None
    sku: str | None = None
    asin: str | None = None
    month: str | None = None
    currency: str
    party: str
    line: str
    amount: str
    entries: int
    provisional: bool = False
    """True for what the seller alone tells and a report will."""


_GROUPED_BY: Final[Mapping[Grouping, tuple[str, ...]]] = {
    "order": ("order_id",),
    "sku": ("sku",),
    "asin": ("asin",),
    "month": ("month",),
    "party": (),
}


_FLAG: Final = (None, "provisional")


def liability(
    account: str, postings: Iterable[Posting], by: Grouping = "order"
) -> Iterator[LiabilityRow]:
    """What each party bears, line by line; the postings of one event follow each other."""
    fields = _GROUPED_BY[by]
    groups: dict[tuple[str | None, ...], _Sum] = {}
    for posting in postings:
        group = tuple(getattr(posting, field) for field in fields)
        group += (posting.currency, posting.party, posting.line, _FLAG[posting.provisional])
        if group not in groups:
            groups[group] = _Sum()
        groups[group].add(posting)
    for group in sorted(groups, key=lambda one: [part or "" for part in one]):
        *values, currency, party, line, flag = group
        yield LiabilityRow(
            account=account,
            currency=str(currency),
            party=str(party),
            line=str(line),
            amount=Money(groups[group].amount, str(currency)).text,
            entries=groups[group].entries,
            provisional=flag is not None,
            **dict(zip(fields, values, strict=True)),
        )


class _Sum(msgspec.Struct):
    """What a group amounts to so far; an event counts once, however many postings it has there."""

    amount: int = 0
    entries: int = 0
    last: tuple[str, str] | None = None

    def add(self, posting: Posting) -> None:
        self.amount += posting.amount
        if self.last != (posting.stream, posting.slot):
            self.last = (posting.stream, posting.slot)
            self.entries += 1
