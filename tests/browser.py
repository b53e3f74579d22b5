"""A headless Chromium driven over its own DevTools protocol, with every address but files leading nowhere."""

import json
import os
import shutil
import subprocess
import time
from contextlib import ExitStack

import pytest
from websockets.sync.client import connect


def chromium():
    """The program, or the test that asks for it is skipped; never in CI."""
    program = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
    if program is None:
        assert not os.environ.get("CI"), "CI has no Chromium"
        pytest.skip("no Chromium on this machine: apt install chromium")
    return program


class Browser:
    """Runs *program*; `requests` are the addresses that the page asked for, `errors` what its scripts and its policy complained of."""

    def __init__(self, program, profile):
        flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--host-resolver-rules=MAP * ~NOTFOUND",
        ]
        self.command = [program, *flags, f"--user-data-dir={profile}", "--remote-debugging-port=0", "about:blank"]
        self.profile, self.requests, self.errors, self.number = profile, [], [], 0

    def __enter__(self):
        self.held = ExitStack()
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port = self.profile / "DevToolsActivePort"
        for _ in range(200):
            if port.exists() and len(port.read_text().splitlines()) == 2:
                break
            time.sleep(0.1)
        number, path = port.read_text().splitlines()
        self.socket = self.held.enter_context(connect(f"ws://127.0.0.1:{number}{path}", max_size=None))
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        return self

    def __exit__(self, *_):
        self.held.close()
        self.process.terminate()
        self.process.wait(10)

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if hasattr(self, "session"):
            message["sessionId"] = self.session
        self.socket.send(json.dumps(message))
        while True:
            told = json.loads(self.socket.recv(timeout=30))
            self._note(told)
            if told.get("id") == self.number:
                assert "error" not in told, told
                return told["result"]

    def _note(self, told):
        params = told.get("params", {})
        if told.get("method") == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        if told.get("method") == "Runtime.exceptionThrown" or (
            told.get("method") == "Log.entryAdded" and params["entry"]["level"] == "error"
        ):
            self.errors.append(str(params))

    def open(self, url):
        self.call("Page.navigate", url=url)
        for _ in range(200):
            if self.value("document.readyState") == "complete" and self.value("location.href") != "about:blank":
                return
            time.sleep(0.05)

    def value(self, code):
        """What a piece of script gives."""
        told = self.call("Runtime.evaluate", expression=code, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")
