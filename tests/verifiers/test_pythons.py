"""verify.py runs on every Python since 3.9 that this machine has."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from ledger import verify
from tests.verifiers.making import Making


def pythons() -> list[str]:
    """This Python, and every other since 3.9 that starts."""
    found = [shutil.which(f"python3.{minor}") for minor in range(9, 20)]
    there = [python for python in found if python is not None]
    return [sys.executable, *(python for python in there if asked(python, "-c", "") == (0, ""))]


def asked(*words: str | Path) -> tuple[int, str]:
    """How a program ended, and what it said on standard error."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_every_python_accepts_and_refuses_the_same(tmp_path: Path) -> None:
    made = Making()
    good = made.zip(tmp_path / "good.zip")
    bad = made.with_files({"entries.ndjson": b"".join(made.lines)}).folder(tmp_path / "bad")
    for python in pythons():
        words = (python, "-W", "error", "-I", verify.__file__)

        assert (0, "") == asked(*words, good, "--key", made.signer.vkey), python
        assert (1, "") == asked(*words, bad, "--key", made.signer.vkey), python
