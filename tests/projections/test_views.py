"""The tables about the tables: private, deletable, and never mistaken for something else."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import stat
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from ledger.errors import StoreTrouble
from projections import LIABILITY, PROJECTIONS, STATUS
from projections.catching_up import catch_up, rebuild
from projections.databases import in_our_words
from projections.views import open_views
from tests.story import ORDER, Story, begin, refunded, returned, sold


def test_views_lie_beside_the_log_for_their_owner_alone(story: Story, tmp_path: Path) -> None:
    """They tell as much as the log does."""
    story.imports(returned(ORDER, "2026-06-20"))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("views.db*")}

    assert "views.db" in modes
    assert {0o600} == set(modes.values())


def test_deleted_views_are_made_again(tmp_path: Path) -> None:
    story = begin(tmp_path)
    story.imports(returned(ORDER, "2026-06-20"))
    before = story.digests()
    story.close()
    for path in tmp_path.glob("views.db*"):
        path.unlink()
    again = begin(tmp_path)

    assert before == again.digests()
    again.close()


def test_views_of_another_layout_are_made_anew(tmp_path: Path) -> None:
    """Derived data has no migrations."""
    story = begin(tmp_path)
    story.imports(returned(ORDER, "2026-06-20"))
    before = story.digests()
    story.close()
    with sqlite3.connect(tmp_path / "views.db") as connection:
        connection.execute("UPDATE layout SET version = 99")
        connection.execute("CREATE TABLE of_a_newer_program (a)")
    connection.close()
    again = begin(tmp_path)

    assert before == again.digests()
    again.close()


def test_a_file_that_is_no_database_is_named_with_advice(tmp_path: Path) -> None:
    (tmp_path / "views.db").write_bytes(b"this is no database" * 100)

    with pytest.raises(StoreTrouble, match="the views cannot be used") as caught:
        open_views(f"sqlite:///{tmp_path / 'ledger.db'}", "seller")
    assert caught.value.file == f"account seller, {tmp_path / 'views.db'}"
    assert "remove this file" in caught.value.advice()
    assert "`returns-ledger rebuild`" in caught.value.advice()


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("database or disk is full", "Make room"),
        ("attempt to write a readonly database", "you may write to the file"),
        ("database disk image is malformed", "remove this file"),
        ("no such column: of_old", "remove this file"),
    ],
)
def test_a_file_is_to_be_removed_only_where_that_helps(said: str, advice: str) -> None:
    with pytest.raises(StoreTrouble) as caught, in_our_words("views.db"):
        raise sqlite3.OperationalError(said)
    assert advice in caught.value.advice()


def test_a_folder_that_is_not_there_is_named_with_advice(tmp_path: Path) -> None:
    with pytest.raises(StoreTrouble, match="the views cannot be made"):
        open_views(f"sqlite:///{tmp_path / 'nowhere' / 'ledger.db'}", "seller")


def test_an_address_of_no_store_is_refused() -> None:
    with pytest.raises(StoreTrouble, match="no store is known"):
        open_views("mysql://host/database", "seller")


def test_a_table_that_somebody_dropped_is_named_with_advice(story: Story, tmp_path: Path) -> None:
    story.imports(sold(ORDER, "2026-06-01"))
    with sqlite3.connect(tmp_path / "views.db") as connection:
        connection.execute("DROP TABLE status")
    connection.close()

    with pytest.raises(StoreTrouble) as caught:
        list(story.views.rows(STATUS))
    assert "returns-ledger rebuild" in caught.value.advice()
    rebuild(story.recall(), story.views)

    assert [ORDER] == [row.order_id for row in story.views.rows(STATUS)]


def test_the_digest_can_be_worked_out_by_anybody(story: Story, tmp_path: Path) -> None:
    """SHA-256 over the rows by stream and place, one JSON array a line."""
    story.imports(sold(ORDER, "2026-06-01"), refunded(ORDER, "2026-06-10"))
    connection = sqlite3.connect(tmp_path / "views.db")
    digest = hashlib.sha256()
    for row in connection.execute("SELECT * FROM liability ORDER BY stream, place"):
        line = json.dumps(row, separators=(",", ":"), ensure_ascii=False)
        digest.update(line.encode() + b"\n")
    connection.close()

    assert digest.hexdigest() == story.digests()["liability"]


def test_a_reader_is_not_in_the_way_of_who_fills(story: Story) -> None:
    """Rows that are being read stay what they were; the next reading sees the new ones."""
    story.imports(sold(ORDER, "2026-06-01"), refunded(ORDER, "2026-06-10"))
    reading = story.views.rows(LIABILITY)
    first = next(reading)
    rebuild(story.recall(), story.views)
    read = [first, *reading]

    assert read == list(story.views.rows(LIABILITY))


@pytest.mark.postgres
def test_on_a_server_each_account_has_a_schema_of_its_own(server_url: str) -> None:
    """Rebuilding often leaves nothing behind, and one account's views know nothing of another's."""
    accounts = ["one", "two-2"]
    for number, account in enumerate(accounts, 1):
        story = Story(server_url, account=account)
        for day in range(number):
            story.imports(returned(f"114-000000{day}-0000000", "2026-06-20"))
        for _ in range(3):
            rebuild(story.recall(), story.views)
        assert number == len(list(story.views.rows(STATUS)))
        story.close()
    engine = create_engine(server_url.replace("postgresql://", "postgresql+psycopg://"))
    tables = {
        name: set(inspect(engine).get_table_names(schema=f"{name}_views")) for name in accounts
    }
    engine.dispose()

    expected = {
        "layout",
        "excerpts",
        "rests",
        "projections",
        *(projection.name for projection in PROJECTIONS),
    }
    assert {"one": expected, "two-2": expected} == tables


@pytest.mark.postgres
def test_on_a_server_trouble_with_views_names_their_schema(server_url: str) -> None:
    story = Story(server_url)
    engine = create_engine(server_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE seller_views.layout"))
        connection.execute(text("CREATE TABLE seller_views.layout (other text)"))
    engine.dispose()

    with pytest.raises(StoreTrouble, match="the views cannot be used") as caught:
        open_views(server_url, "seller")
    story.close()
    assert caught.value.file is not None
    assert caught.value.file.startswith("account seller, ")
    assert caught.value.file.endswith(", schema seller_views")


@pytest.mark.postgres
def test_on_a_server_views_of_another_layout_are_made_anew(server_url: str) -> None:
    story = Story(server_url)
    story.imports(returned(ORDER, "2026-06-20"))
    before = story.digests()
    story.close()
    engine = create_engine(server_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE seller_views.layout SET version = 99"))
    engine.dispose()
    again = Story(server_url)
    catch_up(again.recall(), again.views)

    assert before == again.digests()
    again.close()
