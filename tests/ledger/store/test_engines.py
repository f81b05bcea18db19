"""Opening a store: private files, clear troubles, and no password in any of them."""

from __future__ import annotations

import gc
import os
import socket
import sqlite3
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from ledger.errors import StoreTrouble
from ledger.store.database import PASSED_KIB
from ledger.store.engines import engine_for
from ledger.store.stored import ASKED_AT_ONCE
from tests.ledger.store.invented import opened, returned, returns
from tests.ledger.store.test_recorder import at_once
from tests.postgres import with_database


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def trouble(url: str, account: str = "main") -> str:
    """What the user is told, with its advice."""
    with pytest.raises(StoreTrouble) as raised:
        opened(url, account)
    assert raised.value.advice()
    return f"{raised.value} {raised.value.advice()}"


# --- files ------------------------------------------------------------------------------------


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277])
def test_the_files_are_their_owners_alone(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        path = tmp_path / "home" / "accounts" / "main" / "ledger.db"
        with opened(f"sqlite:///{path}") as log:
            log.append([returned("order/1", 1)])
            files = {file.name: mode(file) for file in path.parent.iterdir()}
    finally:
        os.umask(before)

    assert {"ledger.db": 0o600, "ledger.db-wal": 0o600, "ledger.db-shm": 0o600} == files
    assert [0o700] * 3 == [mode(folder) for folder in list(path.parents)[:3]]


def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    opened(f"sqlite:///{tmp_path}/ledger.db").close()

    assert 0o755 == mode(tmp_path)


def test_very_few_pages_are_held_while_all_entries_pass(sqlite_url: str) -> None:
    """And as many as before once they have passed, or nobody wants the rest of them."""
    with opened(sqlite_url) as log:
        log.append(returns("order/1", range(1, 4)))
        database = log._database

        def held(connection: Connection) -> Any:
            return connection.exec_driver_sql("PRAGMA cache_size").scalar_one()

        with database.streaming() as connection:
            before = held(connection)
            with database.passing(connection):
                assert -PASSED_KIB == held(connection)
            assert before == held(connection)
        readings: list[Any] = [log.raw_lines(), log.stored_between("", "p", until=3)]
        for begun in readings:
            next(begun)
            begun.close()
            with database.streaming() as connection:
                assert before == held(connection)


def test_who_is_to_hold_little_holds_an_eighth_of_the_pages(sqlite_url: str) -> None:
    with opened(sqlite_url) as log:
        pages = []
        for _ in range(2):
            with log._database.reading() as connection:
                pages.append(connection.exec_driver_sql("PRAGMA cache_size").scalar_one())
            log.hold_little()

    assert [-65536, -8192] == pages


def test_however_many_names_are_asked_for_the_questions_are_few(sqlite_url: str) -> None:
    """The driver keeps the last 128 that it prepared, and a question of thousands of names is large."""
    with opened(sqlite_url) as log:
        names = [f"order/{number:04d}" for number in range(ASKED_AT_ONCE)]
        questions = set()
        for count in range(1, ASKED_AT_ONCE + 1):
            question, values = log._database.named(names[:count])
            assert names[:count] == list(dict.fromkeys(values))
            assert len(values) == question.count("?") <= count * 5 / 4
            questions.add(question)

    assert len(questions) < 50


def test_a_name_that_is_asked_for_more_often_is_answered_once(sqlite_url: str) -> None:
    names = [f"order/{number}" for number in range(1, 10)]
    with opened(sqlite_url) as log:
        assert len(log._database.named(names)[1]) > len(names)
        log.append([entry for name in names for entry in returns(name, range(1, 3))])

        assert dict.fromkeys(names, 2) == log.heads(names)
        stored = [(name, len(rows)) for name, rows in log.stored_streams(names)]
        assert [(name, 2) for name in names] == stored


def test_a_file_is_durable_and_lets_readers_read(sqlite_url: str) -> None:
    with opened(sqlite_url) as log, log._database.reading() as connection:
        asked = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout")
        }

    assert {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 60_000} == asked


def test_a_path_that_cannot_be_made_says_which(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = trouble(f"sqlite:///{tmp_path}/file/ledger.db")

    assert str(tmp_path / "file") in said
    assert "Choose a folder that you may write to" in said


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    assert "unable to open database file" in trouble(f"sqlite:///{tmp_path}")


def test_a_file_of_another_kind_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"order-id\tsku\n" * 500)

    assert "file is not a database" in trouble(f"sqlite:///{path}")
    assert b"order-id\tsku\n" * 500 == path.read_bytes()


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE customers (name TEXT)")
        other.commit()
    before = path.read_bytes()

    assert "something else" in trouble(f"sqlite:///{path}")
    assert before == path.read_bytes()


def test_who_opens_a_new_store_while_another_does_leaves_nothing_unfinished(tmp_path: Path) -> None:
    """Else nothing can be written until Python happens to collect what it left."""
    path = tmp_path / "ledger.db"
    gc.disable()
    try:
        with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
            other.execute("BEGIN IMMEDIATE")
            threading.Timer(0.2, lambda: other.execute("COMMIT")).start()
            engine, _schema = engine_for(f"sqlite:///{path}", "main")
            with closing(engine.raw_connection()) as connection:
                cursor = connection.cursor()
                cursor.execute("BEGIN IMMEDIATE")
                cursor.execute("COMMIT")
                assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            engine.dispose()
    finally:
        gc.enable()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_log_is_kept_in_a_file(url: str) -> None:
    assert "needs a file" in trouble(url)


# --- both -------------------------------------------------------------------------------------


def test_many_may_open_a_new_store_at_once(store_url: str) -> None:
    def work(index: int) -> int:
        with opened(store_url) as log:
            return len(log.append([returned(f"order/{index}", 1)]))

    assert [1] * 8 == at_once(8, work)
    with opened(store_url) as log:
        assert 8 == log.position()
        assert all(check.ok for check in log.verify())


def test_a_store_is_found_again(store_url: str) -> None:
    with opened(store_url) as log:
        written = log.append([returned("order/1", 1)])
    with opened(store_url) as log:
        assert written == list(log.entries())


def test_a_store_of_a_newer_program_is_refused(store_url: str) -> None:
    with opened(store_url) as log, log._database.writing() as connection:
        connection.execute(log._database.tables.schema_version.update().values(version=99))

    assert "update the program" in trouble(store_url)


@pytest.mark.parametrize(
    "account", ["", "Main", "a b", "ä", "-a", "_a", "pg", "pg_x", "a/b", 'a"b', "a" * 57]
)
def test_a_name_that_does_not_fit_is_refused(sqlite_url: str, account: str) -> None:
    assert "the name of an account" in trouble(sqlite_url, account)
    assert not Path(sqlite_url.removeprefix("sqlite:///")).exists()


@pytest.mark.postgres
@pytest.mark.parametrize("account", ["a", "0", "uk-main_2", "select", "a" * 56])
def test_accounts_on_one_server_do_not_mix(server_url: str, account: str) -> None:
    with opened(server_url, account) as log, opened(server_url, "other") as other:
        log.append([returned("order/1", 1)])

        assert (1, 0) == (log.position(), other.position())


@pytest.mark.parametrize("url", ["ledger.db", "mysql://u:secret@h/d", "postgresql://u:secret@h:x/"])
def test_an_address_that_is_none_is_explained(url: str) -> None:
    said = trouble(url)

    assert "postgresql://user:password@host/database" in said
    assert "secret" not in said


# --- servers ----------------------------------------------------------------------------------


@contextmanager
def server_that_refuses(message: bytes) -> Iterator[int]:
    """A server that asks for a password and wants none; gives its port."""

    def serve(listener: socket.socket) -> None:
        client, _address = listener.accept()
        with client:
            if client.recv(1024)[4:8] == struct.pack("!I", 80877103):  # may we use TLS?
                client.sendall(b"N")
                client.recv(1024)
            client.sendall(b"R" + struct.pack("!II", 8, 3))  # the password, in clear
            client.recv(1024)
            fields = b"SFATAL\0VFATAL\0C28P01\0M" + message + b"\0\0"
            client.sendall(b"E" + struct.pack("!I", len(fields) + 4) + fields)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def test_a_wrong_password_is_explained_and_not_repeated() -> None:
    with server_that_refuses(b'password authentication failed for user "seller"') as port:
        said = trouble(f"postgresql://seller:hunter2@127.0.0.1:{port}/ledger")

    assert "password authentication failed" in said
    assert "Check the user and the password" in said
    assert "hunter2" not in said


def test_a_password_with_an_at_sign_is_not_taken_for_a_host() -> None:
    said = trouble("postgresql://seller:hunter2@s3cret@127.0.0.1:1/ledger")

    assert "%40" in said
    assert "s3cret" not in said


def test_a_server_that_does_not_answer_is_explained() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    said = trouble(f"postgresql://seller:hunter2@127.0.0.1:{port}/ledger")

    assert "Check that the server runs" in said
    assert "hunter2" not in said


@pytest.mark.postgres
def test_a_database_that_is_not_there_is_explained(server_url: str) -> None:
    said = trouble(with_database(server_url, "nowhere"))

    assert '"nowhere" does not exist' in said
    assert "make the user and the database first" in said


def test_no_connection_is_made_to_a_server_before_it_is_used() -> None:
    engine, schema = engine_for("postgres://seller@127.0.0.1:1/ledger", "main")

    assert "main_ledger" == schema
    engine.dispose()
