"""`guard`: as it is typed, as programs read it, and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.commands.test_remedy import lamp
from tests.cli.terminal import Said, typed
from tests.story import ORDER, OTHER_ORDER


def guard(*words: str, on: str = "2026-03-11") -> Said:
    return typed("guard", *words, "--as-of", on)


def test_where_nothing_speaks_against_filing_it_ends_0(tmp_path: Path) -> None:
    lamp(tmp_path)
    said = guard(ORDER)

    assert (0, {"passed"}, {True}) == (
        said.code,
        {row["state"] for row in said.rows},
        {row["ok"] for row in said.rows},
    )


def test_a_finding_is_named_by_its_id_or_the_beginning_of_it(tmp_path: Path) -> None:
    lamp(tmp_path)
    name = guard(ORDER).rows[0]["finding_id"]

    assert {name} == {row["finding_id"] for row in guard(name).rows}
    assert {name} == {row["finding_id"] for row in guard(name[:6].lower()).rows}


def test_a_missing_paper_ends_3(tmp_path: Path) -> None:
    lamp(tmp_path, graded=False)
    said = guard(ORDER)

    assert (3, True) == (said.code, any(row["state"] == "failed" for row in said.rows))


def test_what_was_filed_is_not_filed_again(tmp_path: Path) -> None:
    lamp(tmp_path)
    name = guard(ORDER).rows[0]["finding_id"]
    filed = typed("claim", "file", ORDER, "C-1", "--finding", name, "--at", "2026-03-11")
    assert filed.code == 0, filed.err
    said = guard(name, on="2026-03-12")

    assert 3 == said.code
    assert "C-1 was filed" in " ".join(row["answer"] for row in said.rows)
    assert "1 filed in the last 7 days" in " ".join(row["answer"] for row in said.rows)


@pytest.mark.parametrize(("most", "code"), [("1", 3), ("2", 0)])
def test_the_sellers_own_limit(tmp_path: Path, most: str, code: int) -> None:
    lamp(tmp_path)
    other = ("--sku", "LAMP", "--price", "100.00 USD", "--marketplace", "US")
    typed("order", "tell", OTHER_ORDER, *other, "--at", "2026-02-20")
    filed = typed("claim", "file", OTHER_ORDER, "X-1", "--door", "carrier", "--at", "2026-03-01")
    assert filed.code == 0, filed.err

    assert code == guard("--all", "--most", most).code


def test_everything_that_could_be_filed(tmp_path: Path) -> None:
    lamp(tmp_path)

    assert {ORDER} == {row["order_id"] for row in guard("--all").rows}
    assert (0, "") == (guard("--all", on="2026-04-09").code, guard("--all", on="2026-04-09").out)


@pytest.mark.parametrize("words", [(), (ORDER, "--all")])
def test_one_thing_or_all_of_them(tmp_path: Path, words: tuple[str, ...]) -> None:
    lamp(tmp_path)

    assert 2 == guard(*words).code


@pytest.mark.parametrize("name", ["114-9999999-9999999", "F-0000000000"])
def test_what_nobody_knows_is_refused(tmp_path: Path, name: str) -> None:
    lamp(tmp_path)

    assert 1 == guard(name).code


def test_a_person_reads_each_check_and_what_to_type_next(tmp_path: Path) -> None:
    lamp(tmp_path)
    out = guard(ORDER, "--format", "table").out

    assert "nothing speaks against filing it" in out
    assert "✓ Not too late?" in out
    assert f"returns-ledger claim file {ORDER} --finding F-" in out


def test_an_appeal_goes_on_with_the_buyers_claim() -> None:
    """It is no claim of the seller's own: recorded as one it would be granted, and seem lost."""
    for words, day in (
        ("order tell --sku LAMP --marketplace US --price", "2026-04-01"),
        ("order dispatch --carrier UPS --tracking 1Z1", "2026-04-02"),
        ("order deliver --proof signature", "2026-04-05"),
        ("message received --topic not_received", "2026-05-03"),
        ("claim file --type a_to_z --amount", "2026-05-04"),
        ("claim decide --outcome granted --funded-by seller", "2026-05-08"),
    ):
        amount = ("100.00 USD",) if words.endswith(("--price", "--amount")) else ()
        group, name, *more = words.split()
        said = typed(group, name, ORDER, *more, *amount, "--at", day)
        assert said.code == 0, said.err

    for command in ("guard", "remedy"):
        out = typed(command, ORDER, "--as-of", "2026-05-10", "--format", "table").out
        assert f"`returns-ledger claim appeal {ORDER}`" in out
        assert "Missing" not in out
