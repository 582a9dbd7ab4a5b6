#!/usr/bin/env python3
"""Talks to a prompt on a pseudo-terminal and prints the lines that are answers.

usage: standalone-terminal.py PROGRAM [ARG]...
Each step waits for what the step before must print (a marker, the prompt), so a slow computer is no
failure. A step without that answer is named, and ends the talk.
"""
import os
import pty
import re
import select
import signal
import sys
import time

PROMPT = b"\n> "
CTRL_C = b"\x03"
CTRL_D = b"\x04"
LIMIT_S = 120

# Endless loops of each kind that the interpreter has. Each says from inside that it runs; the text is
# put together there, so that it is not in the echo of the line.
LOOPS = [
    b"while true do if not a then a = 1 print('in'..'side') end end",
    b"repeat if not b then b = 1 print('in'..'side') end until false",
    b"for i = 1, 1/0 do if i == 1 then print('in'..'side') end end",
    b"for _ in os.clock do if not c then c = 1 print('in'..'side') end end",
    b"for _ in function() return 1 end do if not d then d = 1 print('in'..'side') end end",
    b"local function f(n) if n == 1 then print('in'..'side') end return f(n + 1) end f(1)",
    b"local t = setmetatable({}, {__index = function() return 1 end}) print('in'..'side')"
    b" while t.x do end",
]
STEPS = [(b"=1+2\n", PROMPT)]
for loop in LOOPS:
    STEPS += [(loop + b"\n", b"inside\r\n"), (CTRL_C, PROMPT)]
STEPS += [(b"=9+\x7f\x7f2*2\n", PROMPT),
          (b"\x1b[A\n", PROMPT),  # the line before, again
          (CTRL_D, None)]


class Talk:
    def __init__(self, command):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "vt100"
            os.execv(command[0], command)
        self.out = bytearray()
        self.read_to = 0

    def wait_for(self, text):
        """Reads until `text` has come behind what was waited for before; None: until the end."""
        end = time.time() + LIMIT_S
        while text is None or self.out.find(text, self.read_to) < 0:
            if time.time() > end:
                return False
            if not select.select([self.fd], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(self.fd, 4096)
            except OSError:
                data = b""
            if not data:
                return text is None
            self.out.extend(data)
        self.read_to = self.out.find(text, self.read_to) + len(text)
        return True


def main():
    talk = Talk(sys.argv[1:])
    if not talk.wait_for(b"> "):
        print("no prompt")
    for step, answer in STEPS:
        os.write(talk.fd, step)
        if not talk.wait_for(answer):
            print("no answer to", step)
            os.kill(talk.pid, signal.SIGKILL)
            break
    _, status = os.waitpid(talk.pid, 0)
    text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", bytes(talk.out)).replace(b"\r", b"\n")
    for line in text.split(b"\n"):
        # Ctrl-C is echoed; the place is there if a function was left or entered just then.
        line = re.sub(rb"^(\^C)?(stdin:1: )?interrupted!$", b"interrupted!", line)
        if re.fullmatch(rb"[0-9]+|inside|interrupted!", line):
            print(line.decode())
    print("status", os.waitstatus_to_exitcode(status))


main()
