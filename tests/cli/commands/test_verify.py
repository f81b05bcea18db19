"""Verifying what was handed out, on a machine with a ledger and without one."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cli.packs import Pack
from cli.session import Session
from tests.cli.terminal import TODAY, environment, imported, typed
from tests.story import ORDER, OTHER_ORDER, refunded, returned, sold


@pytest.fixture(autouse=True)
def an_order(tmp_path: Path) -> None:
    imported(
        tmp_path / "files",
        sold(ORDER, "2026-06-01"),
        refunded(ORDER, "2026-06-10"),
        returned(ORDER, "2026-06-20"),
    )


def pack(output: Path, positions: list[int] | None = None) -> Path:
    """A pack of the ledger as it stands."""
    home = Path(os.environ["RETURNS_LEDGER_HOME"])
    workspace = Session(home=home, clock=lambda: TODAY).workspace
    with workspace.log("seller") as log:
        notary = workspace.notary(log)
        with Pack(kind="export", log=log, notary=notary, question={}, output=output) as made:
            made.entries(positions)
            for digest in log.originals():
                made.original(digest)
    return output


def more(tmp_path: Path) -> None:
    imported(tmp_path / "more", sold(OTHER_ORDER, "2026-06-02"))


def database(tmp_path: Path) -> Path:
    return tmp_path / "home" / "accounts" / "seller" / "ledger.db"


def refusals(*arguments: str | Path) -> list[str]:
    said = typed("verify", *arguments)
    assert said.code == 1, said
    return [f"{row['name']}: {problem}" for row in said.rows for problem in row["problems"]]


@pytest.mark.parametrize("positions", [None, [2, 3]])
@pytest.mark.parametrize("name", ["pack.zip", "pack"])
def test_a_pack_is_verified_and_compared_with_the_log_that_is_kept_here(
    name: str, positions: list[int] | None, tmp_path: Path
) -> None:
    output = pack(tmp_path / name, positions)
    more(tmp_path)
    said = typed("verify", output, "--format", "json")

    assert said.code == 0, said.out
    assert list(said.json) == ["schema", "as_of", "known_at", "checks"]
    checks = {check["name"]: check for check in said.json["checks"]}
    assert {"files", "entries", "signatures", "originals", "totals", "home"} <= set(checks)
    assert all(check["ok"] and check["checked"] for check in checks.values())


def test_a_path_that_is_mistyped_says_nothing_against_what_was_handed_out(tmp_path: Path) -> None:
    mistyped = tmp_path / "packs.zip"
    said = typed("verify", pack(tmp_path / "pack.zip"), mistyped, "--format", "table")

    assert said.code == 1
    assert f"There is no {mistyped}: check how it is written." in " ".join(said.out.split())
    assert "Do not rely" not in said.out


def test_what_was_handed_out_before_the_key_was_replaced_is_verified_as_ever(
    tmp_path: Path,
) -> None:
    before = pack(tmp_path / "before.zip")
    assert typed("checkpoint", "rotate", "--why", "the laptop was sold").code == 0
    after = pack(tmp_path / "after.zip")

    for output in (before, after):
        said = typed("verify", output)
        assert said.code == 0, said.out
        assert "home" in {row["name"] for row in said.rows}
    assert typed("verify", before, "--key", "x").code == 1


def test_a_pack_is_verified_where_no_ledger_is(tmp_path: Path) -> None:
    output = pack(tmp_path / "pack.zip")
    with environment(RETURNS_LEDGER_HOME=str(tmp_path / "nowhere")):
        said = typed("verify", output)

        assert said.code == 0
        assert "home" not in {row["name"] for row in said.rows}
        assert not (tmp_path / "nowhere").exists()


def test_a_pack_of_a_log_that_was_rewritten_is_found_by_the_home(tmp_path: Path) -> None:
    """By the owner's own key: a stranger without a checkpoint cannot see it."""
    home, saved = tmp_path / "home", tmp_path / "saved"
    shutil.copytree(home, saved)
    more(tmp_path)
    shutil.copytree(home, tmp_path / "forked")
    for name in ("ledger.db", "checkpoints.db"):
        shutil.copy(
            saved / "accounts" / "seller" / name, tmp_path / "forked/accounts/seller" / name
        )
    with environment(RETURNS_LEDGER_HOME=str(tmp_path / "forked")):
        imported(tmp_path / "other", sold(OTHER_ORDER, "2026-06-09"))
        output = pack(tmp_path / "pack.zip")
        assert typed("verify", output).code == 0

    assert any(problem.startswith("home: ") for problem in refusals(output))


def test_a_pack_of_a_later_state_must_go_on_from_what_was_signed_here(tmp_path: Path) -> None:
    shutil.copytree(tmp_path / "home", tmp_path / "saved")
    more(tmp_path)
    every, some = pack(tmp_path / "pack.zip"), pack(tmp_path / "some.zip", [2])
    with environment(RETURNS_LEDGER_HOME=str(tmp_path / "saved")):
        assert typed("verify", every).code == 0
        (problem,) = refusals(some)

    assert "ask for a pack made with it" in problem


def test_what_was_changed_is_refused_in_words(tmp_path: Path) -> None:
    output = pack(tmp_path / "pack")
    entries = output / "entries.ndjson"
    entries.write_bytes(entries.read_bytes().replace(b'"quantity":1', b'"quantity":2'))
    said = typed("verify", output, "--format", "table")

    assert said.code == 1
    assert "pack: REFUSED" in said.out
    assert "REFUSED: files: 'entries.ndjson' was changed" in said.out
    assert "ask whoever made it for another" in said.out


def test_proofs_need_no_key_where_the_home_knows_the_log(tmp_path: Path) -> None:
    checkpoint, entry, row = (tmp_path / name for name in ("checkpoint", "entry", "row.json"))
    growth = tmp_path / "growth.json"
    key = typed("checkpoint", "keys").row["vkey"]
    file = next((tmp_path / "files").iterdir()).name
    for typed_words in (
        ("checkpoint", "make", "-o", checkpoint),
        ("prove", "entry", "2", "-o", entry),
        ("prove", "row", file, "2", "-o", row),
        ("prove", "growth", checkpoint, "-o", growth),
    ):
        assert typed(*typed_words).code == 0

    assert typed("verify", checkpoint, entry, row, growth).code == 0
    with environment(RETURNS_LEDGER_HOME=str(tmp_path / "nowhere")):
        for path in (checkpoint, entry, row, growth):
            assert "give it with --key" in refusals(path)[0]
            assert typed("verify", path, "--key", key).code == 0


def test_a_proof_is_verified_with_an_entry_from_elsewhere(tmp_path: Path) -> None:
    entry, other = tmp_path / "entry", tmp_path / "other"
    assert typed("prove", "entry", "2", "-o", entry).code == 0
    assert typed("prove", "entry", "3", "-o", other).code == 0
    elsewhere = tmp_path / "line"
    (tmp_path / "entry.json").rename(elsewhere)

    assert typed("verify", entry, "--with", elsewhere).code == 0
    assert (
        "the proof is for position 2, not 3"
        in refusals(entry, "--with", tmp_path / "other.json")[0]
    )


def test_without_a_file_the_log_is_verified_with_all_that_was_signed(tmp_path: Path) -> None:
    said = typed("verify", "--format", "json")

    assert said.code == 0
    checks = {check["name"]: check["checked"] for check in said.json["checks"]}
    assert {"leaves", "tree", "originals", "checkpoints", "keys"} <= set(checks)
    assert [name for name, checked in checks.items() if not checked] == ["chain"]

    with closing(sqlite3.connect(database(tmp_path))) as file, file:
        (trigger,) = file.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'entries'"
            " AND sql LIKE '%UPDATE%'"
        ).fetchone()
        file.execute(f"DROP TRIGGER {trigger}")
        file.execute("UPDATE entries SET version = 7 WHERE position = 2")
    problems = refusals()

    assert {problem.partition(":")[0] for problem in problems} >= {"guards", "leaves", "versions"}


def test_a_file_that_is_not_there_is_refused() -> None:
    assert "No such file" in refusals("nothing.zip")[0]


def test_a_key_that_is_none_is_refused(tmp_path: Path) -> None:
    assert "not a verifier key" in refusals(pack(tmp_path / "pack.zip"), "--key", "x")[0]
