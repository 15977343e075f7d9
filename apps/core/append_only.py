"""Tables to which rows are only ever added, guarded by the database itself on both dialects.

The guard stops code, the admin and a careless shell. Who owns the database can always drop a
trigger; that is what the hash chain and `manage.py verify_audit` are for.

Emptying tables between tests: PostgreSQL's guard lets TRUNCATE (never UPDATE or DELETE) pass in a
session whose setting `rungs.allow_truncate` is "on", and only config/settings_test.py asks for such
sessions. SQLite knows no session settings, so tests/conftest.py lifts the triggers for the length of
one flush and puts the same ones back. Production code holds neither.
"""

from __future__ import annotations

from typing import Any

from django.db.migrations import RunPython
from django.db.models import Field

SUFFIX = "append_only"


def guard(app_label: str, model_name: str, *, columns: tuple[str, ...] = ()) -> RunPython:
    """A migration operation that makes a table append-only.

    Arguments: the model as the migration knows it; `columns` the column names that may not change,
    every column when left out. With `columns`, an UPDATE of other columns passes; DELETE never does.
    """

    def put(apps: Any, schema_editor: Any) -> None:
        meta = apps.get_model(app_label, model_name)._meta
        table, all_columns = meta.db_table, [f.column for f in meta.local_fields if _stored(f)]
        chosen = list(columns) or all_columns
        for statement in _dialect(schema_editor).put(table, chosen):
            schema_editor.execute(statement, params=None)

    def lift(apps: Any, schema_editor: Any) -> None:
        table = apps.get_model(app_label, model_name)._meta.db_table
        for statement in _dialect(schema_editor).lift(table):
            schema_editor.execute(statement, params=None)

    return RunPython(put, lift, elidable=False)


def _stored(field: Field[Any, Any]) -> bool:
    return field.column is not None


def _dialect(schema_editor: Any) -> Any:
    return {"sqlite": _SQLite, "postgresql": _PostgreSQL}[schema_editor.connection.vendor]


class _SQLite:
    @staticmethod
    def put(table: str, columns: list[str]) -> list[str]:
        of = ", ".join(f'"{c}"' for c in columns)
        return [
            f'CREATE TRIGGER "{table}_{verb}_{SUFFIX}" BEFORE {event} ON "{table}" '
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb, event in (("update", f"UPDATE OF {of}"), ("delete", "DELETE"))
        ]

    @staticmethod
    def lift(table: str) -> list[str]:
        return [f'DROP TRIGGER "{table}_{verb}_{SUFFIX}"' for verb in ("update", "delete")]


class _PostgreSQL:
    FUNCTION = f"""
        CREATE OR REPLACE FUNCTION rungs_{SUFFIX}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'TRUNCATE' AND current_setting('rungs.allow_truncate', true) = 'on' THEN
                RETURN NULL;
            END IF;
            RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
        END $$"""

    @classmethod
    def put(cls, table: str, columns: list[str]) -> list[str]:
        of = ", ".join(f'"{c}"' for c in columns)
        row, call = "FOR EACH ROW", f"EXECUTE FUNCTION rungs_{SUFFIX}()"
        return [
            cls.FUNCTION,
            f'CREATE TRIGGER "{table}_update_{SUFFIX}" BEFORE UPDATE OF {of} ON "{table}" {row} {call}',
            f'CREATE TRIGGER "{table}_delete_{SUFFIX}" BEFORE DELETE ON "{table}" {row} {call}',
            f'CREATE TRIGGER "{table}_truncate_{SUFFIX}" BEFORE TRUNCATE ON "{table}" '
            f"FOR EACH STATEMENT {call}",
        ]

    @staticmethod
    def lift(table: str) -> list[str]:
        return [
            f'DROP TRIGGER "{table}_{verb}_{SUFFIX}" ON "{table}"'
            for verb in ("update", "delete", "truncate")
        ]
