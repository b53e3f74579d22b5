"""A plan over whole tables: on polars on this machine (`parquet`), and as SQL on Apache Spark (`spark`). Same digits, row for row."""
