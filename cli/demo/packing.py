"""A .gz and a .zip whose bytes are the same on every machine: stored, undated, not compressed.

Compressors differ from version to version; the formats' own "stored" blocks do not.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Final

_BLOCK: Final = 65_535


def gzipped(data: bytes) -> bytes:
    """RFC 1952 around stored blocks of RFC 1951."""
    blocks = [data[start : start + _BLOCK] for start in range(0, len(data), _BLOCK)] or [b""]
    packed = [b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"]
    for number, block in enumerate(blocks):
        last = number == len(blocks) - 1
        packed += [struct.pack("<BHH", last, len(block), len(block) ^ 0xFFFF), block]
    packed.append(struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFF_FFFF))
    return b"".join(packed)


def zipped(members: dict[str, bytes]) -> bytes:
    """A zip archive of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, (2026, 11, 18, 9, 30, 0))
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return buffer.getvalue()
