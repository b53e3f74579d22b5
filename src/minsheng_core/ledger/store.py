"""Where the ledger is kept: SQLite for one office, PostgreSQL where many write at once, through one implementation.

An entry is acknowledged when its transaction is committed, and not before. Entries are only ever added; the database itself
refuses to change or delete one. Files are kept by their content's hash, beside the entries that name them.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from attrs import define, frozen

from ..errors import LedgerError
from ..period import Period
from .entry import KINDS, START, Draft, Entry, Signer, Unit, digest

try:
    from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, select
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError
except ImportError:
    raise LedgerError('台账需要另装：pip install "minsheng-core[ledger]"') from None

from . import tables
from .tables import ATTACHMENT, ENTRY, META, migrate, version

__all__ = ["Found", "Ledger", "open_ledger"]

MOST = 50_000_000  # bytes of one attachment
WAIT = 60  # seconds that a writer waits for another


def open_ledger(where: str | Path, scheme: str, *, create: bool = True) -> "Ledger":
    """The ledger of a scheme in a file (``ledger.db``) or a database (``postgresql://…``); made if it isn't there.

    Raises LedgerError, in words for clerks: it can't be opened or written, belongs to another scheme or a newer program, or is
    not there though *create* is false.
    """
    text = str(where)
    url = _address(text)
    server = url.get_backend_name() == "postgresql"
    if not server and not create and not Path(text).is_file():
        raise LedgerError(f"没有台账文件 {text}；先用 minsheng intake 收文，或用 --ledger 指明台账")
    with _told(text):
        try:
            engine = create_engine(url, isolation_level="AUTOCOMMIT", connect_args={} if server else {"timeout": WAIT})
        except ImportError:
            raise LedgerError('PostgreSQL 需要另装：pip install "minsheng-core[postgres]"') from None
        if not server:
            event.listen(engine, "connect", _prepare_sqlite)
        ledger = Ledger(engine=engine, place=text)
        try:
            ledger._begun(scheme)
        except BaseException:
            ledger.close()
            raise
    return ledger


def _address(text: str) -> URL:
    """The database's address. Raises LedgerError where it is none that could keep anything."""
    if text.strip() in ("", ":memory:"):
        raise LedgerError("没有写明台账；请用 --ledger 指明文件，如 ledger.db")
    if "://" not in text:
        return _file(Path(text))
    try:
        url = make_url(text)
    except (SQLAlchemyError, ValueError):
        raise LedgerError("台账地址写得不对；应为文件，或 postgresql://用户@主机/数据库") from None
    if not url.drivername.startswith("postgres"):
        raise LedgerError(f"台账不能放在 {url.drivername} 里；应为文件，或 postgresql://用户@主机/数据库")
    return url.set(drivername="postgresql+psycopg")


def _file(path: Path) -> URL:
    """A file, or where nobody may write beside it (an auditor's copy), one that is only read."""
    kept = path.is_file() and not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists()
    if not kept:
        return URL.create("sqlite", database=str(path))
    return URL.create("sqlite", database=path.absolute().as_uri(), query={"immutable": "1", "uri": "true"})


def _prepare_sqlite(connection: Any, _: Any) -> None:
    """A commit is on the disk before it returns; readers don't wait for the writer."""
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


@frozen
class Found:
    """What stands under a number: the entry, None where it can't be read; and whether it is as it was made."""

    seq: int
    entry: Entry | None
    whole: bool


@define(eq=False)
class Ledger:
    """An open ledger. Use it as a context, or `close` it."""

    engine: Engine
    place: str

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back its connections."""
        self.engine.dispose()

    def _begun(self, scheme: str) -> None:
        """Its tables brought up to this version, and its scheme written down or held against; only read where both are there."""
        with self.engine.connect() as connection:
            ready = version(connection, _shown(self.place)) == len(tables.MIGRATIONS)
        if not ready:
            with self._writing() as connection:
                migrate(connection, _shown(self.place))
                if connection.execute(select(META).where(META.c.key == "scheme")).first() is None:
                    connection.execute(META.insert().values(key="scheme", value=scheme))
        with self.engine.connect() as connection:
            held = connection.execute(select(META.c.value).where(META.c.key == "scheme")).scalar()
        if held is None:
            raise LedgerError(f"{_shown(self.place)} 里没有写明是哪个方案的台账：被改坏了；请从备份恢复")
        if held != scheme:
            raise LedgerError(f"{_shown(self.place)} 是方案 {held} 的台账，不能记 {scheme} 的事")

    # -- reading -----------------------------------------------------------------------------------------------

    def entries(self, units: Iterable[Unit] | None = None) -> tuple[Entry, ...]:
        """Every entry in order; with *units*, those about them and those about no unit at all.

        Raises LedgerError for one that is not as it was made: nothing may rest on it.
        """
        with _told(self.place), self.engine.connect() as connection:
            return tuple(_read(connection, units))

    def found(self) -> tuple[Found, ...]:
        """Whatever stands in the ledger, as it was made or not, in order."""
        with _told(self.place), self.engine.connect() as connection:
            return tuple(map(_found, connection.execute(ENTRY.select().order_by(ENTRY.c.seq)).mappings()))

    def attachment(self, sha256: str) -> bytes:
        """The file with that hash. Raises LedgerError where there is none."""
        with _told(self.place), self.engine.connect() as connection:
            content = connection.execute(ATTACHMENT.select().where(ATTACHMENT.c.sha256 == sha256)).mappings().first()
        if content is None:
            raise LedgerError(f"台账中没有附件 {sha256}")
        return bytes(content["content"])

    def attachments(self) -> dict[str, str]:
        """Every attachment: its hash, and the hash of what is kept under it, empty where that is not what was put there."""
        with _told(self.place), self.engine.connect() as connection:
            kept = connection.execute(select(ATTACHMENT.c.sha256)).scalars().all()
            return {sha256: _content_hash(connection, sha256) for sha256 in kept}

    def guarded(self) -> bool:
        """Whether the database still refuses to change or delete what was entered."""
        with _told(self.place), self.engine.connect() as connection:
            return tables.guarded(connection)

    # -- writing -----------------------------------------------------------------------------------------------

    def append(
        self,
        make: Callable[[Sequence[Entry]], Sequence[Draft]],
        units: Iterable[Unit] | None = (),
        files: Mapping[str, bytes] | None = None,
    ) -> tuple[Entry, ...]:
        """What *make* drafts, entered and committed; all of it or nothing.

        *make* gets the entries about *units* (None: about all) and those about no unit, read under the lock that keeps other writers out, and raises
        to refuse. *files* are kept by content, name → bytes.
        """
        with _told(self.place), self._writing() as connection:
            drafts = make(tuple(_read(connection, units if units is None else tuple(units))))
            if not drafts:
                return ()
            for name, content in (files or {}).items():
                _attach(connection, name, content)
            seq, previous = connection.execute(_head()).first() or (0, START)
            entries = []
            for draft in drafts:
                seq += 1
                try:
                    entry = Entry(seq=seq, draft=draft, previous=previous, hash=digest(seq, draft, previous))
                except UnicodeEncodeError as error:
                    raise LedgerError(f"“{ascii(error.object[error.start : error.end])[1:-1]}”不是文字（编码不对），不能记入") from None
                connection.execute(ENTRY.insert().values(**_columns(entry)))
                entries.append(entry)
                previous = entry.hash
        return tuple(entries)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction that no other writer can be in; committed at the end, or undone."""
        with self.engine.connect() as connection:
            server = connection.dialect.name == "postgresql"
            connection.exec_driver_sql("BEGIN" if server else "BEGIN IMMEDIATE")
            try:
                if server:
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{int(WAIT * 1000)}ms'")
                    connection.exec_driver_sql("SET LOCAL synchronous_commit = on")  # whatever the server is set to
                    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(5710925)")  # one number for every ledger's writers
                yield connection
                connection.exec_driver_sql("COMMIT")
            except BaseException:
                _undo(connection)
                raise


def _undo(connection: Connection) -> None:
    with suppress(DBAPIError):  # the database may have undone it itself
        connection.exec_driver_sql("ROLLBACK")


def _head() -> Any:
    return select(ENTRY.c.seq, ENTRY.c.hash).order_by(ENTRY.c.seq.desc()).limit(1)


def _attach(connection: Connection, name: str, content: bytes) -> None:
    if len(content) > MOST:
        raise LedgerError(f"附件 {name} 有{len(content):,}字节，最多{MOST:,}字节")
    sha256 = hashlib.sha256(content).hexdigest()
    if connection.execute(select(ATTACHMENT.c.sha256).where(ATTACHMENT.c.sha256 == sha256)).first() is None:
        connection.execute(ATTACHMENT.insert().values(sha256=sha256, name=name, size=len(content), content=content))


def _read(connection: Connection, units: Iterable[Unit] | None) -> Iterator[Entry]:
    wanted = ENTRY.select().order_by(ENTRY.c.seq)
    if units is not None:
        wanted = wanted.where(ENTRY.c.unit.in_(["", *map(str, units)]))
    for row in connection.execute(wanted).mappings():
        found = _found(row)
        if found.entry is None or not found.whole:
            wrong = "读不出来" if found.entry is None else "与记入时不同"
            raise LedgerError(f"台账第{found.seq}条{wrong}：记入之后被改过；用 minsheng ledger verify 查明，再从备份恢复")
        yield found.entry


def _found(row: Any) -> Found:
    try:
        entry = _entry(row)
        return Found(row["seq"], entry, digest(entry.seq, entry.draft, entry.previous) == entry.hash)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return Found(row["seq"], None, False)


def _content_hash(connection: Connection, sha256: str) -> str:
    row = connection.execute(select(ATTACHMENT.c.content, ATTACHMENT.c.size).where(ATTACHMENT.c.sha256 == sha256)).one()
    sound = isinstance(row.content, bytes | memoryview) and len(row.content) == row.size
    return hashlib.sha256(row.content).hexdigest() if sound else ""


def _columns(entry: Entry) -> dict[str, Any]:
    draft = entry.draft
    return {
        "seq": entry.seq, "at": draft.at.isoformat(), "kind": draft.kind, "name": draft.by.name, "body": draft.by.body,
        "unit": str(draft.unit) if draft.unit else "", "previous": entry.previous, "hash": entry.hash,
        "data": json.dumps(draft.data, ensure_ascii=False, separators=(",", ":"), allow_nan=False),
    }  # fmt: skip


def _entry(row: Any) -> Entry:
    unit = None
    if row["unit"]:
        indicator, body, period = row["unit"].split("/")
        unit = Unit(indicator, body, Period.read(period))
    data = json.loads(row["data"])
    if not isinstance(data, dict) or row["kind"] not in KINDS:
        raise ValueError(row["seq"])
    draft = Draft(kind=row["kind"], by=Signer(row["name"], row["body"]), at=datetime.fromisoformat(row["at"]), unit=unit, data=data)
    return Entry(seq=row["seq"], draft=draft, previous=row["previous"], hash=row["hash"])


# -- what goes wrong with a database, in words for clerks -----------------------------------------------------------

TROUBLE = (
    ("lock timeout", "正被别人写入，等了{wait}秒仍未轮到；请稍后再试"),
    ("locked", "正被别人写入，等了{wait}秒仍未轮到；请稍后再试"),
    ("readonly", "不能写入：文件或文件夹是只读的"),
    ("read-only", "不能写入：文件或文件夹是只读的"),
    ("unable to open", "打不开：文件夹不存在，或没有权限"),
    ("disk is full", "写不下：磁盘满了；这一笔没有记入，已记的都在"),
    ("disk i/o error", "写入失败：磁盘出错或已满；这一笔没有记入，已记的都在"),
    ("not a database", "不是台账文件"),
    ("malformed", "已损坏；请从备份恢复，再用 minsheng ledger verify 核对"),
    ("only added", "拒绝改动：台账只能续记，不能改、不能删"),
    ("connection", "连不上数据库；请核对地址，或找管理员"),
)


@contextmanager
def _told(place: str) -> Iterator[None]:
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:  # the latter while a connection is made ready
        said = str(error.orig if isinstance(error, DBAPIError) else error).lower()
        words = next((words for sign, words in TROUBLE if sign in said), "出错：{said}")
        raise LedgerError(f"台账 {_shown(place)} {words.format(wait=WAIT, said=said.strip())}") from error
    except SQLAlchemyError as error:
        raise LedgerError(f"台账 {_shown(place)} 出错：{error}") from error


def _shown(place: str) -> str:
    """A database's address without its password."""
    return make_url(place).render_as_string(hide_password=True) if "://" in place else place
