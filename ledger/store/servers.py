"""How a PostgreSQL server is reached: what an address may say, how many connections, what waits how long."""

from __future__ import annotations

import selectors
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InvalidatePoolError, SQLAlchemyError

from ledger.errors import StoreTrouble

CONNECT_SECONDS: Final = 10
"""How long a server may take to answer at all."""
KEPT: Final = 2
"""Connections that a store keeps open: a question uses one, a question within it another."""
MORE: Final = 20
"""As many more may be open at once, by programs with threads; they are closed when they are done."""
RENEWED_SECONDS: Final = 1800
"""A connection that is older is made anew: what lies between may have forgotten it."""
NAME: Final = "returns-ledger"
"""By what the server's administrator knows our connections (`pg_stat_activity.application_name`)."""
SERVERS: Final = ("postgresql", "postgres", "postgresql+psycopg")
"""How the address of a server begins."""


class Options(NamedTuple):
    """What an address says to this program, behind its question mark; the rest is for the server."""

    pool: int = KEPT
    """Connections that are kept open."""
    lock_timeout: int | None = None
    """Seconds for which another writer is waited for."""
    statement_timeout: int = 0
    """Seconds that one question to the server may take; 0: as many as it takes."""
    pooler: bool = False
    """A pooler stands between that gives each transaction another connection (pgbouncer's `transaction`)."""
    notify: bool = True
    """Whether followers listen and writers notify them; else followers look again and again."""


def parted(url: URL) -> tuple[URL, Options]:
    """An address as PostgreSQL's own library knows it, and what it says to this program."""
    said = {name: url.query[name] for name in Options._fields if name in url.query}
    told: dict[str, Any] = {}
    for name, value in said.items():
        known: dict[str, Any] = _WORDS.get(name, {})
        if isinstance(value, str) and value in known:
            told[name] = known[value]
        elif not known and isinstance(value, str) and value.isdecimal() and len(value) < 7:
            told[name] = int(value)
        else:
            raise StoreTrouble(
                f"the store's address says something else of `{name}`: {value!r}", advice=_OPTIONS
            )
    return url.difference_update_query(said), Options(**told)


_WORDS: Final = {"pooler": {"transaction": True}, "notify": {"on": True, "off": False}}
_OPTIONS: Final = (
    "Behind its question mark may stand `pool=2`, `lock_timeout=60`, `statement_timeout=0` (seconds), "
    "`pooler=transaction` and `notify=off`, parted by `&`."
)


def libpq_address(url: str) -> str:
    """The address for PostgreSQL's own library, without what is meant for this program."""
    server, _options = parted(make_url(url))
    return server.set(drivername="postgresql").render_as_string(hide_password=False)


def server_engine(url: URL, purpose: str, patience: int, *, prepares: bool = True) -> Engine:
    """The engine for a server; `purpose` stands behind our name, `patience` is for other writers."""
    server, options = parted(url)
    pool: dict[str, Any] = {"poolclass": NullPool}
    if options.pool and not options.pooler:
        # The one that was used last is used next, so that those that are not needed grow old.
        pool = {"pool_size": options.pool, "max_overflow": MORE, "pool_timeout": patience}
        pool |= {"pool_recycle": RENEWED_SECONDS, "pool_use_lifo": True}
    if options.pooler or not prepares:
        pool["connect_args"] = {"prepare_threshold": None}
    try:
        engine = create_engine(
            server.set(drivername="postgresql+psycopg"),
            isolation_level="READ COMMITTED",
            execution_options={
                "notify": options.notify and not options.pooler,
                "begins": options.pooler,  # what is set for each transaction is set when it begins
            },
            use_native_hstore=False,  # else the catalogue is searched for it by each new engine
            **pool,
        )
    except ModuleNotFoundError as error:
        raise StoreTrouble(
            "the driver for PostgreSQL is not installed",
            advice="Run `pip install psycopg[binary]`.",
        ) from error
    _set_up(engine, options, f"{NAME} {purpose}", options.lock_timeout or patience)
    return engine


def _set_up(engine: Engine, options: Options, name: str, patience: int) -> None:
    """Waiting for another writer ends one day, and so does the lock of a writer whose machine is gone."""
    timeouts = {
        "lock_timeout": f"{patience}s",
        "statement_timeout": f"{options.statement_timeout}s",
    }

    @event.listens_for(engine, "do_connect")
    def name_it(_dialect: object, _record: object, _args: object, told: dict[str, Any]) -> None:
        told.setdefault("connect_timeout", CONNECT_SECONDS)
        told.setdefault("application_name", name)
        if not options.pooler:
            # With the connection, not after it: a question less for each.
            settings = {**timeouts, **_SETTINGS}
            said = [f"-c {setting}={value}" for setting, value in settings.items()]
            told["options"] = " ".join([*said, told.get("options", "")]).strip()

    if options.pooler:
        # What is set for a connection would be set for whoever gets it next.
        local = "; ".join(f"SET LOCAL {setting} = '{value}'" for setting, value in timeouts.items())

        @event.listens_for(engine, "begin")
        def limit(connection: Connection) -> None:
            # Past the cursor in which a long answer would be fetched.
            cast(Any, connection.connection.driver_connection).execute(local)

    event.listen(engine, "checkout", _refuse_ended)


_SETTINGS: Final = {
    "timezone": "UTC",
    # A client that vanished is noticed within two minutes, not within TCP's two hours.
    "tcp_keepalives_idle": "60",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "6",
}


def _refuse_ended(connection: Any, _record: object, _proxy: object) -> None:
    """A connection that the server has ended is made anew; to see it, the server need not be asked.

    Nothing is expected on a connection that is not in use: what can be read is its end.
    """
    if connection.closed or _can_be_read(connection):
        raise InvalidatePoolError


def _can_be_read(connection: Any) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(connection.fileno(), selectors.EVENT_READ)
        return bool(selector.select(0))


# --- what can be done about it ----------------------------------------------------------------

_GONE: Final = (
    "The server went away in the middle. When it runs again, send the same once more: "
    "what was recorded by then is not recorded twice."
)
_NO_RIGHT: Final = (
    "Ask the store's owner to grant it: `returns-ledger db grant`; or, for a new account, the "
    "server's administrator for the right to create schemas."
)
_BUSY: Final = "Another program is writing for a long time: try again when it is done."
_POOLER: Final = (
    "A pooler stands between that gives each transaction another connection, or takes no settings with one: "
    "say so in the store's address, `?pooler=transaction`."
)
DAMAGED: Final = (
    "The file is damaged: `returns-ledger check --account NAME` says how much of it. Keep it as it is, and "
    "restore the last backup that is whole: `returns-ledger restore`."
)
_ADVICE: Final = {
    "unsupported startup parameter": _POOLER,
    "prepared statement": _POOLER,
    "password authentication failed": "Check the user and the password in the store's address.",
    "no password supplied": "Give the password in the store's address, or in PGPASSWORD.",
    "too many": "The server takes no more connections: try again, or keep fewer (`?pool=1`).",
    "does not exist": "Check the store's address; make the user and the database first.",
    "permission denied": _NO_RIGHT,
    "must be owner": "A newer program changes the store's tables: let its owner run it once.",
    "statement timeout": "It took longer than the server or `statement_timeout` allows: raise that.",
    "lock timeout": _BUSY,
    "terminating connection": _GONE,
    "closed the connection": _GONE,
    "connection is lost": _GONE,
    "connection is closed": _GONE,
    "starting up": _GONE,
    "shutting down": _GONE,
    "malformed": DAMAGED,
    "not a database": "Give the path of a log of this program, or of a file that does not exist.",
    "locked": _BUSY,
    "full": "Make room on the disk and try again.",
    "readonly": "Make sure that you may write to the file and its folder.",
    "unable to open": "Make sure that you may write to the file and its folder.",
    "connection": "Check that the server runs and can be reached at the store's address.",
}


def advice_on(
    message: str, otherwise: str = "Try again; if it stays, run `returns-ledger doctor`."
) -> str:
    """What the user can do about what a database says; NAME stands for the account."""
    return next((advice for words, advice in _ADVICE.items() if words in message), otherwise)


def told_of(error: SQLAlchemyError | Exception) -> str:
    """What a database says, in one line."""
    return " ".join(str(getattr(error, "orig", None) or error).split())
