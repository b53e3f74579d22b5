"""A service in a process of its own on 127.0.0.1, and plain ways to talk to it: by http.client, and by bytes on a socket."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
ONE = "/v1/schemes/2023/sheets/township/score"
MANY = "/v1/schemes/2023/sheets/township/score-many"
FIGURES = {"period": "2023-10", "insured": 602, "target": "768"}


class Service:
    """One that runs: its *host* and *port*, its *process*, and what it *said* when it started."""

    def __init__(self, process, said):
        self.process, self.said = process, said
        self.host, port = re.match(r"http://([\d.]+):(\d+) ", said).groups()
        self.port = int(port)
        self.url = f"http://{self.host}:{self.port}"

    def call(self, method, path, body=None, **headers):
        """(status, headers, body read as JSON where it is JSON)."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        if isinstance(body, (dict, list)):
            body, named = json.dumps(body).encode(), {"content-type": "application/json"} | named
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        try:
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        kind = answer.headers.get("content-type", "")
        return answer.status, answer.headers, json.loads(content) if "json" in kind else content.decode()

    def post(self, path, body=None, **headers):
        return self.call("POST", path, body, **headers)

    def get(self, path, **headers):
        return self.call("GET", path, None, **headers)

    def upload(self, path, files):
        """Clerks' files as a form."""
        boundary = "----rows-of-clerks"
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode() + content + b"\r\n"
            for name, content in files.items()
        ]
        return self.post(path, b"".join([*parts, f"--{boundary}--\r\n".encode()]), content_type=f"multipart/form-data; boundary={boundary}")

    def raw(self, *pieces, timeout=30):
        """What comes back on a connection that is sent those bytes, until it is closed or nothing comes."""
        with socket.create_connection((self.host, self.port), timeout=timeout) as connection:
            told = b""
            try:
                for piece in pieces:
                    connection.sendall(piece)
            except ConnectionError:
                pass  # it has heard enough; what it said comes below
            try:
                while piece := connection.recv(65536):
                    told += piece
            except (TimeoutError, ConnectionError):
                pass
            return told

    def memory(self):
        """Resident kilobytes of the process and those below it."""
        return sum(int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) for pid in self.pids())

    def pids(self):
        below = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [str(self.process.pid), *below]


@contextmanager
def running(*arguments, **environment):
    """`minsheng serve` with those arguments, on a free port."""
    command = [sys.executable, "-c", "from minsheng_core.cli import main; main()", "serve", "2023", "--port", "0", *arguments]
    clean = {name: text for name, text in os.environ.items() if name != "MINSHENG_TOKEN"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=clean | environment)
    try:
        said = process.stdout.readline()
        assert said.startswith("http://"), (said, process.communicate(timeout=10))
        yield Service(process, said)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
        process.stdout.close()
        process.stderr.close()
