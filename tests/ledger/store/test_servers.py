"""What the address of a server may say, what is set for each connection, and a server that goes away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import Engine, NullPool, event, func, select
from sqlalchemy.engine import make_url

from ledger.errors import StoreTrouble
from ledger.store.servers import Options, advice_on, libpq_address, parted, server_engine
from tests.ledger.store.invented import opened, returned
from tests.postgres import server_url as the_server


def test_an_address_is_parted_into_the_servers_words_and_ours() -> None:
    url = make_url("postgresql://u:p@h/d?sslmode=require&pool=4&pooler=transaction&notify=off")
    server, options = parted(url)

    assert {"sslmode": "require"} == dict(server.query)
    assert Options(pool=4, pooler=True, notify=False) == options
    assert "postgresql://u:p@h/d?sslmode=require" == libpq_address(str(url).replace("***", "p"))


@pytest.mark.parametrize("said", ["pool=many", "notify=perhaps", "lock_timeout=-1", "pooler=x"])
def test_a_word_that_is_none_is_refused_with_those_there_are(said: str) -> None:
    with pytest.raises(StoreTrouble, match=said.partition("=")[0]) as raised:
        parted(make_url(f"postgresql://h/d?{said}"))

    assert "pooler=transaction" in raised.value.advice()


@pytest.mark.parametrize(
    "message",
    [
        "connection failed: FATAL:  unsupported startup parameter: options",
        'prepared statement "_pg3_0" does not exist',
        'prepared statement "_pg3_0" already exists',
    ],
)
def test_what_a_pooler_says_leads_to_its_word_in_the_address(message: str) -> None:
    assert "?pooler=transaction" in advice_on(message)


@pytest.mark.postgres
def test_a_connection_has_a_name_and_waits_for_nothing_for_ever(server_url: str) -> None:
    address = _with(server_url, "lock_timeout=7&statement_timeout=30")
    with opened(address) as log, log._database.reading() as connection:
        told = {
            name: connection.exec_driver_sql(f"SHOW {name}").scalar()
            for name in ("application_name", "lock_timeout", "statement_timeout", "timezone")
        }

    assert {
        "application_name": "returns-ledger log",
        "lock_timeout": "7s",
        "statement_timeout": "30s",
        "timezone": "UTC",
    } == told


@pytest.mark.postgres
def test_behind_a_pooler_nothing_outlives_its_transaction(server_url: str) -> None:
    """The pooler gives the connection to somebody else then: no pool, no setting, nothing prepared."""
    address = _with(server_url, "pooler=transaction")
    engine = server_engine(make_url(address), "log", 60)
    with engine.begin() as connection:
        assert "1min" == connection.exec_driver_sql("SHOW lock_timeout").scalar()
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.commit()
        assert "0" == raw.execute("SHOW lock_timeout").fetchone()[0]
        assert raw.prepare_threshold is None
    assert isinstance(engine.pool, NullPool)
    with opened(address) as log:
        log.append([returned("order/1", 1)])
        assert [check for check in log.verify() if not check.ok] == []


@pytest.mark.postgres
def test_a_connection_that_the_server_has_ended_is_made_anew(server_url: str) -> None:
    """Nobody notices: it is seen before it is used, and without asking the server."""
    with opened(server_url) as log:
        log.append([returned("order/1", 1)])
        _end_all(server_url)
        log.append([returned("order/1", 2)])

        assert 2 == log.position()


@pytest.mark.postgres
def test_a_server_that_goes_away_in_the_middle_is_one_clear_error(server_url: str) -> None:
    with opened(server_url) as log:
        log.append([returned("order/1", number) for number in range(1, 3001)])
        reading = log.entries()
        next(reading)
        _end_all(server_url)
        with pytest.raises(StoreTrouble, match="the log cannot be read") as raised:
            list(reading)

        assert "send the same once more" in raised.value.advice()
        assert "account main, " in str(raised.value)
        assert "schema main_ledger: " in str(raised.value)
        assert (make_url(server_url).password or "no password") not in str(raised.value)
        assert 3000 == log.position()


@pytest.mark.postgres
def test_who_waits_too_long_for_another_writer_is_told_so(server_url: str) -> None:
    with opened(server_url) as log, opened(_with(server_url, "lock_timeout=1")) as other:
        with log._database.writing() as connection:
            connection.exec_driver_sql(log._recorder._last)
            with pytest.raises(StoreTrouble, match="lock timeout") as raised:
                other.append([returned("order/1", 1)])

        assert "writing for a long time" in raised.value.advice()


@pytest.mark.postgres
def test_a_question_that_takes_longer_than_it_may_is_ended_and_says_so(server_url: str) -> None:
    with opened(_with(server_url, "statement_timeout=1")) as log:
        with pytest.raises(StoreTrouble, match="statement timeout") as raised:
            log._one(select(func.pg_sleep(30)))

        assert "raise that" in raised.value.advice()
        assert log.position() == 0


@pytest.mark.postgres
def test_opening_an_account_searches_no_catalogue(server_url: str) -> None:
    """What a search through the catalogue costs would grow with the number of accounts."""
    opened(server_url).close()
    with sent() as said:
        opened(server_url).close()

    assert len(said) == 2
    assert "to_regclass" in said[0]
    assert said[1].endswith("FROM main_ledger.schema_version")


@contextmanager
def sent() -> Iterator[list[str]]:
    """The statements that are sent meanwhile, each in one line."""
    said: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(" ".join(statement.split()))

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


def _with(url: str, said: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{said}"


def _end_all(url: str) -> None:
    with psycopg.connect(the_server(), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [make_url(url).database],
        )
    time.sleep(0.1)
