"""Whose data every field holds (fields.txt), and what follows: nobody's words reach the admin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from apps.core.models import AuditEvent
from apps.people.models import Person, User

LIST = Path(__file__).with_name("fields.txt")
OURS = ("core", "ladders", "people", "reviews", "feedback", "calibration", "inbox", "reports")
CLASSES = {"none", "subject", "author", "third", "secret"}
MARKS = {"text", "rating"}
# Where a person could type a sentence; short fields that hold one are marked by hand.
FREE = (models.TextField, models.JSONField, models.BinaryField)
# Free by their type only: what may stand in them is held elsewhere.
NOT_TYPED = {
    "core.AuditEvent.detail": "record() refuses whatever is no number, id or state",
    "ladders.Level.aliases": "other names of a level, from the document",
    "ladders.Mixin.aliases": "other names of a role, from the document",
    "calibration.Decision.present": "ids of people",
    "reports.Export.others": "keys of rows",
    "reviews.Cycle.sections_off": "names of parts of a form, from a list in the rules",
}


class Line(NamedTuple):
    holds: str
    marks: frozenset[str]
    note: str


def our_models() -> list[type[models.Model]]:
    return [
        model
        for app in OURS
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
    ]


def name_of(model: type[models.Model]) -> str:
    return f"{model._meta.app_label}.{model.__name__}"


def fields_of(model: type[models.Model]) -> Iterator[tuple[str, models.Field]]:
    for field in (*model._meta.local_fields, *model._meta.local_many_to_many):
        yield f"{name_of(model)}.{field.name}", field


def listed() -> dict[str, Line]:
    """What fields.txt says of each field, by "app.Model.field"."""
    lines: dict[str, Line] = {}
    for number, raw in enumerate(LIST.read_text(encoding="utf-8").splitlines(), 1):
        if not raw.strip() or raw.startswith("#"):
            continue
        name, holds, *rest = raw.split()
        marks = []
        while rest and rest[0] in MARKS:
            marks.append(rest.pop(0))
        assert name not in lines, f"fields.txt:{number} names {name} a second time"
        assert holds in CLASSES, f"fields.txt:{number} knows no class {holds}"
        lines[name] = Line(holds, frozenset(marks), " ".join(rest))
    return lines


LINES = listed()
STORED = {name: field for model in our_models() for name, field in fields_of(model)}


def is_content(name: str) -> bool:
    """Whether a field holds what somebody wrote, or how somebody was judged."""
    line = LINES.get(name)
    return bool(line and line.holds != "none" and line.marks)


def content_models() -> list[type[models.Model]]:
    return [m for m in our_models() if any(is_content(name) for name, _ in fields_of(m))]


# --- The list is whole ---------------------------------------------------------------------------


def test_every_field_is_classified():
    missing = [name for name in STORED if name not in LINES]
    assert not missing, "add to fields.txt, judged:\n" + "\n".join(
        f"{name:<42} none|subject|author|third|secret [text|rating] [note]" for name in missing
    )


def test_no_line_outlives_its_field():
    assert [name for name in LINES if name not in STORED] == []


def test_whatever_is_free_by_type_is_marked_as_text():
    unmarked = [
        name
        for name, field in STORED.items()
        if isinstance(field, FREE) and name not in NOT_TYPED and "text" not in LINES[name].marks
    ]
    assert unmarked == []


def test_exceptions_from_text_still_stand():
    assert [n for n in NOT_TYPED if n not in STORED or "text" in LINES[n].marks] == []


def test_what_names_a_person_belongs_to_somebody():
    nobody = [
        name
        for name, field in STORED.items()
        if field.related_model in (Person, User) and LINES[name].holds == "none"
    ]
    assert nobody == []


def test_an_address_or_a_password_belongs_to_somebody():
    nobody = [
        name
        for name, field in STORED.items()
        if (isinstance(field, models.EmailField) or field.name in {"password", "digest"})
        and LINES[name].holds == "none"
    ]
    assert nobody == []


def test_everything_a_person_is_asked_to_write_is_seen_as_content():
    """The sentinel of this list: were a class or a mark lost, these would leave the walls below."""
    assert {name_of(model) for model in content_models()} == {
        "people.StagedImport",
        "reviews.PopulationChoice",
        "reviews.StepBack",
        "reviews.Participant",
        "reviews.Extension",
        "reviews.EvidenceNote",
        "reviews.Goal",
        "reviews.Withdrawal",
        "reviews.Dispute",
        "reviews.Review",
        "reviews.StatementMark",
        "reviews.ReviewItem",
        "reviews.ReviewVersion",
        "reviews.RatingEvent",
        "feedback.Request",
        "feedback.FeedbackDraft",
        "feedback.AnswerPart",
        "feedback.ConcernReport",
        "feedback.ConcernDecision",
        "feedback.Disclosure",
        "feedback.UnaskedFeedback",
        "calibration.Session",
        "calibration.Decision",
    }


# --- What follows: a superuser gets no content ----------------------------------------------------


def admins() -> Iterator[tuple[type[models.Model], admin.options.BaseModelAdmin]]:
    """Every registered page with every inline in it: (model, page)."""
    for model, page in admin.site._registry.items():
        yield model, page
        for inline in page.inlines:
            yield inline.model, inline(model, admin.site)


def named_by(page: admin.options.BaseModelAdmin) -> set[str]:
    """Every field name a page mentions, where it is shown, searched, filtered, sorted or edited."""
    names: set[str] = set()
    for option in (
        "list_display", "list_editable", "list_filter", "search_fields", "readonly_fields",
        "ordering", "autocomplete_fields", "raw_id_fields", "filter_horizontal",
        "filter_vertical", "fields", "date_hierarchy", "list_display_links",
    ):  # fmt: skip
        value = getattr(page, option, None) or ()
        for item in (value,) if isinstance(value, str) else value:
            for part in item if isinstance(item, list | tuple) else (item,):
                if isinstance(part, str):
                    names.add(part.lstrip("-^=@"))
    for _, options in page.fieldsets or ():
        for item in options["fields"]:
            names.update((item,) if isinstance(item, str) else item)
    return names


def reached(model: type[models.Model], lookup: str) -> list[str]:
    """The stored fields that a lookup such as "person__name" passes, as names of fields.txt."""
    found = []
    for part in lookup.split("__"):
        try:
            field = model._meta.get_field(part)
        except FieldDoesNotExist:
            break
        if isinstance(field, models.Field):
            found.append(f"{name_of(field.model)}.{field.name}")
        if field.related_model is None:
            break
        model = field.related_model
    return found


def test_models_with_content_have_no_page_in_the_admin():
    with_content = set(content_models())
    assert [name_of(model) for model, _ in admins() if model in with_content] == []


def test_no_page_of_the_admin_names_content_even_through_a_relation():
    crossed = [
        f"{type(page).__name__} names {lookup}"
        for model, page in admins()
        for lookup in named_by(page)
        if any(is_content(name) for name in reached(model, lookup))
    ]
    assert crossed == []


def test_no_page_of_the_admin_edits_or_shows_a_secret(rf, django_user_model):
    request = rf.get("/admin/")
    request.user = django_user_model(is_superuser=True, is_staff=True, is_active=True)
    shown = []
    for model, page in admins():
        if model._meta.app_label not in OURS or not isinstance(page, admin.ModelAdmin):
            continue
        instance = model(pk=1)
        for _, options in page.get_fieldsets(request, instance):
            for item in options["fields"]:
                for name in (item,) if isinstance(item, str) else item:
                    line = LINES.get(f"{name_of(model)}.{name}")
                    if line and line.holds == "secret":
                        shown.append(f"{type(page).__name__} shows {name}")
    assert shown == []


def test_the_audit_has_no_page_in_the_admin():
    assert AuditEvent not in {model for model, _ in admins()}


@pytest.mark.parametrize("model", content_models(), ids=name_of)
def test_the_name_of_a_row_quotes_no_content(model):
    """`str(row)` reaches logs, the admin's history and error pages."""
    row = model()
    for name, field in fields_of(model):
        if field.many_to_one or field.one_to_one:
            setattr(row, field.name, field.related_model())
        elif is_content(name) and "text" in LINES[name].marks:
            setattr(row, field.attname, "canary 7f3a")

    assert "canary 7f3a" not in f"{row} {row!r}"
