# Serves a folder on the loopback interface for the download tests: python3 range_server.py FOLDER
# Prints its port, then one line per request: PATH RANGE. Ends when its standard input does.
#   /NAME          the file, with byte ranges
#   /norange/NAME  the same without byte ranges
#   /cut/NAME      closes the connection half-way
#   /moved/NAME    redirects to /NAME
#   /long/NAME     a thousand bytes more than the file has
#   /endless/NAME  the file again and again, without telling a length
import http.server
import os
import sys
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print(self.path, self.headers.get("Range", "-"), flush=True)
        mode, name = os.path.split(self.path)
        path = os.path.join(sys.argv[1], name)
        if not os.path.isfile(path):
            return self.send_error(404)
        if mode == "/moved":
            return self.answer(302, b"", {"Location": "/" + name})
        with open(path, "rb") as file:
            data = file.read()
        if mode == "/long":
            return self.answer(200, data + bytes(1000), {})
        if mode == "/endless":
            return self.answer_without_end(data)
        wanted = self.headers.get("Range")
        if wanted is None or mode == "/norange":
            return self.answer(200, data, {}, cut=mode == "/cut")
        start = int(wanted[len("bytes="):].split("-")[0])
        if start >= len(data):
            return self.answer(416, b"", {"Content-Range": "bytes */%d" % len(data)})
        headers = {"Content-Range": "bytes %d-%d/%d" % (start, len(data) - 1, len(data))}
        return self.answer(206, data[start:], headers, cut=mode == "/cut")

    def answer(self, status, data, headers, cut=False):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if cut else data)

    def answer_without_end(self, data):
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(1000):
                self.wfile.write(data)
        except OSError:
            pass  # the client has closed the connection

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
