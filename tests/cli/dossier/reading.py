"""Makes a dossier as a seller types it, and reads what is in it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.cli.terminal import Said, typed

DAY = "2026-11-20"


class Dossier(msgspec.Struct, frozen=True):
    """A dossier that was made, and how the command ended."""

    said: Said
    path: Path

    def file(self, name: str) -> bytes:
        """A file of it."""
        with zipfile.ZipFile(self.path) as packed:
            return packed.read(name)

    @property
    def names(self) -> list[str]:
        """Every file of it."""
        with zipfile.ZipFile(self.path) as packed:
            return packed.namelist()

    @property
    def manifest(self) -> Any:
        """What it says of itself."""
        return json.loads(self.file("manifest.json"))

    @property
    def text(self) -> str:
        """Its pages as a program reads them aloud, on one line; places for breaks are no letters."""
        return " ".join(printed(self.file("dossier.pdf")).replace("\u200b", "").split())


def dossier(target: str, folder: Path, *more: str, on: str = DAY, name: str = "d.zip") -> Dossier:
    """Make one; whether that went well is the caller's to say."""
    path = folder / name
    said = typed("dossier", target, "-o", path, "--as-of", on, *more)
    return Dossier(said, path)


def printed(pdf: bytes) -> str:
    """The text of a PDF, by another program."""
    done = run("pdftotext", "-layout", "-", "-", told=pdf)
    return re.sub(r"\n{2,}", "\n", done.decode())


def run(program: str, *words: str, told: bytes = b"") -> bytes:
    """Run another program; where it is missing the test is left out, unless it must be there."""
    found = shutil.which(program)
    if found is None:
        if os.environ.get("REQUIRE_VERIFIERS"):
            pytest.fail(f"{program} is not installed")
        pytest.skip(f"{program} is not installed")
    done = subprocess.run([found, *words], input=told, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def verified(path: Path, folder: Path) -> str:
    """What the verifier of the pack itself says, in an empty folder and without this program."""
    with zipfile.ZipFile(path) as packed:
        (folder / "verify.py").write_bytes(packed.read("verify.py"))
    done = subprocess.run(
        [sys.executable, "-I", "verify.py", str(path)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr
