#!/usr/bin/env python3
"""A time server at port 123 of an address, the argument: half past eleven at the end of 2029, stratum 2. Says "ready", or why it cannot be."""
import socket
import struct
import sys
import time

NTP_TO_UNIX_S = 2208988800
TIME_S = 1893454200

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try:
    server.bind((sys.argv[1], 123))
except OSError as error:
    print(error.strerror, flush=True)
    sys.exit(0)
print("ready", flush=True)
while True:
    packet, peer = server.recvfrom(100)
    if len(packet) != 48 or packet[0] & 7 != 3:
        continue
    time.sleep(0.3)  # the device's clock waits for the answer
    stamp = struct.pack(">II", TIME_S + NTP_TO_UNIX_S, 1 << 31)
    head = struct.pack(">BBbbII4s", 0x24, 2, 6, -20, 1 << 8, 1 << 9, b"TEST")
    server.sendto(head + stamp + packet[40:48] + stamp + stamp, peer)
