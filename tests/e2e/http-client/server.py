#!/usr/bin/env python3
"""A web server that answers with what it got. Prints its port."""
import http.server
import time


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, body, status=200, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_chunks(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in (b"one ", b"two ", b"x" * 3000):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def handle_all(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/chunked":
            self.send_chunks()
        elif self.path.startswith("/go"):
            self.answer(b"", 302, Location=self.path[3:])
        elif self.path == "/loop":
            self.answer(b"", 301, Location="/loop")
        elif self.path == "/large":
            self.answer(b"y" * 9000)
        else:
            if self.path == "/second":
                time.sleep(0.5)
            headers = ",".join("%s=%s" % (name, value.split(":")[0]) for name, value in self.headers.items())
            text = "%s %s %d %s|%s" % (self.command, self.path, len(body), body[-5:].decode(), headers)
            self.answer(text.encode(), X_Two="one", x_tWO="two")

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = handle_all

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
