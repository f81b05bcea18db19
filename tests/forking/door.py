"""Hands a command line to the process that has read the program, and ends as the command line does."""

from __future__ import annotations

# Nothing that takes long to import: a command line is to begin at once.
import _socket
import marshal
import os
import struct
import sys

address, words = sys.argv[1], sys.argv[2:]
door = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
door.connect(address)
streams = (_socket.SOL_SOCKET, _socket.SCM_RIGHTS, struct.pack("3i", 0, 1, 2))
folder = os.getcwd()  # noqa: PTH109  pathlib takes long to import
asked = marshal.dumps((words, folder, dict(os.environ)))
sent = door.sendmsg([asked], [streams])
while sent < len(asked):
    sent += door.send(asked[sent:])
door.shutdown(_socket.SHUT_WR)
for stream in range(3):
    os.close(stream)  # whoever reads what is written is to hear the end from the writer alone
told = door.recv(4)
status = struct.unpack("i", told)[0] if told else 1
if status < 0:
    os.kill(os.getpid(), -status)
os._exit(status)
