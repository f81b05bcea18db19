"""The home folder and the accounts in it: where each ledger is, and which one is meant."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from ledger import private
from ledger.errors import LedgerError, StoreTrouble, UnknownThing

if TYPE_CHECKING:
    from ledger.keystore import KeyStore
    from ledger.store import CheckpointStore, Log, Notary

ACCOUNT_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,47}")
"""What an account may be called: it names a folder, or a schema of PostgreSQL."""
EVERY: Final = "all"
DEFAULT: Final = "default"
ACTOR: Final = "seller"
"""Who records, where nothing else is set; a person's name does not belong in a log that lasts for ever."""


def default_home() -> Path:
    """The platform's folder for the data of an application."""
    from platformdirs import user_data_path

    return user_data_path("returns-ledger", appauthor=False)


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What config.toml in the home may say."""

    store: str | None = None
    """The address of the store, where --store and RETURNS_LEDGER_STORE do not give one."""
    account: str | None = None
    """The account that is meant where --account names none."""
    actor: str = ACTOR
    """Who is said to have recorded an entry: a role rather than a person's name."""
    keys: str | None = None
    """The folder of the keys, where --keys and RETURNS_LEDGER_KEYS do not name one."""
    master_key: Literal["file", "keyring"] = "file"
    """Where the master key is kept: in master.key in that folder, or in the system's keyring."""


class Workspace:
    """One home folder and, in it or on a server, the ledgers of its accounts."""

    def __init__(
        self,
        home: Path,
        store: str | None,
        clock: Callable[[], datetime],
        keys: Path | None = None,
        command: str = "",
    ) -> None:
        self.command: Final = command
        self.home: Final = home
        self.clock: Final = clock
        self.settings: Final = _settings(home)
        self.store: Final = store or self.settings.store
        self.keys: Final = keys or (home / self.settings.keys if self.settings.keys else home)
        self.warn: Callable[[str], None] = lambda _text: None
        """Says something beside the answer."""
        self._noted: set[str] = set()
        """The accounts of which it was said whose key signs."""
        self._in_use: dict[int, KeyStore] = {}
        """The keys by which an open log is signed, by the log."""

    @property
    def actor(self) -> str:
        """Who records."""
        return os.environ.get("RETURNS_LEDGER_ACTOR") or self.settings.actor

    def today(self) -> date:
        """The day on which questions are judged where --as-of names none: the day it is in UTC."""
        return self.clock().date()

    # --- which accounts

    def accounts(self) -> list[str]:
        """Every account there is, by name."""
        if self.store is None:
            folder = self.home / "accounts"
            try:
                return sorted(
                    found.name
                    for found in folder.iterdir()
                    if ACCOUNT_NAME.fullmatch(found.name) and _is_there(found)
                )
            except FileNotFoundError:
                return []
            except OSError as error:
                raise _unusable(folder, error) from error
        if is_a_server(self.store):
            return _schemas(self.store)
        return self._only_account(self.store)

    def lost(self) -> list[str]:
        """The accounts of which something was signed here, and whose ledger is gone."""
        if self.store is not None:
            return []
        folders = (self.home / "accounts").glob("*/checkpoints.db")
        return sorted(name for found in folders if self._is_lost(name := found.parent.name))

    def _is_lost(self, account: str) -> bool:
        if self.store is not None or not ACCOUNT_NAME.fullmatch(account):
            return False
        folder = self.home / "accounts" / account
        with contextlib.suppress(
            OSError
        ):  # what is wrong with the folder is said where it is opened
            return (folder / "checkpoints.db").is_file() and not _is_there(folder)
        return False

    def refuse_lost(self, account: str) -> None:
        """Raise StoreTrouble for an account whose ledger is gone: to open it would begin another."""
        if self._is_lost(account):
            raise StoreTrouble(
                "the ledger is gone: there is no such file, though something was signed of it",
                file=f"account {account}, {self.home / 'accounts' / account / 'ledger.db'}",
                advice="Put the file back, or restore the last backup of it: `returns-ledger restore "
                "FILE`. To be without the account, remove its folder.",
            )

    def chosen(self, name: str | None) -> list[str]:
        """The accounts that a question is about; raises UnknownThing where there is none such.

        Those whose ledger is gone are among all of them.
        """
        there = self.accounts()
        if name == EVERY:
            there = sorted({*there, *self.lost()})
        elif name is not None:
            self.refuse_lost(name)
        if not there:
            raise UnknownThing(
                "nothing has been imported yet",
                advice="Import a folder of downloaded reports: `returns-ledger import FOLDER`. "
                "Or see what it does first: `returns-ledger demo`.",
            )
        if name == EVERY:
            return there
        wanted = name or self.settings.account or (there[0] if len(there) == 1 else DEFAULT)
        if wanted not in there:
            raise UnknownThing(
                "there is no such account" if name else "several accounts, and none was named",
                found=name,
                advice=f"Name one with --account: {', '.join(there)}; or `all`.",
            )
        return [wanted]

    def one(self, name: str | None) -> str:
        """The one account that is meant by a command that cannot go over all."""
        if name == EVERY:
            raise LedgerError(
                "this works on one account at a time",
                advice=f"Name one with --account: {', '.join(self.accounts())}.",
            )
        return self.chosen(name)[0]

    def to_be_written(self, name: str | None) -> str:
        """The account that an import goes to; it need not be there yet."""
        if name == EVERY or (name is not None and not ACCOUNT_NAME.fullmatch(name)):
            raise LedgerError(
                "this cannot be the name of an account",
                found=name,
                advice="Use lower-case letters, digits, `-` and `_`, at most 48, "
                "beginning with a letter or digit; `all` means every account.",
            )
        if name is not None:
            return name
        there = self.accounts()
        if self.settings.account:
            return self.settings.account
        return there[0] if len(there) == 1 else DEFAULT

    # --- opening them

    @contextlib.contextmanager
    def log(self, account: str, *, to_be_restored: bool = False) -> Iterator[Log]:
        """The log of an account, made where there is none yet, and closed afterwards.

        One that is to be restored is empty, and whether it goes on from what was signed is seen later.
        """
        from ledger.events import BY_TOPIC
        from ledger.store import open_log

        if self.store is None:
            self._make_home()
        log = open_log(self.address(account), account, event_types=BY_TOPIC, clock=self.clock)
        log.opens = self._opener(log)
        try:
            with self._vouched_for(log, to_be_restored=to_be_restored):
                yield log
        finally:
            log.close()

    @contextlib.contextmanager
    def log_there(self, account: str) -> Iterator[Log]:
        """The log of an account that is there: none is begun in the place of one that is gone."""
        self.refuse_lost(account)
        with self.log(account) as log:
            yield log

    def _opener(self, log: Log) -> Callable[[str, bytes], bytes]:
        """How the log opens what is sealed in its originals: by the keys, and told in the access log."""

        def opens(digest: str, kept: bytes) -> bytes:
            from ledger.sealing import opener

            with self.keystore(log.account) as keys:
                return opener(log, keys, self.command)(digest, kept)

        return opens

    @contextlib.contextmanager
    def _vouched_for(self, log: Log, *, to_be_restored: bool) -> Iterator[None]:
        """What is appended meanwhile is signed in the end; nothing is, to a log that is a fork."""
        notary = self.notary(log)
        try:
            before = 0
            try:
                if not (to_be_restored and log.position() == 0):
                    notary.refuse_fork(log)
                before = log.position()
            except StoreTrouble as trouble:
                log.distrusted = trouble
                self.warn(f"caution: {trouble}")
            try:
                yield
            except BaseException:
                # What went wrong is said; that what was written before is not signed yet is not.
                with contextlib.suppress(LedgerError):
                    self._sign(log, before)
                raise
            self._sign(log, before)
        finally:
            self._in_use.pop(id(log)).close()

    def _sign(self, log: Log, before: int) -> None:
        if log.distrusted is None and log.position() > before:
            self.notary(log).checkpoint(log)

    def notary(self, log: Log) -> Notary:
        """Who signs what the log of an account is, and remembers it; for as long as the log is open."""
        from ledger.store import Notary
        from ledger.values import instant

        if id(log) not in self._in_use:
            self._in_use[id(log)] = self.keystore(log.account)
        return Notary(
            self._in_use[id(log)],
            self.checkpoints(log.account),
            lambda: instant(self.clock()),
            self.actor,
            self.note_whose_key,
        )

    def note_whose_key(self, log: Log) -> None:
        """Say that what a reader or an auditor signs is signed by a key that nobody knows as the ledger's."""
        if log.account in self._noted or log.may_append():
            return
        self._noted.add(log.account)
        self.warn(
            f"{log.account}: this user may only read the ledger. What is signed here is signed by this home's own "
            "key, and not by the ledger's, unless you share the --keys folder of whoever writes: say so where you "
            "hand it out."
        )

    def checkpoints(self, account: str) -> CheckpointStore:
        """What was ever signed of an account's log."""
        from ledger.store import CheckpointStore

        return CheckpointStore(self.beside_log(account, "checkpoints.db"))

    def beside_log(self, account: str, name: str) -> Path:
        """A file of an account's that is no part of its store: another store has another of it.

        It stands beside the log; for a log on a server, in the home.
        """
        if self.store is None:
            return self.home / "accounts" / account / name
        if is_a_server(self.store):
            return self.home / "servers" / _server_name(self.store) / account / name
        path = _path_in(self.store)
        return path.with_name(f"{path.stem}.{name}")

    @contextlib.contextmanager
    def bare_log(self, account: str) -> Iterator[Log]:
        """The log of an account that is to become a copy of another: nothing is signed, no key is made."""
        from ledger.events import BY_TOPIC
        from ledger.store import open_log

        if self.store is None:
            self._make_home()
        log = open_log(self.address(account), account, event_types=BY_TOPIC, clock=self.clock)
        try:
            yield log
        finally:
            log.close()

    @contextlib.contextmanager
    def passing_log(self, account: str) -> Iterator[Log]:
        """An empty log that is gone afterwards: to try an import into an account that is not there."""
        from ledger.events import BY_TOPIC
        from ledger.store import open_log

        with tempfile.TemporaryDirectory(prefix="returns-ledger-") as folder:
            url = _file_address(Path(folder) / "ledger.db")
            log = open_log(url, account, event_types=BY_TOPIC, clock=self.clock)
            try:
                yield log
            finally:
                log.close()

    def keystore(self, account: str) -> KeyStore:
        """The keys of an account, in a file of their own that is made when something is kept in it.

        The access log says that the actor opened what was opened, with the command that runs. To be closed, by
        `with`.
        """
        from cli.master_key import master_key
        from ledger.keystore import KeyStore

        return KeyStore(
            self._keys_of(account),
            master=lambda: master_key(self.keys, in_keyring=self.settings.master_key == "keyring"),
            clock=self.clock,
            actor=self.actor,
            command=self.command,
        )

    def _keys_of(self, account: str) -> Path:
        if self.keys != self.home:
            return self.keys / "accounts" / account / "keys.db"
        return self.beside_log(account, "keys.db")

    def address(self, account: str) -> str:
        """The address of an account's log; its views are found by it, too."""
        if self.store is not None:
            return self.store
        return _file_address(self.home / "accounts" / account / "ledger.db")

    def _make_home(self) -> None:
        """For its owner alone, whatever the umask says."""
        make_private_folder(self.home)

    def _only_account(self, url: str) -> list[str]:
        """A file given by its address is the ledger of one account; its log says whose."""
        from ledger.event import ACCOUNT_STREAM
        from ledger.events import BY_TOPIC
        from ledger.events.account import AccountOpened
        from ledger.store import open_log

        if not _path_in(url).is_file():
            return []
        try:
            with contextlib.closing(
                open_log(url, DEFAULT, event_types=BY_TOPIC, clock=self.clock)
            ) as log:
                opened = log.entries(ACCOUNT_STREAM, topics=[AccountOpened.TOPIC])
                names = [
                    entry.event.name for entry in opened if isinstance(entry.event, AccountOpened)
                ]
        except StoreTrouble as trouble:
            trouble.file = str(_path_in(url))  # whose it is cannot be read
            raise
        return names[:1]


def make_private_folder(folder: Path) -> None:
    """Make a folder for its owner alone, with those above it that are missing."""
    try:
        private.make_private_folder(folder)
    except OSError as error:
        raise _unusable(folder, error) from error


def _unusable(folder: Path, error: OSError) -> StoreTrouble:
    return StoreTrouble(
        f"the folder cannot be used: {error.strerror}",
        file=str(folder),
        advice="Choose one that you may write to, with --home or RETURNS_LEDGER_HOME.",
    )


def _settings(home: Path) -> Settings:
    path = home / "config.toml"
    try:
        written = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except OSError as error:
        raise _unusable(path, error) from error
    import tomllib

    try:
        told = tomllib.loads(written.decode())
        return msgspec.convert(told, Settings)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise LedgerError(
            f"the settings cannot be understood: {error}",
            file=str(path),
            advice="It may hold `store`, `account`, `actor`, `keys` and `master_key`, each a text in "
            "quotation marks.",
        ) from error


def _is_there(folder: Path) -> bool:
    return (folder / "ledger.db").is_file()


# --- addresses --------------------------------------------------------------------------------


def _file_address(path: Path) -> str:
    """The address of an SQLite file, whatever letters its path has."""
    from sqlalchemy import URL

    return URL.create("sqlite", database=str(path.absolute())).render_as_string()


def _path_in(url: str) -> Path:
    """The file that an SQLite address names; raises StoreTrouble where it is no such address."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        parsed = None
    if parsed is None or parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise _not_an_address()
    return Path(parsed.database)


def is_a_server(url: str) -> bool:
    """True for the address of a server."""
    return url.partition(":")[0].partition("+")[0] in ("postgresql", "postgres")


def _server_name(url: str) -> str:
    """A server and its database as the name of a folder, without who asks and the password."""
    from sqlalchemy.engine import make_url

    parsed = make_url(_libpq_address(url))
    told = (
        f"{parsed.host or 'localhost'}-{parsed.port or 5432}-{parsed.database or parsed.username}"
    )
    return re.sub(r"[^\w.-]", "_", told)


def _schemas(url: str) -> list[str]:
    """The accounts that have a log on a server, one schema each: those that this user may see."""
    import psycopg

    asked = (
        "SELECT nspname FROM pg_namespace n WHERE nspname LIKE '%\\_ledger' AND EXISTS "
        "(SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND c.relname = 'schema_version') "
        "AND has_schema_privilege(n.oid, 'USAGE')"
    )
    try:
        with psycopg.connect(
            _libpq_address(url), connect_timeout=10, application_name="returns-ledger"
        ) as connection:
            found = [row[0].removesuffix("_ledger") for row in connection.execute(asked)]
    except psycopg.ProgrammingError:
        # The driver repeats what it does not understand, and that may be a password.
        raise _not_an_address() from None
    except psycopg.Error as error:
        raise StoreTrouble(
            f"the server cannot be asked: {' '.join(str(error).split())}",
            advice="Check that it runs, and its address: postgresql://user:password@host/database.",
        ) from None
    return sorted(found)


def _libpq_address(url: str) -> str:
    """The address as PostgreSQL's own library knows it; raises StoreTrouble where it is none."""
    from sqlalchemy.exc import ArgumentError

    from ledger.store import libpq_address

    if "@" in url.partition("://")[2].partition("@")[2].partition("/")[0]:
        raise StoreTrouble(
            "the password in the store's address holds an `@`", advice="Write it as `%40`."
        )
    try:
        return libpq_address(url)
    except (ArgumentError, ValueError):
        raise _not_an_address() from None


def _not_an_address() -> StoreTrouble:
    return StoreTrouble(
        "the store's address cannot be understood",
        advice="It is `sqlite:///path/ledger.db` or `postgresql://user:password@host/database`.",
    )
