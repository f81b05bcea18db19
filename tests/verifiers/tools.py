"""Programs that no package index brings: skipped where they are missing, unless they must be there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

SOURCE = Path(__file__).parent / "go" / "main.go"
GOCODE = Path("/usr/share/gocode")
"""Where Debian puts the sources of Go's libraries."""


def program(name: str, package: str) -> str:
    """The path of a program; the test that asks is skipped where it is missing, or fails."""
    found = shutil.which(name)
    if found is None:
        missing(f"{name} is not installed (Debian: {package})")
    assert found is not None
    return found


def missing(what: str) -> None:
    """Skip, or fail where the environment says that nothing may be missing."""
    if os.environ.get("REQUIRE_VERIFIERS") == "1":
        pytest.fail(f"REQUIRE_VERIFIERS=1, and {what}")
    pytest.skip(what)


def built(folder: Path) -> Path:
    """Go's verifier, built from its source and Debian's golang.org/x/mod."""
    go = program("go", "golang-go golang-golang-x-mod-dev")
    if not (GOCODE / "src" / "golang.org" / "x" / "mod" / "sumdb").is_dir():
        missing("golang.org/x/mod is not installed (Debian: golang-golang-x-mod-dev)")
    binary = folder / "verify"
    subprocess.run(
        [go, "build", "-o", binary, SOURCE],
        env={
            **os.environ,
            "GO111MODULE": "off",
            "GOFLAGS": "",
            "GOPATH": f"{folder / 'go'}:{GOCODE}",
            "GOCACHE": str(folder / "cache"),
        },
        check=True,
    )
    return binary


class Go:
    """Go's verifier, asked one thing or thousands."""

    def __init__(self, binary: Path) -> None:
        self.binary = binary

    def accepts(self, *arguments: object) -> bool:
        """Whether it accepts these files."""
        done = subprocess.run(
            [self.binary, *map(str, arguments)], capture_output=True, text=True, check=False
        )
        word = done.stdout.partition(" ")[0]
        assert (done.returncode, word) in ((0, "VERIFIED"), (1, "REFUSED")), done
        return done.returncode == 0

    def answers(self, asked: Iterable[Mapping[str, Any]]) -> list[bool]:
        """Whether it accepts each of these."""
        lines = "".join(json.dumps(dict(one)) + "\n" for one in asked)
        done = subprocess.run(
            [self.binary, "batch"], input=lines, capture_output=True, text=True, check=True
        )
        words = [line.partition(" ")[0] for line in done.stdout.splitlines()]
        assert len(words) == lines.count("\n")
        assert set(words) <= {"VERIFIED", "REFUSED"}
        return [word == "VERIFIED" for word in words]
