"""Command lines that need not read the program first: each is a process forked from one that has read it.

Reading the program takes longer than most command lines do. Whoever types runs a door, a few lines of Python that
hand over what a process inherits: its words, its folder, its environment and its three streams. Nothing but the
modules is there already, and each process ends by itself, as any does.
"""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent.parent
DOOR: Final = Path(__file__).with_name("door.py")


@functools.cache
def _started() -> tuple[Path, subprocess.Popen[bytes]]:
    """The process that has read the program, and the socket at which it waits, until this process ends."""
    address = Path(tempfile.mkdtemp(prefix="returns-ledger-door-")) / "socket"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.forking.server", str(address)],
        cwd=ROOT,
        env={"LANG": "C.UTF-8", "PATH": os.defpath, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    atexit.register(_end, address, process)
    assert process.stdout is not None
    assert process.stdout.readline() == b"read\n"
    return address, process


def _end(address: Path, process: subprocess.Popen[bytes]) -> None:
    process.communicate()  # it ends when nobody can ask any more
    shutil.rmtree(address.parent)


def python() -> list[str]:
    """What to run in place of `python`, before `-m` or `-c` and what follows."""
    address, process = _started()
    assert process.poll() is None, "whoever had read the program is gone"
    return [sys.executable, "-I", "-S", str(DOOR), str(address)]


def program() -> list[str]:
    """What to run in place of `returns-ledger`, before its words."""
    return [*python(), "-c", "from cli.main import main; main()"]
