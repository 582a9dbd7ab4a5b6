#!/usr/bin/env python3
"""Runs a program on a pseudo-terminal of a given width and compares it with what it writes to a pipe.

usage: terminal-width.py COLUMNS PROGRAM [ARG]...
On the terminal no sentence is longer than a line: a longer line is a row of a table, which begins with
two blanks. Notes, warnings and findings have the same words in both. Says what is wrong, status 1;
prints how many lines more the terminal has.
"""
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios


def on_terminal(columns, words):
    """Standard output alone is the terminal."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    child = subprocess.Popen(words, stdout=follower, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    os.close(follower)
    data = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:
            break
        if not piece:
            break
        data += piece
    child.wait()
    return re.sub(r"\x1b\[[0-9;]*m", "", data.decode()).replace("\r\n", "\n")


def main(columns, words):
    terminal = on_terminal(columns, words)
    piped = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout.decode()
    bad = 0
    rows = set(line for line in piped.split("\n") if line.startswith("  "))
    for line in terminal.split("\n"):
        is_row = line.startswith("  ") and (line in rows or re.search(r"\S  +\S", line))
        if len(line) > columns and " " in line.strip() and not is_row:
            print(f"{len(line)} characters on a terminal of {columns}: {line}")
            bad = 1
    findings = [line for line in piped.split("\n") if re.match("(note|warning|finding): ", line)]
    flat = " ".join(terminal.split())
    for line in findings:
        if " ".join(line.split()) not in flat:
            print("not on the terminal: " + line)
            bad = 1
    print(len(terminal.split("\n")) - len(piped.split("\n")))
    return bad


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
