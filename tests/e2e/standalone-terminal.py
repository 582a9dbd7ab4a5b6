#!/usr/bin/env python3
"""Talks to a prompt on a pseudo-terminal and prints the lines that are answers.

usage: standalone-terminal.py PROGRAM [ARG]...
Each step waits for the prompt, so a slow computer is no failure.
"""
import os
import pty
import re
import select
import sys
import time

STEPS = [b"=1+2\n", b"=9+\x7f\x7f2*2\n",
         b"\x1b[A\n",  # the line before, again
         b"\x04"]
LIMIT_S = 20


def read_until(fd, text, out):
    end = time.time() + LIMIT_S
    start = len(out)
    while time.time() < end and text not in out[start:]:
        if select.select([fd], [], [], 0.1)[0]:
            try:
                data = os.read(fd, 4096)
            except OSError:
                return
            if not data:
                return
            out.extend(data)


def main():
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "vt100"
        os.execv(sys.argv[1], sys.argv[1:])
    out = bytearray()
    read_until(fd, b"> ", out)
    for step in STEPS:
        os.write(fd, step)
        if step == b"\x04":
            read_until(fd, b"no such text", out)
        else:
            read_until(fd, b"\n> ", out)
    _, status = os.waitpid(pid, 0)
    for line in re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", bytes(out)).replace(b"\r", b"\n").split(b"\n"):
        if re.fullmatch(rb"[0-9]+", line):
            print(line.decode())
    print("status", os.waitstatus_to_exitcode(status))


main()
