"""What is sealed can be opened until its key is destroyed, and then nothing of the key is in any file."""

from __future__ import annotations

import contextlib
import os
import random
import sqlite3
import stat
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.errors import Forgotten, StoreTrouble
from ledger.keystore import Found, KeyStore, Sealed
from ledger.keystore.keystore import normalised
from tests import forking
from tests.registries import ROOT

MASTER = bytes(range(32))
MOMENT = datetime(2026, 11, 20, 12, tzinfo=UTC)
ORDER = "order/302-1234567-1234567"
OTHER = "order/302-7654321-7654321"


def store(folder: Path, master: bytes = MASTER) -> KeyStore:
    return KeyStore(
        folder / "keys" / "keys.db", master=lambda: master, clock=lambda: MOMENT, command="test"
    )


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    with store(tmp_path) as opened:
        yield opened


def raw(keys: KeyStore) -> bytes:
    """Every byte of every file beside the keys."""
    return b"\0".join(file.read_bytes() for file in sorted(keys.path.parent.iterdir()))


def wrapped_keys(keys: KeyStore) -> dict[str, bytes]:
    """The key of each subject as it lies in the file."""
    with sqlite3.connect(keys.path) as connection:
        asked = "SELECT subject, wrapped FROM subjects JOIN data_keys USING (id)"
        found = dict(connection.execute(asked).fetchall())
    connection.close()
    return found


# --- sealing and opening ----------------------------------------------------------------------


def test_what_is_sealed_is_opened_again_and_by_another_process_too(
    keys: KeyStore, tmp_path: Path
) -> None:
    token = keys.seal(ORDER, b"Leave it with Mrs Berg", b"here")

    assert b"Leave it with Mrs Berg" == keys.unseal(
        ORDER, token, b"here", field="comment", why="asked"
    )
    with store(tmp_path) as again:
        assert b"Leave it with Mrs Berg" == again.unseal(
            ORDER, token, b"here", field="comment", why="asked"
        )


def test_many_values_of_any_length_are_sealed_at_once_each_under_its_subjects_key(
    keys: KeyStore,
) -> None:
    values = [
        (subject, bytes(range(length)), f"{length}".encode())
        for length in range(9)
        for subject in (ORDER, OTHER)
    ]
    tokens = keys.seal_many(values)
    told = [Sealed(values[i][0], tokens[i], values[i][2]) for i in range(len(values))]

    assert len(values) == len(set(tokens)), "a nonce comes once"
    assert [value for _, value, _ in values] == keys.unseal_many(told, field="cells", why="asked")
    assert not keys.seal_many([])


def test_a_token_does_not_open_for_another_subject_or_in_another_place(keys: KeyStore) -> None:
    token = keys.seal(ORDER, b"words", b"here")
    keys.seal(OTHER, b"other words", b"here")

    for subject, context in ((OTHER, b"here"), (ORDER, b"there")):
        with pytest.raises(StoreTrouble, match="cannot be opened"):
            keys.unseal(subject, token, context, field="comment", why="asked")


def test_looking_leaves_no_file_behind(tmp_path: Path) -> None:
    with store(tmp_path) as keys:
        assert not keys.find("e-mail", "a@b.example")
        assert not keys.destroyed([ORDER])
        assert not keys.subjects()
        assert not keys.uses()
        assert not keys.signing_keys()
    assert not list(tmp_path.iterdir())


def test_the_file_and_its_folder_are_the_owners_alone(keys: KeyStore) -> None:
    keys.seal(ORDER, b"words", b"")

    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(keys.path.parent.stat().st_mode) == 0o700


def test_a_wrong_master_key_is_one_clear_error(keys: KeyStore, tmp_path: Path) -> None:
    keys.seal(ORDER, b"words", b"")
    with (
        store(tmp_path, bytes(32)) as wrong,
        pytest.raises(StoreTrouble, match="not the master key") as error,
    ):
        wrong.seal(OTHER, b"words", b"")

    assert "RETURNS_LEDGER_MASTER_KEY" in error.value.advice()


def test_a_database_of_something_else_is_left_alone(keys: KeyStore) -> None:
    keys.path.parent.mkdir()
    with sqlite3.connect(keys.path) as connection:
        connection.execute("CREATE TABLE shopping (item TEXT)")
    connection.close()

    with pytest.raises(StoreTrouble, match="something else"):
        keys.seal(ORDER, b"words", b"")


def test_a_damaged_key_is_said_and_no_other_value_comes_out(keys: KeyStore) -> None:
    token = keys.seal(ORDER, b"words", b"")
    keys.close()
    with sqlite3.connect(keys.path) as connection:
        connection.execute("UPDATE data_keys SET wrapped = ?", (bytes(range(40)),))
    connection.close()

    with pytest.raises(StoreTrouble, match="damaged"):
        keys.unseal(ORDER, token, b"", field="comment", why="asked")


# --- recognising and finding ------------------------------------------------------------------


def test_a_mark_tells_the_same_value_of_one_subject_only(keys: KeyStore) -> None:
    mark = keys.mark(ORDER, b"Erika Berg")

    assert mark == keys.mark(ORDER, b"Erika Berg")
    assert mark != keys.mark(ORDER, b"Erika Borg")
    assert mark != keys.mark(OTHER, b"Erika Berg")


def test_a_buyer_is_found_by_what_was_told_of_them_however_it_is_written(keys: KeyStore) -> None:
    keys.note_found([Found(ORDER, "e-mail", "Erika.Berg@Mail.example")])
    keys.note_found([Found(OTHER, "e-mail", "erika.berg@mail.example")])
    keys.note_found([Found(ORDER, "name", "Erika  Berg"), Found(ORDER, "name", "  ")])

    assert [ORDER, OTHER] == keys.find("e-mail", "ERIKA.BERG@mail.example ")
    assert [ORDER] == keys.find("name", "erika berg")
    assert not keys.find("name", "erika.berg@mail.example")
    assert b"erika" not in raw(keys).lower()


def test_each_of_many_is_found_by_what_was_told_of_it_and_kept_once(keys: KeyStore) -> None:
    told = [
        Found(f"order/302-0000000-{number:07}", kind, f"{kind} {number // 2}@mail.example")
        for number in range(40)
        for kind in ("e-mail", "name")
    ]
    erased = told[0].subject
    keys.destroy([erased])
    for some in (told[:30], told, told[50:]):
        keys.note_found(some)

    for one in told:
        alike = {other.subject for other in told if other[1:] == one[1:]} - {erased}
        assert sorted(alike) == keys.find(one.kind, one.value)
    with sqlite3.connect(keys.path) as connection:
        assert [(78, 78)] == connection.execute(
            "SELECT count(*), count(DISTINCT hashed.subject || hex(hash)) FROM hashes JOIN hashed USING (id)"
        ).fetchall()
    connection.close()


def test_what_holds_no_number_finds_nobody(keys: KeyStore) -> None:
    keys.note_found([Found(ORDER, "phone", "n/a")])

    assert not keys.find("phone", "unknown")


def test_a_phone_number_is_the_same_with_and_without_its_country() -> None:
    assert normalised("phone", "+46 70-123 45 67") == normalised("phone", "0701234567")


# --- destroying -------------------------------------------------------------------------------


def test_what_was_destroyed_is_opened_by_nobody_and_found_by_nobody(keys: KeyStore) -> None:
    token = keys.seal(ORDER, b"words", b"")
    keys.note_found([Found(ORDER, "name", "Erika Berg")])

    assert [ORDER] == keys.destroy([ORDER])
    assert keys.is_destroyed(ORDER)
    assert not keys.find("name", "Erika Berg")
    with pytest.raises(Forgotten, match="erased on 2026-11-20"):
        keys.unseal(ORDER, token, b"", field="comment", why="asked")


def test_a_destroyed_subject_never_gets_a_key_again(keys: KeyStore) -> None:
    keys.destroy([ORDER])
    token = keys.seal(ORDER, b"words", b"")
    keys.note_found([Found(ORDER, "name", "Erika Berg")])

    with pytest.raises(Forgotten):
        keys.unseal(ORDER, token, b"", field="comment", why="asked")
    assert bytes(40) == wrapped_keys(keys)[ORDER]
    assert not keys.find("name", "Erika Berg")
    assert not keys.destroy([ORDER]), "destroying again does nothing"
    assert [MOMENT.strftime("%Y-%m-%d")] == [
        (one.destroyed_at or "")[:10] for one in keys.subjects([ORDER])
    ]


def test_destroying_one_leaves_the_others(keys: KeyStore) -> None:
    tokens = [keys.seal(subject, b"words", b"") for subject in (ORDER, OTHER)]
    keys.destroy([ORDER])

    assert [None, b"words"] == keys.unseal_many(
        [Sealed(ORDER, tokens[0], b""), Sealed(OTHER, tokens[1], b"")], field="comment", why="asked"
    )


def test_no_byte_of_a_destroyed_key_or_hash_stays_in_any_file(tmp_path: Path) -> None:
    """Many keys, made and destroyed in any order, so that pages fill, split and are written again."""
    chance = random.Random(20261128)
    with store(tmp_path) as keys:
        living: list[str] = []
        gone: dict[str, bytes] = {}
        hashes: dict[str, bytes] = {}
        for turn in range(30):
            new = [f"order/{chance.random()}-{turn}-{number}" for number in range(50)]
            chance.shuffle(new)
            keys.seal_many([(subject, b"words", b"") for subject in new])
            keys.note_found(
                [
                    Found(subject, "name", f"Buyer {chance.randrange(9)} {subject}")
                    for subject in new
                ]
            )
            living += new
            chance.shuffle(living)
            going, living = living[:35], living[35:]
            there = wrapped_keys(keys)
            gone.update({subject: there[subject] for subject in going})
            with sqlite3.connect(keys.path) as connection:
                asked = (
                    "SELECT subjects.subject, hash FROM hashes JOIN hashed USING (id)"
                    " JOIN subjects ON subjects.id = hashed.subject"
                )
                known = dict(connection.execute(asked).fetchall())
            connection.close()
            hashes.update({subject: known[subject] for subject in going})
            keys.destroy(going)

        assert [keys.path] == list(keys.path.parent.iterdir()), "no journal stays"
        told = raw(keys)
        for subject, key in gone.items():
            assert not any(part in told for part in (key[:16], key[12:28], key[-16:])), subject
            assert hashes[subject][:16] not in told, subject
        there = wrapped_keys(keys)
        assert all(there[subject] in told for subject in living), "the search itself finds keys"


KILLED_WHILE_DESTROYING = """
import os, signal, sqlite3, sys
from datetime import UTC, datetime
from pathlib import Path
from ledger.keystore import KeyStore

with KeyStore(Path(sys.argv[1]), master=lambda: bytes(range(32)), clock=lambda: datetime.now(UTC)) as keys:
    with keys._file.writing() as connection:
        connection.execute("PRAGMA cache_size = 1")  # pages go to the file before the commit
        connection.execute("UPDATE data_keys SET wrapped = zeroblob(40)")
        connection.execute("UPDATE subjects SET destroyed_at = 'now'")
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_killed_while_destroying_nothing_is_destroyed_and_doing_it_again_completes_it(
    keys: KeyStore,
) -> None:
    subjects = [f"order/{number}" for number in range(2000)]
    tokens = keys.seal_many([(subject, b"words", b"") for subject in subjects])
    lies = wrapped_keys(keys)
    keys.close()
    ended = subprocess.run(
        [*forking.python(), "-c", KILLED_WHILE_DESTROYING, str(keys.path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )

    assert ended.returncode == -9
    assert not keys.destroyed(subjects), "it is not said to be destroyed while a key may live"
    told = [Sealed(*one, b"") for one in zip(subjects, tokens, strict=True)]
    assert set(keys.unseal_many(told, field="comment", why="asked")) == {b"words"}
    assert subjects.sort() == keys.destroy(subjects).sort()
    left = raw(keys)
    assert not [subject for subject, key in lies.items() if key[:16] in left]


# --- who opened what --------------------------------------------------------------------------


def test_every_opening_is_told_with_who_when_what_and_why(keys: KeyStore) -> None:
    token = keys.seal(ORDER, b"words", b"")
    keys.unseal(ORDER, token, b"", field="comment", why="the buyer called")
    keys.destroy([ORDER])
    with pytest.raises(Forgotten):
        keys.unseal(ORDER, token, b"", field="comment", why="out of habit")

    assert [
        ("2026-11-20T12:00:00Z", "seller", "test", ORDER, "comment", "the buyer called"),
        ("2026-11-20T12:00:00Z", "seller", "test", ORDER, "comment", "out of habit"),
    ] == [tuple(one) for one in keys.uses(ORDER)]
    assert not keys.uses(OTHER)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE uses SET actor = 'nobody'",
        "DELETE FROM uses",
        "REPLACE INTO uses SELECT id, at, 'nobody', command, subject, field, why FROM uses",
        "UPDATE subjects SET destroyed_at = NULL",
        "DELETE FROM subjects",
    ],
)
def test_the_database_itself_refuses_to_change_who_opened_what_was_destroyed(
    keys: KeyStore, change: str
) -> None:
    token = keys.seal(ORDER, b"words", b"")
    keys.unseal(ORDER, token, b"", field="comment", why="asked")
    keys.destroy([ORDER])
    with sqlite3.connect(keys.path) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(change)
    connection.close()


# --- signing keys -----------------------------------------------------------------------------


def test_signing_keys_are_kept_in_their_order_and_their_secrets_under_the_master_key(
    keys: KeyStore,
) -> None:
    secrets = [os.urandom(32), os.urandom(32)]

    assert keys.add_signing_key("us", "us+1", secrets[0], "2026-11-20T12:00:00Z", first=True)
    assert not keys.add_signing_key("us", "us+9", secrets[1], "2026-11-20T12:00:00Z", first=True)
    assert keys.add_signing_key("us", "us+2", secrets[1], "2026-11-21T12:00:00Z")
    keys.retire_signing_key("us+1", "2026-11-21T12:00:00Z")

    assert [("us+1", "2026-11-21T12:00:00Z"), ("us+2", None)] == [
        (one.vkey, one.retired_at) for one in keys.signing_keys()
    ]
    assert secrets == [keys.secret_of(one.vkey) for one in keys.signing_keys()]
    assert not any(secret in raw(keys) for secret in secrets)
    with pytest.raises(StoreTrouble, match="not here"):
        keys.secret_of("us+3")


# --- several at once --------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["name = 'uk'", "vkey = X'75732B31'", "vkey = 'us-1'"])
def test_a_signing_key_that_is_damaged_is_told_of(keys: KeyStore, change: str) -> None:
    assert keys.add_signing_key("us", "us+1", bytes(32), "2026-11-20T12:00:00Z")
    with contextlib.closing(sqlite3.connect(keys.path)) as connection, connection:
        connection.execute(f"UPDATE signing_keys SET {change}")

    with pytest.raises(StoreTrouble, match="a signing key is damaged"):
        keys.signing_keys()


def test_two_that_seal_for_a_new_subject_at_once_use_one_key(tmp_path: Path) -> None:
    def sealed(number: int) -> list[str]:
        with store(tmp_path) as keys:
            values = [(f"order/{one}", b"words", b"") for one in range(200)]
            return keys.seal_many(values if number % 2 else values[::-1])[
                :: 1 if number % 2 else -1
            ]

    with ThreadPoolExecutor(4) as several:
        made = list(several.map(sealed, range(4)))
    with store(tmp_path) as keys:
        for tokens in made:
            told = [Sealed(f"order/{number}", one, b"") for number, one in enumerate(tokens)]
            assert set(keys.unseal_many(told, field="comment", why="asked")) == {b"words"}
