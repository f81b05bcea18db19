"""A command line through the door does what one does that has read the program itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import forking

ITSELF = [sys.executable, "-c", "from cli.main import main; main()"]


def ran(
    program: list[str], *words: str, home: Path, out: int = subprocess.PIPE
) -> tuple[object, ...]:
    """How it ended and what it wrote."""
    done = subprocess.run(
        [*program, *words],
        cwd=home.parent,
        env={
            **os.environ,
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(forking.ROOT),
            "RETURNS_LEDGER_HOME": str(home),
        },
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.PIPE,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "words",
    [
        "--version",
        "demo --hel",
        "import nowhere",
        "status",
        "--home elsewhere doctor",
        "rules list",
    ],
)
def test_it_says_and_ends_the_same(words: str, tmp_path: Path) -> None:
    typed = words.split()

    assert ran(ITSELF, *typed, home=tmp_path / "home") == ran(
        forking.program(), *typed, home=tmp_path / "home"
    )


def test_it_hears_that_its_reader_has_gone(tmp_path: Path) -> None:
    ends = []
    for program in (ITSELF, forking.program()):
        reading, writing = os.pipe()
        os.close(reading)
        ends.append(ran(program, "rules", "list", home=tmp_path / "home", out=writing))
        os.close(writing)

    assert ends[0] == ends[1] == (141, None, b"")


def test_each_has_modules_and_nothing_else_from_those_before(tmp_path: Path) -> None:
    """What one was told is not known to the next."""
    homes = [tmp_path / "one", tmp_path / "another"]
    assert ran(forking.program(), "demo", home=homes[0])[0] == 0

    assert ran(forking.program(), "status", home=homes[1])[0] == 1
