"""Work done in a process of its own, so that each has its own time and its own peak of memory."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

LOOKED_AT_EVERY_SECONDS: Final = 0.03
PATIENCE_SECONDS: Final = 3600
"""After which a process is ended: a peer that waits for ever holds up nothing else."""
FINE: Final = (0, 3)
"""Ended well; or there is something to act on."""
_PAGE: Final = resource.getpagesize()


class Run(msgspec.Struct, frozen=True):
    """What one process told of its work, and the most memory that it and its children had at a time."""

    seconds: float
    count: int
    memory: int
    """Resident bytes of all its processes together; pages that they share count for each of them."""
    told: dict[str, Any]


class Failed(Exception):
    """A process that did not end well, with what it said."""


def run(
    command: Sequence[str | Path],
    wanted: Mapping[str, Any],
    environment: Mapping[str, str],
    *,
    one_core: bool = False,
) -> Run:
    """Start a program with one JSON argument; its last line is JSON with `seconds` and `count`."""
    os.sync()  # what was written before is not waited for in what is measured now
    with _cores(one_core):
        process = subprocess.Popen(
            [*map(str, command), msgspec.json.encode(wanted).decode()],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **environment},
        )
    peak = _Peak(process.pid)
    with peak:
        try:
            said, complained = process.communicate(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Failed(f"{command} {wanted}: not done in {PATIENCE_SECONDS:,} s") from None
    if process.returncode != 0:
        raise Failed(f"{command} {wanted}\n{complained.decode(errors='replace')[-3000:]}")
    told: dict[str, Any] = msgspec.json.decode(said.splitlines()[-1])
    return Run(told.pop("seconds"), told.pop("count"), peak.bytes, told)


def run_command(
    words: Sequence[str | Path],
    count: int,
    output: Path,
    environment: Mapping[str, str],
    *,
    one_core: bool = False,
) -> Run:
    """The command line in a new process, from its start to its end; what it prints goes to a file."""
    os.sync()
    begun = time.perf_counter()
    with output.open("wb") as printed:
        with _cores(one_core):
            process = subprocess.Popen(
                [sys.executable, "-m", "cli.main", *map(str, words)],
                stdout=printed,
                stderr=subprocess.PIPE,
                env={**os.environ, **environment},
            )
        peak = _Peak(process.pid)
        with peak:
            _, complained = process.communicate()
    seconds = time.perf_counter() - begun
    if process.returncode not in FINE:
        raise Failed(f"{words}\n{complained.decode(errors='replace')[-3000:]}")
    return Run(seconds, count, peak.bytes, {"code": process.returncode})


@contextmanager
def _cores(one: bool) -> Iterator[None]:
    """What is started meanwhile has one core for all its processes together, where that is asked for."""
    if not one or sys.platform != "linux":
        yield
        return
    all_of_them = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(all_of_them)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_of_them)


class _Peak(threading.Thread):
    """Looks at a process and all that come from it, again and again, and keeps the largest sum."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.bytes = 0
        self._pid = pid
        self._ended = threading.Event()

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        while not self._ended.wait(LOOKED_AT_EVERY_SECONDS):
            self.bytes = max(self.bytes, _resident(self._pid))


def _resident(pid: int) -> int:
    """Linux tells it under /proc; elsewhere nothing is known, and nothing is said."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for task in Path(f"/proc/{pid}/task").iterdir():
            if task.name != str(pid):
                children += (task / "children").read_text().split()
    except (OSError, IndexError, ValueError):
        return 0
    return pages * _PAGE + sum(_resident(int(child)) for child in children)


class Side(msgspec.Struct, frozen=True):
    """One of the ways that are compared: all its runs."""

    runs: list[Run]

    @property
    def seconds(self) -> float:
        """The median of its runs."""
        return statistics.median(run.seconds for run in self.runs)

    @property
    def count(self) -> int:
        """How many things each run did."""
        return self.runs[0].count

    @property
    def rate(self) -> float:
        """Things a second."""
        return self.count / self.seconds

    @property
    def rates(self) -> tuple[float, float]:
        """The slowest and the fastest run."""
        rates = [run.count / run.seconds for run in self.runs]
        return min(rates), max(rates)

    @property
    def memory(self) -> int:
        """The largest peak of its runs."""
        return max(run.memory for run in self.runs)


def by_turns(sides: Mapping[str, Callable[[int], Run]], runs: int) -> dict[str, Side]:
    """Each side so many times, one after the other by turns: what slows the machine down slows all of them."""
    done: dict[str, list[Run]] = {name: [] for name in sides}
    for number in range(runs):
        for name, work in sides.items():
            done[name].append(work(number))
            one = done[name][-1]
            sys.stderr.write(
                f"  {name}: {one.count / one.seconds:,.0f}/s, {one.seconds:.2f} s, "
                f"{one.memory / 2**20:,.0f} MiB\n"
            )
    return {name: Side(told) for name, told in done.items()}
