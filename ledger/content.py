"""What was handed in, in memory or in a file on disk, read a piece at a time however large it is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import Any, Final

PIECE: Final = 1 << 22
"""Bytes of a file that are looked at together."""


class Content:
    """The bytes of a file; of one on disk only what is asked for is read.

    Given to another process while that is started, it is the same open file there.
    """

    def __init__(self, handed_in: bytes | Path) -> None:
        self._data = handed_in if isinstance(handed_in, bytes) else None
        self._file = None if isinstance(handed_in, bytes) else handed_in.open("rb")
        self.size: Final = (
            len(handed_in) if isinstance(handed_in, bytes) else handed_in.stat().st_size
        )

    def __enter__(self) -> Content:
        return self

    def __getstate__(self) -> tuple[Any, ...]:
        return (self.size, self._data, self._file and DupFd(self._file.fileno()))

    def __setstate__(self, told: tuple[Any, ...]) -> None:
        self.size, self._data, file = told  # type: ignore[misc]  # as it was where it comes from
        self._file = file and os.fdopen(file.detach(), "rb")

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def read(self, start: int = 0, end: int | None = None) -> bytes:
        """The bytes from one place up to another."""
        if self._data is not None:
            return self._data[start:end]
        assert self._file is not None, "what is not in memory is in a file"
        if end is None:
            self._file.seek(start)
            return self._file.read()
        # Whoever else has the file open may read elsewhere in it.
        return os.pread(self._file.fileno(), end - start, start)

    @property
    def in_file(self) -> bool:
        """True where it is in no memory."""
        return self._file is not None

    def pieces(self) -> Iterator[bytes]:
        """All of it, a piece after the other."""
        for start in range(0, self.size, PIECE):
            yield self.read(start, start + PIECE)

    def digest(self) -> str:
        """Its SHA-256, hexadecimal."""
        told = sha256()
        for piece in self.pieces():
            told.update(piece)
        return told.hexdigest()
