"""Files and folders for their owner alone, whatever the umask says."""

from __future__ import annotations

import os
from pathlib import Path


def make_private_folder(folder: Path) -> None:
    """Make a folder, with those above it that are missing; raises OSError where that cannot be done."""
    for missing in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)
        missing.chmod(0o700)


def make_private_file(path: Path, *, in_new_folder: bool = True) -> None:
    """Make an empty file where there is none, and its folder; raises OSError where that cannot be done.

    SQLite gives the files that it puts beside one (-wal, -shm, -journal) the same mode.
    """
    if in_new_folder:
        make_private_folder(path.parent)
    if not path.exists():
        made = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
        os.fchmod(made, 0o600)
        os.close(made)
