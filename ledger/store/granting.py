"""Who may do what with a log on a server: what a writer, a reader and an auditor are granted, as SQL."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from hashlib import sha256
from typing import Final, Literal, NamedTuple

from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from ledger.errors import LedgerError, StoreTrouble, UnknownThing
from ledger.store.engines import SCHEMA_BYTES_MAX, engine_for
from ledger.store.servers import SERVERS, advice_on, told_of

Kind = Literal["writer", "reader", "auditor"]
KINDS: Final[tuple[Kind, ...]] = ("writer", "reader", "auditor")

_READ: Final = "SELECT"
_APPEND: Final = "SELECT, INSERT"
GRANTED: Final[dict[str, dict[Kind, str]]] = {
    "entries": {"writer": _APPEND, "reader": _READ, "auditor": _READ},
    # An auditor sees that a file is kept, and as what, but not what is in it.
    "originals": {
        "writer": _APPEND,
        "reader": _READ,
        "auditor": "SELECT (digest, size, sealed)",
    },
    "tiles": {"writer": _APPEND, "reader": _READ, "auditor": _READ},
    "head": {
        "writer": "SELECT, UPDATE (position, recorded_at, peaks)",
        "reader": _READ,
        "auditor": _READ,
    },
    "tracking": {"writer": "SELECT, INSERT, UPDATE", "reader": _READ},
    "schema_version": {"writer": _READ, "reader": _READ, "auditor": _READ},
}
"""What each may do with each table of the log, and nothing else; no trigger lets anybody do more."""


class Granted(NamedTuple):
    """What makes a role able to do exactly what its kind may, with one account's log and views."""

    account: str
    role: str
    kind: Kind
    statements: tuple[str, ...]
    refused: LedgerError | None = None
    """Why who asked may not do it himself; an administrator may, with these statements."""


def grants(url: str, account: str, views: str, kind: Kind, role: str) -> Granted:
    """What a role is granted on an account's log, and on its views in the schema of that name."""
    with _connected(url, account) as (connection, log):
        filler = _filler(connection, views)
        _refuse_unfit(connection, log, role)
        who = _who_grants(connection, log, filler)
        quote = connection.dialect.identifier_preparer.quote
        statements = (
            *_on_the_log(quote(log), kind, quote(role)),
            *_to_fill(quote(views), quote(filler), quote(who.owner), who),
            *_on_the_views(quote(views), quote(filler), kind, quote(role)),
        )
        refused = _what_is_missing(who, quote(filler), quote(who.me))
        return Granted(account, role, kind, statements, refused)


def grant(url: str, granted: Granted) -> None:
    """Grant it, all of it or nothing; raises LedgerError where who asks may not."""
    if granted.refused is not None:
        raise granted.refused
    with _connected(url, granted.account) as (connection, _log):
        for statement in granted.statements:
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
        connection.commit()


def _on_the_log(log: str, kind: Kind, role: str) -> Iterator[str]:
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {log} FROM {role}"
    yield f"GRANT USAGE ON SCHEMA {log} TO {role}"
    for table, allowed in GRANTED.items():
        if kind in allowed:
            yield f"GRANT {allowed[kind]} ON {log}.{table} TO {role}"


def _to_fill(views: str, filler: str, owner: str, who: _Granting) -> Iterator[str]:
    """Who fills the views replaces tables, which only their owner may: one role, of which writers are members.

    The ledger's owner is one of them, and may make others members, whoever made the role.
    """
    if not who.is_there:
        yield f"CREATE ROLE {filler} NOLOGIN"
    if not who.owner_fills:
        # Who makes a role may grant it; to grant himself that right is refused.
        makes_it = who.me == who.owner and who.makes_roles
        yield f"GRANT {filler} TO {owner}" + ("" if makes_it else " WITH ADMIN OPTION")
    yield f"CREATE SCHEMA IF NOT EXISTS {views}"
    yield f"GRANT USAGE, CREATE ON SCHEMA {views} TO {filler}"
    yield (
        "DO $$ DECLARE one regclass; BEGIN FOR one IN SELECT oid FROM pg_class"  # noqa: S608  names are quoted
        f" WHERE relkind = 'r' AND relnamespace = '{views}'::regnamespace LOOP"
        f" EXECUTE 'ALTER TABLE ' || one || ' OWNER TO {filler}'; END LOOP; END $$"
    )


def _on_the_views(views: str, filler: str, kind: Kind, role: str) -> Iterator[str]:
    """A rebuild makes new tables, so what is granted is granted on those that come, too."""
    yield f"GRANT USAGE ON SCHEMA {views} TO {role}"
    if kind == "writer":
        yield f"GRANT {filler} TO {role}"
        return
    yield f"REVOKE {filler} FROM {role}"
    yield f"GRANT SELECT ON ALL TABLES IN SCHEMA {views} TO {role}"
    yield (
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {filler} IN SCHEMA {views}"
        f" GRANT SELECT ON TABLES TO {role}"
    )


def _filler(connection: Connection, views: str) -> str:
    """Roles belong to the whole server, so the database stands in the name."""
    name = f"{views}@{connection.engine.url.database}"
    if len(name.encode()) <= SCHEMA_BYTES_MAX:
        return name
    return f"{views[:46]}@{sha256(name.encode()).hexdigest()[:16]}"


class _Granting(NamedTuple):
    """Who grants, and what he may do for that."""

    me: str
    owner: str
    """Of the log."""
    is_owner: bool
    """Whether he may do what the owner may."""
    makes_roles: bool
    is_there: bool
    """Whether the role that fills the views is there."""
    grants_it: bool
    """Whether he may make others members of it."""
    owner_fills: bool
    """Whether the owner is a member."""


def _who_grants(connection: Connection, log: str, filler: str) -> _Granting:
    found = connection.execute(
        text(
            "SELECT me.rolname, owner.rolname, pg_has_role(me.oid, owner.oid, 'USAGE'),"
            " me.rolsuper OR me.rolcreaterole, filler.oid IS NOT NULL,"
            " coalesce(pg_has_role(me.oid, filler.oid, 'MEMBER WITH ADMIN OPTION'), false),"
            " coalesce(pg_has_role(owner.oid, filler.oid, 'USAGE'), false)"
            " FROM pg_namespace JOIN pg_roles owner ON owner.oid = nspowner"
            " JOIN pg_roles me ON me.rolname = current_user"
            " LEFT JOIN pg_roles filler ON filler.rolname = :filler WHERE nspname = :log"
        ),
        {"log": log, "filler": filler},
    ).one()
    return _Granting(*found)


def _what_is_missing(who: _Granting, filler: str, me: str) -> LedgerError | None:
    if not who.is_owner:
        return LedgerError(
            f"the ledger belongs to {who.owner}: who does not own it grants nothing of it",
            found=who.me,
            advice=f"Connect as {who.owner}, or as a superuser.",
        )
    if who.grants_it or (who.makes_roles and not who.is_there):
        return None
    make = "" if who.is_there else f"CREATE ROLE {filler} NOLOGIN; "
    return LedgerError(
        "the views are filled by a role of their own, and this user may neither make nor grant it",
        found=who.me,
        advice="Let an administrator of the server do this once, and grant again: "
        f"`{make}GRANT {filler} TO {me} WITH ADMIN OPTION`.",
    )


def _refuse_unfit(connection: Connection, log: str, role: str) -> None:
    """The role is there, and may not do more than could be granted or taken."""
    found = connection.execute(
        text(
            "SELECT rolsuper, nspowner = pg_roles.oid FROM pg_roles, pg_namespace"
            " WHERE rolname = :role AND nspname = :log"
        ),
        {"role": role, "log": log},
    ).first()
    if found is None:
        raise UnknownThing(
            "there is no such role on the server, or no such account",
            found=role,
            advice="Make it first: `CREATE ROLE name LOGIN PASSWORD '...'`, or `createuser`.",
        )
    if any(found):
        raise LedgerError(
            f"{role} owns the log or is a superuser: it may do everything, whatever is granted",
            advice="Grant it to a role of its own, and let people connect as that.",
        )


@contextlib.contextmanager
def _connected(url: str, account: str) -> Iterator[tuple[Connection, str]]:
    """A connection to an account's server, and the name of its log's schema."""
    if make_url(url).drivername not in SERVERS:
        raise LedgerError(
            "only a server knows who may do what",
            advice="Name one with --store postgresql://...; a file is its owner's alone.",
        )
    engine, schema = engine_for(url, account)
    try:
        with engine.connect() as connection:
            yield connection, str(schema)
    except SQLAlchemyError as error:
        message = told_of(error)
        raise StoreTrouble(f"nothing was granted: {message}", advice=advice_on(message)) from error
    finally:
        engine.dispose()
