"""What a case needs from outside itself: coverage, links between streams, the rulebook as adopted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from operator import itemgetter
from typing import Any, Final, TypeVar

import msgspec

from ledger.case import Case, ImportedReport, Movement, Ref, Reimbursement, Replacement, Return
from ledger.event import ACCOUNT_STREAM, Entry
from ledger.events.imports import ReportImported
from ledger.events.inventory import StockMoved
from ledger.events.orders import ReplacementShipped
from ledger.events.reimbursements import ReimbursementPosted, ReimbursementReversed
from ledger.events.returns import ReturnReceived, UnitReturned
from ledger.events.terms import (
    ProductDescribed,
    ReturnlessRuleSet,
    ReturnPolicySet,
    SourcingCostSet,
)
from ledger.rulebook import Rulebook
from ledger.values import code

A = TypeVar("A")

BOOK_TOPICS: Final = frozenset(
    kind.TOPIC
    for kind in (
        ReportImported,
        StockMoved,
        ReplacementShipped,
        UnitReturned,
        ReimbursementPosted,
        ReimbursementReversed,
    )
)
"""Streams that hold none of these say nothing that another case needs."""

RETURN_TOPICS: Final = frozenset((UnitReturned.TOPIC, ReturnReceived.TOPIC))
"""What comes back under a replacement's order id is a return of the order that it replaces."""

HOLE_FACTOR: Final = 10
"""Inferred periods are joined over a hole of this many times the days that usually pass without a row."""
HOLE_DAYS_MIN: Final = 2
HOLE_DAYS_MAX: Final = 27
"""A month of which the download is missing leaves at least a day more."""
FRESH_DAYS: Final = 7
"""The last telling may be no older than this before the absence of a row means anything."""

ORDERS: Final = "all-orders"
REFUNDS: Final = "settlement"
RETURNS: Final = "fba-customer-returns"
REIMBURSEMENTS: Final = "fba-reimbursements"
STOCK: Final = "inventory-ledger"
STOCK_RETURNED: Final = "inventory-ledger (CustomerReturns)"
STOCK_ADJUSTED: Final = "inventory-ledger (Adjustments)"
"""Those of its files alone that tell such events: Amazon offers the report for one kind of event alone, too."""
COMPLETE: Final = frozenset((REIMBURSEMENTS, RETURNS, STOCK))
"""Reports of which a download holds everything of its days: what one does not tell any more, it takes back."""
REMOVALS: Final = "removal-orders"
REMOVAL_SHIPMENTS: Final = "removal-shipments"
REPLACEMENTS: Final = "fba-replacements"


class Span(msgspec.Struct, frozen=True, order=True):
    """Days without a gap for which the reports of one format speak, both ends included."""

    first: date
    last: date


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """The days that the imported files of one report format speak for."""

    report_format: str
    spans: tuple[Span, ...] = ()
    told_on: date | None = None
    """The day of the last telling."""
    files: int = 0
    rows: int = 0
    stated: bool = False
    """True where every period was stated, none inferred from rows."""
    incomplete: int = 0
    """Files of which rows were left out: they speak for no day, as what they do not tell may stand in those."""

    def gap(self, first: date, last: date) -> Span | None:
        """The first days between these two, both included, that no file speaks for; None where all are."""
        day = first
        for span in self.spans:
            if span.last < day:
                continue
            if span.first > day:
                return Span(day, min(span.first - timedelta(days=1), last)) if day <= last else None
            day = span.last + timedelta(days=1)
            if day > last:
                return None
        return Span(day, last) if day <= last else None

    def fresh(self, as_of: date) -> bool:
        """True where the last telling is recent enough on that day for an absence to mean anything."""
        return self.told_on is not None and (as_of - self.told_on).days <= FRESH_DAYS


def coverage_of(report_format: str, imports: Iterable[ImportedReport]) -> Coverage:
    """Join what the imports of one format speak for; holes between inferred periods may be closed.

    Where the format is named with a kind of event, files that tell another kind alone do not count.
    """
    name, kind = named_in(report_format)
    files = [
        one
        for one in as_last_stated(imports)
        if one.report_format == name and (kind is None or one.only in (None, kind))
    ]
    whole = [one for one in files if not one.refused]
    periods = sorted(_periods(whole))
    torn = [span for span, _ in _periods(one for one in files if one.refused)]
    told = [one.told_on for one in whole if one.told_on]
    return Coverage(
        report_format=report_format,
        spans=tuple(_joined(periods, _hole_days(whole), torn)),
        told_on=max(told, default=None),
        files=len(files),
        rows=sum(one.rows for one in files),
        stated=all(stated for _, stated in periods),
        incomplete=len(files) - len(whole),
    )


def named_in(report_format: str) -> tuple[str, str | None]:
    """A report format and the kind of event with which it is named, None where it is named without."""
    name, _, kind = report_format.partition(" (")
    return name, kind.removesuffix(")") or None


def _periods(files: Iterable[ImportedReport]) -> Iterator[tuple[Span, bool]]:
    """The period of each file that has one, and whether it was stated."""
    for one in files:
        if one.period_start and one.period_end:
            yield Span(one.period_start, one.period_end), one.stated


def as_last_stated(imports: Iterable[ImportedReport]) -> list[ImportedReport]:
    """Each file once: where it was imported again, the period and store that were stated last stand."""
    files: dict[str, ImportedReport] = {}
    for one in sorted(imports, key=lambda one: one.ref.position):
        told = [day for day in (one.told_on, _told_on(files.get(one.digest))) if day]
        files[one.digest] = msgspec.structs.replace(one, told_on=max(told, default=None))
    return list(files.values())


def _told_on(known: ImportedReport | None) -> date | None:
    return known.told_on if known else None


def _hole_days(files: Sequence[ImportedReport]) -> int:
    """How many days a hole between inferred periods may have: ten times those usually without a row.

    A report with rows on every day has no holes of its own: there a week without any is a missing file.
    """
    days = sum(
        (one.period_end - one.period_start).days
        for one in files
        if one.period_start and one.period_end and one.row_days > 1
    )
    steps = sum(one.row_days - 1 for one in files if one.row_days > 1)
    usual = HOLE_FACTOR * (days - steps) // steps if steps else 0
    return min(max(HOLE_DAYS_MIN, usual), HOLE_DAYS_MAX)


def _joined(periods: Sequence[tuple[Span, bool]], hole: int, torn: Collection[Span]) -> list[Span]:
    """Periods, by their first day, without the holes that may be closed; none in which a torn file has rows."""
    spans: list[Span] = []
    inferred_end = False
    for period, stated in periods:
        if not spans:
            spans.append(period)
            inferred_end = not stated
            continue
        last = spans[-1].last
        missing = (period.first - last).days - 1
        may_close = inferred_end or not stated
        if any(one.first < period.first and one.last > last for one in torn):
            may_close = False
        allowed = hole if may_close else 0
        if missing > allowed:
            spans.append(period)
            inferred_end = not stated
        elif period.last > spans[-1].last:
            spans[-1] = Span(spans[-1].first, period.last)
            inferred_end = not stated
    return spans


def gap_between(book: Book, report_format: str, first: date, last: date) -> Span | None:
    """The first days between two, both included, of which the files of one format do not speak."""
    return book.coverage(report_format).gap(first, last)


def paid_under(book: Book, reimbursement_id: str) -> Sequence[Reimbursement]:
    """The lines of a reimbursement."""
    return book.payments.get(reimbursement_id, ())


def taken_back(book: Book, reimbursement_id: str) -> Sequence[Reimbursement]:
    """What was taken back of it."""
    return book.reversals.get(reimbursement_id, ())


def paid_for_item(book: Book, fnsku: str) -> Sequence[Reimbursement]:
    """Every reimbursement line that names the FNSKU."""
    return book.stock_payments.get(fnsku, ())


def spoken_since(book: Book, report_format: str) -> date | None:
    """The first day for which the files of one format speak; None where they speak for none."""
    spans = book.coverage(report_format).spans
    return spans[0].first if spans else None


class Gone(msgspec.Struct, frozen=True):
    """An entry of which the newest download of its day does not tell the row any more."""

    position: int
    file: str
    told_on: date
    ref: Ref
    """The entry that says so: the download's own."""


def told_no_more(book: Book, *positions: int) -> tuple[Gone, ...]:
    """Which of some entries were told, and are told no more by the newest download of their days."""
    return tuple(gone for position in positions if (gone := _gone(book, position)) is not None)


def _gone(book: Book, position: int) -> Gone | None:
    said = [
        (file.told_on, file.ref.position, told, file)
        for told, file in book.retold.get(position, ())
        if file.told_on is not None and file.told_on <= book.as_of
    ]
    if not said:
        return None
    told_on, _, told, file = max(said, key=itemgetter(0, 1))
    return None if told else Gone(position, file.file, told_on, file.ref)


class Excerpt(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """Of one case what other cases may need of it; small, and written down as JSON arrays."""

    stream: str
    latest: date | None
    """The latest day of any fact of the case: on that day, and after it, the excerpt is the same."""
    whole: bool
    """False where only an order that it replaces may need it: of its returns, and of nothing else."""
    paid_for: bool
    """True where a settlement tells a sale or a refund of the order, or a report its price."""
    returns: tuple[Return, ...] = ()
    reimbursements: tuple[Reimbursement, ...] = ()
    movements: tuple[Movement, ...] = ()
    """Only those into stock."""
    replacements: tuple[Replacement, ...] = ()
    imports: tuple[ImportedReport, ...] = ()
    products: tuple[ProductDescribed, ...] = ()
    costs: tuple[tuple[Ref, SourcingCostSet], ...] = ()
    terms: tuple[tuple[Ref, ReturnPolicySet], ...] = ()
    rules: tuple[tuple[Ref, ReturnlessRuleSet], ...] = ()

    @property
    def kind(self) -> str:
        """What the case is about: an order, stock, a removal ..."""
        return self.stream.partition("/")[0]

    @property
    def name(self) -> str:
        """The id of what the case is about."""
        return self.stream.partition("/")[2]


def excerpt_of(case: Case, *, whole: bool = True) -> Excerpt:
    """What other cases may need of this one; not `whole` where its stream holds none of BOOK_TOPICS."""
    into_stock = (one for one in case.movements if one.quantity > 0 and _into_stock(one))
    return Excerpt(
        stream=case.stream,
        latest=max((ref.day for ref in case.refs), default=None),
        whole=whole,
        paid_for=_was_paid_for(case),
        returns=tuple(case.returns),
        reimbursements=tuple(case.reimbursements),
        movements=tuple(into_stock),
        replacements=tuple(case.replacements),
        imports=tuple(case.imports),
        products=tuple(product for _, product in case.told(ProductDescribed)),
        costs=tuple(case.told(SourcingCostSet)),
        terms=tuple(case.told(ReturnPolicySet)),
        rules=tuple(case.told(ReturnlessRuleSet)),
    )


class Book:
    """The links and coverage of one account on one day, as it was known at one moment."""

    def __init__(self, rulebook: Rulebook, as_of: date) -> None:
        self.rulebook: Final = rulebook
        self.as_of: Final = as_of
        self.imports: list[ImportedReport] = []
        self.reversals: defaultdict[str, list[Reimbursement]] = defaultdict(list)
        """Reimbursements taken back, by the id of the original."""
        self.payments: defaultdict[str, list[Reimbursement]] = defaultdict(list)
        """Reimbursements paid, by their id."""
        self.stock_payments: defaultdict[str, list[Reimbursement]] = defaultdict(list)
        """Every reimbursement line that names an FNSKU, by FNSKU, wherever it is recorded."""
        self.stock: defaultdict[str, list[Movement]] = defaultdict(list)
        """Movements of an FNSKU that put units into stock: returns, units found, replacements in kind."""
        self.original_of: dict[str, str] = {}
        """The original order's id, by its replacement's."""
        self.replacement_returns: defaultdict[str, list[Return]] = defaultdict(list)
        """Returns recorded under a replacement's order id, by the original order's id."""
        self.unsold_returns: defaultdict[str, list[tuple[str, Return]]] = defaultdict(list)
        """Returns under orders that nothing says were paid for, with the order's id, by SKU.

        Replacements are such orders; which order they replace the replacements report alone tells.
        """
        self.unsold_payments: defaultdict[str, list[tuple[str, Reimbursement]]] = defaultdict(list)
        """Reimbursements paid for such orders, with the order's id, by SKU."""
        self.returns_by_fnsku: defaultdict[str, list[Return]] = defaultdict(list)
        self.products: dict[str, ProductDescribed] = {}
        """What the seller says of his goods, by SKU."""
        self.sourcing_costs: defaultdict[str, list[tuple[Ref, SourcingCostSet]]] = defaultdict(list)
        """What one unit cost, by SKU, in order of the days from which it holds."""
        self.terms: list[tuple[Ref, ReturnPolicySet]] = []
        """The seller's own terms for returns, in order of the days from which they hold."""
        self.returnless_rules: list[tuple[Ref, ReturnlessRuleSet]] = []
        """The seller's rules for refunds without a return, in order of the days from which they hold."""
        self.retold: defaultdict[int, list[tuple[bool, ImportedReport]]] = defaultdict(list)
        """Of entries that a later download left out, by position: which downloads tell them, and which do not."""
        self._coverage: dict[str, Coverage] = {}

    def ask(self, question: Callable[..., A], *key: Any) -> A:
        """What a function of the book and of such names and days answers; a question so put can be noted."""
        return question(self, *key)

    def coverage(self, report_format: str) -> Coverage:
        """What the files of one format speak for on the book's day."""
        known = self._coverage.get(report_format)
        if known is None:
            known = self._coverage[report_format] = coverage_of(report_format, self.imports)
        return known

    def coverage_in_words(self, report_format: str) -> Coverage:
        """The same, to be told: nothing may be decided by it."""
        return self.coverage(report_format)

    def add(self, case: Case) -> None:
        """Take in what other cases may need of this one."""
        self.take(excerpt_of(case))

    def take(self, told: Excerpt) -> None:
        """Take in what other cases may need of one, as it was taken out of it."""
        if not told.whole:
            return
        if told.imports:
            self.imports = as_last_stated([*self.imports, *told.imports])
            self._take_in_retellings(told.imports)
        self._take_in_terms(told)
        for payment in told.reimbursements:
            if payment.reversal:
                if payment.original_id:
                    self.reversals[payment.original_id].append(payment)
            else:
                self.payments[payment.reimbursement_id].append(payment)
                if payment.sku and told.kind == "order" and not told.paid_for:
                    self.unsold_payments[payment.sku].append((told.name, payment))
            if payment.fnsku:
                self.stock_payments[payment.fnsku].append(payment)
        for movement in told.movements:
            self.stock[movement.fnsku].append(movement)
        for replacement in told.replacements:
            self.original_of[replacement.replacement_order_id] = told.name
        for returned in told.returns:
            if returned.fnsku:
                self.returns_by_fnsku[returned.fnsku].append(returned)
            if not told.paid_for:
                self.unsold_returns[returned.sku].append((told.name, returned))

    def _take_in_retellings(self, imports: Sequence[ImportedReport]) -> None:
        """Of a file that was imported again the last import says what it tells and leaves out itself."""
        last = {one.digest: one for one in self.imports}
        for one in imports:
            file = last[one.digest]
            stands = one.ref.position == file.ref.position
            for untold in one.untold:
                download = last.get(untold.digest)
                if download is not None and (stands or download is not file):
                    for position in untold.entries:
                        self.retold[position].append((False, download))
            for position in one.retold if stands else ():
                self.retold[position].append((True, file))

    def _take_in_terms(self, told: Excerpt) -> None:
        """What the seller sets for the whole account."""
        for product in told.products:
            self.products[product.sku] = product
        for ref, cost in told.costs:
            self.sourcing_costs[cost.sku].append((ref, cost))
        self.terms += told.terms
        self.returnless_rules += told.rules

    def on(self, day: date) -> Book:
        """The same book on another day, where all that it holds is the same on both; they share it."""
        return self._sharing(self.rulebook, day)

    def under(self, rulebook: Rulebook) -> Book:
        """The same book by other rules: what it holds follows from none of them, so they share it."""
        return self._sharing(rulebook, self.as_of)

    def _sharing(self, rulebook: Rulebook, day: date) -> Book:
        other = Book(rulebook, day)
        own = ("rulebook", "as_of")
        vars(other).update({name: held for name, held in vars(self).items() if name not in own})
        return other

    def sourcing_cost(self, sku: str, on: date) -> tuple[Ref, SourcingCostSet] | None:
        """What one unit cost on a day, by the newest cost set before or on it."""
        known = [told for told in self.sourcing_costs.get(sku, ()) if told[0].day <= on]
        return known[-1] if known else None

    def link(self, replacements: Iterable[Case | Excerpt]) -> None:
        """Give returns under a replacement's order id to the original order."""
        for case in replacements:
            original = self.original_of.get(case.name)
            if case.returns and original and original != case.name:
                self.replacement_returns[original].extend(case.returns)

    def stated_marketplaces(self) -> Mapping[str, str]:
        """What was stated at import for rows that do not tell their marketplace, by original."""
        return stated_marketplaces(self.imports)


def stated_marketplaces(imports: Iterable[ImportedReport]) -> dict[str, str]:
    """Marketplaces stated at import, by the original's digest; the last statement stands."""
    return {one.digest: one.marketplace for one in as_last_stated(imports) if one.marketplace}


def stated_in(entries: Iterable[Entry]) -> dict[str, str]:
    """Marketplaces stated at import, read from the account's own entries."""
    return {
        entry.event.digest: entry.event.marketplace
        for entry in entries
        if entry.stream == ACCOUNT_STREAM
        and isinstance(entry.event, ReportImported)
        and entry.event.marketplace
    }


def _was_paid_for(case: Case) -> bool:
    """True where a settlement tells a sale or a refund of the order, or a report its price."""
    settled = [line.amount for sale in case.sales for line in sale.lines]
    told = [line.price for line in case.lines] + [one.price for one in case.shipments]
    return bool(case.refunds) or any(price and price.minor > 0 for price in (*settled, *told))


def _into_stock(movement: Movement) -> bool:
    kind = code(movement.kind)
    if kind in ("CUSTOMERRETURNS", "CUSTOMER_RETURNS"):
        return True
    return kind == "ADJUSTMENTS" and movement.reason in ("F", "N")
