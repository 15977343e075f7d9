"""Many rows in one statement: INSERT ... SELECT, which never brings the rows into Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, router
from django.db.models import Field, Model, QuerySet


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
