"""The service as another system uses it: a score with its reasons by curl first, then that it says what the library says, then what it refuses."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import threading
import time
from collections import Counter
from functools import cache
from pathlib import Path
from urllib.parse import quote

import openpyxl
import pytest
import schemathesis
from hypothesis import given, settings
from hypothesis import strategies as st

from minsheng_core import Period, assess, load_plugins, load_scheme, load_scorer, prepare, read_reports
from minsheng_core.cli import main
from minsheng_core.publish.json import assessment_json
from services import FIGURES, MANY, ONE, running

ROOT = Path(__file__).parents[1]
MONTH = {file.name: file.read_bytes() for file in sorted((ROOT / "examples/2023-10").glob("*.csv"))}
SCHEME = "/v1/schemes/2023"
GOOD = {"body": "沩山乡", "period": "2023-10", "filed": "2023-11-03", "insured": "11120", "base": "10680"}


def rows(*several):
    return {"reports": {"resident_pension": list(several)}}


def places(problem):
    return [one["place"] for one in problem["errors"]]


@pytest.fixture
def told(capsys, monkeypatch):
    """What a command prints as JSON, run among the sample month's files."""

    def run(*words):
        monkeypatch.chdir(ROOT / "examples/2023-10")
        main(words)
        return json.loads(capsys.readouterr().out)

    return run


# -- stories -------------------------------------------------------------------------------------------------------


def test_the_requests_of_the_page_answer_what_the_page_says(service, tmp_path):
    page = (ROOT / "docs/serving.md").read_text(encoding="utf-8")
    shown = re.findall(r"```sh\n(curl .*?)```\n\n```json\n(.*?)```", page, re.DOTALL)
    assert len(shown) >= 4
    for command, answer in shown:
        run = subprocess.run(
            ["bash", "-c", command.replace("http://127.0.0.1:8323", service.url)], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert_begins(json.loads(run.stdout), json.loads(answer.replace("…", "")))


def assert_begins(told, shown):
    """Whether *told* holds all that is *shown*; a list or text may be shown in part."""
    if isinstance(shown, dict):
        for key, value in shown.items():
            assert key in told
            assert_begins(told[key], value)
    elif isinstance(shown, list):
        for one, value in zip(told, shown, strict=False):
            assert_begins(one, value)
        assert len(shown) <= len(told)
    elif isinstance(shown, str):
        assert told.startswith(shown)
    else:
        assert told == shown


def test_one_score_with_its_reasons_is_that_of_the_readme(service):
    status, _, told = service.post(ONE, {"figures": FIGURES})
    assert (status, told["total"]) == (200, {"value": "78.39", "unit": "分"})
    scorer = load_scorer("2023")
    assert told["fingerprint"] == scorer.fingerprint
    assert (
        told["explanation"]["parts"][0]["how"]
        == scorer.explained(dict.fromkeys(name for name, *_ in scorer.columns) | {"period": 2023 * 12 + 9, "insured": 602, "target": 768})
        .step.parts[0]
        .how
    )
    assert "explanation" not in service.post(f"{ONE}?explain=false", {"figures": FIGURES})[2]


def test_files_are_scored_as_the_command_scores_them_to_the_digit(service, told):
    status, _, answer = service.upload(f"{SCHEME}/assess", MONTH)
    assert status == 200
    assert answer == told("assess", "2023", "--reports", ".", "--json")
    steps = service.upload(f"{SCHEME}/assess?explain=true", MONTH)[2]
    assert all("explanation" in body for sheet in steps["sheets"] for body in sheet["bodies"])


@pytest.mark.parametrize("body", ["沩山乡", "430182218", "灰汤镇", "龙田镇", "市人社局"])
def test_a_body_is_explained_as_the_command_explains_it(service, told, body):
    assert service.upload(f"{SCHEME}/explain?body={quote(body)}", MONTH)[2] == told("explain", body, "--reports", ".", "--json")


def test_rows_give_the_same_digits_and_fingerprints_as_the_file_they_stand_in(service):
    lines = list(csv.DictReader(MONTH["resident_pension.invented.csv"].decode().splitlines()[1:]))
    table = [{name: cell for name, cell in line.items() if name} for line in lines]  # a field goes by its title, too
    sent = service.post(f"{SCHEME}/assess", rows(*table))[2]
    filed = service.upload(f"{SCHEME}/assess", {"resident_pension.invented.csv": MONTH["resident_pension.invented.csv"]})[2]
    assert sent["fingerprints"] == filed["fingerprints"]
    marks = [
        [(one["body"]["id"], one["total"], one["rank"]) for sheet in each["sheets"] for one in sheet["bodies"]] for each in (sent, filed)
    ]
    assert marks[0] == marks[1]
    assert [one["message"] for one in sent["findings"] if one["body"]] == [one["message"] for one in filed["findings"] if one["body"]]


def test_a_report_is_checked_and_each_mistake_has_its_cell(service):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = load_scheme("2023").indicator("resident_pension").title[:31]
    for row in (
        ["单位", "期间", "填报日期", "参保人数（人）"],
        ["沩山乡", "2023-10", "2023-11-03", 11120],
        ["浏阳乡", "2023-10", "2023-11-03", "很多"],
    ):
        sheet.append(row)
    kept = io.BytesIO()
    book.save(kept)
    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    status, _, told = service.post(f"{SCHEME}/validate?file={quote('沩山乡.xlsx')}", kept.getvalue(), content_type=media)
    assert (status, told["sound"], told["files"][0]["reports"]) == (200, False, 1)
    cells = {
        (one["code"], one["place"]["sheet"], one["place"]["line"], one["place"]["column"])
        for one in told["findings"]
        if one["severity"] == "error"
    }
    assert ("report.unknown_body", sheet.title, 3, 1) in cells
    assert service.post(
        f"{SCHEME}/validate?file=resident_pension.csv",
        "单位,期间,填报日期,参保人数\n沩山乡,2023-10,2023-11-03,11120\n".encode("gb18030"),
        content_type="text/csv",
    )[2]["sound"]


def test_the_place_in_rows_is_a_json_path_in_findings_and_in_reasons(service):
    told = service.post(
        f"{SCHEME}/validate",
        rows(GOOD, GOOD | {"insured": "一万"})
        | {"events": [{"body": "灰汤镇", "period": "2023-10", "event": "喜事", "count": 1, "document": "x", "date": "2023-10-01"}]},
    )[2]
    assert {one["place"]["path"] for one in told["findings"] if one["severity"] == "error"} == {
        "$.reports.resident_pension[1].insured",
        "$.events[0].event",
    }
    why = service.post(f"{SCHEME}/explain?body={quote('沩山乡')}", rows(GOOD))[2]
    assert '"$.reports.resident_pension[0].insured"' in json.dumps(why)
    assert "request!" not in json.dumps(why)


def test_schemes_and_forms_say_what_can_be_sent(service):
    (head,) = service.get("/v1/schemes")[2]["schemes"]
    scheme = service.get(f"/v1/schemes/{head['id']}")[2]
    assert scheme == service.get(SCHEME)[2]
    assert len(scheme["bodies"]) == len(load_scheme("2023").bodies)
    for sheet in scheme["sheets"]:
        assert {one["name"] for one in sheet["columns"]} == {name for name, *_ in load_scorer("2023", sheet["id"]).columns}
    (period,) = (one for one in scheme["sheets"][0]["columns"] if one["name"] == "period")
    assert (period["kind"], period["minimum"], period["maximum"]) == ("period", "2023-01", "2023-12")
    forms = {one["indicator"]: one for one in service.get(f"{SCHEME}/forms")[2]["forms"]}
    assert {"body", "period", "filed", "insured"} <= {one["name"] for one in forms["resident_pension"]["fields"]}
    told = service.get("/version")[2]
    assert told["schemes"] == [{"id": "ningxiang-2023", "fingerprints": head["fingerprints"]}]
    assert service.upload(f"{SCHEME}/assess", MONTH)[2]["fingerprints"]["rules"] == head["fingerprints"]["rules"]
    assert service.get("/health")[2] == {"status": "ok"}


# -- what holds for any ----------------------------------------------------------------------------------------------


@cache
def ready():
    return prepare(load_scheme("2023"), load_plugins())  # no fixture: hypothesis would print it whole


COUNT = st.integers(0, 200_000)
SAID = st.one_of(
    COUNT, COUNT.map(str), COUNT.map(lambda n: f"{n:,}"), st.sampled_from(["", "/", "1.5", "3.2929万", "x", "-3", "同上", None])
)
BODIES = [one.name for one in load_scheme("2023").bodies if one.kind in ("镇", "乡", "街道")]
ROW = st.fixed_dictionaries(
    {"body": st.sampled_from([*BODIES, "浏阳市"]), "period": st.sampled_from(["2023-09", "2023-10"]), "insured": SAID},
    optional={"base": SAID, "filed": st.sampled_from(["2023-11-03", "2023.11.25", "11月", ""])},
)


@settings(max_examples=15)
@given(table=st.lists(ROW, min_size=1, max_size=8))
def test_any_rows_give_what_the_library_gives_for_the_same_rows_in_a_file(service, tmp_path, table):
    prepared = ready()
    file = tmp_path / "resident_pension.csv"
    columns = ["body", "period", "filed", "insured", "base"]
    quoted = [[f'"{row.get(name)}"' if row.get(name) is not None else "" for name in columns] for row in table]
    file.write_text("\n".join(",".join(line) for line in [columns, *quoted]) + "\n", encoding="utf-8")
    filed = read_reports([file], prepared)
    status, _, sent = service.post(f"{SCHEME}/assess?period=2023-10", rows(*table))
    assert status == 200
    right = json.loads(json.dumps(assessment_json(assess(prepared, filed, Period(2023, 10)))))
    assert sent["fingerprints"] == right["fingerprints"]
    assert standings(sent) == standings(right)
    assert standings(service.upload(f"{SCHEME}/assess?period=2023-10", {file.name: file.read_bytes()})[2]) == standings(right)


def standings(told):
    """Everything of a result but the words that name the place of a row, which isn't that of a file."""
    keys = ("state", "rank", "group_rank", "barred", "total")
    return [
        [(one["body"]["id"], *(one[key] for key in keys), *(item["marks_exact"] for item in one["items"])) for one in sheet["bodies"]]
        for sheet in told["sheets"]
    ]


@settings(max_examples=40)
@given(many=st.lists(st.tuples(COUNT, COUNT, st.integers(0, 366), st.integers(1, 12)), min_size=1, max_size=20))
def test_any_figures_give_the_scorers_total_one_by_one_and_together(service, many):
    scorer = load_scorer("2023")
    empty = dict.fromkeys(name for name, *_ in scorer.columns)
    figures = [{"period": f"2023-{month:02}", "insured": a, "target": str(b), "late_days": late} for a, b, late, month in many]
    right = [
        scorer.score(empty | {"period": 2023 * 12 + month - 1, "insured": a, "target": b, "late_days": late}) for a, b, late, month in many
    ]
    told = service.post(MANY, {"rows": figures})[2]["results"]
    for one, total in zip(told, right, strict=True):
        assert (one["total"] is None) == (total is None)
        assert total is None or hundredths(one["total"]["value"]) == total
        assert total is not None or one["reason"]
    single = service.post(ONE, {"figures": figures[0]})[2]
    assert {key: single[key] for key in ("total", "reason")} == told[0]


def hundredths(text):
    sign, whole, _, part = (text[:1] == "-", *text.lstrip("-").partition("."))
    return (-1 if sign else 1) * (int(whole) * 100 + int(f"{part:<02}"))


# -- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body", "status", "place", "words"),
    [
        (ONE, {"figures": {"period": "2023-10", "insured": 60.5}}, 400, "$.figures.insured", "binary fraction"),
        (ONE, {"figures": {"period": "2023-10", "insured": 602.0}}, 400, "$.figures.insured", "binary fraction"),
        (ONE, {"figures": {"period": "2023-10", "insured": float("nan")}}, 400, "$.figures.insured", "NaN"),
        (ONE, {"figures": {"period": "2023-10", "insured": 10**60}}, 400, "$.figures.insured", "61 digits"),
        (ONE, {"figures": {"period": "2023-10", "insured": 10**9}}, 422, "$.figures.insured", "from 0 to 200000000"),
        (ONE, {"figures": {"period": "2023-10", "insured": True}}, 422, "$.figures.insured", "not of type"),
        (ONE, {"figures": {"period": "2023-10", "insured": "1e9"}}, 422, "$.figures.insured", "1e9"),
        (ONE, {"figures": {"period": "2024-10"}}, 422, "$.figures.period", "2023-01 to 2023-12"),
        (ONE, {"figures": {"period": "2023-10", "insurred": 5}}, 422, "$.figures.insurred", "no such column"),
        (ONE, {"figures": {"period": "2023-10"}, "explain": "true"}, 422, "$", "explain"),
        (ONE, [], 422, "$", "not of type"),
        (MANY, {"rows": [FIGURES, FIGURES | {"target": "x"}, FIGURES | {"insured": -1}]}, 422, "$.rows[1].target", "not a number"),
        (MANY, {"rows": [{"period": "2023-10"}] * 10_001}, 422, "$.rows", "at most 10000 items, here are 10001"),
        ("/v1/schemes/1999/assess", rows(GOOD), 404, "path.scheme", "ningxiang-2023"),
        ("/v1/schemes/2023/sheets/none/score", {"figures": FIGURES}, 404, "path.sheet", "township"),
        (f"{SCHEME}/assess", {"reports": {"weather": [GOOD]}}, 422, "$.reports.weather", "no indicator"),
        (f"{SCHEME}/assess", {"reports": {"resident_pension": [GOOD | {"insured": [1]}]}}, 422, "$.reports.resident_pension[0].insured", "not of type"),
        (f"{SCHEME}/assess", {}, 422, "$", "non-empty"),
        (f"{SCHEME}/assess", {"reports": {}}, 422, "$", "没有任何内容"),
        (f"{SCHEME}/assess?period=2024-10", rows(GOOD), 422, "query.period", "2023"),
        (f"{SCHEME}/assess?period=soon", rows(GOOD), 422, "query.period", "a month like 2023-10"),
        (f"{SCHEME}/assess?explain=yes", rows(GOOD), 422, "query.explain", "true, false"),
        (f"{SCHEME}/assess?explane=true", rows(GOOD), 422, "query.explane", "not known"),
        (f"{SCHEME}/assess?period=2023-10&period=2023-09", rows(GOOD), 422, "query.period", "twice"),
        (f"{SCHEME}/explain", rows(GOOD), 422, "query.body", "needed"),
        (f"{SCHEME}/explain?body={quote('宁乡镇')}", rows(GOOD), 422, "query.body", "宁乡镇"),
        (f"{SCHEME}/explain?body={quote('宁乡市')}", rows(GOOD), 422, "query.body", "sheet"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(service, path, body, status, place, words):
    told = service.post(path, body)
    assert told[0] == status
    assert told[1]["content-type"] == "application/problem+json"
    assert told[2]["status"] == status
    assert place in places(told[2])
    assert words in json.dumps(told[2], ensure_ascii=False)


def test_every_mistake_is_told_at_once(service):
    told = service.post(MANY, {"rows": [{"period": "2023-13", "insured": []}, {"insured": {}}, 7]})[2]
    assert set(places(told)) == {"$.rows[0].period", "$.rows[0].insured", "$.rows[1].insured", "$.rows[1]", "$.rows[2]"}


def test_a_file_without_a_name_or_with_anothers_is_refused(service):
    assert places(service.post(f"{SCHEME}/validate", b"x", content_type="text/csv")[2]) == ["query.file"]
    for name in ("", ".", "..", "a\0b.csv", "\u202egnp.csv"):
        assert service.post(f"{SCHEME}/validate?file={quote(name)}", b"x", content_type="text/csv")[0] == 422
    told = service.post(f"{SCHEME}/validate?file={quote('../../etc/passwd')}", b"x", content_type="text/csv")[2]
    assert told["files"][0]["name"] == "passwd"
    two = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n1\r\n' * 2 + b"--x--\r\n"
    assert places(service.post(f"{SCHEME}/validate", two, content_type="multipart/form-data; boundary=x")[2]) == ["a.csv"]


def test_a_token_is_asked_for_of_everything_but_health_and_description(tmp_path, capsys):
    token = "a-token-of-some-length"
    file = tmp_path / "token"
    file.write_text(f"{token}\nnotes\n", encoding="utf-8")
    with running("--workers", "1", "--token-file", str(file)) as service:
        for path in ("/health", "/openapi.json", "/"):
            assert service.get(path)[0] == 200
        for wrong in (
            {},
            {"authorization": token},
            {"authorization": f"Basic {token}"},
            {"authorization": f"Bearer {token}x"},
            {"authorization": "Bearer é"},
        ):
            status, headers, told = service.get("/v1/schemes", **wrong)
            assert (status, headers["www-authenticate"][:6], places(told)) == (401, "Bearer", ["header.authorization"])
            assert service.post(ONE, {"figures": FIGURES}, **wrong)[0] == 401
        assert service.get("/v1/schemes", authorization=f"Bearer {token}")[0] == 200
        assert service.post(ONE, {"figures": FIGURES}, authorization=f"bearer {token}")[0] == 200
    with running("--workers", "1", MINSHENG_TOKEN=token) as service:
        assert service.get("/version")[0] == 401


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org", ""])
def test_beyond_the_loopback_it_does_not_start_without_a_token(host, capsys, monkeypatch):
    monkeypatch.delenv("MINSHENG_TOKEN", raising=False)
    assert main(["serve", "2023", "--host", host]) == 2
    assert "MINSHENG_TOKEN" in capsys.readouterr().err


def test_a_token_that_is_none_is_refused(tmp_path, capsys, monkeypatch):
    for text in ("", "short", "a token with several words", "令" * 20):
        (tmp_path / "token").write_text(text, encoding="utf-8")
        assert main(["serve", "2023", "--token-file", str(tmp_path / "token")]) == 2
        assert "openssl rand" in capsys.readouterr().err
    monkeypatch.setenv("MINSHENG_TOKEN", "short")
    assert main(["serve", "2023"]) == 2
    assert main(["serve", "2023", "--token-file", str(tmp_path / "absent")]) == 2
    assert "absent" in capsys.readouterr().err


def test_rules_that_are_not_there_are_told_before_it_listens(capsys):
    assert main(["serve", "1999"]) == 2
    assert main(["serve", "2023", str(ROOT / "rules/2023")]) == 2
    assert "ningxiang-2023" in capsys.readouterr().err


# -- what is published, what others generate from it, and what comes from anywhere ---------------------------------------


def test_the_published_description_is_the_one_that_is_served(service, tmp_path):
    published = json.loads((ROOT / "docs/openapi.json").read_text(encoding="utf-8"))
    assert service.get("/openapi.json")[2] == published, "write it anew: minsheng serve --openapi docs/openapi.json"
    assert main(["serve", "--openapi", str(tmp_path / "openapi.json")]) == 0
    assert json.loads((tmp_path / "openapi.json").read_text(encoding="utf-8")) == published
    assert published["openapi"].startswith("3.1")


SCHEMA = schemathesis.openapi.from_path(ROOT / "docs/openapi.json")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Skipped test cases with unsupported payload")  # workbooks: sent by the stories above
@SCHEMA.parametrize()
@settings(max_examples=12, deadline=None)
def test_whatever_fits_or_breaks_the_description_gets_no_500_and_what_the_description_says(service, case):
    response = case.call(base_url=service.url, timeout=60)
    assert response.status_code < 500
    case.validate_response(response, checks=[schemathesis.checks.not_a_server_error])


@pytest.mark.slow
def test_under_more_than_it_takes_it_refuses_cleanly_and_its_memory_stays():
    """Forty clients without a pause for some seconds, to one process with few places to wait."""
    with running("--workers", "1", "--waiting", "2") as service:
        for _ in range(20):
            service.post(ONE, {"figures": FIGURES})
        before, end, said = service.memory(), time.monotonic() + 6, Counter()

        def client():
            while time.monotonic() < end:
                status, headers, told = service.post(ONE, {"figures": FIGURES})
                said[status] += 1
                assert status == 200 or (status == 503 and headers["retry-after"] and told["status"] == 503)

        threads = [threading.Thread(target=client) for _ in range(40)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert set(said) <= {200, 503}
        assert said[200] > 50
        assert said[503] > 0
        assert service.memory() < before * 1.3
        assert service.post(ONE, {"figures": FIGURES})[2]["total"]["value"] == "78.39"


@pytest.mark.slow
def test_a_client_generated_from_the_description_in_another_language_scores_and_reads_the_reasons(service, tmp_path):
    if not (shutil.which("npm") and shutil.which("node")):
        assert not os.environ.get("CI"), "CI has no Node.js"
        pytest.skip("no Node.js on this machine: apt install npm")
    for name in ("package.json", "story.ts"):
        shutil.copy(ROOT / "tests/client" / name, tmp_path)

    def run(*command):
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, check=False, env=os.environ | {"MINSHENG_URL": service.url}
        )
        assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])
        return done.stdout

    run("npm", "install", "--no-audit", "--no-fund", "--no-package-lock")
    run("npx", "openapi-ts", "-i", str(ROOT / "docs/openapi.json"), "-o", "client", "-c", "@hey-api/client-fetch")
    run(
        "npx",
        "tsc",
        "--target",
        "es2022",
        "--module",
        "commonjs",
        "--moduleResolution",
        "node",
        "--strict",
        "--skipLibCheck",
        "--outDir",
        "out",
        "story.ts",
    )
    told = json.loads(run("node", "out/story.js"))
    assert told["total"] == {"value": "78.39", "unit": "分"}
    assert "    参保人数 602人" in "\n".join(told["explanation"])
    assert told["body"]["value"] == "100"
    assert told["sound"] is False
    assert told["wrong"]["status"] == 422
