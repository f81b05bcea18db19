"""What was handed out or backed up is the same ledger again, on the other kind of store too."""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import sqlite3
import stat
import subprocess
from contextlib import closing
from contextlib import nullcontext as nothing
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from cli.demo import REPORTS
from cli.restoring import KEYS
from ledger.verify import verify_pack
from tests import forking
from tests.bench.making import returns_report
from tests.cli.packs.conftest import files_in
from tests.cli.terminal import Said, ended, environment, imported, started, typed
from tests.postgres import fresh_database
from tests.registries import ROOT
from tests.story import ORDER, refunded, returned, sold

FORMS = "csv,ndjson,parquet,xlsx,sqlite"


def an_order(tmp_path: Path) -> None:
    imported(
        tmp_path / "files",
        sold(ORDER, "2026-06-01"),
        refunded(ORDER, "2026-06-10"),
        returned(ORDER, "2026-07-20"),
    )


def desk_work(tmp_path: Path) -> None:
    """What the seller says of an order, with a photo and rules of his own."""
    an_order(tmp_path)
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(random.Random(1).randbytes(5000))
    rules = typed("rules", "template").out
    (tmp_path / "own.toml").write_text(rules)
    for words in (
        ("note", ORDER, "seen on the shelf"),
        ("evidence", "attach", ORDER, photo),
    ):
        said = typed(*words)
        assert said.code == 0, said.err


def done(said: Said) -> Said:
    assert said.code == 0, said.err + said.out
    return said


def rows_of(said: Said) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in said.rows}


def ledger_of(home: Path, account: str = "seller") -> Path:
    return home / "accounts" / account / "ledger.db"


def changed(home: Path, statement: str, account: str = "seller") -> None:
    """Somebody with a tool changes what nobody should."""
    with closing(sqlite3.connect(ledger_of(home, account))) as file:
        names = [
            row[0] for row in file.execute("SELECT name FROM sqlite_schema WHERE type='trigger'")
        ]
        for name in names:
            file.execute(f"DROP TRIGGER {name}")
        assert file.execute(statement).rowcount
        file.commit()


# --- from one kind of store to the other ------------------------------------------------------


@pytest.mark.postgres
def test_a_ledger_goes_from_a_file_to_a_server_and_back_and_stays_the_same(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same root, the same views, and, by the same keys, every file of an export byte for byte."""
    monkeypatch.setenv("RETURNS_LEDGER_KEYS", str(tmp_path / "keys"))
    store = ("--store", fresh_database())
    done(typed("export", "--all", "--with", FORMS, "-o", tmp_path / "file"))
    said = done(typed("import", "--verified", tmp_path / "file", *store))
    done(typed("export", "--all", "--with", FORMS, "-o", tmp_path / "server", *store))
    for words in (("--period", "2026-10"), ("--order", BUYER)):
        done(typed("export", *words, "-o", tmp_path / f"file{words[0]}"))
        done(typed("export", *words, "-o", tmp_path / f"server{words[0]}", *store))
        assert files_in(tmp_path / f"file{words[0]}") == files_in(tmp_path / f"server{words[0]}")
    back = done(
        typed("import", "--verified", tmp_path / "server", "--account", "back", "--format", "json")
    )
    manifest = json.loads((tmp_path / "file" / "manifest.json").read_bytes())

    assert {row["ok"] for row in said.rows} == {True}
    assert {check["ok"] for check in back.json["checks"]} == {True}
    assert files_in(tmp_path / "file") == files_in(tmp_path / "server")
    made = {row["name"]: row["digest"] for row in typed("rebuild", "--account", "back").rows}
    assert made == {name: view["digest"] for name, view in manifest["views"].items()}
    for there in (store, ("--account", "back")):
        done(typed("check", *there))
    assert demo.is_dir()


@pytest.mark.postgres
def test_a_ledger_that_began_on_a_server_is_the_same_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETURNS_LEDGER_KEYS", str(tmp_path / "keys"))
    store = ("--store", fresh_database())
    with environment(RETURNS_LEDGER_STORE=store[1]):
        desk_work(tmp_path)
    done(typed("export", "--all", "-o", tmp_path / "server", *store))
    done(typed("import", "--verified", tmp_path / "server"))
    done(typed("export", "--all", "-o", tmp_path / "file"))

    assert files_in(tmp_path / "server") == files_in(tmp_path / "file")
    assert typed("status", *store).out == typed("status").out
    assert typed("story", ORDER, *store).out == typed("story", ORDER).out


def test_an_export_of_a_restored_ledger_is_verified_whoever_signs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys were replaced where it came from, and none of them is here."""
    an_order(tmp_path)
    done(typed("checkpoint", "rotate", "--why", "a new year"))
    done(typed("export", "--all", "-o", tmp_path / "first.zip"))
    monkeypatch.setenv("RETURNS_LEDGER_HOME", str(tmp_path / "elsewhere"))
    said = done(typed("import", "--verified", tmp_path / "first.zip"))
    done(typed("export", "--all", "-o", tmp_path / "second.zip"))
    first, second = (files_in(tmp_path / name) for name in ("first.zip", "second.zip"))

    assert "Here the ledger is signed under the name" in said.err
    assert verify_pack(tmp_path / "second.zip").problems == []
    assert first["entries.ndjson"] == second["entries.ndjson"]
    assert first["keys.txt"] != second["keys.txt"]


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [("--period", "2026-06"), ("--order", ORDER)])
def test_a_part_of_a_ledger_is_no_ledger(tmp_path: Path, asked: tuple[str, str]) -> None:
    an_order(tmp_path)
    done(typed("export", *asked, "-o", tmp_path / "part"))
    said = typed("import", "--verified", tmp_path / "part", "--account", "new")

    assert said.code == 1
    assert "some of the entries" in said.err
    assert ["seller"] == [row["account"] for row in typed("account", "list").rows]


def test_a_ledger_without_its_files_is_no_ledger(tmp_path: Path) -> None:
    an_order(tmp_path)
    done(typed("export", "--all", "--originals", "digests", "-o", tmp_path / "part"))
    said = typed("import", "--verified", tmp_path / "part", "--account", "new")

    assert said.code == 1
    assert "are not in it" in said.err
    assert "--originals all" in said.err


def test_nothing_is_put_over_a_ledger_that_is_there(tmp_path: Path) -> None:
    an_order(tmp_path)
    done(typed("backup", "-o", tmp_path / "b.zip"))
    before = typed("story", ORDER).out
    for words in (("restore", tmp_path / "b.zip"), ("import", "--verified", tmp_path / "b.zip")):
        said = typed(*words)
        assert said.code == 1
        assert "nothing is put over them" in said.err
        assert "--into NAME" in said.err

    assert before == typed("story", ORDER).out


def test_another_key_than_the_one_that_is_trusted_is_refused(tmp_path: Path) -> None:
    an_order(tmp_path)
    done(typed("backup", "-o", tmp_path / "b.zip"))
    own = files_in(tmp_path / "b.zip")["keys.txt"].decode().strip()
    other = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

    assert typed("restore", tmp_path / "b.zip", "--into", "a", "--key", other).code == 1
    assert typed("restore", tmp_path / "b.zip", "--into", "b", "--key", own).code == 0


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("import", "--verified", "x", "y"), "takes one export"),
        (("import", "--verified", "x", "--dry-run"), "takes one export"),
        (("import", "x", "--key", "y"), "belongs to --verified"),
        (("restore", "{}", "--compare", "--into", "x"), "changes nothing"),
        (("restore", "{}", "--account", "x", "--into", "y"), "names the account"),
    ],
)
def test_what_does_not_go_together_is_a_matter_of_usage(
    tmp_path: Path, words: tuple[str, ...], why: str
) -> None:
    said = typed(*(word.format(tmp_path) for word in words))

    assert said.code == 2
    assert why in said.err


def test_a_damaged_backup_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    """Whatever byte is another one, or whereever it ends."""
    desk_work(tmp_path)
    done(typed("backup", "-o", tmp_path / "b.zip"))
    whole = (tmp_path / "b.zip").read_bytes()
    chance = random.Random(4)
    for number in range(60):
        place = chance.randrange(len(whole))
        damaged = bytearray(whole)
        if number % 3:
            damaged[place] ^= 1 << chance.randrange(8)
        else:
            del damaged[place:]
        (tmp_path / "damaged.zip").write_bytes(damaged)
        said = typed("restore", tmp_path / "damaged.zip", "--into", f"new{number}")
        there = [row["account"] for row in typed("account", "list").rows]
        if said.code:
            assert "Traceback" not in said.err
            assert f"new{number}" not in there
        else:  # a bit of which no reader of a .zip takes notice
            assert {row["ok"] for row in said.rows} == {True}


# --- a backup ---------------------------------------------------------------------------------


def test_a_backup_holds_everything_and_is_the_same_ledger(tmp_path: Path) -> None:
    desk_work(tmp_path)
    said = done(typed("backup", "-o", tmp_path / "b.zip"))
    done(typed("restore", tmp_path / "b.zip", "--into", "again"))

    assert verify_pack(tmp_path / "b.zip").ok
    assert said.row["originals"] == len(list(files_of_originals(tmp_path / "b.zip")))
    assert typed("story", ORDER, "--account", "seller", "--format", "csv").out.replace(
        "seller,", "again,"
    ) == typed("story", ORDER, "--account", "again", "--format", "csv").out.replace(
        "seller,", "again,"
    )
    done(typed("check", "--account", "again"))


def files_of_originals(pack: Path) -> list[str]:
    return [path for path in files_in(pack) if path.startswith("originals/")]


def writing(tmp_path: Path, *store: str) -> subprocess.Popen[bytes]:
    """Another process imports thirty files, one transaction each."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number:02}.txt").write_bytes(returns_report(400, seed=number))
    return started("import", folder, "--account", "seller", "--marketplace", "US", *store)


def backed_up_while_others_write(tmp_path: Path, *store: str) -> None:
    writer = writing(tmp_path, *store)
    sizes: list[int] = []
    while writer.poll() is None or not sizes:
        output = tmp_path / f"backup{len(sizes)}.zip"
        said = typed("backup", "-o", output, *store)
        if said.code == 0:
            sizes.append(said.row["entries"])
        else:  # before anything was imported
            assert "nothing has been imported yet" in said.err, said.err
    assert ended(writer).code == 0
    assert sizes == sorted(sizes)
    assert len(sizes) > 2
    for number, size in enumerate(sizes):
        output = tmp_path / f"backup{number}.zip"
        assert verify_pack(output).problems == []
        assert size == json.loads(files_in(output)["manifest.json"])["log"]["size"]
    for number in {0, len(sizes) // 2, len(sizes) - 1}:
        said = done(typed("restore", tmp_path / f"backup{number}.zip", "--compare", *store))
        assert {row["ok"] for row in said.rows} == {True}


def test_a_backup_is_whole_while_others_write(tmp_path: Path) -> None:
    an_order(tmp_path)
    backed_up_while_others_write(tmp_path)


@pytest.mark.postgres
def test_a_backup_of_a_server_is_whole_while_others_write(tmp_path: Path) -> None:
    url = fresh_database()
    with environment(RETURNS_LEDGER_STORE=url):
        an_order(tmp_path)
    backed_up_while_others_write(tmp_path, "--store", url)


LIMITED = """\
import resource, sys
from cli.main import run
most = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
sys.exit(run(sys.argv[2:]))
"""


@pytest.mark.parametrize(
    ("most", "words"),
    [
        (40_000, ("backup",)),
        (40_000, ("export", "--all")),
        (300_000, ("export", "--all", "--originals", "digests")),
        (1_700_000, ("export", "--all", "--with", "xlsx")),
        (2_000_000, ("export", "--all", "--with", FORMS)),
    ],
)
@pytest.mark.parametrize("name", ["x", "x.zip"])
def test_a_full_disk_leaves_no_half_of_it(
    demo: Path, tmp_path: Path, most: int, words: tuple[str, ...], name: str
) -> None:
    """Whichever file it is that has no room: an original, a table aside, a sheet, the entries."""
    output = tmp_path / "out" / name
    output.parent.mkdir()
    passing = tmp_path / "passing"
    passing.mkdir()
    said = subprocess.run(
        [*forking.python(), "-c", LIMITED, str(most), *words, "-o", str(output)],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(passing)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert said.returncode == 1, said.stdout
    assert "cannot be written" in said.stderr
    assert "Traceback" not in said.stderr
    assert [] == list(output.parent.iterdir())
    assert [] == list(passing.iterdir())
    assert demo.is_dir()


# --- the keys ---------------------------------------------------------------------------------


def test_keys_are_in_a_backup_only_where_they_were_asked_for(tmp_path: Path) -> None:
    an_order(tmp_path)
    done(typed("backup", "-o", tmp_path / "without"))
    said = done(typed("backup", "--with-keys", "-o", tmp_path / "with", "--format", "table"))

    assert not (tmp_path / "without" / "keys").exists()
    assert (tmp_path / "with" / "keys" / "keys.db").is_file()
    assert "only gone once this backup is gone" in " ".join(said.out.split())
    assert not any(path.name == "master.key" for path in (tmp_path / "with").rglob("*"))


def test_with_its_keys_a_ledger_is_signed_under_the_name_that_it_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_order(tmp_path)
    done(typed("backup", "--with-keys", "-o", tmp_path / "b.zip"))
    origin = typed("checkpoint", "keys").rows
    for name in ("keys", "accounts"):
        moved = tmp_path / "home" / name
        if moved.exists() and name == "accounts":
            shutil.rmtree(moved)
    for keys in (tmp_path / "home").rglob("keys.db"):
        keys.unlink()
    said = done(typed("restore", tmp_path / "b.zip", "--with-keys"))
    (keys,) = (tmp_path / "home").rglob("keys.db")

    assert origin == typed("checkpoint", "keys").rows
    assert "erase it again" in said.err
    assert 0o600 == stat.S_IMODE(keys.stat().st_mode)
    again = typed("restore", tmp_path / "b.zip", "--with-keys", "--into", "seller")
    assert again.code == 1


def test_keys_that_are_not_in_it_cannot_be_put_back(tmp_path: Path) -> None:
    an_order(tmp_path)
    done(typed("backup", "-o", tmp_path / "b.zip"))
    said = typed("restore", tmp_path / "b.zip", "--with-keys", "--into", "new")

    assert said.code == 1
    assert "there are no keys in it" in said.err


def test_keys_that_are_there_stay(tmp_path: Path) -> None:
    an_order(tmp_path)
    done(typed("backup", "--with-keys", "-o", tmp_path / "b.zip"))
    (keys,) = (tmp_path / "home").rglob("keys.db")
    before = keys.read_bytes()
    for path in ledger_of(tmp_path / "home").parent.glob("ledger.db*"):
        path.unlink()
    said = typed("restore", tmp_path / "b.zip", "--with-keys")

    assert said.code == 1
    assert "nothing is put over them" in said.err
    assert before == keys.read_bytes()


def test_keys_are_copied_from_a_home_that_is_named_from_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_order(tmp_path)
    monkeypatch.chdir(tmp_path)
    said = typed("--home", "home", "backup", "-o", "copy.zip", "--with-keys")

    assert said.code == 0, said.err
    assert KEYS in ZipFile("copy.zip").namelist()


def test_keys_under_another_master_key_are_not_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_order(tmp_path)
    done(typed("backup", "--with-keys", "-o", tmp_path / "b.zip"))
    monkeypatch.setenv("RETURNS_LEDGER_HOME", str(tmp_path / "elsewhere"))
    said = typed("restore", tmp_path / "b.zip", "--with-keys")

    assert said.code == 1
    assert "master key" in said.err
    assert [] == list((tmp_path / "elsewhere").rglob("keys.db"))
    assert 0 == typed("restore", tmp_path / "b.zip").code


PERSONAL = (b"Placida", b"placida963", b"963 Fictional", b"555-0163", b"Port Larkin")
BUYER = "114-6120653-9998402"
"""One of the invented seller's, of whom the reports tell this."""


def test_what_is_personal_is_handed_out_sealed_and_opened_by_nobody(
    demo: Path, tmp_path: Path
) -> None:
    """Not even unpacked: in no form of the tables, and in no file as it is kept."""
    assert all(words in b"".join(report_bytes()) for words in PERSONAL)
    for words in (("export", "--all", "--with", FORMS), ("backup",), ("export", "--order", BUYER)):
        output = tmp_path / words[-1]
        done(typed(*words, "-o", output))
        with (
            ZipFile(output / "tables.xlsx") if (output / "tables.xlsx").exists() else nothing() as x
        ):
            more = [x.read(name) for name in x.namelist()] if x else []
        found = b"\0".join([*files_in(output).values(), *more])
        assert [] == [words for words in PERSONAL if words in found]
    assert demo.is_dir()


def report_bytes() -> list[bytes]:
    return [
        gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for path in REPORTS.iterdir()
    ]


def test_what_was_handed_out_before_an_erasure_is_verified_and_restored_after_it(
    demo: Path, tmp_path: Path
) -> None:
    """And with the keys of then it could be opened again, as it is said of such a backup."""
    done(typed("backup", "-o", tmp_path / "without.zip"))
    done(typed("backup", "--with-keys", "-o", tmp_path / "with.zip"))
    done(typed("privacy", "erase", BUYER, "--why", "asked for it"))
    for name in ("without.zip", "with.zip"):
        assert verify_pack(tmp_path / name).problems == []
        done(typed("restore", tmp_path / name, "--compare"))
    done(typed("restore", tmp_path / "without.zip", "--into", "again"))
    done(typed("check", "--account", "again"))
    held = typed("privacy", "report", BUYER, "--account", "again").out
    assert not any(words.decode() in held for words in PERSONAL)
    assert demo.is_dir()


# --- what is damaged is not handed out ---------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM entries WHERE position = 5",
        "UPDATE entries SET recorded_at = recorded_at - 1 WHERE position = 5",
        "UPDATE originals SET content = x'00'",
    ],
)
@pytest.mark.parametrize("words", [("backup",), ("export", "--all"), ("export", "--order", ORDER)])
def test_what_is_damaged_is_not_handed_out(
    tmp_path: Path, statement: str, words: tuple[str, ...]
) -> None:
    an_order(tmp_path)
    if "originals" in statement:
        words = (*words, "--originals", "all") if words[0] == "export" else words
    changed(tmp_path / "home", statement)
    before = set(tmp_path.iterdir())
    said = typed(*words, "-o", tmp_path / "out")

    assert said.code == 1
    assert "damaged" in said.err
    assert "Traceback" not in said.err
    assert before == set(tmp_path.iterdir())


# --- live and restored ------------------------------------------------------------------------


def test_a_ledger_that_was_lost_is_back_and_goes_on(tmp_path: Path) -> None:
    """Its keys and its checkpoints were not lost: it keeps its name."""
    an_order(tmp_path)
    done(typed("backup", "-o", tmp_path / "b.zip"))
    keys = typed("checkpoint", "keys").rows
    for path in ledger_of(tmp_path / "home").parent.glob("ledger.db*"):
        path.unlink()
    said = done(typed("restore", tmp_path / "b.zip"))

    assert "caution" not in said.err
    assert keys == typed("checkpoint", "keys").rows
    done(typed("note", ORDER, "it goes on"))
    done(typed("check"))


def test_a_backup_that_is_older_than_what_was_signed_is_found_out(tmp_path: Path) -> None:
    """It is restored, takes nothing more, and what was signed is still remembered."""
    an_order(tmp_path)
    done(typed("backup", "-o", tmp_path / "b.zip"))
    done(typed("note", ORDER, "later"))
    signed = typed("checkpoint", "list").rows
    for path in ledger_of(tmp_path / "home").parent.glob("ledger.db*"):
        path.unlink()
    said = typed("restore", tmp_path / "b.zip")

    assert said.code == 1
    assert "entries are missing" in said.err
    assert "accept-loss" in said.err
    assert {row["ok"] for row in said.rows} == {True}
    assert signed == typed("checkpoint", "list").rows
    assert typed("note", ORDER, "more").code == 1
    done(typed("checkpoint", "accept-loss", "--why", "the disk is gone"))
    done(typed("note", ORDER, "more"))


def test_comparing_changes_nothing_and_says_what_was_recorded_since(tmp_path: Path) -> None:
    an_order(tmp_path)
    done(typed("backup", "-o", tmp_path / "b.zip"))
    done(typed("note", ORDER, "later"))
    before = typed("story", ORDER).out
    said = done(typed("restore", tmp_path / "b.zip", "--compare"))

    assert {row["ok"] for row in said.rows} == {True}
    assert "1 entries more" in said.err
    assert before == typed("story", ORDER).out


@pytest.mark.parametrize(
    ("statement", "name", "problem"),
    [
        ("DELETE FROM entries WHERE position = 5", "entries", "entry 5 is missing"),
        (
            "UPDATE entries SET recorded_at = recorded_at - 1 WHERE position = 4",
            "entries",
            "entry 4 is another one",
        ),
        ("UPDATE originals SET content = x'00'", "originals", "is damaged"),
        ("DELETE FROM originals", "originals", "is missing"),
    ],
)
def test_where_live_and_restored_differ_is_said(
    tmp_path: Path, statement: str, name: str, problem: str
) -> None:
    an_order(tmp_path)
    done(typed("backup", "-o", tmp_path / "b.zip"))
    changed(tmp_path / "home", statement)
    said = typed("restore", tmp_path / "b.zip", "--compare")

    assert said.code == 1
    assert problem in rows_of(said)[name]["problems"][0]
    assert len(rows_of(said)["entries"]["problems"]) <= 1


def test_a_live_table_that_differs_is_named(tmp_path: Path) -> None:
    an_order(tmp_path)
    done(typed("backup", "-o", tmp_path / "b.zip"))
    views = tmp_path / "home" / "accounts" / "seller" / "views.db"
    with closing(sqlite3.connect(views)) as file:
        file.execute("DELETE FROM liability")
        file.commit()
    said = typed("restore", tmp_path / "b.zip", "--compare", "--format", "table")

    assert said.code == 1
    assert "view liability: " in said.out
    assert said.out.count(" no ") == 1


def test_a_ledger_that_lost_its_end_differs_there(tmp_path: Path) -> None:
    an_order(tmp_path)
    done(typed("note", ORDER, "later"))
    done(typed("backup", "-o", tmp_path / "b.zip"))
    last = max(row["position"] for row in typed("story", ORDER).rows)
    changed(tmp_path / "home", f"DELETE FROM entries WHERE position = {last}")
    said = typed("restore", tmp_path / "b.zip", "--compare")

    assert said.code == 1
    assert [f"entry {last} is missing"] == rows_of(said)["entries"]["problems"]
