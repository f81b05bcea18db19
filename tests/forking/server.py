"""Has read the program, and forks a process for each command line that comes through the door."""

from __future__ import annotations

import contextlib
import gc
import marshal
import os
import runpy
import select
import socket
import struct
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent.parent
PACKAGES: Final = ("ledger", "projections", "cli")
THREADED: Final[Any] = dict.fromkeys(("pyarrow", "distributed"))
"""Extras that start threads, which do not come along when a process is forked: as if they were not there."""


def main() -> None:
    """Answer whoever knocks until the one who started this is gone."""
    _read()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(sys.argv[1])
        door.listen()
        os.write(1, b"read\n")
        while sys.stdin not in select.select([door, sys.stdin], [], [])[0]:
            asked, _ = door.accept()
            if os.fork() == 0:
                break
            asked.close()
            _bury()
        else:
            return
    _answer(asked)


def _read() -> None:
    """Import every module of the program but those that need an extra which starts threads."""
    sys.modules.update(THREADED)
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            try:
                import_module(name.removesuffix(".__init__"))
            except ModuleNotFoundError as error:
                if error.name not in THREADED:
                    raise
    import_module("psycopg")
    for extra in THREADED:
        del sys.modules[extra]
    gc.collect()
    gc.freeze()


def _bury() -> None:
    """Forget the children that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _answer(asked: socket.socket) -> None:
    """Run a command line in a child, and tell how that ended."""
    told, streams, _, _ = socket.recv_fds(asked, 1 << 16, 3)
    while some := asked.recv(1 << 16):
        told += some
    child = os.fork()
    if child == 0:
        asked.close()
        _run(streams, *marshal.loads(told))
    else:
        for stream in streams:
            os.close(stream)
        _, status = os.waitpid(child, 0)
        asked.sendall(struct.pack("i", os.waitstatus_to_exitcode(status)))
        os._exit(0)


def _run(streams: list[int], words: list[str], folder: str, environment: dict[str, str]) -> None:
    """As Python itself does, in a process that has inherited all this."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  as long as the process
    sys.stdout = open(1, "w", 1 if os.isatty(1) else -1, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, "utf-8", "backslashreplace", closefd=False)  # noqa: SIM115
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    option, sys.argv = words[0], words[1:]
    if option == "-m":
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        assert option == "-c"
        code, sys.argv[0] = sys.argv[0], option
        exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})


if __name__ == "__main__":
    main()
