"""The generator writes the same seller again, and sellers of any size."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.demo import ANSWER_KEY, seller
from cli.demo.packing import gzipped, zipped
from tests.cli.demo import shipped

SIZE_MAX = 600_000


def test_the_shipped_files_are_what_the_generator_writes(shipped_files: dict[str, bytes]) -> None:
    """Byte for byte; `python -m cli.demo.seller --out cli/demo` writes them anew."""
    made = seller.render(seller.build_world(seller.SEED, seller.ORDERS))

    assert sorted(shipped_files) == sorted(made)
    assert [name for name, data in made.items() if shipped_files[name] != data] == []


def test_the_shipped_answers_are_what_the_generator_answers(key: dict[str, Any]) -> None:
    assert seller.answer_key(seller.build_world(seller.SEED, seller.ORDERS)) == key


def test_the_shipped_files_stay_small(shipped_files: dict[str, bytes]) -> None:
    assert sum(map(len, shipped_files.values())) < SIZE_MAX


def test_the_same_seed_gives_the_same_bytes_and_another_one_others() -> None:
    first, again, other = (seller.render(seller.build_world(seed, 200)) for seed in (1, 1, 2))

    assert first == again
    assert not set(first.values()) & set(other.values())


@pytest.mark.parametrize(("orders", "return_rate"), [(120, 0.0), (2_000, 0.12), (900, 1.0)])
def test_a_seller_of_any_size_has_the_same_cases_planted(orders: int, return_rate: float) -> None:
    """Ordinary orders add answers that nobody can act on, and nothing else."""
    world = seller.build_world(5, orders, return_rate)
    answers = seller.answer_key(world)["expected"]
    to_act_on = [answer for answer in answers if answer["verdict"] in ("ready", "underpaid")]
    small = seller.answer_key(seller.build_world(5, 0))["expected"]

    assert len(world.orders) == max(orders, len(seller.build_world(5, 0).orders))
    assert to_act_on == [one for one in small if one["verdict"] in ("ready", "underpaid")]


def test_the_command_writes_reports_and_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["seller", "--orders", "250", "--seed", "3", "--out", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", arguments)
    seller.main()
    written = {path.name: path.read_bytes() for path in (tmp_path / "out/reports").iterdir()}
    world = seller.build_world(3, 250)

    assert written == seller.render(world)
    assert json.loads((tmp_path / "out/answer_key.json").read_text()) == seller.answer_key(world)


def test_the_packed_files_open_with_the_usual_tools() -> None:
    """Stored, not compressed: no compressor's version can change their bytes."""
    long = bytes(range(256)) * 700
    files = {"a.txt.gz": gzipped(long), "b.zip": zipped({"b.txt": b"bee"}), "c.gz": gzipped(b"")}

    assert shipped.opened(files) == {"a.txt": long, "b.txt": b"bee", "c": b""}


def test_the_answers_are_plain_ascii_that_ends_in_a_line_end() -> None:
    text = ANSWER_KEY.read_bytes()

    assert text.isascii()
    assert text.endswith(b"}\n")
