"""What is personal is sealed, shown when it is asked for, due in time, and erased for good, from the command line."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.terminal import Said, typed
from tests.ledger.test_erasing import holding
from tests.ledger.test_sealing import ORDER, OTHER, plain, row

COMMENT = "Leave it with Ulrika Bergqvist"
WORDS = "Call me under 0171 2345678, Ulrika"
PICTURE = b"\x89PNG a label with Ulrika's address"


@pytest.fixture(autouse=True)
def told(tmp_path: Path) -> None:
    report = tmp_path / "june.txt"
    report.write_bytes(plain(row(COMMENT), row("fine", OTHER)).encode())
    said = typed(
        "import", report, "--account", "us", "--marketplace", "US", "--told-at", "2026-10-01"
    )
    assert said.code == 0, said.err
    (tmp_path / "words.txt").write_text(WORDS)
    (tmp_path / "label.png").write_bytes(PICTURE)


def done(*arguments: str | Path) -> Said:
    said = typed(*arguments)
    assert said.code == 0, said.err
    return said


def message(tmp_path: Path, *more: str) -> Said:
    return done(
        "message",
        "received",
        ORDER,
        "--message",
        "M-1",
        "--text-file",
        tmp_path / "words.txt",
        *more,
    )


def attach(tmp_path: Path, order: str = ORDER) -> Said:
    return done("evidence", "attach", order, tmp_path / "label.png", "--personal")


# --- sealed, and shown when it is asked for ---------------------------------------------------


def test_a_story_shows_what_is_sealed_only_when_it_is_asked_to(tmp_path: Path) -> None:
    message(tmp_path)
    redacted, clear = typed("story", ORDER).out, typed("story", ORDER, "--reveal").out

    assert COMMENT not in redacted
    assert WORDS not in redacted
    assert COMMENT in clear
    assert WORDS in clear
    assert ["customer-comments, message received"] == [
        used["field"] for used in done("privacy", "log", ORDER).rows
    ]


def test_words_are_nowhere_in_clear_and_the_same_message_sent_again_is_recorded_once(
    tmp_path: Path,
) -> None:
    first = message(tmp_path, "--id", "one")
    again = message(tmp_path, "--id", "one")
    other = typed("message", "received", ORDER, "--message", "M-1", "--text", "no", "--id", "one")

    assert ("recorded", "repeated") == (first.row["state"], again.row["state"])
    assert other.code == 1
    assert "says something else" in other.err
    assert [] == holding(tmp_path / "home", WORDS.encode(), b"Ulrika")


def test_words_in_a_batch_are_sealed_as_well(tmp_path: Path) -> None:
    line = {
        "command": "message received",
        "id": "7",
        "order": ORDER,
        "message": "M-7",
        "text": WORDS,
    }
    (tmp_path / "batch.ndjson").write_text(json.dumps(line) + "\n")
    done("batch", tmp_path / "batch.ndjson", "--dry-run")
    done("batch", tmp_path / "batch.ndjson")

    assert WORDS in typed("story", ORDER, "--reveal").out
    assert [] == holding(tmp_path / "home", WORDS.encode())


def test_where_the_keys_are_not_at_hand_that_is_said_and_nothing_is_called_erased(
    tmp_path: Path,
) -> None:
    there = ("--keys", tmp_path / "elsewhere")
    said = typed("story", ORDER, "--reveal", *there)

    assert "[its key is not here]" in said.out
    assert "[erased]" not in said.out


def test_a_trial_keeps_no_key(tmp_path: Path) -> None:
    before = (tmp_path / "home/accounts/us/keys.db").read_bytes()
    message(tmp_path, "--dry-run")

    assert before == (tmp_path / "home/accounts/us/keys.db").read_bytes()


def test_a_message_about_no_order_has_a_key_of_its_own(tmp_path: Path) -> None:
    done("message", "received", "--message", "M-9", "--text", "who are you")

    (held,) = done("privacy", "report", "message/M-9").rows
    assert ("message received", "who are you") == (held["field"], held["value"])
    done("privacy", "erase", "message/M-9", "--why", "asked for")
    assert [] == holding(tmp_path / "home", b"who are you")


def test_a_personal_picture_is_kept_sealed_and_saved_as_it_was(tmp_path: Path) -> None:
    digest = attach(tmp_path).row["name"]
    done("evidence", "save", digest, "-o", tmp_path / "again.png")

    assert PICTURE == (tmp_path / "again.png").read_bytes()
    assert [True] == [one["sealed"] for one in done("evidence", "list", ORDER).rows]
    assert [] == holding(tmp_path / "home", b"Ulrika")
    assert digest[:12] in done("privacy", "log", ORDER).row["field"]


def test_the_same_picture_on_a_second_order_lies_under_the_first_ones_key(tmp_path: Path) -> None:
    digest = attach(tmp_path).row["name"]
    attach(tmp_path, OTHER)
    done("privacy", "erase", OTHER, "--why", "asked for")
    done("evidence", "save", digest, "-o", tmp_path / "again.png")
    done("privacy", "erase", ORDER, "--why", "asked for")
    gone = typed("evidence", "save", digest, "-o", tmp_path / "gone.png")

    assert gone.code == 1
    assert "erased" in gone.err
    assert not (tmp_path / "gone.png").exists()


def test_what_is_kept_in_clear_cannot_be_sealed_any_more(tmp_path: Path) -> None:
    done("evidence", "attach", ORDER, tmp_path / "label.png")
    said = typed("evidence", "attach", OTHER, tmp_path / "label.png", "--personal")

    assert said.code == 1
    assert "kept in clear already" in said.err


# --- due, and erased --------------------------------------------------------------------------


def test_what_is_due_is_listed_and_ends_three(tmp_path: Path) -> None:
    said = typed("privacy", "due")

    assert said.code == 3
    assert [(f"order/{ORDER}", "2026-10-31", "told"), (f"order/{OTHER}", "2026-10-31", "told")] == [
        (one["subject"], one["due_on"], one["basis"]) for one in said.rows
    ]
    early = typed("privacy", "due", clock=lambda: datetime(2026, 10, 20, tzinfo=UTC))
    assert (0, "") == (early.code, early.out)
    soon = typed(
        "privacy", "due", "--within", "11", clock=lambda: datetime(2026, 10, 20, tzinfo=UTC)
    )
    assert 2 == len(soon.rows)


def test_erasing_what_is_due_leaves_what_is_held(tmp_path: Path) -> None:
    done("hold", "place", OTHER, "--why", "a court asks for it")
    said = done("privacy", "erase", "--due", "--why", "30 days are over")

    assert [f"order/{ORDER}"] == [one["subject"] for one in said.rows]
    assert f"{OTHER} is held and stays: a court asks for it" in said.err
    refused = typed("privacy", "erase", OTHER, "--why", "asked for")
    assert refused.code == 1
    assert "it is held: a court asks for it" in refused.err
    assert 0 == typed("privacy", "due").code, "what is held is not due"


def test_a_buyer_is_found_by_what_reports_tell_and_erased_everywhere(tmp_path: Path) -> None:
    orders = tmp_path / "orders.txt"
    header = (
        "amazon-order-id purchase-date last-updated-date order-status fulfillment-channel sales-channel sku "
        "asin item-status quantity currency item-price item-tax shipping-price shipping-tax gift-wrap-price "
        "gift-wrap-tax item-promotion-discount ship-promotion-discount buyer-name buyer-email"
    ).split()
    when = "2026-09-01T10:00:00+00:00"
    cells = [
        "",
        when,
        when,
        "Shipped",
        "Amazon",
        "Amazon.com",
        "SKU-1",
        "B000000001",
        "Shipped",
        "1",
    ]
    cells += ["USD", "10.00", *["0.00"] * 7, "Ulrika Bergqvist", "Ulrika@Mail.example"]
    lines = [header, [ORDER, *cells[1:]], [OTHER, *cells[1:]]]
    orders.write_text("".join("\t".join(line) + "\n" for line in lines))
    done("import", orders, "--account", "us")
    said = done("privacy", "report", "--buyer", "ulrika@mail.example")

    assert {f"order/{ORDER}", f"order/{OTHER}"} == {one["subject"] for one in said.rows}
    assert {"Ulrika Bergqvist", "Ulrika@Mail.example"} < {one["value"] for one in said.rows}
    assert 2 == len(done("privacy", "erase", "--buyer", "ulrika  BERGQVIST", "--why", "asked").rows)
    assert 1 == typed("privacy", "report", "--buyer", "ulrika@mail.example").code
    assert [] == holding(tmp_path / "home", b"Ulrika", b"ulrika")


def test_the_report_tells_what_lies_in_files_alone(tmp_path: Path) -> None:
    report = tmp_path / "july.txt"
    lines = plain(row(""), row("", OTHER)).splitlines()
    more = [f"{lines[0]}\tbuyer-nickname", f"{lines[1]}\trikchen71", f"{lines[2]}\tsomebody"]
    report.write_text("".join(f"{line}\n" for line in more))
    done("import", report, "--account", "us", "--told-at", "2026-10-02")
    told = {
        (one["field"], one["value"], one["source"]) for one in done("privacy", "report", ORDER).rows
    }

    assert ("buyer-nickname", "rikchen71", "july.txt:2") in told
    assert not [one for one in told if "somebody" in one[1]]


def test_a_file_sealed_whole_stays_while_another_in_it_is_held(tmp_path: Path) -> None:
    strange = tmp_path / "strange.txt"
    strange.write_bytes(plain(row("sealed:" + "A" * 50), row("Ulrika", OTHER)).encode())
    done("import", strange, "--account", "us", "--marketplace", "US", "--told-at", "2026-10-02")
    done("hold", "place", OTHER, "--why", "a court asks for it")
    said = typed("privacy", "erase", ORDER, "--why", "asked for")

    assert said.code == 1
    assert f"(found '{OTHER}')" in said.err


def test_what_is_due_and_lies_in_no_file_with_one_who_is_held_is_erased(tmp_path: Path) -> None:
    free, shared, held = ORDER, "302-0000000-0000003", "302-0000000-0000004"
    strange = tmp_path / "strange.txt"
    strange.write_bytes(plain(row("sealed:" + "A" * 50, shared), row("Ulrika", held)).encode())
    done("import", strange, "--account", "us", "--marketplace", "US", "--told-at", "2026-08-02")
    done("hold", "place", held, "--why", "a court asks for it")
    said = done("privacy", "erase", "--due", "--why", "30 days are over")

    erased = {one["what"] if "what" in one else one["subject"] for one in said.rows}
    assert f"order/{free}" in erased
    assert not erased & {f"order/{shared}", f"order/{held}"}
    assert f"{shared} is held and stays: in file" in said.err
    assert f"{held} is held and stays: a court asks for it" in said.err
    assert "302-" in {one["subject"][6:10] for one in typed("privacy", "due", "--all").rows}


def test_after_an_erasure_the_report_says_what_was_erased_when_and_why(tmp_path: Path) -> None:
    message(tmp_path)
    attach(tmp_path)
    done("privacy", "erase", ORDER, "--why", "asked for")

    (held,) = done("privacy", "report", ORDER).rows
    assert ("erased", "2026-11-20T12:00:00Z") == (held["kind"], held["occurred_at"])
    assert (
        "1 customer-comments, 1 evidence, 1 message received, in 2 files: asked for"
        == held["value"]
    )
    assert "erased for good" in typed("story", ORDER).out
    assert "[erased]" in typed("story", ORDER, "--reveal").out
    assert 0 == typed("check").code
    assert "erased before" == done("privacy", "erase", ORDER, "--why", "asked for").row["state"]


def test_an_older_copy_of_the_keys_brings_nobody_back(tmp_path: Path) -> None:
    place = tmp_path / "home/accounts/us/keys.db"
    older = place.read_bytes()
    done("privacy", "erase", ORDER, "--why", "asked for")
    place.write_bytes(older)
    said = typed("check")
    (wrong,) = [row for row in said.rows if not row["ok"]]

    assert said.code == 1
    assert "sealed" == wrong["name"]
    assert f"order/{ORDER} was erased, and its key is there again" in wrong["problems"][0]
    assert [f"order/{ORDER}", f"order/{OTHER}"] == [one["subject"] for one in done_or_due().rows]
    report = tmp_path / "july.txt"
    report.write_bytes(plain(row("Ulrika again")).encode())
    done("import", report, "--account", "us", "--told-at", "2026-10-02")
    assert 0 == typed("check").code, "what the log says was erased is erased again"
    assert "Ulrika" not in typed("story", ORDER, "--reveal").out


def test_nothing_personal_is_taken_any_more_of_whom_was_erased(tmp_path: Path) -> None:
    done("privacy", "erase", ORDER, "--why", "asked for")
    words = typed("message", "received", ORDER, "--text", WORDS)
    picture = typed("evidence", "attach", ORDER, tmp_path / "label.png", "--personal")

    assert (1, 1) == (words.code, picture.code)
    assert "nothing personal is kept of it any more" in words.err
    assert 0 == typed("message", "received", ORDER, "--topic", "return").code


def test_nothing_is_read_again_of_whom_was_erased(tmp_path: Path) -> None:
    done("privacy", "erase", ORDER, "--why", "asked for")
    report = tmp_path / "july.txt"
    report.write_bytes(plain(row("Ulrika again")).encode())
    done("import", report, "--account", "us", "--told-at", "2026-10-02")

    assert "Ulrika" not in typed("story", ORDER, "--reveal").out
    assert ["sealed", "sealed"] == [one["kept"] for one in done("privacy", "files").rows]


@pytest.mark.parametrize("words", [[], [ORDER, "--due"], ["--due", "--buyer", "x"]])
def test_what_is_to_be_erased_is_said_in_one_way(words: list[str]) -> None:
    assert 2 == typed("privacy", "erase", *words, "--why", "asked for").code


def test_who_is_not_found_is_said_without_repeating_the_name() -> None:
    said = typed("privacy", "erase", "--buyer", "Nobody Known", "--why", "asked for")

    assert said.code == 1
    assert "Nobody" not in said.err


def test_a_file_that_is_sealed_whole_goes_with_the_first_who_is_erased(tmp_path: Path) -> None:
    """It holds what looks like a sealed value, so nothing in it could be told apart later."""
    strange = tmp_path / "strange.txt"
    strange.write_bytes(plain(row("sealed:" + "A" * 50), row("Ulrika", OTHER)).encode())
    done("import", strange, "--account", "us", "--marketplace", "US", "--told-at", "2026-10-02")
    said = done("privacy", "erase", ORDER, "--why", "asked for")

    assert [f"order/{ORDER}", "file"] == [
        one["subject"] if one["subject"].startswith("order") else "file" for one in said.rows
    ]
    assert "was sealed as a whole" in said.err
    assert [f"order/{OTHER}"] == [one["subject"] for one in done_or_due("--all").rows]
    assert 0 == typed("check").code


def done_or_due(*arguments: str) -> Said:
    return typed("privacy", "due", *arguments)


def test_an_export_made_before_an_erasure_verifies_after_it_and_so_does_a_new_one(
    tmp_path: Path,
) -> None:
    message(tmp_path)
    attach(tmp_path)
    done("export", "--all", "-o", tmp_path / "before.zip")
    done("export", "--order", ORDER, "-o", tmp_path / "order.zip")
    done("privacy", "erase", ORDER, "--why", "asked for")
    done("export", "--all", "-o", tmp_path / "after.zip")

    for pack in ("before.zip", "order.zip", "after.zip"):
        done("verify", tmp_path / pack)
        with zipfile.ZipFile(tmp_path / pack) as unpacked:
            told = b"".join(unpacked.read(name) for name in unpacked.namelist())
        assert b"Ulrika" not in told


# --- columns that nobody knows ----------------------------------------------------------------


def test_a_column_that_nobody_knows_is_sealed_and_said_loudly(tmp_path: Path) -> None:
    home, report = tmp_path / "home", tmp_path / "july.txt"
    unknown = ["gift-recipient", "", "moon-phase"]
    lines = [line.split("\t") for line in plain(row("fine"), end="\n").splitlines()]
    cells = [[*lines[0], *unknown, "z"], [*lines[1], "Ulrika Bergqvist", "Ulrika too", "", "z"]]
    report.write_text("".join("\t".join(one) + "\n" for one in cells))
    said = done("import", report, "--account", "us", "--marketplace", "US")
    kept = {one["file"]: one["unknown_columns"] for one in done("privacy", "files").rows}

    names = ["gift-recipient", "column 15, without a name", "z"]
    assert names == said.row["unknown_columns"] == kept["july.txt"]
    assert (
        "columns that this program does not know, kept sealed and not read: 'gift-recipient', "
        "'column 15, without a name', 'z'" in said.err
    )
    assert [] == holding(home, b"Ulrika")
    shown = {one["field"]: one["value"] for one in done("privacy", "report", ORDER).rows}
    assert ("Ulrika Bergqvist", "Ulrika too") == (shown["gift-recipient"], shown[""])


# --- names of files ---------------------------------------------------------------------------


def test_of_a_personal_files_name_nothing_is_kept_and_a_personal_name_is_refused(
    tmp_path: Path,
) -> None:
    picture = tmp_path / "Mr_Bergqvist ulrika@buyer.example.PNG"
    picture.write_bytes(PICTURE)
    refused = typed("evidence", "attach", ORDER, picture)
    done("evidence", "attach", ORDER, picture, "--personal")

    assert (refused.code, "its name is kept for ever" in refused.err) == (1, True)
    assert ["personal.png"] == [one["name"] for one in done("evidence", "list", ORDER).rows]
    assert [] == holding(tmp_path / "home", b"ulrika@", b"Bergqvist")


def test_a_reports_name_that_names_a_buyer_is_not_kept(tmp_path: Path) -> None:
    report = tmp_path / "returns of ulrika@buyer.example.txt"
    report.write_bytes(plain(row("x", "302-0000000-0000007")).encode())
    done("import", report, "--account", "us", "--marketplace", "US")

    assert "fba-customer-returns.txt" in {one["file"] for one in done("privacy", "files").rows}
    assert [] == holding(tmp_path / "home", b"ulrika@")


def test_who_opened_a_file_has_opened_what_it_holds_of_an_order(tmp_path: Path) -> None:
    digest = done("privacy", "files").row["digest"]
    done("evidence", "save", digest, "-o", tmp_path / "opened.txt")

    (used,) = done("privacy", "log", ORDER).rows
    assert ("evidence save", f"file/{digest}") == (used["why"], used["subject"])
    assert [] == done("privacy", "log", "302-0000000-0000009").rows


def test_whoever_copied_the_keys_could_open_everything(tmp_path: Path) -> None:
    done("backup", "--with-keys", "-o", tmp_path / "copy")

    (used,) = done("privacy", "log", ORDER).rows
    assert ("everybody", "every key") == (used["subject"], used["field"])
    assert "backup --with-keys" == used["why"]
