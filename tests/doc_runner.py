"""Runs the examples of a page the way a reader would type them, and compares what they print.

A `console` block holds `$ ` lines (continued by `> ` lines) and below each what it prints. A line
of three dots stands for any lines, three dots inside a line for anything in that line. Exit codes 0
and 3 are fine; a block that shows something going wrong says so: `console exit=1`. A `python`
block is run as it stands and must not fail. The blocks of one page share one empty working folder
and one home. Standard output is a terminal, as it is for the reader.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shlex
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests import forking

ROOT = Path(__file__).resolve().parent.parent
WIDTH = 120
SECONDS_MAX = 120
ALLOWED = ("returns-ledger", "cd", "cat", "cp", "echo", "head", "ls", "mkdir", "mv", "python", "wc")
"""What an example may begin with: nothing that reaches outside its folder."""

FENCE = re.compile(r"^(?P<mark>```+)(?P<info>.*)$")
ANY = "..."


class Block(NamedTuple):
    """A fenced block: what it is written in, and its lines."""

    language: str
    options: tuple[str, ...]
    first: int
    """Index of its first line in the page, the fence not counted."""
    lines: tuple[str, ...]


class Step(NamedTuple):
    """One thing typed, and what the page says it prints."""

    command: str
    first: int
    """Index in the page of the first line printed."""
    expected: tuple[str, ...]
    exit_codes: frozenset[int]


class Outcome(NamedTuple):
    """What a step did."""

    step: Step
    exit_code: int
    printed: tuple[str, ...]

    def wrong(self) -> str:
        """What differs from the page, in words; empty where nothing does."""
        said = [f"line {self.step.first}: $ {self.step.command}"]
        if self.exit_code not in self.step.exit_codes:
            allowed = " or ".join(map(str, sorted(self.step.exit_codes)))
            said.append(f"ended {self.exit_code}, not {allowed}")
        if not matches(self.step.expected, self.printed):
            said += ["the page says:", *self.step.expected, "it prints:", *self.printed]
        elif len(said) > 1:
            said += ["it prints:", *self.printed]
        return "\n".join(said) if len(said) > 1 else ""


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    opened: tuple[str, str, int] | None = None
    lines = text.splitlines()
    for index, line in enumerate(lines):
        fence = FENCE.match(line)
        if opened is None:
            if fence:
                opened = fence["mark"], fence["info"], index + 1
        elif fence and fence["mark"] == opened[0] and not fence["info"].strip():
            language, *options = opened[1].split() or [""]
            yield Block(language, tuple(options), opened[2], tuple(lines[opened[2] : index]))
            opened = None


def steps(block: Block) -> Iterator[Step]:
    """What a console block types, each with what it prints."""
    codes = [int(option[5:]) for option in block.options if option.startswith("exit=")]
    starts = [i for i, line in enumerate(block.lines) if line.startswith("$ ")]
    for start, end in zip(starts, [*starts[1:], len(block.lines)], strict=True):
        below = start + 1
        while below < end and block.lines[below].startswith("> "):
            below += 1
        typed = "\n".join(line[2:] for line in block.lines[start:below])
        expected = trimmed(block.lines[below:end])
        yield Step(typed, block.first + below, expected, frozenset(codes or (0, 3)))


def trimmed(lines: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Without blanks at the end of a line or blank lines at the end."""
    kept = [line.rstrip() for line in lines]
    while kept and not kept[-1]:
        kept.pop()
    return tuple(kept)


def matches(expected: tuple[str, ...], printed: tuple[str, ...]) -> bool:
    """Whether the page shows what was printed, its dots filled in."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == ANY else re.escape(line).replace(r"\.\.\.", ".*?") + r"\n"
        for line in expected
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None


class Reader:
    """A reader at a terminal, with an empty folder and a home of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        self.folder.mkdir()
        self._where = folder / "where"
        programs = folder / "bin"
        programs.mkdir()
        for name, started in (("returns-ledger", forking.program()), ("python", [sys.executable])):
            program = programs / name
            program.write_text(f'#!/bin/sh\nexec {shlex.join(started)} "$@"\n')
            program.chmod(0o755)
        self._environment = {
            "COLUMNS": str(WIDTH),
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "LINES": "40",
            "NO_COLOR": "1",
            "PATH": f"{programs}{os.pathsep}{os.defpath}",
            "PYTHONPATH": str(ROOT),
            "RETURNS_LEDGER_HOME": str(folder / "home"),
            "TERM": "dumb",
            "TZ": "UTC",
        }

    def types(self, step: Step) -> Outcome:
        """Run one step and remember the folder it ended in."""
        first = step.command.split(maxsplit=1)[0]
        if first not in ALLOWED:
            raise ValueError(f"an example may not start with '{first}'; use one of {ALLOWED}")
        remember = f"\ncode=$?; pwd > {shlex.quote(str(self._where))}; exit $code"
        code, printed = self._run(["sh", "-c", step.command + remember])
        self.folder = Path(self._where.read_text().rstrip("\n"))
        return Outcome(step, code, printed)

    def runs(self, block: Block) -> Outcome:
        """Run a block of Python; only its success is asked for."""
        code, printed = self._run([sys.executable, "-c", "\n".join(block.lines)])
        step = Step("python", block.first, (ANY,), frozenset((0,)))
        return Outcome(step, code, printed)

    def _run(self, command: list[str]) -> tuple[int, tuple[str, ...]]:
        """Standard output is a terminal; what goes to standard error is shown below it."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, WIDTH, 0, 0))
        shown: list[bytes] = []
        with subprocess.Popen(
            command,
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=subprocess.PIPE,
        ) as process:
            os.close(theirs)
            listener = threading.Thread(target=_listen, args=(ours, shown))
            listener.start()
            try:
                _, errors = process.communicate(timeout=SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
            finally:
                listener.join()
                os.close(ours)
        text = b"".join(shown).replace(b"\r\n", b"\n") + errors
        return process.returncode, trimmed(text.decode("utf-8").splitlines())


def _listen(terminal: int, shown: list[bytes]) -> None:
    """Take what appears on a terminal until nobody writes there any more."""
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # Linux says so when the last writer has gone
            return
        if not chunk:  # and macOS so
            return
        shown.append(chunk)


def outcomes(page: Path, folder: Path) -> list[Outcome]:
    """Everything the examples of a page did, in order, starting in an empty folder."""
    reader = Reader(folder)
    done: list[Outcome] = []
    for block in blocks(page.read_text(encoding="utf-8")):
        if block.language == "console":
            done += [reader.types(step) for step in steps(block)]
        elif block.language == "python":
            done.append(reader.runs(block))
    return done


def rewritten(text: str, done: list[Outcome]) -> str:
    """The page with what was printed in place of what differs."""
    lines = text.splitlines()
    for outcome in reversed(done):
        step = outcome.step
        if not matches(step.expected, outcome.printed):
            lines[step.first : step.first + len(step.expected)] = outcome.printed
    return "\n".join(lines) + "\n"
