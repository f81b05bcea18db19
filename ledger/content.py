"""What was handed in, in memory or in a file on disk, read a piece at a time however large it is."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

PIECE: Final = 1 << 22
"""Bytes of a file that are looked at together."""


class Content:
    """The bytes of a file; of one on disk only what is asked for is read."""

    def __init__(self, handed_in: bytes | Path) -> None:
        self._data = handed_in if isinstance(handed_in, bytes) else None
        self._file = None if isinstance(handed_in, bytes) else handed_in.open("rb")
        self.size: Final = (
            len(handed_in) if isinstance(handed_in, bytes) else handed_in.stat().st_size
        )

    def __enter__(self) -> Content:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def read(self, start: int = 0, end: int | None = None) -> bytes:
        """The bytes from one place up to another."""
        if self._data is not None:
            return self._data[start:end]
        assert self._file is not None, "what is not in memory is in a file"
        self._file.seek(start)
        return self._file.read() if end is None else self._file.read(end - start)

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
