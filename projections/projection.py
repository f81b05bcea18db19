"""What a projection is: the rows that a case amounts to, under a name and a version."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from types import NoneType, UnionType
from typing import Any, ClassVar, Final, Generic, TypeVar, get_args, get_type_hints

import msgspec
from sqlalchemy import BigInteger, Column, ColumnElement, MetaData, Table, Text

from ledger.book import Book
from ledger.case import Case
from ledger.event import Entry
from ledger.store import Log

EVER: Final = date.max
"""The day by which everything that was told has happened."""

R = TypeVar("R", bound=msgspec.Struct)

WORD: Final = Text().with_variant(Text(collation="C"), "postgresql")
"""Sorted by bytes, on every server and in every locale alike."""
_KINDS: Final[Mapping[type, Any]] = {str: WORD, int: BigInteger}


class Projection(ABC, Generic[R]):
    """Says which rows a case amounts to; it reads no clock, writes nothing and knows no positions."""

    name: ClassVar[str]
    """Also the name of its table."""
    version: ClassVar[int]
    """Raised when its rows change: the table is then filled again."""
    row_type: ClassVar[type[Any]]
    """The frozen struct that is one row, `stream` its first field; its fields are the table's columns.

    Rows are made by the hundred thousand: the struct takes its fields in order, and is no affair of the
    garbage collector's, as texts and numbers cannot be part of a cycle.
    """
    book_topics: ClassVar[frozenset[str]] = frozenset()
    """The kinds of event by which the book tells this projection of other cases."""
    quiet: ClassVar[frozenset[str]] = frozenset()
    """Kinds of event from which no row follows: a case that holds no others has none."""
    judges: ClassVar[bool] = False
    """True where rows depend on the day: they are made for the day of the account's last telling."""

    stands: ClassVar[bool] = False
    """True where the rows of a case stay until something is answered otherwise that was asked for them.

    They are made with a book that writes down what it is asked.
    """
    dated: ClassVar[str | None] = None
    """The column in which every row tells on which day all of them are judged, where there is one."""

    linking: ClassVar[frozenset[str]] = frozenset()
    """The kinds of event from which it is told that rows of other streams may differ."""

    @abstractmethod
    def rows(self, case: Case, book: Book) -> Iterator[R]:
        """The rows of one case, in an order that follows from what they say."""

    def book_streams(self, log: Log, known_at: str | None) -> set[str]:
        """The streams of which the book tells: all that hold such an event, unless fewer will do."""
        return {entry.stream for entry in log.entries(topics=self.book_topics, known_at=known_at)}

    def basis(self, book: Book) -> str:
        """Names what the rows of any case may take from the book, links between cases left aside.

        Where it changes, the rows of every case that `depends` says are made again.
        """
        return ""

    def depends(self, table: Table) -> ColumnElement[bool] | None:
        """Which rows may differ when the basis changes; None where any may."""
        return None

    def linked(self, changed: Collection[str], told: Iterable[Entry], log: Log) -> Iterable[str]:
        """Further streams whose rows may differ, given those that changed and all that they tell of `linking`."""
        return ()


def table_of(projection: Projection[Any], metadata: MetaData, suffix: str = "") -> Table:
    """The table of a projection: the row's fields, and the row's place in its stream.

    Rows are kept by stream, so that those of one case can be replaced.
    """
    row_type: type[msgspec.Struct] = projection.row_type
    stream, *others = _columns_of(row_type)
    assert stream[0] == "stream", f"{projection.name} must keep its rows by stream"
    return Table(
        projection.name + suffix,
        metadata,
        Column("stream", WORD, primary_key=True),
        *(Column(name, kind, nullable=optional) for name, kind, optional in others),
        Column("place", BigInteger, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )


@cache
def _columns_of(row_type: type[msgspec.Struct]) -> tuple[tuple[str, Any, bool], ...]:
    """The name of each field, what it is kept as, and whether it may be empty."""
    hints = get_type_hints(row_type)
    return tuple(
        (name, _KINDS[_plain(hints[name])], _optional(hints[name]))
        for name in row_type.__struct_fields__
    )


def digest_of(parts: Iterable[object]) -> str:
    """A short name for what these things say together."""
    told = msgspec.json.encode([str(part) for part in parts])
    return hashlib.sha256(told).hexdigest()[:32]


def _plain(hint: Any) -> type:
    if isinstance(hint, UnionType):
        (kind,) = (arg for arg in get_args(hint) if arg is not NoneType)
        return kind if isinstance(kind, type) else str
    return hint if isinstance(hint, type) else str


def _optional(hint: Any) -> bool:
    return isinstance(hint, UnionType) and NoneType in get_args(hint)
