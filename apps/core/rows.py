"""A few rows of another table as one column: short lists that would each cost a statement of their own."""

from __future__ import annotations

from typing import Any

from django.db.models import F, JSONField, QuerySet, Subquery


class Rows(Subquery):
    """The rows of a queryset as a list of lists, in no promised order; None where there are none.

    Arguments: `fields` names of columns or annotations, for numbers, texts and truth values (cast
    other types to text). With a single field it is a list of its values.
    """

    def __init__(self, queryset: QuerySet[Any], *fields: str) -> None:
        names = {f"column_{number}": F(name) for number, name in enumerate(fields)}
        self.columns = ", ".join(f"_rows.{name}" for name in names)
        self.is_list = len(fields) > 1
        super().__init__(queryset.order_by().values(**names), output_field=JSONField())

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        row = f"json_array({self.columns})" if self.is_list else self.columns
        return self._as_rows(compiler, connection, f"json_group_array({row})")

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        row = f"jsonb_build_array({self.columns})" if self.is_list else self.columns
        return self._as_rows(compiler, connection, f"jsonb_agg({row})")

    def _as_rows(self, compiler: Any, connection: Any, gathered: str) -> tuple[str, Any]:
        template = f"(SELECT {gathered} FROM (%(subquery)s) _rows)"  # noqa: S608  own column names
        return self.as_sql(compiler, connection, template=template)
