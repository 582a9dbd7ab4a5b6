#!/usr/bin/env python3
"""Talks with a device whose UART 0 is a pseudo-terminal. usage: serial-terminal.py FROST ARGUMENT...

Types lines as a person would, leaves, comes back, and prints what came; then ends the run.
"""
import os
import re
import select
import subprocess
import sys
import time

TIMEOUT_S = 30


def read_until(line, wanted):
    """What comes, to the end of the pattern."""
    text = b""
    while not re.search(wanted, text):
        if not select.select([line], [], [], TIMEOUT_S)[0]:
            sys.exit("timeout: %r has come, not %r" % (text, wanted))
        text += os.read(line, 1000)
    return text


def wait_until_idle(process):
    """Until it has been given no processor time for half a second."""
    before = None
    while True:
        with open("/proc/%d/stat" % process) as stat:
            now = stat.read().rpartition(")")[2].split()[11:13]  # user, system
        if now == before:
            return
        before = now
        time.sleep(0.5)


device = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
name = re.match(r"frost: UART 0 of the device is (/\S+)$", device.stderr.readline().decode().rstrip("\n")).group(1)
for number in (1, 2):
    line = os.open(name, os.O_RDWR | os.O_NOCTTY)
    os.write(line, b"=1+%d\n" % number)
    read_until(line, rb"=1\+%d\r\n(> )?%d\r\n" % (number, 1 + number))
    print("answered", number)
    os.close(line)
line = os.open(name, os.O_RDWR | os.O_NOCTTY)
os.write(line, b"print('a\\rb') uart.write(0, 'c\\rd\\n')\n")
read_until(line, rb"\nab\r\nc\rd\n")
print("lines end in CR LF, what uart.write sends is as it is")
os.close(line)
line = os.open(name, os.O_RDWR | os.O_NOCTTY)
os.write(line, b"for i = 1, 3000 do print(('x'):rep(60)) end print('all is done')\n")
wait_until_idle(device.pid)  # nobody reads: the device does not wait
text = b""
end_s = time.monotonic() + TIMEOUT_S
while b"still there\r\n" not in text:
    if time.monotonic() > end_s:
        sys.exit("timeout: %r came last" % text[-200:])
    # An answer, too, is lost while the line is full: then one asks again.
    os.write(line, b"print('still ' .. 'there')\n")
    while select.select([line], [], [], 1)[0]:
        text += os.read(line, 1000)
print("lost" if len(text) < 180000 else "waited")
device.terminate()
print(device.wait(), device.stdout.read().decode())
