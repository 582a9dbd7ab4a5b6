#!/usr/bin/env python3
"""Talks to the device's console on a pseudo-terminal and prints what is wrong; nothing if all is right.

usage: console-terminal.py PROGRAM [ARG]...
Each step waits for what the step before must print, so a slow computer is no failure. The echo is the
device's; texts are put together in Lua where they must not be found in it.
"""
import os
import pty
import select
import signal
import sys
import termios
import time

LIMIT_S = 120

STEPS = [
    (b"", b"main\r\n> "),
    (b"=1+2\r", b"=1+2\r\n3\r\n> "),
    (b"=1\x7f4\r\n", b"=1\b \b4\r\n4\r\n> "),
    (b"do\n", b"do\r\n>> "),
    (b"print('in'..'side') end\n", b"\r\ninside\r\n> "),
    (b"tmr.create():alarm(30, 0, function() print('ti'..'mer') end)\n", b"timer\r\n"),
    (b"error('of ' .. 'a line')\n", b"Lua error: \tstdin:1: of a line"),
    (b"", b"?\r\n> "),  # the end of its traceback
    (b"\n", b"\r\n> "),
    (b"uart.on('data', 3, function(d) print(d:upper()) uart.on('data') end, 0)\n", b"\r\n> "),
    (b"abc", b"ABC\r\n"),
    (b"node.restart()\n", b"main\r\n> "),
    (b"=2+3\n", b"5\r\n> "),
    (b"print('af'..'ter')\n\x04", b"after\r\n> "),
]


def main():
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(sys.argv[1], sys.argv[1:])
    out, read_to = bytearray(), 0
    for step, answer in STEPS:
        os.write(fd, step)
        end = time.time() + LIMIT_S
        while out.find(answer, read_to) < 0 and time.time() < end:
            if select.select([fd], [], [], 0.1)[0]:
                try:
                    out.extend(os.read(fd, 4096))
                except OSError:
                    break
        at = out.find(answer, read_to)
        if at < 0:
            print("no answer to", step, "in", bytes(out[read_to:]))
            os.kill(pid, signal.SIGKILL)
            break
        read_to = at + len(answer)
    while True:
        try:
            if not os.read(fd, 4096):
                break
        except OSError:
            break
    status = os.waitpid(pid, 0)[1]
    if status != 0:
        print("status", status)
    if not termios.tcgetattr(fd)[3] & termios.ICANON:
        print("the terminal is not as it was")


main()
