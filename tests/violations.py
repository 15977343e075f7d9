"""Rows the database must refuse: one violation of each constraint, past every rule of the code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import UniqueConstraint


class Violation(NamedTuple):
    """`make` saves a good row; a second one like it, but for `changes`, must be refused.

    `changes` may be a function of the good row. Without any, the second row is the first again.
    """

    make: Callable[[], models.Model]
    changes: Mapping[str, Any] | Callable[[Any], Mapping[str, Any]] = {}


def constraints_of(app: str) -> dict[str, tuple[type[models.Model], Any]]:
    return {
        c.name: (model, c)
        for model in apps.get_app_config(app).get_models()
        for c in model._meta.constraints
    }


def assert_refused(app: str, name: str, violation: Violation) -> None:
    """The database refuses the second row, and for this very constraint."""
    model, constraint = constraints_of(app)[name]
    row = violation.make()
    assert isinstance(row, model)
    changes = violation.changes(row) if callable(violation.changes) else violation.changes
    second = model(
        **{
            field.attname: getattr(row, field.attname)
            for field in model._meta.concrete_fields
            if not field.primary_key
        }
    )
    for field, value in changes.items():
        setattr(second, field, value)

    # bulk_create asks neither save() nor clean(): what refuses here is the database.
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        model._base_manager.bulk_create([second])

    message = str(refusal.value)
    assert name in message or (
        isinstance(constraint, UniqueConstraint) and message == _of_columns(model, constraint)
    ), message


def _of_columns(model: type[models.Model], constraint: UniqueConstraint) -> str:
    """SQLite names the columns of a unique set, and not the set."""
    columns = (model._meta.get_field(field).column for field in constraint.fields)
    return "UNIQUE constraint failed: " + ", ".join(f"{model._meta.db_table}.{c}" for c in columns)
