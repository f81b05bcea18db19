"""The key store: a data key for each subject, the signing keys, and who opened what."""

from __future__ import annotations

import hmac
import json
import os
import sqlite3
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.errors import Forgotten, StoreTrouble
from ledger.keystore.file import KeyFile
from ledger.keystore.wrapping import (
    HASH_BYTES,
    KEY_BYTES,
    WRAPPED_BYTES,
    Damaged,
    cipher,
    derived,
    opened,
    sealed_many,
    unwrapped,
    wrapped,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Clock = Callable[[], datetime]

_DESTROYED: Final = bytes(WRAPPED_BYTES)
_NO_HASH: Final = bytes(HASH_BYTES)


EVERYBODY: Final = "everybody"
"""What the access log calls it when the keys of all subjects are handed out at once."""


class Sealed(NamedTuple):
    """A token, under whose key it lies, and what it must be found beside."""

    subject: str
    token: str
    context: bytes


class Found(NamedTuple):
    """A value by which a subject is to be found again: `e-mail`, `name`."""

    subject: str
    kind: str
    value: str


class Subject(NamedTuple):
    """Whose data lies under a key of its own, since when, and when the key was destroyed."""

    subject: str
    made_at: str
    destroyed_at: str | None


class SigningKey(NamedTuple):
    """A key that signs checkpoints, without its secret."""

    name: str
    vkey: str
    introduced_at: str
    retired_at: str | None


class Use(NamedTuple):
    """One time that sealed data was opened, or was asked for and had been forgotten."""

    at: str
    actor: str
    command: str
    subject: str
    field: str
    why: str


class KeyStore:
    """The keys of one account, in a file of their own, under a master key that lies elsewhere.

    Several processes may use it at once. `actor` and `command` are who is said to have opened what.
    """

    def __init__(
        self,
        path: Path,
        *,
        master: Callable[[], bytes],
        clock: Clock,
        actor: str = "seller",
        command: str = "",
    ) -> None:
        self.path: Final = path
        self.actor: Final = actor
        self.command = command
        self._master_key = master
        self._clock = clock
        self._file = KeyFile(path)
        self._proved: bytes | None = None

    def __enter__(self) -> KeyStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and forget the master key."""
        self._file.close()
        self._proved = None

    @property
    def is_there(self) -> bool:
        """True once something was kept."""
        return self._file.is_there

    # --- sealing

    def seal(self, subject: str, value: bytes, context: bytes) -> str:
        """The token of a value under a subject's key; under none that is kept where it was destroyed."""
        return self.seal_many([(subject, value, context)])[0]

    def seal_many(self, values: Sequence[tuple[str, bytes, bytes]]) -> list[str]:
        """The tokens of many values, each given as subject, value and context."""
        keys = self._keys_made({subject for subject, _, _ in values})
        ciphers = {subject: cipher(key) for subject, key in keys.items()}
        return sealed_many((ciphers[subject], value, context) for subject, value, context in values)

    def marks(self, values: Sequence[tuple[str, bytes]]) -> list[str]:
        """What tells a subject's value again without telling it: a hash under the subject's key."""
        keys = self._keys_made({subject for subject, _ in values})
        under = {subject: derived(key, b"mark") for subject, key in keys.items()}
        return [hmac.digest(under[one], value, "sha256").hex()[:32] for one, value in values]

    def mark(self, subject: str, value: bytes) -> str:
        """The mark of one value."""
        return self.marks([(subject, value)])[0]

    # --- opening

    def unseal(self, subject: str, token: str, context: bytes, *, field: str, why: str) -> bytes:
        """The value of a token, told in the access log; raises Forgotten where the key was destroyed."""
        value = self.unseal_many([Sealed(subject, token, context)], field=field, why=why)[0]
        if value is None:
            raise self._forgotten(subject)
        return value

    def unseal_many(
        self, told: Sequence[Sealed], *, field: str, why: str, as_subject: str | None = None
    ) -> list[bytes | None]:
        """The values of many tokens, None where the key was destroyed.

        The access log has a line for each subject, or one for all of them where they are opened as parts of one
        thing. It is written before anything is opened.
        """
        subjects = dict.fromkeys(one.subject for one in told)
        self.note_use([as_subject] if as_subject else list(subjects), field=field, why=why)
        keys = self._keys_there(subjects)
        ciphers = {subject: cipher(key) for subject, key in keys.items()}
        return [self._opened(one, ciphers.get(one.subject)) for one in told]

    def _opened(self, one: Sealed, under: AESGCM | None) -> bytes | None:
        if under is None:
            return None
        try:
            return opened(under, one.token, one.context)
        except Damaged as error:
            raise StoreTrouble(
                f"what is sealed for {one.subject} cannot be opened: {error}",
                file=str(self.path),
                advice="It or its key is damaged: restore the log and the keys from one backup.",
            ) from None

    def _forgotten(self, subject: str) -> Forgotten:
        when = next((one.destroyed_at for one in self.subjects([subject])), None)
        if when is None:
            return Forgotten(
                "there is no key for what is sealed",
                found=subject,
                advice="Name the folder of the account's keys with --keys, or restore keys.db.",
            )
        return Forgotten(
            f"it was erased on {when[:10]} and cannot be opened by anybody",
            found=subject,
            advice=f"`returns-ledger privacy report {subject.removeprefix('order/')}` says what it was.",
        )

    # --- finding

    def note_found(self, values: Iterable[Found]) -> None:
        """Keep by which values subjects are found; of one that was destroyed nothing is kept."""
        named = {(one.subject, one.kind, normalised(one.kind, one.value)) for one in values}
        told = [(subject, kind, text) for subject, kind, text in named if text]
        if not told:
            return
        subjects = {subject for subject, _, _ in told}
        with self._file.reading() as connection:
            missing = subjects - _ids(connection, subjects).keys()
        self._keys_made(missing)
        under = self._finds()
        with self._file.writing() as connection:
            ids = _ids(connection, subjects, living=True)
            hashed = {
                (ids[subject], _hash(under, kind, text))
                for subject, kind, text in told
                if subject in ids
            }
            new = sorted(hashed - _hashes_of(connection, ids.values()))
            numbers = _extend(connection, "hashes", [one for _, one in new])
            connection.executemany(
                "INSERT INTO hashed VALUES (?, ?)",
                [(number, subject) for number, (subject, _) in zip(numbers, new, strict=True)],
            )

    def find(self, kind: str, value: str) -> list[str]:
        """The subjects of which this was told, by name; those that were destroyed are not found.

        Every hash is looked at: an index over them would leave copies of what is destroyed behind.
        """
        text = normalised(kind, value)
        if not (self.is_there and text):
            return []
        told = _hash(self._finds(), kind, text)
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT DISTINCT s.subject FROM hashes h JOIN hashed USING (id)"
                " JOIN subjects s ON s.id = hashed.subject"
                " WHERE h.hash = ? AND s.destroyed_at IS NULL ORDER BY 1",
                (told,),
            )
            return [row[0] for row in rows]

    def _finds(self) -> bytes:
        """The key under which values are hashed, by which subjects are found."""
        return derived(self._master(), b"find")

    # --- destroying

    def destroy(self, subjects: Iterable[str]) -> list[str]:
        """Destroy the keys of subjects for ever; those that had been destroyed before are not named.

        A subject that was never told gets its tombstone too: nothing is read of it from now on.
        """
        wanted = sorted(set(subjects))
        if not wanted:
            return []
        at = self._now()
        with self._file.writing() as connection:
            ids = _ids(connection, wanted)
            _add(connection, [(one, _DESTROYED) for one in wanted if one not in ids], at)
            there = _ids(connection, wanted, living=True)
            connection.executemany(
                "UPDATE data_keys SET wrapped = ? WHERE id = ?",
                [(_DESTROYED, number) for number in there.values()],
            )
            connection.executemany(
                "UPDATE hashes SET hash = ? WHERE id IN (SELECT id FROM hashed WHERE subject = ?)",
                [(_NO_HASH, number) for number in there.values()],
            )
            connection.executemany(
                "UPDATE subjects SET destroyed_at = ? WHERE id = ?",
                [(at, number) for number in there.values()],
            )
        return sorted(there)

    def is_destroyed(self, subject: str) -> bool:
        """True where a subject's key was destroyed."""
        return bool(self.destroyed([subject]))

    def destroyed(self, subjects: Iterable[str]) -> set[str]:
        """Those of the subjects whose keys were destroyed."""
        return {one.subject for one in self.subjects(subjects) if one.destroyed_at}

    def subjects(self, names: Iterable[str] | None = None) -> list[Subject]:
        """Subjects that have or had a key, all of them where none is named."""
        if not self.is_there:
            return []
        asked = "SELECT subject, made_at, destroyed_at FROM subjects"
        some: tuple[str, ...] = ()
        if names is not None:
            asked += " WHERE subject IN (SELECT value FROM json_each(?))"
            some = _named(names)
        with self._file.reading() as connection:
            return [Subject(*row) for row in connection.execute(f"{asked} ORDER BY subject", some)]

    def try_keys(self) -> int:
        """Unwrap every data key that lives, and say how many; raises StoreTrouble where one is damaged."""
        living = [one.subject for one in self.subjects() if one.destroyed_at is None]
        return len(self._keys_there(living))

    # --- who opened what

    def note_use(self, subjects: Sequence[str], *, field: str, why: str) -> None:
        """Say in the access log that something is opened."""
        at = self._now()
        with self._file.writing() as connection:
            connection.executemany(
                "INSERT INTO uses (at, actor, command, subject, field, why) VALUES (?, ?, ?, ?, ?, ?)",
                [(at, self.actor, self.command, subject, field, why) for subject in subjects],
            )

    def uses(self, subject: str | None = None) -> list[Use]:
        """The access log, oldest first, or those lines of it that name a subject."""
        if not self.is_there:
            return []
        asked = "SELECT at, actor, command, subject, field, why FROM uses"
        where, named = (" WHERE subject = ?", [subject]) if subject else ("", [])
        with self._file.reading() as connection:
            return [Use(*row) for row in connection.execute(f"{asked}{where} ORDER BY id", named)]

    # --- signing keys

    def signing_keys(self) -> list[SigningKey]:
        """The keys that sign, oldest first."""
        if not self.is_there:
            return []
        asked = "SELECT name, vkey, introduced_at, retired_at FROM signing_keys ORDER BY id"
        with self._file.reading() as connection:
            rows = connection.execute(asked).fetchall()
        for name, vkey, *_ in rows:
            if not (
                isinstance(name, str) and isinstance(vkey, str) and vkey.startswith(f"{name}+")
            ):
                raise StoreTrouble(
                    "a signing key is damaged",
                    file=str(self.path),
                    advice="Restore keys.db from a backup.",
                )
        return [SigningKey(*row) for row in rows]

    def add_signing_key(
        self, name: str, vkey: str, secret: bytes, at: str, *, first: bool = False
    ) -> bool:
        """Keep a key that signs; False where it was to be the first, and another process was."""
        (lies,) = wrapped(self._master(), [secret])
        with self._file.writing() as connection:
            if first and connection.execute("SELECT 1 FROM signing_keys").fetchone():
                return False
            connection.execute(
                "INSERT INTO signing_keys (name, vkey, secret, introduced_at) VALUES (?, ?, ?, ?)",
                (name, vkey, lies, at),
            )
        return True

    def secret_of(self, vkey: str) -> bytes:
        """The secret of a key that signs."""
        asked = "SELECT secret FROM signing_keys WHERE vkey = ?"
        with self._file.reading() as connection:
            row = connection.execute(asked, (vkey,)).fetchone()
        if row is None:
            raise StoreTrouble(
                "the secret of this signing key is not here",
                file=str(self.path),
                found=vkey,
                advice="Name the folder of the account's keys with --keys, or restore keys.db.",
            )
        return self._unwrapped([row[0]])[0]

    def retire_signing_key(self, vkey: str, at: str) -> None:
        """Say from when on a key signs no more; it verifies for ever."""
        with self._file.writing() as connection:
            connection.execute(
                "UPDATE signing_keys SET retired_at = ? WHERE vkey = ? AND retired_at IS NULL",
                (at, vkey),
            )

    # --- data keys

    def _keys_there(self, subjects: Iterable[str]) -> dict[str, bytes]:
        """The data keys of those subjects that have one."""
        if not self.is_there:
            return {}
        asked = (
            "SELECT subject, wrapped FROM subjects JOIN data_keys USING (id)"
            " WHERE destroyed_at IS NULL AND subject IN (SELECT value FROM json_each(?))"
        )
        with self._file.reading() as connection:
            told: dict[str, bytes] = dict(connection.execute(asked, _named(subjects)).fetchall())
        return dict(zip(told, self._unwrapped(list(told.values())), strict=True))

    def _keys_made(self, subjects: set[str]) -> dict[str, bytes]:
        """A data key for each subject, new where there is none; one that is not kept for the destroyed."""
        if not subjects:
            return {}
        keys = self._keys_there(subjects)
        missing = sorted(subjects - keys.keys())
        if missing:
            made = [os.urandom(KEY_BYTES) for _ in missing]
            lies = wrapped(self._master(), made)
            at = self._now()
            with self._file.writing() as connection:
                taken = _ids(connection, missing)
                new = [told for told in zip(missing, lies, strict=True) if told[0] not in taken]
                _add(connection, new, at)
            keys.update(zip(missing, made, strict=True))
            if taken:  # by another process, or for ever
                keys.update(self._keys_there(taken))
        return keys

    def _unwrapped(self, told: Sequence[bytes]) -> list[bytes]:
        if not told:
            return []
        try:
            return unwrapped(self._master(), told)
        except Damaged as error:
            raise StoreTrouble(
                str(error),
                file=str(self.path),
                advice="Restore keys.db from a backup, and use the master key that belongs to it.",
            ) from None

    # --- the master key

    def _master(self) -> bytes:
        """The master key, once it is proved to be the one that these keys lie under."""
        if self._proved is None:
            key = self._master_key()
            assert len(key) == KEY_BYTES, "a master key has 32 bytes"
            check = derived(key, b"check")[:16]
            with self._file.writing() as connection:
                row = connection.execute("SELECT value FROM about WHERE name = 'check'").fetchone()
                if row is None:
                    connection.execute("INSERT INTO about VALUES ('check', ?)", (check,))
            if row is not None and not hmac.compare_digest(row[0], check):
                raise StoreTrouble(
                    "this is not the master key that the account's keys lie under",
                    file=str(self.path),
                    advice="Use the one with which they were made: RETURNS_LEDGER_MASTER_KEY, the keyring, "
                    "or the file master.key in the folder of the keys.",
                )
            self._proved = key
        return self._proved

    def _now(self) -> str:
        return self._clock().astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def normalised(kind: str, value: str) -> str:
    """A value as it is compared: letters folded, blanks made one; of a phone number its last digits."""
    text = " ".join(unicodedata.normalize("NFKC", value).casefold().split())
    if kind == "phone":
        return "".join(filter(str.isdigit, text))[-9:]
    return text.replace(" ", "") if kind == "e-mail" else text


# --- rows -------------------------------------------------------------------------------------


def _hash(under: bytes, kind: str, normal: str) -> bytes:
    """By what a subject is found: nobody without the key can try values one after the other."""
    return hmac.digest(under, f"{kind}\0{normal}".encode(), "sha256")


def _add(connection: sqlite3.Connection, subjects: Sequence[tuple[str, bytes]], at: str) -> None:
    """New subjects with their keys, at the end of both tables."""
    numbers = _extend(connection, "data_keys", [key for _, key in subjects])
    connection.executemany(
        "INSERT INTO subjects VALUES (?, ?, ?, NULL)",
        [(number, subject, at) for number, (subject, _) in zip(numbers, subjects, strict=True)],
    )


def _extend(connection: sqlite3.Connection, table: str, told: Sequence[bytes]) -> range:
    """New rows at the end of a table, each of a number and a value; returns their numbers."""
    asked = f"SELECT coalesce(max(id), 0) + 1 FROM {table}"  # noqa: S608  a table's name
    first: int = connection.execute(asked).fetchone()[0]
    numbers = range(first, first + len(told))
    rows = zip(numbers, told, strict=True)
    connection.executemany(f"INSERT INTO {table} VALUES (?, ?)", rows)  # noqa: S608  as above
    return numbers


def _ids(
    connection: sqlite3.Connection, subjects: Iterable[str], *, living: bool = False
) -> dict[str, int]:
    """The numbers of those subjects that have one, or of those whose key lives."""
    asked = "SELECT subject, id FROM subjects WHERE subject IN (SELECT value FROM json_each(?))"
    only = " AND destroyed_at IS NULL" if living else ""
    return dict(connection.execute(asked + only, _named(subjects)).fetchall())


def _hashes_of(connection: sqlite3.Connection, numbers: Iterable[int]) -> set[tuple[int, bytes]]:
    asked = (
        "SELECT hashed.subject, hash FROM hashed JOIN hashes USING (id)"
        " WHERE hashed.subject IN (SELECT value FROM json_each(?))"
    )
    return set(connection.execute(asked, _named(numbers)).fetchall())


def _named(names: Iterable[str] | Iterable[int]) -> tuple[str]:
    """Any number of names for one question."""
    return (json.dumps(list(names)),)
