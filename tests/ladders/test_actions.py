"""What is kept, published, dropped, and which references close when."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied

from apps.core.access import COMMAND_VIEWER, Viewer
from apps.core.audit import history
from apps.core.confined import TooMuch, confined
from apps.core.workflow import StaleState
from apps.ladders import actions, pages
from apps.ladders.expectations import statement_counts
from apps.ladders.models import Ladder, LadderVersion, Level, Reference, StagedFile, Statement
from apps.ladders.rules import Refused
from tests.factories import NOON
from tests.factories.people import PersonFactory

pytestmark = pytest.mark.django_db
CHILD = (settings.BASE_DIR / "ladders" / "lead-operations.md").read_bytes()
PARENT = b"# Senior Operations\n\n## Reliability\n\n- keeps one thing running\n- and another\n"


def keep(name: str, content: bytes, *, publish: bool = False) -> actions.Imported:
    document = actions.Document(name, content)
    reading = actions.reading_of(document, known_files=pages.known_files())
    pairs = [(reading, document)]
    return actions.import_ladders(pairs, by=COMMAND_VIEWER, now=NOON, publish=publish)[0]


def publish(version: LadderVersion) -> None:
    actions.publish_version(version, by=COMMAND_VIEWER, now=NOON)


def parent_reference() -> Reference:
    return Reference.objects.get(kind="inherits")


def total(title: str) -> int:
    level = Level.objects.filter(title=title).latest("pk")
    return statement_counts([level.pk])[level.pk]


def test_one_edited_bullet_makes_a_version_in_which_every_id_is_kept():
    first = keep("p.md", PARENT).version
    keys = dict(first.statements.values_list("text", "key"))

    again = keep("p.md", PARENT.replace(b"- and another", b"- and another one"))

    assert (again.unchanged, again.version.number, again.version.ladder) == (False, 2, first.ladder)
    now = dict(again.version.statements.values_list("text", "key"))
    assert now["and another one"] == keys["and another"]
    assert now["keeps one thing running"] == keys["keeps one thing running"]
    assert (len(again.found.kept), len(again.found.changed)) == (1, 1)
    assert Statement.objects.filter(version=first).count() == 2


def test_the_same_bytes_stay_unchanged_after_the_parent_has_come():
    child = keep("lead-operations.md", CHILD, publish=True).version
    keep("senior-operations.md", PARENT, publish=True)

    again = keep("lead-operations.md", CHILD)

    assert (again.unchanged, again.version) == (True, child)
    assert LadderVersion.objects.count() == 2


def test_publishing_retires_the_one_before_and_a_published_one_is_never_touched_again():
    old = keep("p.md", PARENT, publish=True).version
    new = keep("p.md", PARENT + b"- a third\n").version

    publish(new)

    old.refresh_from_db()
    assert (old.state, new.state, new.published_at) == ("retired", "published", NOON)
    for deed in (actions.publish_version, actions.discard_draft):
        for version in (old, new):
            with pytest.raises(PermissionDenied):
                deed(version, by=COMMAND_VIEWER, now=NOON)
    assert [e.verb for e in history(old)] == ["import_ladder", "publish_version", "retire_version"]


def test_two_who_publish_at_once_are_told_apart():
    version = keep("p.md", PARENT).version
    stale = LadderVersion.objects.get(pk=version.pk)
    publish(version)

    with pytest.raises(StaleState):
        publish(stale)

    assert LadderVersion.objects.published().count() == 1


def test_a_parent_closes_the_reference_only_once_colleagues_can_read_it():
    keep("lead-operations.md", CHILD, publish=True)
    parent = keep("docs/senior-operations.md", PARENT).version
    assert (parent_reference().status, total("Lead Operations")) == ("unresolved", 32)

    publish(parent)

    reference = parent_reference()
    assert (reference.status, reference.target_level.version) == ("resolved", parent)
    assert total("Lead Operations") == 34
    warnings = pages.version(Viewer(person_id=1), version_id=reference.version_id).warnings
    assert warnings == []


def test_drafts_find_each_other_but_a_published_one_never_leads_into_a_draft():
    child = keep("lead-operations.md", CHILD).version
    parent = keep("senior-operations.md", PARENT).version
    assert parent_reference().target_level.version == parent

    publish(child)

    assert (parent_reference().status, total("Lead Operations")) == ("unresolved", 32)
    publish(parent)
    assert total("Lead Operations") == 34


def test_a_parent_is_also_known_by_its_title():
    keep("lead-operations.md", CHILD, publish=True)

    keep("export-17.md", PARENT, publish=True)

    assert (parent_reference().status, total("Lead Operations")) == ("resolved", 34)


def test_two_that_fit_close_nothing():
    keep("export-17.md", PARENT, publish=True)
    other = b"# Senior Carer\n\n## Care\n\n- cares\n- and more\n"
    keep("senior-operations.md", other, publish=True)

    keep("lead-operations.md", CHILD, publish=True)

    assert (parent_reference().status, total("Lead Operations")) == ("unresolved", 32)


def test_same_as_closes_when_a_level_of_that_code_has_that_competency():
    analyst = (settings.BASE_DIR / "ladders" / "lead-analyst.md").read_bytes()
    keep("lead-analyst.md", analyst, publish=True)
    keep("x.md", b"# L3: Senior Clerk\n\n## Filing\n\n- files\n- sorts\n", publish=True)
    same_as = Reference.objects.get(kind="same_as")
    assert same_as.status == "unresolved"

    keep(
        "y.md",
        b"# L3: Senior Analyst\n\n## Modelling Fluency\n\n- models\n- tests them\n",
        publish=True,
    )

    same_as.refresh_from_db()
    assert (same_as.status, same_as.target_level.title, same_as.target_competency.name) == (
        "resolved", "Senior Analyst", "Modelling Fluency",
    )  # fmt: skip
    assert total("Lead Analyst") == 67  # it is shown, not counted


def test_a_dropped_draft_leaves_nothing_and_reopens_what_led_to_it():
    keep("lead-operations.md", CHILD)
    parent = keep("senior-operations.md", PARENT).version

    actions.discard_draft(parent, by=COMMAND_VIEWER, now=NOON)

    assert parent_reference().status == "unresolved"
    assert list(Ladder.objects.values_list("title", flat=True)) == ["Lead Operations"]


def test_a_draft_that_somebody_stands_on_is_not_dropped():
    version = keep("p.md", PARENT).version
    PersonFactory(level=version.levels.get())

    with pytest.raises(StaleState):
        actions.discard_draft(version, by=COMMAND_VIEWER, now=NOON)

    assert LadderVersion.objects.filter(pk=version.pk).exists()


def test_a_reading_that_found_no_ladder_is_not_kept():
    with pytest.raises(Refused, match="no ladder was found"):
        keep("notes.md", b"just a line of prose\n")

    assert not Ladder.objects.exists()


def test_two_documents_of_one_title_are_refused_together():
    document = actions.Document("a.md", PARENT)
    reading = actions.reading_of(document)
    twin = actions.Document("b.md", PARENT)

    with pytest.raises(Refused, match=r"^b\.md, line 1: .* so has a\.md"):
        actions.import_ladders([(reading, document), (reading, twin)], by=COMMAND_VIEWER, now=NOON)

    assert not Ladder.objects.exists()


@pytest.mark.parametrize(
    "viewer",
    [Viewer(), Viewer(person_id=7), Viewer(person_id=7, roles=frozenset({"content_admin"}))],
)
def test_nobody_but_hr_keeps_anything(viewer):
    document = actions.Document("p.md", PARENT)

    with pytest.raises(PermissionDenied):
        actions.import_ladder(actions.reading_of(document), document, by=viewer, now=NOON)
    with pytest.raises(PermissionDenied):
        actions.stage_files([document], by=viewer, now=NOON)

    assert not Ladder.objects.exists()
    assert not StagedFile.objects.exists()


def test_what_eats_the_machine_is_stopped_and_small_work_comes_back():
    assert confined(bytearray, 3) == b"\0\0\0"
    with pytest.raises(TooMuch, match="memory"):
        confined(bytearray, 4 * 1024**3)
    with pytest.raises(Refused, match="PDF"):
        actions.reading_of(actions.Document("x.md", b"%PDF-1.7"))


def test_a_child_that_takes_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr("apps.core.confined.SECONDS", 0.01)

    with pytest.raises(Refused, match=r"^x\.md, line 1: reading it took more than half a minute"):
        actions.reading_of(actions.Document("x.md", PARENT))
