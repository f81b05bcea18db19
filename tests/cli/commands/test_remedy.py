"""`remedy`: as it is typed, as programs read it, and how it ends."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.cli.terminal import Said, imported, typed
from tests.story import ORDER, ordered, refunded

BY_AMAZON = ("refund", "give", ORDER, "--by", "amazon", "--trigger", "first_scan")
DAYS = ("02-20", "02-21", "03-01", "03-01", "03-05", "03-09", "03-10")
IN_SPRING = tuple(f"2026-{day}" for day in DAYS)


def lamp(folder: Path, *, graded: bool = True, days: Sequence[str] = IN_SPRING) -> None:
    """A lamp refunded at the first scan, and another one that came back."""
    told = [
        ("order", "tell", ORDER, "--sku", "LAMP", "--price", "100.00 USD", "--marketplace", "US"),
        ("order", "dispatch", ORDER, "--carrier", "UPS", "--tracking", "1Z1"),
        ("return", "request", ORDER, "--reason", "CR-UNWANTED_ITEM", "--in-policy"),
        ("message", "received", ORDER, "--topic", "return"),
        (*BY_AMAZON, "--amount", "100.00"),
        ("return", "receive", ORDER, "--tracking", "1Z9"),
    ]
    if graded:
        photos = []
        for name in ("front.jpg", "label.jpg"):
            (folder / name).write_text(name)
            photos += ["--evidence", str(folder / name)]
        serials = ("--serial", "S-2", "--serial-sent", "S-1")
        told.append(
            ("return", "grade", ORDER, "--condition", "materially-different", *serials, *photos)
        )
    for words, day in zip(told, days[: len(told)], strict=True):
        said = typed(*words, "--at", day)
        assert said.code == 0, said.err


def remedy(*more: str, on: str = "2026-03-11") -> Said:
    return typed("remedy", ORDER, "--as-of", on, *more)


def test_what_can_be_filed_ends_3_with_its_last_day(tmp_path: Path) -> None:
    """Case 4 through the command line."""
    lamp(tmp_path)
    said = remedy()

    assert (3, "safe_t", "ready", "2026-04-08") == (
        said.code,
        said.row["door"],
        said.row["state"],
        said.row["until"],
    )
    assert ["safet.window.US.2", "ret.refund_clock.US.2"] == said.row["rule_ids"]
    assert ([], True) == (said.row["missing"], "refund date" in said.row["shown"])


def test_a_window_that_a_new_rule_opens_again_waits_for_that_day(tmp_path: Path) -> None:
    """60 days after the refund were over on 2026-02-08; from 2026-02-16 on, 30 days after the return hold."""
    days = ["2025-11-20", "2025-11-21", "2025-12-01", "2025-12-01", "2025-12-10", "2026-01-25"]
    lamp(tmp_path, days=[*days, "2026-01-26"])
    before, after = remedy(on="2026-02-10").row, remedy(on="2026-02-16").row
    (due,) = (row for row in typed("due", "--as-of", "2026-02-10").rows if row["kind"] == "claim")

    assert ("waiting", "2026-02-16", "2026-02-24") == (
        before["state"],
        before["opens"],
        before["until"],
    )
    assert ("waiting", "2026-02-16") == (due["state"], due["due_on"])
    assert ("ready", None, "2026-02-24") == (after["state"], after["opens"], after["until"])


def test_what_is_missing_ends_0_and_is_named(tmp_path: Path) -> None:
    lamp(tmp_path, graded=False)
    said = remedy()

    assert (0, "review", None) == (said.code, said.row["state"], said.row["until"])
    assert any("photos" in one for one in said.row["missing"])


def test_a_person_reads_the_door_the_day_and_what_not_to_do(tmp_path: Path) -> None:
    lamp(tmp_path)
    out = remedy("--format", "table").out

    assert "SAFE-T, ready" in out
    assert "Last day: 2026-04-08 (safet.window.US.2)" in out
    assert "Wrong would be: asking Seller Support" in out
    assert "returns-ledger guard F-" in out


def test_one_refund_is_named_or_refused(tmp_path: Path) -> None:
    lamp(tmp_path)
    name = remedy().row["refund"]

    assert name == remedy("--refund", name.lower()).row["refund"]
    said = remedy("--refund", "R-00000000")
    assert (1, True) == (said.code, name in said.err)


def test_a_refund_of_which_nobody_says_who_gave_it_asks(tmp_path: Path) -> None:
    told = ordered(ORDER, "2026-03-01", by="Merchant"), refunded(ORDER, "2026-03-10", by="MFN")
    imported(tmp_path, *told)
    said = remedy("--format", "table")

    assert "not known yet" in said.out
    assert f"returns-ledger refund give {ORDER} --by amazon" in said.out


def test_an_order_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    lamp(tmp_path)

    assert 1 == typed("remedy", "114-9999999-9999999").code
