"""How the table of a bundle is written, and how one line of it becomes rows.

Decided here: how values are spoken, for machines and for people. Whose rows go in stands in the
table itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Field, ManyToManyField, Model, OuterRef, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.core.access import Viewer
from apps.core.rows import Rows

Found = QuerySet[Any, Any]
WIDEST = 4


@dataclass(frozen=True)
class Column:
    """One field that goes in. `field` as tests/architecture/fields.txt names it; `words` its heading;
    `path` the lookup that speaks it where that is not the field itself; `kind` is "" for a short
    value, "text" for what somebody wrote, "raw" for what only the machine-readable file holds;
    `choices` the words for its values, where the field itself has none."""

    field: str
    words: Any
    path: str = ""
    kind: str = ""
    choices: tuple[tuple[Any, Any], ...] = ()


@dataclass(frozen=True)
class Share:
    """Rows of one model that are somebody's in one way.

    `rows` narrows all rows of the model to those that are the viewer's AND that the gate opens to
    them now; `what` and `readers` are the sentences for the person. `is_brief`: the overview says how
    many there are, the machine-readable file has them all.
    """

    name: str
    model: type[Model]
    title: Any
    what: Any
    readers: Any
    rows: Callable[[Any, Viewer], Found]
    columns: tuple[Column, ...]
    order: tuple[str, ...]
    is_brief: bool = False

    def fields(self) -> Iterator[str]:
        """The fields that it places, as fields.txt names them."""
        for column in self.columns:
            yield f"{self.model._meta.app_label}.{self.model.__name__}.{column.field}"


@dataclass(frozen=True)
class Left:
    """Something that is in no bundle, and why; `fields` as fields.txt names them."""

    title: Any
    why: Any
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cell:
    """One value as people read it."""

    words: str
    text: str
    is_long: bool


@dataclass(frozen=True)
class Part:
    """A share that was read: `rows` for machines, `cards` for people."""

    share: Share
    rows: list[dict[str, Any]]
    cards: list[list[Cell]]

    @property
    def has_texts(self) -> bool:
        return any(column.kind == "text" for column in self.share.columns)

    @property
    def is_table(self) -> bool:
        """Short values in few columns stand side by side; everything else one below the other."""
        return not self.has_texts and len(self.heads) <= WIDEST and len(self.rows) > 1

    @property
    def heads(self) -> list[str]:
        return [str(column.words) for column in self.share.columns if column.kind != "raw"]


def read(share: Share, viewer: Viewer) -> Part:
    """1 query, whatever the number of rows. Errors: PermissionDenied for nobody.

    PRIVACY: nobody is refused, or `author=None` would be IS NULL: the answers without a name.
    """
    if viewer.person_id is None:
        raise PermissionDenied("A bundle is about a person.")
    found = share.rows(share.model._default_manager.all(), viewer)
    paths = []
    for column in share.columns:
        field = share.model._meta.get_field(column.field)
        if isinstance(field, ManyToManyField):
            found = found.annotate(**{f"all_{column.field}": _gathered(field, column.path)})
            paths.append(f"all_{column.field}")
        else:
            paths.append(column.path or column.field)
    read_rows = list(found.order_by(*share.order).values_list(*paths))
    rows = [
        {c.field: _plain(v) for c, v in zip(share.columns, row, strict=True)} for row in read_rows
    ]
    labels = [_labels(share.model, column) for column in share.columns]
    cards = [
        [
            Cell(str(c.words), spoken(v, known), c.kind == "text")
            for c, v, known in zip(share.columns, row, labels, strict=True)
            if c.kind != "raw"
        ]
        for row in read_rows
    ]
    return Part(share, rows, cards)


def _gathered(field: Any, path: str) -> Rows:
    """The names at the other end of a many-to-many, as one column."""
    through = field.remote_field.through._default_manager.filter(
        **{field.m2m_field_name(): OuterRef("pk")}
    )
    return Rows(through, f"{field.m2m_reverse_field_name()}__{path}")


def _labels(model: type[Model], column: Column) -> dict[Any, str]:
    """The words for the values of a choice, wherever its path leads."""
    if column.choices:
        return {value: str(label) for value, label in column.choices}
    found: Any = None
    for name in (column.path or column.field).split("__"):
        try:
            found = model._meta.get_field(name)
        except Exception:  # noqa: BLE001  an annotation is no field; then the field itself says
            found = model._meta.get_field(column.field)
            break
        model = found.related_model or model
    choices = found.flatchoices if isinstance(found, Field) else []
    return {value: str(label) for value, label in choices}


def _plain(value: Any) -> Any:
    """A value as JSON keeps it; an instant in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, list):
        return sorted(value)
    return value


def spoken(value: Any, labels: dict[Any, str] | None = None) -> str:
    """A value as somebody reads it; days and hours in the zone that is active."""
    if value is None or value == "":
        return ""
    if labels and value in labels:
        return labels[value]
    if isinstance(value, bool):
        return _("yes") if value else ""  # what is not so would fill a page; the data says it
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "j F Y, H:i")
    if isinstance(value, date):
        return date_format(value, "j F Y")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(str(one) for one in sorted(value))
    return str(_plain(value))
