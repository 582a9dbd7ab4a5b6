#!/usr/bin/env python3
"""An HTTP server with ranges for the test of examples/ota. usage: ota-server.py DIR PORT-FILE LOG

While there is a file "stall" beside LOG, a request for a piece that begins at or behind the number
in it is logged as "stalled" and gets no answer: the device is in the middle of an image.
"""
import http.server
import os
import sys
import time

DIRECTORY, PORT_FILE, LOG = sys.argv[1:4]
STALL = os.path.join(os.path.dirname(LOG), "stall")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        try:
            with open(os.path.join(DIRECTORY, os.path.basename(self.path)), "rb") as file:
                data = file.read()
        except OSError:
            return self.answer(404, b"")
        span = self.headers.get("Range")
        if not span:
            return self.answer(200, data)
        first, last = span.removeprefix("bytes=").split("-")
        if os.path.exists(STALL):
            with open(STALL) as file:
                if int(first) >= int(file.read()):
                    return self.stall()
        return self.answer(206, data[int(first):int(last) + 1])

    def stall(self):
        with open(LOG, "a") as log:
            print(self.path, "stalled", 0, file=log)
        while os.path.exists(STALL):
            time.sleep(0.05)
        self.close_connection = True

    def answer(self, code, data):
        with open(LOG, "a") as log:
            print(self.path, code, len(data), file=log)
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(PORT_FILE, "w") as file:
    print(server.server_port, file=file)
server.serve_forever()
