"""Many rows in one statement: INSERT ... SELECT, which never brings the rows into Python; rows that
were worked out, as one COPY; and rows by their keys, however many keys there are."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, router
from django.db.models import F, Field, JSONField, Lookup, Model, QuerySet


def insert_select(model: type[Model], source: QuerySet[Any], columns: Mapping[str, Any]) -> int:
    """Copy what a query finds into a table; a row that would break a unique constraint is left out.

    Arguments: `model` whose table receives; `source` a queryset without slices; `columns` from field
    name of `model` to an expression over `source` (give every column that has no default in the
    database). Result: how many rows are new. Errors: those of the database. 1 query, the same on
    SQLite and PostgreSQL: a second run finds its rows there and adds none.
    """
    fields: list[Field[Any, Any]] = [model._meta.get_field(name) for name in columns]  # type: ignore[misc]  # no relations from elsewhere
    names = {f"copied_{field.attname}": columns[field.name] for field in fields}
    # Without a WHERE, SQLite would read ON CONFLICT as the condition of a join.
    rows = source.order_by().filter(pk__isnull=False)
    query = rows.annotate(**names).values_list(*names).query
    connection = connections[router.db_for_write(model)]
    try:
        select, params = query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return 0
    quote = connection.ops.quote_name
    into = ", ".join(quote(str(field.column)) for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(model._meta.db_table)} ({into}) {select} ON CONFLICT DO NOTHING",
            params,
        )
        return int(cursor.rowcount)


def insert_rows(model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Add rows that nothing but the database has to look at: no defaults, no keys read back.

    Arguments: `names` of fields, all of those that have no default in the database; `rows` their
    values in that order, keys where a field leads to another model. Errors: those of the database.
    COPY on PostgreSQL, one INSERT with many rows of parameters on SQLite.
    """
    fields: list[Field[Any, Any]] = [model._meta.get_field(name) for name in names]  # type: ignore[misc]  # no relations from elsewhere
    connection = connections[router.db_for_write(model)]
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    into = ", ".join(quote(str(field.column)) for field in fields)

    def kept(row: Sequence[Any], columns: Iterable[int]) -> list[Any]:
        values = list(row)
        for n in columns:
            values[n] = fields[n].get_db_prep_save(values[n], connection)
        return values

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Its driver knows every value but a document as it is.
            documents = [n for n, field in enumerate(fields) if isinstance(field, JSONField)]
            with (
                connection.wrap_database_errors,
                cursor.copy(f"COPY {table} ({into}) FROM STDIN") as copy,
            ):
                for row in rows:
                    copy.write_row(kept(row, documents) if documents else row)
        else:
            holes = ", ".join(["%s"] * len(fields))
            cursor.executemany(
                f"INSERT INTO {table} ({into}) VALUES ({holes})",  # noqa: S608  our own names
                [kept(row, range(len(fields))) for row in rows],
            )


class Among(Lookup):  # type: ignore[type-arg]  # not subscriptable when it runs
    """`filter(Among(F("pk"), keys))`: as `pk__in`, with all keys as one parameter.

    A list of parameters is cut at some hundreds on SQLite, and takes PostgreSQL longer to read than
    the rows.
    """

    lookup_name = "among"
    prepare_rhs = False
    can_use_none_as_rhs = False

    def __init__(self, lhs: F, rhs: Collection[Any]) -> None:
        super().__init__(lhs, list(rhs))

    def _values(self, connection: Any) -> list[Any]:
        field = self.lhs.output_field
        return [field.get_db_prep_value(value, connection) for value in self.rhs]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        lhs, params = self.process_lhs(compiler, connection)
        kind = self.lhs.output_field.db_type(connection)
        return f"{lhs} = ANY(%s::{kind}[])", [*params, self._values(connection)]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        lhs, params = self.process_lhs(compiler, connection)
        listed = json.dumps(self._values(connection))
        return f"{lhs} IN (SELECT value FROM json_each(%s))", [*params, listed]  # noqa: S608  our own names
