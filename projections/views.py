"""The tables that projections fill: beside the log, read at will, deleted at will, made again at will."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    delete,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.engine import make_url
from sqlalchemy.schema import CreateTable, DropTable

from ledger.errors import StoreTrouble
from ledger.store import SERVERS, server_engine, server_of
from projections.databases import PATIENCE_SECONDS, in_our_words, sqlite_engine, take_turn
from projections.projection import WORD, Projection, R, table_of

LAYOUT: Final = 1
"""Raised when the tables about the tables change: views of another layout are made anew."""
WRITTEN_AT_ONCE: Final = 2000
ASKED_AT_ONCE: Final = 500
EXCERPTS: Final = "excerpts"
"""The table of what cases need of each other, and the name under which its standing is kept."""
RESTS: Final = "rests"
"""The table of what judgements rest on, and the name under which its standing is kept."""
BESIDE: Final = "__new"
"""Ends the name of a table that is filled beside the live one."""

_FOLDING_TAKES_ITS_TIME: Final = "SET LOCAL idle_in_transaction_session_timeout = 0"
"""A server may be set up to end who holds a transaction and asks nothing for a while; here others are folding."""

T = TypeVar("T")


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How far a table has come, and what its rows were made of."""

    name: str
    version: int
    position: int
    """The last entry of the log that its rows know of."""
    known_at: str | None
    """When that entry was recorded: tells one log from another."""
    basis: str
    """What its rows took from the book."""
    latest: str | None
    """The latest day of any fact that was folded."""
    rows: int
    digest: str | None
    """Of all rows in the order of their keys, where the table was filled as a whole."""


def open_views(url: str, account: str) -> Views:
    """Open the views that belong to an account's log, by the log's own address; they are made if missing."""
    parsed = make_url(url)
    if parsed.drivername == "sqlite" and parsed.database:
        path = Path(parsed.database).with_name("views.db")
        return Views(sqlite_engine(path), None, account, f"account {account}, {path}")
    if parsed.drivername in SERVERS:
        # Nothing is prepared: a rebuild puts another table in the place of the one that was meant.
        engine = server_engine(parsed, "views", PATIENCE_SECONDS, prepares=False)
        schema = views_schema(account)
        place = f"account {account}, {server_of(parsed)}, schema {schema}"
        return Views(engine, schema, account, place)
    raise StoreTrouble(
        f"no store is known by the name {parsed.drivername!r}",
        advice="A store's address is `sqlite:///path/ledger.db` or `postgresql://host/database`.",
    )


def views_schema(account: str) -> str:
    """The schema of a server in which an account's views are."""
    return f"{account}_views"


class Views:
    """The live tables of one account."""

    def __init__(self, engine: Engine, schema: str | None, account: str, place: str) -> None:
        self.account = account
        self._place = place
        """Where they are, for people."""
        self._engine = engine
        self._metadata = MetaData(schema=schema)
        self._standings = _standings_table(self._metadata)
        self.links: Final = _links_table(self._metadata)
        self._kept = {name: _kept_table(name, self._metadata) for name in (EXCERPTS, RESTS)}
        self._layout = Table("layout", self._metadata, Column("version", Integer, nullable=False))
        self._tables: dict[str, Table] = {}
        try:
            with in_our_words(place):
                self.may_fill: Final = self._may_fill()
                """Whether this user may write them: on a server, who only reads finds them as others left them."""
                if self.may_fill:
                    self._make()
        except StoreTrouble:
            self.close()
            raise

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def table(self, projection: Projection[Any], suffix: str = "") -> Table:
        """The table of a projection, whether or not it is there yet."""
        name = projection.name + suffix
        if name not in self._tables:
            self._tables[name] = table_of(projection, self._metadata, suffix)
        return self._tables[name]

    # --- reading

    def standings(self) -> dict[str, Standing]:
        """How far each table has come, by the projection's name."""
        with in_our_words(self._place), self._engine.connect() as connection:
            return self._read_standings(connection)

    def rows(
        self, projection: Projection[R], streams: Collection[str] | None = None
    ) -> Iterator[R]:
        """The live rows, all or those of some streams, by stream and place; read as they are used."""
        with in_our_words(self._place), self._engine.connect() as connection:
            for values in self._values(connection, projection, streams):
                yield row_of(projection, values)

    def streams_with(self, links: Collection[str]) -> set[str]:
        """The streams under any of these links."""
        return set(self._looked_up(self.links.c.stream, self.links.c.link, links))

    def streams_telling(self, projection: Projection[Any], column: str, told: str) -> list[str]:
        """The streams with a live row in whose column this stands, however far the table has come; none without it."""
        standing = self.standings().get(projection.name)
        if standing is None or standing.version != projection.version:
            return []
        columns = self.table(projection).c
        return sorted(set(self._looked_up(columns.stream, columns[column], [told])))

    def excerpts(self) -> tuple[Standing | None, bytes]:
        """How far the excerpts have come, and every one of them, both of one moment."""
        with in_our_words(self._place), self._engine.connect() as connection:
            if not self._is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            standing = self._read_standings(connection).get(EXCERPTS)
            return standing, b"".join(self._read_kept(connection, EXCERPTS)) if standing else b""

    def excerpts_of(self, streams: Collection[str]) -> list[bytes]:
        """The excerpts of some streams, of those that have one."""
        table = self._kept[EXCERPTS]
        return self._looked_up(table.c.told, table.c.stream, streams)

    def found(
        self, projection: Projection[Any]
    ) -> tuple[Standing | None, Standing | None, set[str], list[bytes]]:
        """How far a table and what it rests on have come, which streams have rows, and the latter; of one moment."""
        with in_our_words(self._place), self._engine.connect() as connection:
            if not self._is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            standings = self._read_standings(connection)
            standing, rests = standings.get(projection.name), standings.get(RESTS)
            if standing is None or rests is None:
                return standing, rests, set(), []
            streams = select(self.table(projection).c.stream).distinct()
            found = set(connection.execute(streams).scalars())
            return standing, rests, found, list(self._read_kept(connection, RESTS))

    def _looked_up(
        self, wanted: Column[Any], key: Column[Any], names: Collection[str]
    ) -> list[Any]:
        """What stands under any of these names; asked of the driver, as single cases ask it a dozen times."""
        found: list[Any] = []
        with in_our_words(self._place), self._engine.connect() as connection:
            table = connection.dialect.identifier_preparer.format_table(wanted.table)
            mark = "?" if self._is_sqlite else "%s"
            for some in chunked(sorted(set(names)), ASKED_AT_ONCE):
                marks = ", ".join([mark] * len(some))
                asked = f"SELECT {wanted.name} FROM {table} WHERE {key.name} IN ({marks})"  # noqa: S608  names of our own
                found += connection.exec_driver_sql(asked, tuple(some)).scalars()
        return found

    def _read_kept(self, connection: Connection, name: str) -> Iterator[bytes]:
        table = self._kept[name]
        asked = select(table.c.told).order_by(table.c.stream)
        found = connection.execute(asked, execution_options={"yield_per": 1000})
        # Handed on a thousand at a time: line by line, SQLAlchemy takes a third longer.
        return chain.from_iterable(found.scalars().partitions())

    def digest(self, projection: Projection[Any]) -> tuple[Standing | None, str | None]:
        """How far a table has come and the digest of its rows, both of one moment; None of none."""
        with in_our_words(self._place), self._engine.connect() as connection:
            if not self._is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            standing = self._read_standings(connection).get(projection.name)
            if standing is None or standing.version != projection.version:
                return standing, None
            fingerprint = Fingerprint()
            for values in self._values(connection, projection, None):
                fingerprint.add(values)
            return standing, fingerprint.digest

    def _read_standings(self, connection: Connection) -> dict[str, Standing]:
        if not self.may_fill and self._layout_in(connection) != LAYOUT:
            return {}
        found = connection.execute(select(self._standings))
        return {row.name: Standing(**row._asdict()) for row in found}

    def _values(
        self,
        connection: Connection,
        projection: Projection[Any],
        streams: Collection[str] | None,
    ) -> Iterator[Sequence[Any]]:
        table = self.table(projection)
        found = select(table).order_by(table.c.stream, table.c.place)
        connection = connection.execution_options(yield_per=1000)
        if streams is None:
            yield from connection.execute(found)
            return
        for some in chunked(sorted(set(streams)), ASKED_AT_ONCE):
            yield from connection.execute(found.where(table.c.stream.in_(some)))

    # --- writing

    @contextlib.contextmanager
    def filling(self) -> Iterator[Filling]:
        """A transaction that is alone in writing these views, and is kept whole or not at all.

        Whoever comes second waits, and then finds the work done.
        """
        if not self.may_fill:
            raise StoreTrouble(
                "the views are not up to date, and this user may not fill them",
                advice="Let a writer fill them: any question that a writer asks does, or `rebuild`.",
            )
        with in_our_words(self._place), self._engine.connect() as connection:
            connection = connection.execution_options(begin="IMMEDIATE")
            with connection.begin():
                if not self._is_sqlite:
                    take_turn(connection, f"returns-ledger {self._metadata.schema}")
                    self._act_as_owner(connection)
                    connection.exec_driver_sql(_FOLDING_TAKES_ITS_TIME)
                yield Filling(self, connection)

    @property
    def _is_sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    # --- making the tables about the tables

    def _may_fill(self) -> bool:
        """A file's owner may; on a server, who may make tables in the schema, or the schema itself."""
        if self._is_sqlite:
            return True
        may = text(
            "SELECT CASE WHEN to_regnamespace(:schema) IS NULL"
            " THEN has_database_privilege(current_database(), 'CREATE')"
            " ELSE has_schema_privilege(to_regnamespace(:schema), 'CREATE') END"
        )
        quoted = self._engine.dialect.identifier_preparer.quote(str(self._metadata.schema))
        with self._engine.connect() as connection:
            return bool(connection.execute(may, {"schema": quoted}).scalar_one())

    def _act_as_owner(self, connection: Connection) -> None:
        """Tables belong to whom the first of them belongs, whoever fills them: the next may replace them."""
        owner = connection.execute(
            text(
                "SELECT quote_ident(rolname) FROM pg_class JOIN pg_roles r ON r.oid = relowner"
                " WHERE pg_class.oid = to_regclass(:layout) AND rolname <> current_user"
            ),
            {"layout": connection.dialect.identifier_preparer.format_table(self._layout)},
        ).scalar()
        if owner is not None:
            connection.exec_driver_sql(f"SET LOCAL ROLE {owner}")

    def _make(self) -> None:
        if self._layout_found() == LAYOUT:
            return
        with (
            self._engine.connect().execution_options(begin="IMMEDIATE") as connection,
            connection.begin(),
        ):
            self._make_room(connection)
            if self._layout_in(connection) == LAYOUT:
                return
            if not self._is_sqlite:
                self._act_as_owner(connection)
            self._clear(connection)
            for table in (self._standings, self._layout):
                connection.execute(CreateTable(table))
            connection.execute(insert(self._layout).values(version=LAYOUT))

    def _layout_found(self) -> int | None:
        with self._engine.connect() as connection:
            return self._layout_in(connection)

    def _layout_in(self, connection: Connection) -> int | None:
        if not self._is_there(connection, self._layout):
            return None
        return connection.execute(select(self._layout.c.version)).scalar_one_or_none()

    def _is_there(self, connection: Connection, table: Table) -> bool:
        if self._is_sqlite:
            return inspect(connection).has_table(table.name)
        # By the name itself: a search through the catalogue would grow with the accounts in it.
        name = connection.dialect.identifier_preparer.format_table(table)
        return connection.execute(select(func.to_regclass(name))).scalar() is not None

    def _make_room(self, connection: Connection) -> None:
        if self._is_sqlite:
            return
        schema = str(self._metadata.schema)
        take_turn(connection, f"returns-ledger {schema}")
        if not inspect(connection).has_schema(schema):
            quoted = connection.dialect.identifier_preparer.quote(schema)
            connection.exec_driver_sql(f"CREATE SCHEMA {quoted}")

    def _clear(self, connection: Connection) -> None:
        """Views of another layout can be deleted: whatever they held is made again."""
        schema = self._metadata.schema
        for name in inspect(connection).get_table_names(schema=schema):
            connection.execute(DropTable(Table(name, MetaData(schema=schema))))


class Filling:
    """What may be done to the views while nobody else writes them."""

    def __init__(self, views: Views, connection: Connection) -> None:
        self._views = views
        self._connection = connection

    def standings(self) -> dict[str, Standing]:
        """How far each table has come."""
        return self._views._read_standings(self._connection)

    def dependent_streams(self, projection: Projection[Any]) -> list[str] | None:
        """The streams with rows that may differ when the projection's basis changes; None: any may."""
        table = self._views.table(projection)
        condition = projection.depends(table)
        if condition is None:
            return None
        found = select(table.c.stream).where(condition).distinct()
        return list(self._connection.execute(found).scalars())

    def live(self, projection: Projection[Any]) -> Table:
        """The live table."""
        return self._views.table(projection)

    def begin_beside(self, projection: Projection[Any]) -> Table:
        """An empty table beside the live one."""
        table = self._views.table(projection, BESIDE)
        self._connection.execute(DropTable(table, if_exists=True))
        self._connection.execute(CreateTable(table))
        return table

    def switch(self, projection: Projection[Any]) -> None:
        """Let the table that was filled beside the live one take its place."""
        live, beside = self._views.table(projection), self._views.table(projection, BESIDE)
        quote = self._connection.dialect.identifier_preparer
        self._connection.execute(DropTable(live, if_exists=True))
        self._connection.exec_driver_sql(
            f"ALTER TABLE {quote.format_table(beside)} RENAME TO {quote.quote(live.name)}"
        )

    def forget(self, table: Table, streams: Iterable[str]) -> int:
        """Remove the rows of these streams; returns how many there were."""
        gone = 0
        named = self._connection.dialect.identifier_preparer.format_table(table)
        mark = "?" if self._views._is_sqlite else "%s"
        for some in chunked(streams, ASKED_AT_ONCE):
            # Asked of the driver: SQLAlchemy takes as long to put the names in as it takes to remove the rows.
            marks = ", ".join([mark] * len(some))
            statement = f"DELETE FROM {named} WHERE stream IN ({marks})"  # noqa: S608  names of our own
            gone += self._connection.exec_driver_sql(statement, tuple(some)).rowcount
        return gone

    def write(self, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
        """Add rows, in batches; each row has a value for every column, in order."""
        if self._views._is_sqlite:
            statement = str(insert(table).compile(dialect=self._connection.dialect))
            for some in chunked(rows, WRITTEN_AT_ONCE):
                self._connection.exec_driver_sql(statement, some)
            return
        quote = self._connection.dialect.identifier_preparer
        columns = ", ".join(quote.quote(column.name) for column in table.columns)
        cursor: Any = self._connection.connection.cursor()
        statement = f"COPY {quote.format_table(table)} ({columns}) FROM STDIN"
        with cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)

    def link(self, links: Iterable[tuple[str, str]], *, anew: bool) -> None:
        """Add streams under their links, each pair once; `anew` forgets what was there."""
        table = self._views.links
        if anew:
            self._connection.execute(DropTable(table, if_exists=True))
            self._connection.execute(CreateTable(table))
        insertion = insert(table).prefix_with("OR IGNORE", dialect="sqlite")
        if not self._views._is_sqlite:
            from sqlalchemy.dialects.postgresql import insert as postgresql_insert

            insertion = postgresql_insert(table).on_conflict_do_nothing()
        statement = str(insertion.compile(dialect=self._connection.dialect))
        for some in chunked(links, WRITTEN_AT_ONCE):
            if self._views._is_sqlite:
                self._connection.exec_driver_sql(statement, some)
            else:
                self._connection.execute(
                    insertion, [{"link": link, "stream": stream} for link, stream in some]
                )

    def kept(self, name: str) -> Iterator[bytes]:
        """Every line that is kept in a table of lines about streams, by stream."""
        return self._views._read_kept(self._connection, name)

    def keep(self, name: str, told: Iterable[tuple[str, bytes]]) -> None:
        """Keep lines in such a table, each under its stream."""
        self.write(self._views._kept[name], told)

    def keep_none(self, name: str) -> None:
        """Forget whatever is kept in such a table; it is there from then on."""
        table = self._views._kept[name]
        self._connection.execute(DropTable(table, if_exists=True))
        self._connection.execute(CreateTable(table))

    def keep_no_more(self, name: str, streams: Iterable[str]) -> None:
        """Forget what is kept in such a table of these streams."""
        self.forget(self._views._kept[name], streams)

    def date(self, projection: Projection[Any], day: str) -> None:
        """Let the rows that stay tell on which day all are judged."""
        if projection.dated is not None:
            column = self._views.table(projection).c[projection.dated]
            moved = update(column.table).where(column != day).values({column.name: day})
            self._connection.execute(moved)

    def stand(self, standing: Standing) -> None:
        """Say how far a table has come."""
        table = self._views._standings
        self._connection.execute(delete(table).where(table.c.name == standing.name))
        self._connection.execute(insert(table).values(msgspec.structs.asdict(standing)))


# --- rows and their digest --------------------------------------------------------------------


def values_of(row: msgspec.Struct, place: int) -> tuple[Any, ...]:
    """A row as it is kept: its fields, and its place in its stream."""
    return (*msgspec.structs.astuple(row), place)


def row_of(projection: Projection[R], values: Sequence[Any]) -> R:
    """A row as it was made, from what is kept."""
    row: R = projection.row_type(*values[:-1])
    return row


class Fingerprint:
    """The digest of rows in the order of their keys: SHA-256 over one JSON array a line."""

    def __init__(self) -> None:
        self.rows = 0
        self._digest = hashlib.sha256()
        self._encode = msgspec.json.Encoder().encode

    def add(self, values: Sequence[Any]) -> None:
        """Take in the next row, as it is kept."""
        self.rows += 1
        self._digest.update(self._encode(tuple(values)) + b"\n")

    def take(self, lines: bytes) -> None:
        """Take in the next rows, each written as one line already."""
        self.rows += lines.count(b"\n")
        self._digest.update(lines)

    @property
    def digest(self) -> str:
        """Hexadecimal; the same on every database."""
        return self._digest.hexdigest()


def chunked(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """Things in lists of at most so many."""
    remaining = iter(things)
    while some := list(islice(remaining, size)):
        yield some


def _links_table(metadata: MetaData) -> Table:
    """Which streams hold an event that another case may ask for by a name; no rowid beside the key."""
    return Table(
        "links",
        metadata,
        Column("link", Text, primary_key=True),
        Column("stream", Text, primary_key=True),
        sqlite_with_rowid=False,
    )


def _kept_table(name: str, metadata: MetaData) -> Table:
    """Lines of JSON, each about one stream."""
    return Table(
        name,
        metadata,
        Column("stream", WORD, primary_key=True),
        Column("told", LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )


def _standings_table(metadata: MetaData) -> Table:
    return Table(
        "projections",
        metadata,
        Column("name", Text, primary_key=True),
        Column("version", BigInteger, nullable=False),
        Column("position", BigInteger, nullable=False),
        Column("known_at", Text),
        Column("basis", Text, nullable=False),
        Column("latest", Text),
        Column("rows", BigInteger, nullable=False),
        Column("digest", Text),
    )
