"""Reading files into the ledger: whole or not at all, once for ever, the good beside the bad."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.demo import REPORTS
from tests.cli.terminal import imported, typed, written
from tests.story import ORDER, OTHER_ORDER, Told, refunded, reimbursed, returned, sold

FIELDS = [
    "file",
    "digest",
    "report_format",
    "account",
    "period_start",
    "period_end",
    "period_basis",
    "rows",
    "new",
    "unchanged",
    "revised",
    "refused",
]
RETURN = returned(ORDER, "2026-06-20")
BAD = b"return-date\torder-id\n2026-06-20T12:00:00+00:00\t114-0000001-0000001\n"


def with_a_bad_row(folder: Path) -> Path:
    (path,) = written(folder, RETURN, returned(OTHER_ORDER, "2026-06-21"))
    path.write_bytes(path.read_bytes().replace(b"\t1\tLEX1", b"\tone\tLEX1", 1))
    return path


def contents(folder: Path) -> dict[str, str]:
    """Every file of a folder by its digest, what the last command logged left aside."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.parent.name != "log"
    }


# --- one file ---------------------------------------------------------------------------------


def test_a_row_tells_what_became_of_the_file(tmp_path: Path) -> None:
    (path,) = written(tmp_path, RETURN, returned(OTHER_ORDER, "2026-06-25"))
    row = typed("import", path, "--account", "northwind").row

    assert list(row)[: len(FIELDS)] == FIELDS
    assert row["file"] == str(path)
    assert row["digest"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert row["report_format"] == "fba-customer-returns"
    assert row["account"] == "northwind"
    assert (row["period_start"], row["period_end"]) == ("2026-06-20", "2026-06-25")
    assert row["period_basis"] == "inferred"
    assert [row[name] for name in FIELDS[7:]] == [2, 2, 0, 0, 0]


def test_the_same_file_again_adds_nothing(tmp_path: Path) -> None:
    imported(tmp_path / "files", RETURN)
    entries = typed("account", "list").row["entries"]
    row = typed("import", tmp_path / "files").row

    assert [row[name] for name in FIELDS[7:]] == [1, 0, 1, 0, 0]
    assert typed("account", "list").row["entries"] == entries


def test_a_file_that_overlaps_adds_only_what_is_new(tmp_path: Path) -> None:
    imported(tmp_path / "june", RETURN)
    (path,) = written(tmp_path / "july", RETURN, returned(OTHER_ORDER, "2026-06-25"))
    row = typed("import", path).row

    assert [row[name] for name in FIELDS[7:]] == [2, 1, 1, 0, 0]


def test_a_story_that_amazon_changed_is_a_revision(tmp_path: Path) -> None:
    imported(tmp_path / "june", RETURN)
    (path,) = written(tmp_path / "july", returned(ORDER, "2026-06-20", status="Reimbursed"))
    row = typed("import", path, "--told-at", "2026-07-20").row

    assert [row[name] for name in FIELDS[7:]] == [1, 0, 0, 1, 0]


def test_the_period_may_be_stated(tmp_path: Path) -> None:
    (path,) = written(tmp_path, RETURN)
    row = typed("import", path, "--period", "2026-06-01..2026-06-30").row

    assert (row["period_start"], row["period_end"]) == ("2026-06-01", "2026-06-30")
    assert row["period_basis"] == "stated"


@pytest.mark.parametrize("period", ["2026-06-01", "june", "2026-06-30..2026-06-01", ".."])
def test_a_period_that_is_none_is_a_usage_error(tmp_path: Path, period: str) -> None:
    (path,) = written(tmp_path, RETURN)
    said = typed("import", path, "--period", period)

    assert said.code == 2
    assert "--period" in said.err


def test_a_period_that_ends_in_the_future_is_refused_and_makes_no_account(tmp_path: Path) -> None:
    (path,) = written(tmp_path, RETURN)
    said = typed("import", path, "--period", "2026-06-01..2026-12-31")

    assert said.code == 1
    assert "ends in the future" in said.err
    assert typed("account", "list").rows == []


def test_days_to_come_in_two_reports_make_no_claim_ready(tmp_path: Path) -> None:
    """They would say that Amazon had told of every day until then, and that nothing came back or was paid."""
    later = datetime(2026, 11, 29, 17, tzinfo=UTC)
    files = tmp_path / "files"
    shutil.copytree(REPORTS, files)
    for name in ("54979019591.txt", "54982770018.txt"):  # returns and reimbursements
        data = (files / name).read_bytes()
        first = data.splitlines(keepends=True)[1]
        (files / name).write_bytes(data + first.replace(first[:10], b"2027-01-14"))
    said = typed("import", files, "--marketplace", "US", clock=lambda: later)

    assert said.code == 1
    assert "column 'approval-date': this date has not come yet" in said.err
    assert "column 'return-date': this date has not come yet" in said.err
    typed("import", files, "--marketplace", "US", "--keep-going", clock=lambda: later)
    verdicts = {row["verdict"] for row in typed("audit", clock=lambda: later).rows}

    assert "ready" not in verdicts


def test_a_store_is_named_as_people_name_it_and_another_name_is_a_usage_error(
    tmp_path: Path,
) -> None:
    (path,) = written(tmp_path, reimbursed("2026-06-20", "R-1", order=ORDER))
    assert typed("import", path, "--marketplace", "amazon.com").code == 0
    said = typed("import", path, "--marketplace", "Atlantis")

    assert said.code == 2
    assert "'Atlantis' is no Amazon store; one of US, CA," in said.err


# --- what is wrong with a file ----------------------------------------------------------------


def test_a_file_with_a_row_that_cannot_be_read_changes_nothing(tmp_path: Path) -> None:
    imported(tmp_path / "good", sold(ORDER, "2026-06-01"))
    path = with_a_bad_row(tmp_path / "bad")
    before = contents(tmp_path / "home")
    said = typed("import", path)

    assert said.code == 1
    assert said.err == (
        f"error: {path}, row 2, column 'quantity': not a whole number (found 'one')\n"
        "→ A spreadsheet may have rewritten the cell. Import the file as Amazon delivered it. "
        "Nothing was changed; --keep-going records the rows that can be read.\n"
    )
    assert contents(tmp_path / "home") == before


def test_a_file_that_cannot_be_read_makes_no_account(tmp_path: Path) -> None:
    path = with_a_bad_row(tmp_path / "bad")
    assert typed("import", path).code == 1

    assert typed("account", "list").rows == []
    assert not (tmp_path / "home" / "accounts").exists()


def test_keep_going_records_the_rest_and_keeps_the_refusal(tmp_path: Path) -> None:
    said = typed("import", with_a_bad_row(tmp_path / "bad"), "--keep-going")

    assert said.code == 0
    assert [said.row[name] for name in FIELDS[7:]] == [2, 1, 0, 0, 1]
    assert "refused: " in said.err
    assert "row 2, column 'quantity'" in said.err
    assert "RowRefused" in [row["event"] for row in typed("story", "account").rows]


def test_nothing_is_claimed_because_a_file_is_silent_of_which_rows_were_left_out(
    tmp_path: Path,
) -> None:
    """The return may stand in the row that could not be read, as it does here."""
    days = ("--period", "2026-04-01..2026-08-01", "--told-at", "2026-08-01", "--marketplace", "US")
    asked = ("audit", "--as-of", "2026-08-01", "--claim-type", "return_missing")
    orders = (ORDER, OTHER_ORDER, "114-0000003-0000003")
    imported(
        tmp_path / "sold",
        *(sold(one, "2026-04-01") for one in orders),
        refunded(ORDER, "2026-04-10"),
    )
    written(tmp_path / "paid", reimbursed("2026-07-20", "1", order=OTHER_ORDER))
    (path,) = written(
        tmp_path / "back", returned(ORDER, "2026-04-20"), returned(OTHER_ORDER, "2026-05-20")
    )
    assert typed("import", tmp_path / "paid", *days).code == 0
    good = path.read_bytes()
    path.write_bytes(good.replace(b"\t1\tLEX1", b"\tone\tLEX1", 1))
    said = typed("import", path, *days, "--keep-going")

    assert "it speaks for no day" in said.err
    assert ["review"] == [row["verdict"] for row in typed(*asked).rows]
    returns = [
        row for row in typed("coverage").rows if row["report_format"] == "fba-customer-returns"
    ]
    assert [(None, "incomplete")] == [(row["first_day"], row["basis"]) for row in returns]

    path.write_bytes(good.replace(ORDER.encode(), orders[2].encode(), 1))
    assert typed("import", path, *days).code == 0
    assert ["ready"] == [row["verdict"] for row in typed(*asked).rows]


def test_a_bad_file_does_not_undo_the_good_ones(tmp_path: Path) -> None:
    written(tmp_path, RETURN, refunded(ORDER, "2026-06-10"))
    (tmp_path / "bad.txt").write_bytes(BAD)
    said = typed("import", tmp_path)

    assert said.code == 1
    assert "bad.txt, row 1: nearest to 'fba-customer-returns'" in said.err
    assert {row["report_format"]: row["new"] for row in said.rows} == {
        None: 0,
        "fba-customer-returns": 1,
        "settlement": 4,
    }
    (failed,) = (row for row in said.rows if row["report_format"] is None)
    assert "nearest to 'fba-customer-returns'" in failed["error"]
    assert failed["rows"] == failed["new"] + failed["unchanged"] + failed["refused"] == 0
    assert [row["order_id"] for row in typed("status").rows] == [ORDER]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    said = typed("import", tmp_path / "nowhere.txt")

    assert said.code == 1
    assert "nowhere.txt: there is no such file or folder" in said.err


@pytest.mark.parametrize("command", ["import", "doctor identify", "doctor rows"])
def test_an_empty_path_is_not_the_folder_one_is_in(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a shell's variable is not set, `import "$FOLDER"` names nothing."""
    written(tmp_path, RETURN)
    monkeypatch.chdir(tmp_path)
    said = typed(*command.split(), "")

    assert said.code == 2
    assert said.err.count("Error:") == 1
    assert "the path is empty" in said.err
    assert not (tmp_path / "home").exists()
    assert typed(*command.split(), ".").code == 0


@pytest.mark.parametrize("option", ["--home", "--keys"])
def test_an_empty_home_is_not_the_folder_one_is_in(
    option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = written(tmp_path / "files", RETURN)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    said = typed(option, "", "import", path)

    assert said.code == 2
    assert "the path is empty" in said.err
    assert list((tmp_path / "here").iterdir()) == []


def test_codes_that_nobody_knows_are_named_and_kept(tmp_path: Path) -> None:
    (path,) = written(tmp_path, returned(ORDER, "2026-06-20", reason="BORED_OF_IT"))
    said = typed("import", path)

    assert said.code == 0
    assert (
        "codes that this program does not know, kept as they are: reason: BORED_OF_IT" in said.err
    )
    assert said.row["unknown_codes"] == ["reason: BORED_OF_IT"]
    assert "BORED_OF_IT" in typed("story", ORDER).row["summary"]


# --- folders, .gz and .zip --------------------------------------------------------------------


def test_a_folder_is_searched_and_what_is_hidden_or_no_report_is_left_alone(
    tmp_path: Path,
) -> None:
    written(tmp_path / "files" / "2026" / "june", RETURN)
    (tmp_path / "files" / ".DS_Store").write_bytes(b"\x00\x00\x00\x01Bud1")
    (tmp_path / "files" / ".hidden").mkdir()
    (tmp_path / "files" / ".hidden" / "bad.txt").write_bytes(BAD)
    (tmp_path / "files" / "invoice.pdf").write_bytes(b"%PDF-1.7\n...")
    (tmp_path / "files" / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    said = typed("import", tmp_path / "files")

    assert said.code == 0
    assert [row["new"] for row in said.rows] == [1]
    assert "invoice.pdf: not a report, left alone" in said.err
    assert "picture.png: not a report, left alone" in said.err


def test_the_ledger_itself_is_left_alone_where_it_lies_in_a_folder_of_reports(
    tmp_path: Path,
) -> None:
    written(tmp_path, RETURN)
    typed("import", tmp_path)
    said = typed("import", tmp_path)

    assert said.code == 0
    assert [row["unchanged"] for row in said.rows] == [1]
    assert f"{tmp_path / 'home'}: the ledger itself, left alone" in said.err
    assert "master.key" not in said.out + said.err


def test_keys_that_are_kept_apart_are_left_alone_as_well(tmp_path: Path) -> None:
    written(tmp_path, RETURN)
    keys = tmp_path / "keys"
    typed("--keys", keys, "import", tmp_path)
    said = typed("--keys", keys, "import", tmp_path)

    assert said.code == 0
    assert f"{keys}: the ledger itself, left alone" in said.err


@pytest.mark.parametrize("command", ["import", "doctor identify"])
@pytest.mark.parametrize("inside", ["", "accounts", "log", "master.key"])
def test_the_ledger_itself_is_refused_where_it_is_named(
    command: str, inside: str, tmp_path: Path
) -> None:
    imported(tmp_path / "files", RETURN)
    said = typed(*command.split(), tmp_path / "home" / inside)

    assert said.code == 1
    assert said.out == ""
    assert f"error: {tmp_path / 'home' / inside}: this is the ledger itself, " in said.err
    assert "→ Name the folder of the downloaded reports." in said.err


def test_reports_in_a_folder_within_the_home_are_imported(tmp_path: Path) -> None:
    written(tmp_path / "home" / "reports", RETURN)

    assert typed("import", tmp_path / "home" / "reports").row["new"] == 1


@pytest.mark.parametrize(
    ("mark", "encoding"), [(b"\xff\xfe\0\0", "utf-32-le"), (b"\0\0\xfe\xff", "utf-32-be")]
)
def test_a_report_in_utf_32_is_told_from_a_picture_and_how_to_save_it(
    mark: bytes, encoding: str, tmp_path: Path
) -> None:
    (path,) = written(tmp_path / "files", RETURN)
    path.write_bytes(mark + path.read_bytes().decode().encode(encoding))
    said = typed("import", tmp_path / "files")

    assert said.code == 1
    assert f"error: {path}: the text is UTF-32" in said.err
    assert "save it with the encoding UTF-8" in said.err
    assert "\0" not in said.err


def test_a_picture_that_is_named_is_an_error(tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    said = typed("import", picture)

    assert said.code == 1
    assert "picture.png" in said.err


def test_packed_files_are_opened_and_each_member_is_a_file(tmp_path: Path) -> None:
    (first,) = written(tmp_path / "files", RETURN)
    (second,) = written(tmp_path / "files", refunded(ORDER, "2026-06-10"))
    packed = tmp_path / "download.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(first, "returns.txt")
        archive.writestr("money/settlement.txt.gz", gzip.compress(second.read_bytes()))
    rows = typed("import", packed).rows

    assert [(row["file"], row["new"]) for row in rows] == [
        (f"{packed}/money/settlement.txt", 4),
        (f"{packed}/returns.txt", 1),
    ]
    assert {row["digest"] for row in rows} == {
        hashlib.sha256(path.read_bytes()).hexdigest() for path in (first, second)
    }


def test_a_packed_file_that_is_cut_off_does_not_hold_up_the_others(tmp_path: Path) -> None:
    (path,) = written(tmp_path / "files", RETURN)
    (tmp_path / "files" / "cut.gz").write_bytes(gzip.compress(path.read_bytes())[:40])
    said = typed("import", tmp_path / "files")

    assert said.code == 1
    assert "cut.gz: the compressed file is cut off" in said.err
    assert sum(row["new"] for row in said.rows) == 1


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    (path,) = written(tmp_path, RETURN)

    assert len(typed("import", path, tmp_path, path).rows) == 1


# --- trials -----------------------------------------------------------------------------------


def test_a_trial_says_what_would_be_news_and_changes_nothing(tmp_path: Path) -> None:
    imported(tmp_path / "june", RETURN)
    before = contents(tmp_path / "home")
    written(tmp_path / "july", RETURN, returned(OTHER_ORDER, "2026-06-25"))
    row = typed("import", tmp_path / "july", "--dry-run").row

    assert [row[name] for name in FIELDS[7:]] == [2, 1, 1, 0, 0]
    assert contents(tmp_path / "home") == before


def test_a_trial_makes_no_account_and_no_home(tmp_path: Path) -> None:
    (path,) = written(tmp_path / "files", RETURN)

    assert typed("import", path, "--dry-run").row["new"] == 1
    assert not (tmp_path / "home").exists()


# --- as a person sees it ----------------------------------------------------------------------


def test_a_table_ends_with_what_to_do_next(tmp_path: Path) -> None:
    (path,) = written(tmp_path, RETURN)
    shown = typed("import", path, "--format", "table").out

    assert shown.splitlines()[0].split()[:2] == ["file", "report"]
    assert shown.endswith("→ See what Amazon owes: `returns-ledger audit --account default`.\n")


def test_a_gap_between_files_is_hinted_at(tmp_path: Path) -> None:
    def told(*days: str) -> list[Told]:
        return [returned(ORDER, day, plate=f"LPN{day}") for day in days]

    imported(tmp_path / "spring", *told("2026-03-01", "2026-03-02", "2026-03-03"))
    written(tmp_path / "summer", *told("2026-06-20", "2026-06-21", "2026-06-22"))
    shown = typed("import", tmp_path / "summer", "--format", "table").out

    assert (
        "→ fba-customer-returns says nothing of 2026-03-04 to 2026-06-19: "
        "download it for these days, too.\n"
    ) in shown


def test_quiet_says_nothing_beside_the_answer(tmp_path: Path) -> None:
    (path,) = written(tmp_path, returned(ORDER, "2026-06-20", reason="BORED_OF_IT"))

    assert typed("import", path, "-q").err == ""


def test_an_empty_folder_is_said_to_be_empty(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    said = typed("import", tmp_path / "empty", "--format", "table")

    assert said.code == 0
    assert "There is no report in there." in said.out
