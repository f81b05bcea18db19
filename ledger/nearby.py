"""Of a whole account only what the judgement of one case can depend on: the same answers, without reading it all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, Final
from weakref import WeakKeyDictionary

from ledger.book import Book, Excerpt, excerpt_of
from ledger.case import Case
from ledger.event import ACCOUNT_STREAM, Event, order_stream, stock_stream
from ledger.events.inventory import StockMoved
from ledger.events.orders import ReplacementShipped
from ledger.events.reimbursements import ReimbursementPosted, ReimbursementReversed
from ledger.events.returns import UnitReturned
from ledger.recall import Recall

Linked = Callable[[Collection[str]], Collection[str]]
"""The streams that hold an event with any of these links, in whatever telling; more may be named."""

Excerpted = Callable[[Recall, Collection[str]], Iterable[Excerpt]]
"""What other cases may need of those in these streams, on the recall's day."""

LINKING: Final = frozenset(
    kind.TOPIC
    for kind in (
        UnitReturned,
        StockMoved,
        ReimbursementPosted,
        ReimbursementReversed,
        ReplacementShipped,
    )
)
"""The kinds of event by which one case knows of another."""
LINKS_VERSION: Final = 1
"""Raised when events are linked by other names: what was kept of them is then read anew."""

BACK: Final = "back:"
MOVED: Final = "moved:"
PAID: Final = "paid:"
PAID_ID: Final = "paid-id:"
REPLACES: Final = "replaces:"


def links_of(event: Event) -> Iterator[str]:
    """The names under which an event may be looked up from another case."""
    told: Any = event
    if isinstance(event, UnitReturned):
        yield from (BACK + name for name in (told.sku, told.fnsku) if name)
    elif isinstance(event, StockMoved):
        yield from (MOVED + name for name in (told.fnsku, told.sku, told.asin) if name)
        yield from (MOVED + name for name in _within(told.sku or ""))
    elif isinstance(event, ReimbursementPosted | ReimbursementReversed):
        yield from (PAID + name for name in (told.fnsku, told.sku, told.asin) if name)
        yield from (PAID_ID + name for name in (told.reimbursement_id, told.original_id) if name)
    elif isinstance(event, ReplacementShipped):
        yield REPLACES + told.replacement_order_id


def _within(sku: str) -> Iterator[str]:
    """Every SKU that one which Amazon made of it may hold: `AMZN.GR.LAMP-2-x` may be of LAMP or LAMP-2."""
    dots = [place for place, letter in enumerate(sku) if letter == "."]
    ends = [place for place, letter in enumerate(sku) if letter == "-"]
    for dot in dots:
        yield from (sku[dot + 1 : end] for end in ends if end > dot + 1)


def near(recall: Recall, case: Case, linked: Linked, excerpted: Excerpted | None = None) -> Recall:
    """The same account on the same day, with a book of those cases only that this one can depend on."""
    return recall.seeing(book_near(recall, [case], linked, excerpted))


def book_near(
    recall: Recall, cases: Iterable[Case], linked: Linked, excerpted: Excerpted | None = None
) -> Book:
    """A book of those cases only that any of these can depend on; of their excerpts, where these are kept."""
    looking = _Looking(recall, linked, excerpted or _folded)
    for case in cases:
        looking.around(case)
    return looking.book()


def _folded(recall: Recall, streams: Collection[str]) -> Iterator[Excerpt]:
    return map(excerpt_of, recall.cases(streams))


_ACCOUNTS: Final[WeakKeyDictionary[Recall, tuple[int, Excerpt]]] = WeakKeyDictionary()


def _account(recall: Recall, excerpted: Excerpted) -> Excerpt:
    """What is told of the account itself: every case asks for it, and it is the longest of all."""
    position = recall.log.position()
    known = _ACCOUNTS.get(recall)
    if known is None or known[0] != position:
        (told,) = excerpted(recall, [ACCOUNT_STREAM])
        known = _ACCOUNTS[recall] = position, told
    return known[1]


class _Looking:
    """Goes from name to name until nothing new is found."""

    def __init__(self, recall: Recall, linked: Linked, excerpted: Excerpted) -> None:
        self._recall = recall
        self._linked = linked
        self._excerpted = excerpted
        self._cases: dict[str, Excerpt] = {}

    def around(self, case: Case) -> None:
        """Everything that a judgement of the case may ask the book for."""
        self._cases.setdefault(ACCOUNT_STREAM, _account(self._recall, self._excerpted))
        self._add([case.stream])
        family = [case, *self._replacements(case)]
        names = _names(family)
        self._returns(names)
        self._payments(family, names)

    def book(self) -> Book:
        """The book of all that was found."""
        book = Book(self._recall.rulebook, self._recall.as_of)
        for stream in sorted(self._cases):
            book.take(self._cases[stream])
        known = [order_stream(order_id) for order_id in book.original_of]
        book.link(self._cases[stream] for stream in sorted(known) if stream in self._cases)
        return book

    def _add(self, streams: Iterable[str]) -> list[Excerpt]:
        """Look at those that are new; returns them all."""
        wanted = list(dict.fromkeys(streams))
        new = [stream for stream in wanted if stream not in self._cases]
        for told in self._excerpted(self._recall, new) if new else ():
            self._cases[told.stream] = told
        return [self._cases[stream] for stream in wanted]

    def _about(self, links: Iterable[str]) -> list[Excerpt]:
        return self._add(sorted(self._linked(sorted(set(links)))))

    def _replacements(self, case: Case) -> list[Case]:
        """The orders that replace it, that it replaces, and so on: units come back under any of them."""
        if case.kind != "order":
            return []
        found: set[str] = set()
        waiting: list[Case | Excerpt] = [case]
        while waiting:
            one = waiting.pop()
            later = [order_stream(told.replacement_order_id) for told in one.replacements]
            for other in [*self._add(later), *self._about([REPLACES + one.name])]:
                if other.stream not in found and other.stream != case.stream:
                    found.add(other.stream)
                    waiting.append(other)
        return list(self._recall.cases(found)) if found else []

    def _returns(self, names: frozenset[str]) -> None:
        """Other units of the item that came back, and what put any of them into stock."""
        back = self._about(BACK + name for name in names)
        stock = self._about(MOVED + name for name in names)
        self._add(stock_stream(name) for name in names)
        items = {movement.fnsku for one in stock for movement in one.movements} - names
        # Which of their rows are left over depends on what came back of these items, too.
        back += self._about(BACK + name for name in items)
        self._about(REPLACES + one.name for one in back if one.kind == "order")

    def _payments(self, family: Iterable[Case], names: frozenset[str]) -> None:
        """Payments of the item, their reversals, whatever these share an id or an item with, and its stock."""
        asked: set[str] = set()
        wanted = {PAID + name for name in names}
        wanted |= {PAID_ID + name for one in family for name in _ids(one)}
        items: set[str] = set()
        while wanted - asked:
            found = self._about(wanted - asked)
            asked |= wanted
            for one in found:
                told = {line.fnsku for line in one.reimbursements if line.fnsku}
                items |= told
                wanted |= {PAID + name for name in told}
                wanted |= {PAID_ID + name for name in _ids(one)}
        self._add(stock_stream(name) for name in sorted(items))


def _names(cases: Iterable[Case]) -> frozenset[str]:
    """Every name of an item in these cases: a name is looked for in every column, as some are both."""
    found: set[str | None] = set()
    for case in cases:
        facts: list[Any] = [
            *case.lines,
            *case.shipments,
            *case.sales,
            *case.refunds,
            *case.returns,
            *case.requests,
            *case.reimbursements,
            *case.replacements,
            *case.movements,
            *case.removal_lines,
            *case.removal_shipments,
            *case.transactions,
            *(deed for _, deed in case.deeds),
        ]
        for fact in facts:
            found.update(getattr(fact, name, None) for name in ("sku", "fnsku", "asin"))
        if case.kind == "stock":
            found.add(case.name)
    return frozenset(name for name in found if name)


def _ids(case: Case | Excerpt) -> Iterator[str]:
    for line in case.reimbursements:
        yield line.reimbursement_id
        if line.original_id:
            yield line.original_id
