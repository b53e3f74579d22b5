"""Every path of the service as data: the routes and the OpenAPI document are both made of this list."""

from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, frozen

from .shapes import FILE_MEDIA, JSON, MULTIPART, PERIOD, TEXT

__all__ = ["OPERATIONS", "Operation"]

FLAG = {"type": "string", "enum": ["true", "false"]}


@frozen(kw_only=True)
class Operation:
    """One path and method. *takes* is the shape of a JSON body; with *files* clerks' files are taken, too. *gives* is the shape of
    what comes back; *wrong* are the statuses that this operation may give beside those that any may."""

    id: str
    method: Literal["get", "post"] = "post"
    path: str
    summary: str
    text: str = ""
    takes: str = ""
    files: bool = False
    gives: str
    query: Mapping[str, tuple[Any, str]] = field(factory=dict)  # schema, what it says
    required: tuple[str, ...] = ()
    wrong: tuple[int, ...] = ()
    open: bool = False  # answered without a token, by the process that listens

    @property
    def media(self) -> tuple[str, ...]:
        """The content types that it takes."""
        return ((JSON,) if self.takes else ()) + ((MULTIPART, *FILE_MEDIA) if self.files else ())


EXPLAIN = (FLAG, "whether each mark comes with its explanation, down to the cell and the clause")
MONTH = (PERIOD, "the month to assess (default: the last one reported)")
FILE = ({**TEXT, "maxLength": 255}, "what a single file is called; its name may say what it holds (`resident_pension.csv`)")
SCHEME, SHEET = "/v1/schemes/{scheme}", "/v1/schemes/{scheme}/sheets/{sheet}"
REPORTS: Any = {"takes": "Reports", "files": True, "wrong": (404,)}

OPERATIONS = (
    Operation(id="health", method="get", path="/health", summary="Whether it is alive", gives="Health", open=True),
    Operation(id="version", method="get", path="/version", summary="What runs here", text="Library, plugins, and the fingerprints of the rules.", gives="Version"),
    Operation(id="schemes", method="get", path="/v1/schemes", summary="The schemes served", gives="Schemes"),
    Operation(
        id="scheme", method="get", path=SCHEME, summary="A scheme", text="Bodies, indicators, sheets, and the columns each sheet is reckoned from.",
        gives="Scheme", wrong=(404,),
    ),
    Operation(
        id="forms", method="get", path=f"{SCHEME}/forms", summary="What is filed", text="The fields of each indicator's form, and of events.",
        gives="Forms", wrong=(404,),
    ),
    Operation(
        id="validate", path=f"{SCHEME}/validate", summary="Check a report",
        text="Reads clerks' files, or rows, as `minsheng intake` does, and tells everything that was found, each with its cell. Nothing is kept.",
        gives="Validation", query={"file": FILE}, **REPORTS,
    ),
    Operation(
        id="assess", path=f"{SCHEME}/assess", summary="Score reports", gives="Assessment",
        text="All sheets, indicators, ranks and findings: the same digits and fingerprints as `minsheng assess --json` on the same reports.",
        query={"period": MONTH, "explain": EXPLAIN, "file": FILE}, **REPORTS,
    ),
    Operation(
        id="explain", path=f"{SCHEME}/explain", summary="Why a body has its marks", gives="Explanation",
        text="The same as `minsheng explain --json`: from the total down to the cell of a report and the clause of the paper.",
        query={"body": ({**TEXT, "maxLength": 200, "minLength": 1}, "a body's name, alias or code"), "period": MONTH, "file": FILE},
        required=("body",), **REPORTS,
    ),
    Operation(
        id="score", path=f"{SHEET}/score", summary="Score one", takes="One", gives="Mark", wrong=(404, 409),
        text="Figures as measured, with the explanation. What clerks file belongs to `assess`, which checks it. 409: this sheet looks at other bodies or months.",
        query={"explain": EXPLAIN},
    ),
    Operation(
        id="scoreMany", path=f"{SHEET}/score-many", summary="Score many", takes="Many", gives="Marks", wrong=(404, 409),
        text="Figures as measured, up to 10,000 rows; the answers are in the order of the rows.", query={"explain": EXPLAIN},
    ),
)  # fmt: skip
