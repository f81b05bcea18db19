"""What a writer, a reader and an auditor of a team's store can do, and what the database refuses them."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import errors, sql
from sqlalchemy.engine import make_url

from tests import postgres
from tests.cli.terminal import Said, typed, written
from tests.story import ORDER, OTHER_ORDER, Told, refunded, returned, sold

pytestmark = pytest.mark.postgres

_numbers = itertools.count(1)


class Team:
    """A store on a server, with an account in it, and the addresses of those who were granted something."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = self.administrator = url
        self.folder = folder
        self.roles: list[str] = []

    def role(self, may: str = "LOGIN") -> str:
        """A new role of the server that may do nothing yet, or only this."""
        name = f"member_{os.getpid()}_{next(_numbers)}"
        self.administers(f"CREATE ROLE {name} {may}")
        self.roles.append(name)
        return name

    def administers(self, *statements: str) -> None:
        with psycopg.connect(self.administrator, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def as_(self, kind: str) -> str:
        """The address of the store for a new member of the team."""
        name = self.role()
        said = typed("db", "grant", "--role", kind, name, "--store", self.url)
        assert said.code == 0, said.err
        return self.address_of(name)

    def address_of(self, role: str) -> str:
        url = make_url(self.url).set(username=role)
        return url.render_as_string(hide_password=False)

    def imports(self, url: str, *told: Told, name: str = "more") -> Said:
        paths = written(self.folder / name, *told)
        return typed("import", *paths, "--account", "us", "--marketplace", "US", "--store", url)


@pytest.fixture
def nobody(tmp_path: Path) -> Iterator[Team]:
    """A store without an account."""
    made = Team(postgres.fresh_database(), tmp_path)
    yield made
    postgres.drop(made.administrator)
    with psycopg.connect(postgres.server_url(), autocommit=True) as connection:
        for role in [*reversed(made.roles), f"us_views@{make_url(made.url).database}"]:
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


@pytest.fixture
def team(nobody: Team) -> Team:
    return begun(nobody)


def begun(team: Team) -> Team:
    said = team.imports(team.url, returned(ORDER, "2026-06-20"), name="first")
    assert said.code == 0, said.err
    return team


def owned(team: Team, may: str) -> Team:
    """The account belongs to the owner of the database, who is no superuser; he may log in, and do this."""
    owner = team.role(f"LOGIN {may}")
    team.administers(f"ALTER DATABASE {make_url(team.url).database} OWNER TO {owner}")
    team.url = team.address_of(owner)
    return begun(team)


def refused(url: str, statement: str) -> type[Exception]:
    """By what the database refuses a statement."""
    with psycopg.connect(url) as connection, pytest.raises(psycopg.Error) as raised:
        connection.execute(statement.encode())
    return raised.type


CHANGES = (
    "UPDATE us_ledger.entries SET topic = 'x'",
    "DELETE FROM us_ledger.entries",
    "TRUNCATE us_ledger.entries",
    "DELETE FROM us_ledger.originals",
    "DELETE FROM us_ledger.head",
    "UPDATE us_ledger.head SET one = 1",
    "UPDATE us_ledger.schema_version SET version = 1",
    "ALTER TABLE us_ledger.entries DISABLE TRIGGER ALL",
    "DROP TABLE us_ledger.entries",
    "CREATE TABLE us_ledger.mine (x int)",
    "CREATE SCHEMA mine",
)


def test_every_table_of_the_log_is_granted_or_kept_on_purpose(team: Team) -> None:
    from ledger.store.granting import GRANTED
    from ledger.store.tables import tables_in

    assert {table.name for table in tables_in("x").metadata.tables.values()} == set(GRANTED)


def test_what_would_be_granted_can_be_read_first(team: Team) -> None:
    name = team.role()
    said = typed("db", "grant", "--role", "auditor", name, "--dry-run", "--store", team.url)

    assert (said.row["granted"], said.row["kind"]) == (False, "auditor")
    assert (
        f"GRANT SELECT (digest, size, sealed) ON us_ledger.originals TO {name}"
        in (said.row["statements"])
    )
    assert refused(team.address_of(name), "TABLE us_ledger.head") is errors.InsufficientPrivilege
    with psycopg.connect(team.url) as connection:
        for statement in said.row["statements"]:
            connection.execute(statement)
    assert typed("verify", "--store", team.address_of(name)).code == 0


def test_a_writer_appends_and_changes_nothing(team: Team) -> None:
    writer = team.as_("writer")
    said = team.imports(writer, sold(OTHER_ORDER, "2026-06-01"))

    assert (said.code, said.row["new"] > 0) == (0, True), said.err
    assert typed("check", "--store", writer).code == 0
    for change in CHANGES:
        assert refused(writer, change) is errors.InsufficientPrivilege, change


def test_writers_fill_the_views_in_turn_and_readers_see_what_they_fill(team: Team) -> None:
    """A rebuild replaces the tables: the next writer may replace them again, and readers may still read."""
    reader = team.as_("reader")
    first, second = team.as_("writer"), team.as_("writer")
    for writer in (first, second, team.url, first):
        assert typed("rebuild", "--store", writer).code == 0
        assert typed("rebuild", "--verify", "--store", reader).code == 0
    with psycopg.connect(reader) as connection:
        assert connection.execute("SELECT count(*) FROM us_views.status").fetchone() == (1,)


def test_views_of_another_layout_are_made_anew_by_whichever_writer_comes_first(team: Team) -> None:
    writers = [team.as_("writer") for _ in range(2)]
    for writer in (*writers, writers[0]):
        with psycopg.connect(team.url) as connection:
            connection.execute("UPDATE us_views.layout SET version = 0")
        assert typed("status", "--store", writer).code == 0
        assert typed("rebuild", "--verify", "--store", writer).code == 0


def test_a_reader_asks_as_everybody_does_and_writes_nothing(team: Team) -> None:
    reader = team.as_("reader")
    for question in (("status",), ("audit",), ("story", ORDER), ("due",), ("coverage",)):
        asked = typed(*question, "--store", reader)
        assert asked.rows == typed(*question, "--store", team.url).rows, question
        assert asked.code in (0, 3)
    assert typed("check", "--store", reader).code == 0
    said = team.imports(reader, sold(OTHER_ORDER, "2026-06-01"))
    assert said.code == 1
    assert "permission denied" in said.err
    assert "db grant" in said.err
    for change in (*CHANGES, "INSERT INTO us_ledger.originals VALUES ('x', 1, '')"):
        assert refused(reader, change) is errors.InsufficientPrivilege, change


@pytest.mark.parametrize("kind", ["reader", "auditor"])
def test_who_may_only_read_is_told_what_is_owed_and_records_no_answer(
    kind: str, team: Team
) -> None:
    told = sold(OTHER_ORDER, "2026-06-01"), refunded(OTHER_ORDER, "2026-06-10")
    team.imports(team.url, *told, name="second")
    asked = typed("audit", "--store", team.as_(kind))

    assert asked.code in (0, 3), asked.err
    assert "may only read" in asked.err
    recorded = typed("audit", "--store", team.url)
    assert asked.rows == recorded.rows != []
    assert "recorded in the ledger" in recorded.err


def test_a_reader_backs_up_and_an_auditor_may_not(team: Team, tmp_path: Path) -> None:
    made = typed("backup", "-o", tmp_path / "backup", "--store", team.as_("reader"))
    assert made.code == 0, made.err
    compared = typed("restore", tmp_path / "backup", "--compare", "--store", team.url)
    assert compared.code == 0, compared.err
    refused_ = typed("backup", "-o", tmp_path / "other", "--store", team.as_("auditor"))
    assert (refused_.code, "permission denied" in refused_.err) == (1, True)


def test_a_reader_is_answered_from_the_log_where_nobody_has_filled_the_views(team: Team) -> None:
    reader = team.as_("reader")
    team.imports(team.as_("writer"), sold(OTHER_ORDER, "2026-06-01"))
    with psycopg.connect(team.url) as connection:
        (before,) = connection.execute("SELECT max(position) FROM us_views.projections").fetchall()[
            0
        ]
    asked = typed("status", "--store", reader)
    with psycopg.connect(team.url) as connection:
        (after,) = connection.execute("SELECT max(position) FROM us_views.projections").fetchall()[
            0
        ]

    assert after == before
    assert {row["order_id"] for row in asked.rows} == {ORDER, OTHER_ORDER}
    assert asked.rows == typed("status", "--store", team.url).rows


def test_an_auditor_proves_and_asks_and_opens_no_file(team: Team) -> None:
    auditor = team.as_("auditor")
    verified = typed("verify", "--store", auditor)
    assert verified.code == 0
    assert "originals" not in {row["name"] for row in verified.rows}
    assert "not looked at" in verified.err
    checked = typed("check", "--store", auditor)
    assert checked.code == 0
    assert {"roots", "identities", "originals"}.isdisjoint(row["name"] for row in checked.rows)
    for question in (("status",), ("audit",), ("story", ORDER), ("liability",)):
        assert (
            typed(*question, "--store", auditor).rows == typed(*question, "--store", team.url).rows
        )
    proof = team.folder / "proof.txt"
    assert typed("prove", "entry", "1", "-o", proof, "--store", auditor).code == 0, "no proof"

    assert refused(auditor, "SELECT content FROM us_ledger.originals") is (
        errors.InsufficientPrivilege
    )
    assert refused(auditor, "TABLE us_ledger.tracking") is errors.InsufficientPrivilege
    for change in (*CHANGES, "INSERT INTO us_ledger.originals VALUES ('x', 1, '')"):
        assert refused(auditor, change) is errors.InsufficientPrivilege, change


def test_what_a_reader_hands_out_is_not_signed_by_the_ledgers_key_and_says_so(
    team: Team, tmp_path: Path
) -> None:
    (ledgers,) = (row["vkey"] for row in typed("checkpoint", "keys", "--store", team.url).rows)
    reader = ("--home", tmp_path / "reader", "--store", team.as_("reader"))
    pack = tmp_path / "export"
    said = typed(*reader, "export", "--all", "-o", pack)
    keys = typed(*reader, "checkpoint", "keys")
    readers = keys.row["vkey"]

    assert said.code == 0
    for one in (said, keys):
        assert one.err.count("signed by this home's own key") == 1
    assert readers != ledgers
    assert "may only read the ledger" in (pack / "README.txt").read_text()
    refused_ = typed("restore", pack, "--into", "new", "--key", ledgers)
    assert (refused_.code, "a key of their own" in refused_.err) == (1, True)
    assert "a key of their own" in typed("verify", pack, "--format", "table").out
    assert typed("verify", pack, "--key", readers).code == 0


def test_who_writes_signs_without_a_word_of_whose_key_it_is(team: Team, tmp_path: Path) -> None:
    said = typed("export", "--all", "-o", tmp_path / "export", "--store", team.url)

    assert (said.code, "own key" in said.err) == (0, False)
    assert "may only read" not in (tmp_path / "export" / "README.txt").read_text()


def test_an_auditor_is_told_what_he_can_hand_out(team: Team, tmp_path: Path) -> None:
    auditor = ("--home", tmp_path / "auditor", "--store", team.as_("auditor"))
    said = typed(*auditor, "export", "--all", "-o", tmp_path / "export")

    assert said.code == 1
    assert "`export --jsonl`, `prove entry`, `checkpoint make`" in said.err
    lines = tmp_path / "log.jsonl"
    for command in (
        ("export", "--jsonl", lines),
        ("prove", "entry", "1", "-o", tmp_path / "proof"),
        ("checkpoint", "make"),
    ):
        handed_out = typed(*auditor, *command)
        assert handed_out.code == 0, handed_out.err
        assert handed_out.err.count("signed by this home's own key") == 1


def test_who_was_a_writer_is_only_an_auditor_afterwards(team: Team) -> None:
    name = team.role()
    for kind in ("writer", "auditor"):
        assert typed("db", "grant", "--role", kind, name, "--store", team.url).code == 0
    address = team.address_of(name)

    assert refused(address, "INSERT INTO us_ledger.tiles VALUES (0, 9, '')") is (
        errors.InsufficientPrivilege
    )
    assert refused(address, "DROP TABLE us_views.layout") is errors.InsufficientPrivilege
    assert typed("verify", "--store", address).code == 0


def test_an_owner_who_may_make_roles_grants_as_a_superuser_does(nobody: Team) -> None:
    all_can_what_they_should(owned(nobody, "CREATEROLE"))


def test_an_owner_who_may_make_none_is_told_what_an_administrator_does_once(nobody: Team) -> None:
    team = owned(nobody, "NOCREATEROLE")
    said = typed("db", "grant", "--role", "writer", team.role(), "--store", team.url)
    assert (said.code, "neither make nor grant it" in said.err) == (1, True)
    _words, statements, _end = said.err.split("`")
    team.administers(*statements.split("; "))

    all_can_what_they_should(team)


def test_what_a_superuser_grants_first_the_owner_goes_on_to_grant(nobody: Team) -> None:
    team = owned(nobody, "NOCREATEROLE")
    name, store = team.role(), team.administrator
    assert typed("db", "grant", "--role", "reader", name, "--store", store).code == 0

    all_can_what_they_should(team)


def test_what_was_shown_to_an_owner_an_administrator_runs(nobody: Team) -> None:
    team = owned(nobody, "NOCREATEROLE")
    shown = typed("db", "grant", "--role", "reader", team.role(), "--dry-run", "--store", team.url)
    team.administers(*shown.row["statements"])

    all_can_what_they_should(team)


def all_can_what_they_should(team: Team) -> None:
    """Whoever granted: writers and the owner fill the views in turn, a reader reads them, a writer grants nothing."""
    writer, reader, auditor = (team.as_(kind) for kind in ("writer", "reader", "auditor"))
    for filler in (writer, team.url, writer):
        assert typed("rebuild", "--store", filler).code == 0
        assert typed("rebuild", "--verify", "--store", reader).code == 0
    assert team.imports(writer, sold(OTHER_ORDER, "2026-06-01")).code == 0
    assert team.imports(reader, sold(OTHER_ORDER, "2026-06-03"), name="other").code == 1
    assert typed("verify", "--store", auditor).code == 0
    said = typed("db", "grant", "--role", "reader", team.role(), "--store", writer)
    assert (said.code, "does not own it" in said.err) == (1, True)


def test_what_cannot_be_granted_is_refused_with_the_reason(team: Team, tmp_path: Path) -> None:
    owner = str(make_url(team.url).username)
    said = typed("db", "grant", "--role", "reader", "nobody-there", "--store", team.url)
    assert "no such role" in said.err
    assert "CREATE ROLE" in said.err
    said = typed("db", "grant", "--role", "reader", owner, "--store", team.url)
    assert "may do everything" in said.err
    typed("account", "add", "us", "--region", "NA")
    said = typed("db", "grant", "--role", "reader", owner)
    assert "a file is its owner's alone" in said.err


# --- copying ------------------------------------------------------------------------------------


def views_of(*store: str) -> list[dict[str, object]]:
    """What every view amounts to, made anew."""
    said = typed("rebuild", *store)
    assert said.code == 0, said.err
    return said.rows


def test_a_home_moves_to_a_server_and_back_with_the_same_views(
    demo: Path, tmp_path: Path, server_url: str
) -> None:
    there = typed("db", "copy", str(demo), server_url)
    back = typed("db", "copy", server_url, str(tmp_path / "back"))
    file = typed("db", "copy", server_url, f"sqlite:///{tmp_path}/alone/ledger.db")

    assert (there.code, back.code, file.code) == (0, 0, 0), there.err + back.err + file.err
    assert trees(there) == trees(back) == trees(file)
    before = views_of("--home", str(demo))
    assert views_of("--store", server_url) == before
    assert views_of("--home", str(tmp_path / "back")) == before
    assert views_of("--store", f"sqlite:///{tmp_path}/alone/ledger.db") == before
    assert typed("check", "--home", tmp_path / "back").code == 0
    assert not (tmp_path / "back" / "accounts" / "demo" / "keys.db").exists()


def trees(copied: Said) -> list[dict[str, object]]:
    """What both stores have, without what is still to be done by hand."""
    return [{name: row[name] for name in row if name != "by_hand"} for row in copied.rows]


def test_all_accounts_are_copied_and_what_is_there_already_is_left(
    tmp_path: Path, server_url: str
) -> None:
    for name, order in (("one", ORDER), ("two", OTHER_ORDER)):
        paths = written(tmp_path / name, returned(order, "2026-06-20"))
        typed("import", *paths, "--account", name, "--marketplace", "US")
    home = str(tmp_path / "home")
    assert typed("db", "copy", home, server_url, "--account", "two").code == 0
    said = typed("db", "copy", home, server_url, "--all")

    assert [row["account"] for row in said.rows] == ["one", "two"]
    assert said.rows == typed("db", "copy", home, server_url, "--all").rows
    refused_ = typed("db", "copy", home, f"sqlite:///{tmp_path}/x.db", "--all")
    assert "ledger of one account" in refused_.err
    noted = typed("note", ORDER, "it was late", "--account", "one", "--store", server_url)
    assert noted.code == 0, noted.err
    other = typed("db", "copy", home, server_url, "--account", "one")
    assert (other.code, "nothing is put over them" in other.err) == (1, True)


def test_the_keys_that_come_along_by_hand_sign_as_before(demo: Path, tmp_path: Path) -> None:
    """As the answer says: keys, checkpoints and the master key, before anything is recorded."""
    new = tmp_path / "new"
    by_hand(typed("db", "copy", str(demo), str(new)))
    assert typed("db", "copy", str(demo), str(new)).row["by_hand"] == []
    before = typed("checkpoint", "list", "--home", demo)
    order = next(row["order_id"] for row in typed("status", "--home", new).rows if row["order_id"])
    assert typed("note", order, "it was late", "--home", new).code == 0
    assert typed("check", "--home", new).code == 0
    assert typed("checkpoint", "list", "--home", new).rows[: len(before.rows)] == before.rows


def by_hand(copied: Said) -> None:
    """Copy the files that the answer names to where it says."""
    files = [(Path(one["old"]), Path(one["new"])) for row in copied.rows for one in row["by_hand"]]
    assert {old.name for old, _new in files} == {"keys.db", "checkpoints.db", "master.key"}
    for old, new in files:
        new.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(old, new)


def test_what_was_sealed_in_a_home_opens_on_a_server_once_the_keys_are_there(
    tmp_path: Path, server_url: str
) -> None:
    for name, order in (("one", ORDER), ("two", OTHER_ORDER)):
        paths = written(tmp_path / name, returned(order, "2026-06-20"))
        typed("import", *paths, "--account", name, "--marketplace", "US")
        words = typed("message", "received", order, "--text", "my dog ate it", "--account", name)
        assert words.code == 0, words.err
    elsewhere = ("--store", server_url, "--home", tmp_path / "elsewhere")
    copied = typed("db", "copy", tmp_path / "home", server_url, "--all", *elsewhere[2:])
    by_hand(copied)
    for name, order in (("one", ORDER), ("two", OTHER_ORDER)):
        said = typed("story", order, "--reveal", "--account", name, *elsewhere)
        assert "my dog ate it" in said.out, said.err
