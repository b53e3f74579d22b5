"""Readings of a plan over whole tables: as SQL, on DuckDB and Apache Spark."""
