"""As many requests as asked for, one after the other, each over a connection of its own.

usage: client.py PORT COUNT     prints requests a second
"""
import re
import socket
import sys
import time

port, count = int(sys.argv[1]), int(sys.argv[2])
paths = [b"/index.html", b"/api?led=on&name=two%20words&n=17", b"/none", b"/style.css"]
begin = time.monotonic()
for number in range(count):
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        connection.sendall(b"GET " + paths[number % 4] + b" HTTP/1.1\r\nHost: bench\r\n\r\n")
        answer, wanted = b"", None
        while wanted is None or len(answer) < wanted:
            piece = connection.recv(65536)
            if not piece:
                sys.exit("the connection has ended before its answer")
            answer += piece
            end = answer.find(b"\r\n\r\n")
            if wanted is None and end >= 0:
                length = re.search(rb"Content-Length: (\d+)", answer[:end])
                wanted = end + 4 + int(length.group(1))
print("%.0f" % (count / (time.monotonic() - begin)))
