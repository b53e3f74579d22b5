"""The tables of a ledger, and the steps by which a database of an earlier version becomes one of this."""

from collections.abc import Callable

from sqlalchemy import BigInteger, Column, Connection, Integer, LargeBinary, MetaData, Table, Text, inspect, select

from ..errors import LedgerError

__all__ = ["ATTACHMENT", "ENTRY", "META", "MIGRATIONS", "guarded", "migrate", "version"]

TABLES = MetaData()
META = Table("meta", TABLES, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))
ENTRY = Table(
    "entry",
    TABLES,
    Column("seq", Integer, primary_key=True, autoincrement=False),  # from 1, without a gap
    Column("at", Text, nullable=False),  # UTC, ISO 8601
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),  # who, and
    Column("body", Text, nullable=False),  # for which body
    Column("unit", Text, nullable=False, index=True),  # indicator/body/period, or empty
    Column("data", Text, nullable=False),  # JSON; every number a text, for no database keeps a decimal as it was
    Column("previous", Text, nullable=False, unique=True),  # so that no two entries can follow the same one
    Column("hash", Text, nullable=False, unique=True),
)
ATTACHMENT = Table(
    "attachment",
    TABLES,
    Column("sha256", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

KEPT = ("entry", "attachment")


def _tables(connection: Connection) -> None:
    TABLES.create_all(connection)


def _guards(connection: Connection) -> None:
    """The database itself refuses to change or delete what was entered."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            "CREATE OR REPLACE FUNCTION minsheng_only_added() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'entries are only added'; END $$ LANGUAGE plpgsql"
        )
        for table in KEPT:
            connection.exec_driver_sql(
                f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} EXECUTE FUNCTION minsheng_only_added()"
            )
        return
    for table in KEPT:
        for event in ("UPDATE", "DELETE"):
            connection.exec_driver_sql(
                f"CREATE TRIGGER {table}_{event.lower()} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, 'entries are only added'); END"
            )


def guarded(connection: Connection) -> bool:
    """Whether the guards of `_guards` are there."""
    if connection.dialect.name == "postgresql":
        asked = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
        wanted = {f"{table}_kept" for table in KEPT}
    else:
        asked = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        wanted = {f"{table}_{event}" for table in KEPT for event in ("update", "delete")}
    return wanted <= {name for (name,) in connection.exec_driver_sql(asked)}


# Each step turns a database of the version before into one of its own (the first one of version 1); steps are never changed.
MIGRATIONS: tuple[Callable[[Connection], None], ...] = (_tables, _guards)


def version(connection: Connection, place: str) -> int:
    """Which version the database is of, 0 for an empty one. Raises LedgerError for one of a newer program, or that is no ledger."""
    names = set(inspect(connection).get_table_names())  # asked once: somebody may be making them just now
    if "meta" not in names:
        if names:
            raise LedgerError(f"{place} 是别的程序的数据库，不是台账")
        return 0
    said = connection.execute(select(META.c.value).where(META.c.key == "version")).scalar()
    if not str(said).isdecimal():
        raise LedgerError(f"{place} 的版本号被改坏了；请从备份恢复")
    found = int(str(said))
    if found > len(MIGRATIONS):
        raise LedgerError(f"{place} 是更新版本的程序建的（第{found}版，本程序认到第{len(MIGRATIONS)}版）；请升级后再用")
    return found


def migrate(connection: Connection, place: str) -> None:
    """The database brought up to this version, inside the caller's transaction. Raises LedgerError as `version` does."""
    for step in MIGRATIONS[version(connection, place) :]:
        step(connection)
    connection.execute(META.delete().where(META.c.key == "version"))
    connection.execute(META.insert().values(key="version", value=str(len(MIGRATIONS))))
