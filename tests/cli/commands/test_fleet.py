"""Every account is audited, by whoever is named, and one that is broken stops no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.terminal import imported, typed
from tests.story import ORDER, OTHER_ORDER, refunded, returned, sold

DAY = ("--as-of", "2026-09-01")


@pytest.fixture(autouse=True)
def accounts(tmp_path: Path) -> None:
    """Of one a unit never came back; of the other it did."""
    imported(
        tmp_path / "a",
        sold(ORDER, "2026-06-01"),
        refunded(ORDER, "2026-06-10"),
        returned(OTHER_ORDER, "2026-08-31"),
        account="north",
    )
    imported(tmp_path / "b", sold(OTHER_ORDER, "2026-06-02"), account="south")


def summed(account: str) -> tuple[int, int, int]:
    """What `audit` finds: to act on now, later, and what must be looked at first."""
    verdicts = [row["verdict"] for row in typed("audit", *DAY, "--account", account).rows]
    ready = sum(one in ("ready", "underpaid") for one in verdicts)
    return ready, verdicts.count("waiting"), verdicts.count("review")


def counts(row: dict[str, Any]) -> tuple[int, int, int]:
    return row["ready"], row["waiting"], row["review"]


def test_it_sums_up_what_an_audit_of_each_account_finds() -> None:
    rows = typed("fleet", *DAY).rows

    assert [row["account"] for row in rows] == ["north", "south"]
    assert [counts(row) for row in rows] == [summed("north"), summed("south")]
    assert any(counts(rows[0]))
    assert [row["error"] for row in rows] == [None, None]


def test_an_account_that_cannot_be_read_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "home" / "accounts" / "north" / "ledger.db").write_bytes(b"no database" * 1000)

    said = typed("fleet", *DAY)

    assert said.code == 1
    north, south = said.rows
    assert "not a database" in north["error"]
    assert (south["error"], counts(south)) == (None, summed("south"))


def test_one_account_can_be_named() -> None:
    assert [row["account"] for row in typed("fleet", "--account", "south", *DAY).rows] == ["south"]


@pytest.mark.slow
def test_workers_of_a_cluster_find_the_same() -> None:
    alone = typed("fleet", *DAY)
    spread = typed("fleet", *DAY, "--engine", "dask-local")

    assert (alone.code, alone.rows) == (spread.code, spread.rows)


@pytest.mark.slow
@pytest.mark.postgres
def test_accounts_on_a_server_are_audited_by_workers_too(tmp_path: Path, server_url: str) -> None:
    here = typed("fleet", *DAY)
    assert typed("db", "copy", tmp_path / "home", server_url, "--all").code == 0
    spread = typed("fleet", *DAY, "--engine", "dask-local", "--store", server_url)

    assert (here.code, here.rows) == (spread.code, spread.rows)
