"""What strangers send: huge numbers, deep JSON, slow and endless bodies, wrong encodings, bombs. Each gets a 4xx or a clean 503, and the next is served."""

import http.client
import io
import json
import socket
import threading
import time
import zipfile

import pytest

from services import FIGURES, MANY, ONE, running

SCHEME = "/v1/schemes/2023"


@pytest.fixture(autouse=True)
def still_serves(request):
    yield
    if "service" in request.fixturenames:
        assert request.getfixturevalue("service").post(ONE, {"figures": FIGURES})[2]["total"]["value"] == "78.39"


def head(path=ONE, method="POST", **headers):
    named = {"host": "service", "content-type": "application/json", "connection": "close"} | {
        name.replace("_", "-"): text for name, text in headers.items()
    }
    return "".join([f"{method} {path} HTTP/1.1\r\n", *(f"{name}: {text}\r\n" for name, text in named.items()), "\r\n"]).encode()


def status(told):
    return int(told[9:12]) if told.startswith(b"HTTP/1.1 ") else None


BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "deep lists": b"[" * 1_000_000,
    "deep objects": b'{"a":' * 200_000 + b"1" + b"}" * 200_000,
    "closed and deep": b'{"figures":' + b"[" * 900 + b"]" * 900 + b"}",
    "just too deep": b'{"figures":' + b"[" * 20 + b"]" * 20 + b"}",
    "an integer of a million digits": b'{"figures":{"period":"2023-10","insured":' + b"9" * 1_000_000 + b"}}",
    "a negative one": b'{"figures":{"period":"2023-10","insured":-' + b"9" * 5_000 + b"}}",
    "a float": b'{"figures":{"period":"2023-10","insured":1e400}}',
    "a float that is whole": b'{"figures":{"period":"2023-10","insured":602.0}}',
    "NaN": b'{"figures":{"period":"2023-10","insured":NaN}}',
    "Infinity": b'{"figures":{"period":"2023-10","insured":-Infinity}}',
    "text of a million digits": b'{"figures":{"period":"2023-10","insured":"' + b"9" * 1_000_000 + b'"}}',
    "text of hundreds": b'{"figures":{"period":"2023-10","insured":"' + b"9" * 199 + b'"}}',
    "an exponent": b'{"figures":{"period":"2023-10","insured":"1e999999999"}}',
    "a key twice": b'{"figures":{"period":"2023-10","insured":1,"insured":2}}',
    "U+0000": b'{"figures":{"period":"2023-10","insured":"\\u0000"}}',
    "U+0000 in a key": b'{"figures":{"period":"2023-10","\\u0000":1}}',
    "half a character": b'{"figures":{"period":"2023-10","insured":"\\ud800"}}',
    "half a character in a key": b'{"figures":{"period":"2023-10","\\udfff":1}}',
    "GB18030": '{"figures":{"period":"2023年10月"}}'.encode("gb18030"),
    "UTF-16": json.dumps({"figures": FIGURES}).encode("utf-16"),
    "UTF-32": json.dumps({"figures": FIGURES}).encode("utf-32-le"),
    "half of UTF-8": b'{"figures":{"period":"\xe5\xb9"}}',
    "overlong UTF-8": b'{"figures":{"period":"\xc0\xaf"}}',
    "a surrogate in UTF-8": b'{"figures":{"period":"\xed\xa0\x80"}}',
    "many keys": json.dumps({"figures": {f"k{number}": 1 for number in range(50_000)} | {"period": "2023-10"}}).encode(),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_body_is_refused_with_its_place(service, name):
    code, headers, told = service.post(ONE, BODIES[name], content_type="application/json")
    assert code in (400, 413, 422)
    assert headers["content-type"] == "application/problem+json"
    assert told["errors"]
    assert len(json.dumps(told)) < 100_000


def test_a_byte_order_mark_is_passed_over(service):
    assert service.post(ONE, b"\xef\xbb\xbf" + json.dumps({"figures": FIGURES}).encode(), content_type="application/json")[0] == 200


@pytest.mark.parametrize(
    ("sent", "codes"),
    [
        (head(content_length="20000001") + b"x", {413}),
        (head(content_length="9" * 40) + b"x", {400, 411, 413}),
        (head(content_length="-1"), {400, 411}),
        (head(content_length="1, 2"), {400}),
        (head(content_length="0x10"), {400}),
        (head(content_length="2", transfer_encoding="chunked") + b"0\r\n\r\n", {400, 422}),
        (head(transfer_encoding="chunked") + b"zz\r\n", {400}),
        (head(transfer_encoding="gzip"), {400, 501}),
        (head(content_encoding="gzip", content_length="2") + b"{}", {415}),
        (head(content_type="text/html", content_length="2") + b"{}", {415}),
        (head(content_type="application/json; charset=gb18030", content_length="2") + b"{}", {415}),
        (head(content_type="", content_length="2") + b"{}", {415}),
        (head(method="GET"), {405}),
        (head(method="BREW", content_length="0"), {405}),
        (head("/nowhere"), {404}),
        (head("/v1/schemes/..%2f..%2fetc%2fpasswd", "GET"), {404}),
        (head("/v1/schemes/%00", "GET"), {404, 400}),
        (head("/v1/schemes/%ff%fe", "GET"), {404, 400}),
        (head("/v1/schemes/2023/forms?%ff=%fe", "GET"), {400, 422}),
        (head("/v1/schemes/2023/forms?a=b", "GET"), {422}),
        (head("/" + "a" * 70_000, "GET"), {400, 404, 414, 431}),
        (head("/health", "GET", x="y" * 400_000), {400, 431}),
        (b"GET / HTTQ/1.1\r\n\r\n", {400}),
        (b"\x16\x03\x01\x02\x00\x01\x00", {400}),
        (b"GET /health HTTP/1.1\r\n\r\n", {400}),
        (b"GET /health HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n", {400}),
        (b"GET /health HTTP/1.1\r\nhost: a\r\nx: \x00\r\n\r\n", {400}),
        (b"GET /h\xc3\xa9alth HTTP/1.1\r\nhost: a\r\n\r\n", {400, 404}),
        (head(upgrade="websocket", connection="upgrade, close", content_length="0"), {400, 405, 415, 422, 426}),
    ],
)  # fmt: skip
def test_broken_http_is_refused(service, sent, codes):
    assert status(service.raw(sent, timeout=20)) in codes


def test_an_endless_body_without_a_length_is_cut_at_the_limit():
    with running("--workers", "1", "--max-body", "100000") as service, socket.create_connection((service.host, service.port), 30) as line:
        line.sendall(head(transfer_encoding="chunked"))
        told, sent = b"", 0
        line.settimeout(0.01)
        while not told and sent < 50_000_000:
            try:
                sent += line.send(b"10000\r\n" + b"[" * 65536 + b"\r\n")
            except TimeoutError:
                pass
            except ConnectionError:
                break
            try:
                told = line.recv(65536)
            except TimeoutError:
                continue
            except ConnectionError:
                break
        assert status(told) == 413
        assert sent < 10_000_000
        assert service.post(ONE, b"x" * 100_001, content_type="application/json")[0] == 413
        assert service.post(ONE, {"figures": FIGURES})[0] == 200


@pytest.mark.slow
def test_slow_bodies_and_slow_heads_are_cut_off_and_hold_nobody_up():
    with running("--workers", "1", "--body-seconds", "2") as service:
        lines = [socket.create_connection((service.host, service.port), 30) for _ in range(60)]
        for number, line in enumerate(lines):
            line.sendall(head(content_length="50") + b'{"figures"' if number % 2 else b"POST /v1/sch")
        began = time.monotonic()
        assert service.post(ONE, {"figures": FIGURES})[0] == 200
        assert time.monotonic() - began < 2
        for number, line in enumerate(lines):
            if number % 2:
                line.sendall(b":")
            line.settimeout(20)
            told = line.recv(65536)
            assert status(told) == 408
            line.close()
        assert time.monotonic() - began < 20


def test_what_takes_too_long_is_ended_with_its_process_and_the_next_one_answers():
    many = json.dumps({"rows": [FIGURES] * 10_000}).encode()
    with running("--workers", "1", "--seconds", "1") as service:
        before = set(service.pids())
        code, headers, told = service.post(f"{MANY}?explain=true", many, content_type="application/json")
        assert (code, told["code"], headers["retry-after"]) == (503, "too_long", "1")
        assert before - set(service.pids())  # the process is gone
        for _ in range(20):
            if service.post(ONE, {"figures": FIGURES})[0] == 200:
                break
        else:
            pytest.fail("it doesn't answer any more")


@pytest.mark.slow
def test_when_all_are_busy_the_rest_are_refused_at_once_and_told_when_to_come_back():
    many = json.dumps({"rows": [FIGURES] * 2_000}).encode()
    with running("--workers", "1", "--waiting", "1") as service:
        answers = []

        def ask():
            began = time.monotonic()
            code, headers, told = service.post(f"{MANY}?explain=true", many, content_type="application/json")
            answers.append((code, headers.get("retry-after"), told.get("code"), time.monotonic() - began))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        assert service.get("/health")[0] == 200  # the one that listens does none of the work
        for thread in threads:
            thread.join()
        refused = [one for one in answers if one[0] != 200]
        assert len(refused) >= 5
        assert {one[:3] for one in refused} == {(503, "1", "busy")}
        assert min(one[3] for one in refused) < min(one[3] for one in answers if one[0] == 200)


def test_clients_that_leave_leave_nothing_behind(service):
    for number in range(50):
        line = socket.create_connection((service.host, service.port), 10)
        line.sendall((head(content_length="40") + b"{" * (number % 41)) if number % 2 else head("/v1/schemes/2023", "GET"))
        line.close()
    assert service.get("/health")[0] == 200


def test_several_requests_on_one_connection_are_answered_in_turn(service):
    connection = http.client.HTTPConnection(service.host, service.port, timeout=30)
    for body, code in (
        (b"{", 400),
        (json.dumps({"figures": FIGURES}).encode(), 200),
        (b"[]", 422),
        (json.dumps({"figures": FIGURES}).encode(), 200),
    ):
        connection.request("POST", ONE, body, {"content-type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == code
    connection.close()


def bomb():
    """A workbook of a kilobyte a megabyte."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", "<workbook/>")
        package.writestr("xl/worksheets/sheet1.xml", b"<a>" + b" " * 150_000_000 + b"</a>")
    return kept.getvalue()


def test_bombs_and_broken_files_are_findings_not_failures(service):
    media = "application/octet-stream"
    laughs = io.BytesIO()
    with zipfile.ZipFile(laughs, "w") as package:
        package.writestr("xl/workbook.xml", '<!DOCTYPE x [<!ENTITY a "ha">]><workbook>&a;</workbook>')
    files = {"bomb.xlsx": bomb(), "laughs.xlsx": laughs.getvalue(), "broken.xlsx": b"PK\x03\x04" + b"x" * 99, "old.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "nul.csv": b"a\0b", "empty.csv": b"", "x.ods": b"x"}  # fmt: skip
    for name, content in files.items():
        code, _, told = service.post(f"{SCHEME}/validate?file={name}", content, content_type=media)
        assert (code, told["sound"]) == (200, False), name
        assert told["findings"][0]["place"]["file"] == name
    code, _, told = service.upload(f"{SCHEME}/assess", files)
    assert (code, told["code"]) == (422, "no_reports")
    assert {one["place"] for one in told["errors"]} >= files.keys()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"--x--\r\n", b"nothing", b"--x\r\n\r\n\r\n--x--\r\n", b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n1\r\n--x--\r\n',
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n1', b"--x\r\n" + b"a: b\r\n" * 10_000,
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n\r\n' * 500 + b"--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="\xff\xfe"\r\n\r\n1\r\n--x--\r\n',
    ],
)  # fmt: skip
def test_forms_that_are_none_are_refused(service, body):
    assert service.post(f"{SCHEME}/validate", body, content_type="multipart/form-data; boundary=x")[0] in (400, 422)
    assert service.post(f"{SCHEME}/validate", body, content_type="multipart/form-data")[0] == 400
