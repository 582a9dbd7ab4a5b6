#!/usr/bin/env python3
"""Peers that nc and curl cannot be. usage: client.py WHAT PORT [ARGUMENT...]; prints what came."""
import os
import random
import select
import socket
import struct
import sys
import time

TIMEOUT_S = 60


def connect(port, buffer_bytes=None):
    peer = socket.socket()
    if buffer_bytes:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer_bytes)
    peer.settimeout(TIMEOUT_S)
    peer.connect(("127.0.0.1", port))
    return peer


def read_exactly(peer, count):
    data = b""
    while len(data) < count:
        piece = peer.recv(min(4096, count - len(data)))
        if not piece:
            break
        data += piece
    return data


def echo(port, count):
    """Sends so many bytes and reads them back."""
    data = os.urandom(count)
    peer, got, sent = connect(port), b"", 0
    while len(got) < count:
        readable, writable, _ = select.select([peer], [peer] if sent < count else [], [], TIMEOUT_S)
        if writable:
            sent += peer.send(data[sent:sent + 1000])
        if readable:
            piece = peer.recv(4096)
            if not piece:
                break
            got += piece
    print("same" if got == data else "other: %d of %d bytes" % (len(got), count))


def slow(port, count):
    """Reads nothing for a second while it sends what is taken, then all of it in small pieces."""
    data = os.urandom(count)
    peer, sent, got = connect(port, 8192), 0, b""
    peer.setblocking(False)
    end = time.monotonic() + 1
    while sent < count and time.monotonic() < end:
        if select.select([], [peer], [], 0.1)[1]:
            sent += peer.send(data[sent:sent + 500])
    while len(got) < count:
        readable, writable, _ = select.select([peer], [peer] if sent < count else [], [], TIMEOUT_S)
        if not readable and not writable:
            break
        if writable:
            sent += peer.send(data[sent:sent + 500])
        if readable:
            got += peer.recv(700)
    print("same" if got == data else "other: %d of %d bytes" % (len(got), count))


def reset(port, text):
    """Sends a text, waits for an answer, and goes away with a reset."""
    peer = connect(port)
    peer.sendall(text.encode())
    print(peer.recv(4096).decode())
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def half(port, text):
    """Ends its sending, then reads to the end."""
    peer = connect(port)
    peer.sendall(text.encode())
    peer.shutdown(socket.SHUT_WR)
    data = b""
    while True:
        piece = peer.recv(4096)
        if not piece:
            break
        data += piece
    print(data.decode())


def crowd(port, count, most):
    """So many at once; each is answered and goes. How many are answered at a time? It waits until `most` are."""
    peers = [connect(port) for _ in range(count)]
    for number, peer in enumerate(peers):
        peer.sendall(b"peer %03d\n" % number)
    waiting = dict((peer, number) for number, peer in enumerate(peers))
    at_once, good = 0, 0
    end = time.monotonic() + TIMEOUT_S
    while len(select.select(list(waiting), [], [], 0)[0]) < most and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(0.3)  # for those that are too many
    while waiting:
        readable, _, _ = select.select(list(waiting), [], [], TIMEOUT_S)
        if not readable:
            break
        at_once = max(at_once, len(readable))
        for peer in readable:
            good += read_exactly(peer, 9) == b"peer %03d\n" % waiting.pop(peer)
            peer.close()
    print("%d answered, at most %d at once" % (good, at_once))


def many(port, count):
    """So many connections, one after another."""
    good = 0
    for number in range(count):
        peer = connect(port)
        peer.sendall(b"%d\n" % number)
        good += read_exactly(peer, len(b"%d\n" % number)) == b"%d\n" % number
        peer.close()
    print("%d answered" % good)


def udp(port, count):
    """So many datagrams of growing size, each of which must come back."""
    peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    peer.settimeout(TIMEOUT_S)
    good = 0
    for number in range(count):
        data = bytes([number % 256]) * (1 + number * 1471 // max(1, count - 1))
        peer.sendto(data, ("127.0.0.1", port))
        good += peer.recv(2000) == data
    print("%d came back" % good)


def ask(port, text):
    """One question, one line."""
    peer = connect(port)
    peer.sendall(text.encode() + b"\n")
    line = b""
    while not line.endswith(b"\n"):
        piece = peer.recv(4096)
        if not piece:
            break
        line += piece
    print(line.decode().rstrip("\n"))


def hold_port():
    """Prints a TCP port that is the caller's until it ends: none of those that the system gives away by
    itself, and its UDP port is taken here, so that no other hold-port prints it."""
    caller = os.getppid()
    for port in random.sample(range(10000, 19000), 9000):
        token, probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket()
        try:
            token.bind(("127.0.0.1", port))
            probe.bind(("127.0.0.1", port))
        except OSError:
            token.close()
            continue
        finally:
            probe.close()
        break
    print(port, flush=True)
    while os.getppid() == caller:
        time.sleep(0.2)


what, arguments = sys.argv[1], [int(a) if a.isdigit() else a for a in sys.argv[2:]]
{"echo": echo, "slow": slow, "reset": reset, "half": half, "crowd": crowd, "many": many,
 "udp": udp, "ask": ask, "hold-port": hold_port}[what](*arguments)
