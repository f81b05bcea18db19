"""Which account is meant, where its ledger is, and who may read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.session import now
from cli.workspace import Workspace
from ledger.errors import LedgerError, StoreTrouble, UnknownThing
from tests.cli.terminal import environment, imported, typed, written
from tests.story import ORDER, OTHER_ORDER, sold


def workspace(home: Path, store: str | None = None) -> Workspace:
    return Workspace(home, store, now)


def mode(path: Path) -> str:
    return f"{path.stat().st_mode & 0o777:o}"


# --- accounts ---------------------------------------------------------------------------------


def test_the_first_import_goes_to_the_account_called_default(tmp_path: Path) -> None:
    typed("import", *written(tmp_path / "files", sold(ORDER, "2026-06-01")))

    assert workspace(tmp_path / "home").accounts() == ["default"]


def test_the_only_account_is_meant_where_none_is_named(tmp_path: Path) -> None:
    imported(tmp_path / "files", sold(ORDER, "2026-06-01"), account="northwind")

    assert workspace(tmp_path / "home").chosen(None) == ["northwind"]
    assert workspace(tmp_path / "home").to_be_written(None) == "northwind"


def test_of_several_accounts_one_must_be_named_unless_one_is_called_default(tmp_path: Path) -> None:
    for account in ("one", "two"):
        imported(tmp_path / account, sold(ORDER, "2026-06-01"), account=account)
    home = workspace(tmp_path / "home")
    with pytest.raises(UnknownThing, match="several accounts") as error:
        home.chosen(None)

    assert error.value.advice() == "Name one with --account: one, two; or `all`."
    assert home.chosen("all") == ["one", "two"]
    imported(tmp_path / "default", sold(ORDER, "2026-06-01"), account="default")
    assert home.chosen(None) == ["default"]


def test_the_settings_may_name_the_account_that_is_meant(tmp_path: Path) -> None:
    for account in ("one", "two"):
        imported(tmp_path / account, sold(ORDER, "2026-06-01"), account=account)
    (tmp_path / "home" / "config.toml").write_text('account = "two"\n')

    assert workspace(tmp_path / "home").chosen(None) == ["two"]


def test_a_question_over_all_accounts_goes_from_one_to_the_next(tmp_path: Path) -> None:
    imported(tmp_path / "one", sold(ORDER, "2026-06-01"), account="one")
    imported(tmp_path / "two", sold(OTHER_ORDER, "2026-06-02"), account="two")
    rows = typed("status", "--account", "all").rows

    assert [(row["account"], row["order_id"]) for row in rows] == [
        ("one", ORDER),
        ("two", OTHER_ORDER),
    ]


def test_an_account_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    imported(tmp_path / "files", sold(ORDER, "2026-06-01"), account="northwind")
    said = typed("audit", "--account", "southwind")

    assert said.code == 1
    assert said.err == (
        "error: there is no such account (found 'southwind')\n"
        "→ Name one with --account: northwind; or `all`.\n"
    )
    assert workspace(tmp_path / "home").accounts() == ["northwind"]


@pytest.mark.parametrize("name", ["Northwind", "../up", "all", "", "a b", "-x", "ä", "a" * 49])
def test_a_name_that_no_account_may_have_is_refused(tmp_path: Path, name: str) -> None:
    files = written(tmp_path / "files", sold(ORDER, "2026-06-01"))
    said = typed("import", *files, f"--account={name}")

    assert said.code == 1
    assert "cannot be the name of an account" in said.err
    assert "→ Use lower-case letters" in said.err
    assert not (tmp_path / "home").exists()


def test_a_question_makes_nothing(tmp_path: Path) -> None:
    assert typed("status").code == 1
    assert typed("account", "list").rows == []
    assert not (tmp_path / "home").exists()


# --- the home ---------------------------------------------------------------------------------


def test_the_home_and_all_in_it_are_their_owners_alone(tmp_path: Path) -> None:
    imported(tmp_path / "files", sold(ORDER, "2026-06-01"))
    typed("status")
    home = tmp_path / "home"

    assert {mode(path) for path in (home, *home.rglob("*")) if path.is_dir()} == {"700"}
    assert {mode(path) for path in home.rglob("*") if path.is_file()} == {"600"}


@pytest.mark.parametrize("name", ["a b", "100%", "what?", "né#1", "it's"])
def test_a_home_may_have_any_name(tmp_path: Path, name: str) -> None:
    files = written(tmp_path / "files", sold(ORDER, "2026-06-01"))
    assert typed("import", *files, "--home", tmp_path / name).code == 0

    assert (tmp_path / name / "accounts" / "default" / "ledger.db").is_file()
    assert [row["order_id"] for row in typed("status", "--home", tmp_path / name).rows] == [ORDER]


def test_a_home_that_cannot_be_made_is_the_users_to_put_right(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    files = written(tmp_path / "files", sold(ORDER, "2026-06-01"))
    said = typed("import", *files, "--home", tmp_path / "file" / "home")

    assert said.code == 1
    assert "→ Choose one that you may write to, with --home or RETURNS_LEDGER_HOME." in said.err


# --- settings ---------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["account = 3", "colour = 'red'", "account ="])
def test_settings_that_cannot_be_understood_say_what_they_may_hold(
    tmp_path: Path, written: str
) -> None:
    (tmp_path / "config.toml").write_text(written)
    with pytest.raises(LedgerError, match="the settings cannot be understood") as error:
        workspace(tmp_path)

    assert "`store`, `account`, `actor`, `keys` and `master_key`" in error.value.advice()


def test_who_records_is_a_role_unless_the_settings_or_the_environment_say(tmp_path: Path) -> None:
    assert workspace(tmp_path).actor == "seller"
    (tmp_path / "config.toml").write_text('actor = "bookkeeping"\n')
    assert workspace(tmp_path).actor == "bookkeeping"
    with environment(RETURNS_LEDGER_ACTOR="audit firm"):
        assert workspace(tmp_path).actor == "audit firm"


# --- stores -----------------------------------------------------------------------------------


def test_a_store_may_be_one_file_which_is_one_accounts_ledger(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/elsewhere.db"
    files = written(tmp_path / "files", sold(ORDER, "2026-06-01"))
    assert typed("import", *files, "--store", url, "--account", "northwind").code == 0

    assert [row["account"] for row in typed("status", "--store", url).rows] == ["northwind"]
    assert not (tmp_path / "home" / "accounts").exists()
    beside = {one.name for one in tmp_path.glob("elsewhere.*.db")}
    assert {"elsewhere.keys.db", "elsewhere.checkpoints.db"} == beside


def test_stores_of_one_home_are_signed_apart(tmp_path: Path) -> None:
    """Two logs of one name are two logs: neither is a fork of the other."""
    files = written(tmp_path / "files", sold(ORDER, "2026-06-01"))
    stores = [[], *(["--store", f"sqlite:///{tmp_path}/{name}.db"] for name in ("one", "two"))]
    for store in stores:
        assert typed("import", *files, "--account", "northwind", *store).code == 0
        assert typed("check", *store).code == 0
    keys = {typed("checkpoint", "keys", *store).row["vkey"] for store in stores}

    assert 3 == len(keys)


def test_the_settings_may_name_the_store_and_an_option_overrules_them(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f'store = "sqlite:///{tmp_path}/one.db"\n')

    assert workspace(tmp_path).store == f"sqlite:///{tmp_path}/one.db"
    assert workspace(tmp_path, "sqlite:///two.db").store == "sqlite:///two.db"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:s3cr@t@localhost:1/db",
        "postgresql://ann:s3cret@localhost:1/db",
        "postgresql://ann:s3cret%zz@localhost:1/db",
        "postgresql://ann:s3cret@localhost:1/db?nonsense=1",
        "postgresql://ann:s3cret@[::1/db",
        "mysql://ann:s3cret@localhost/db",
        "s3cret",
        "sqlite://s3cret",
    ],
)
def test_an_address_that_leads_nowhere_is_an_error_that_repeats_no_password(url: str) -> None:
    said = typed("status", "--store", url, "-v")

    assert said.code == 1
    assert said.err.startswith("error: ")
    assert "\n→ " in said.err
    assert "s3cr" not in said.err


def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    other.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreTrouble):
        workspace(tmp_path, f"sqlite:///{other}").accounts()

    assert other.read_bytes() == b"not a database at all" * 100
