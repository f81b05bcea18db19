"""docs/verifying.md is typed by a stranger: with OpenSSL, Python and Go, and without a program of ours."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ledger import verify
from tests.doc_runner import blocks
from tests.registries import ROOT
from tests.verifiers.making import Making
from tests.verifiers.tools import SOURCE, missing, program

PAGE = ROOT / "docs" / "verifying.md"
TYPED = [block for block in blocks(PAGE.read_text(encoding="utf-8")) if block.language == "sh"]
WITH_GO = [block for block in TYPED if "go" in block.options]
BY_HAND = [block for block in TYPED if "go" not in block.options]


def typed(folder: Path, lines: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """A block as it stands, in a shell that stops at the first thing that goes wrong."""
    binaries = folder / "bin"
    binaries.mkdir(exist_ok=True)
    if not (binaries / "python3").exists():
        (binaries / "python3").symlink_to(sys.executable)
    return subprocess.run(
        [program("bash", "bash"), "-euo", "pipefail", "-c", "\n".join(lines)],
        cwd=folder,
        env={
            **os.environ,
            "PATH": f"{binaries}:{os.environ['PATH']}",
            "GOCACHE": str(folder / "cache"),
            "GOFLAGS": "",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def given(folder: Path, positions: list[int] | None) -> Making:
    """A pack as a stranger gets it: the .zip, and the folder that it unpacks to."""
    made = Making(positions=positions)
    made.with_files({"verify.py": Path(verify.__file__).read_bytes()})
    with zipfile.ZipFile(made.zip(folder / "export.zip")) as packed:
        packed.extractall(folder / "export")
    return made


@pytest.mark.parametrize("positions", [None, [2, 14, 15, 20]])
def test_what_the_page_types_succeeds(positions: list[int] | None, tmp_path: Path) -> None:
    for tool in ("openssl", "sha256sum", "base64", "sed", "cut"):
        program(tool, "openssl coreutils sed")
    made = given(tmp_path, positions)
    said = ""
    for block in BY_HAND:
        done = typed(tmp_path, block.lines)
        assert done.returncode == 0, done.stdout + done.stderr
        said += done.stdout
    origin = made.signer.name

    assert said.count("\nVERIFIED: ") == 3
    assert f"{origin} should be {origin}\n" in said
    assert said.count("Signature Verified Successfully") == 2
    assert f"{len(made.positions)} entries are in the tree of {len(made.lines)}" in said


@pytest.mark.parametrize(
    ("name", "old", "new", "step"),
    [
        ("views/status.csv", b"order_id", b"order-id", "sha256sum --check"),
        ("checkpoint", b"35", b"34", "openssl"),
        ("manifest.note", b"ledger.manifest/1", b"ledger.manifest/2", "openssl"),
        ("entries.ndjson", b"SKU-4", b"SKU-5", "python3 tree.py"),
    ],
)
@pytest.mark.parametrize("positions", [None, [2, 14, 15, 20]])
def test_what_the_page_types_finds_what_was_altered(
    name: str, old: bytes, new: bytes, step: str, positions: list[int] | None, tmp_path: Path
) -> None:
    program("openssl", "openssl")
    given(tmp_path, positions)
    path = tmp_path / "export" / name
    assert old in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(old, new))
    (block,) = [one for one in BY_HAND if step in "\n".join(one.lines)]
    for before in BY_HAND[1 : BY_HAND.index(block)]:
        typed(tmp_path, before.lines)

    assert typed(tmp_path, block.lines).returncode != 0


def test_go_is_typed_as_the_page_says(tmp_path: Path) -> None:
    program("go", "golang-go")
    if not Path("/usr/share/gocode/src/golang.org/x/mod/sumdb").is_dir():
        missing("golang.org/x/mod is not installed (Debian: golang-golang-x-mod-dev)")
    given(tmp_path, None)
    shutil.copy(SOURCE, tmp_path)
    (block,) = WITH_GO

    assert typed(tmp_path, block.lines).stdout.startswith("VERIFIED pack")
