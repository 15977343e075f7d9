"""Notes over HTTP and in the database: kept, changed, shared, held, found again, taken along."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from apps.core.audit import history
from apps.core.workflow import StaleState
from apps.people.viewers import viewer_of_person
from apps.reviews.actions import notes as deeds
from apps.reviews.models import EvidenceNote
from apps.reviews.pages import notes as pages
from apps.reviews.pages.notes import NoteFilter
from apps.reviews.rules.phases import Hindered
from tests.factories import NOON
from tests.factories.ladders import CompetencyFactory, StatementFactory
from tests.factories.people import PersonFactory
from tests.factories.reviews import EvidenceNoteFactory, ReviewFactory, ReviewItemFactory
from tests.reviews.desks import Counted
from tests.reviews.test_cycle_views import browser

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 4)
PLAN = deeds.NotePlan(DAY, "Wrote the guide that support uses now.")


@pytest.fixture
def team():
    """A manager with a report, both with accounts, the report on a level with two competencies."""

    class Team:
        statement = StatementFactory()
        level = statement.level
        craft = statement.competency
        people = StatementFactory(
            level=level, competency=CompetencyFactory(version=level.version)
        ).competency
        manager = PersonFactory(name="Mara", with_user=True)
        report = PersonFactory(name="Rune", with_user=True, manager=manager, level=level)

    return Team


def viewer(person):
    return viewer_of_person(person)


# --- deeds -----------------------------------------------------------------------------------------


def test_a_note_is_private_and_leaves_no_word_in_the_audit(team):
    plan = deeds.NotePlan(DAY, "Wrote the guide.", (team.craft.pk,))

    note = deeds.add_note(team.report, plan, by=viewer(team.report), now=NOON)

    assert (note.shared_at, note.text, note.happened_on) == (None, "Wrote the guide.", DAY)
    assert list(note.competencies.all()) == [team.craft]
    assert [(e.verb, e.detail) for e in history(note)] == [("add_note", {})]


def test_a_manager_keeps_notes_about_a_report_and_nobody_above_does(team):
    skip = PersonFactory()
    team.manager.manager = skip
    team.manager.save()

    deeds.add_note(team.report, PLAN, by=viewer(team.manager), now=NOON)
    with pytest.raises(PermissionDenied):
        deeds.add_note(team.report, PLAN, by=viewer(skip), now=NOON)

    assert EvidenceNote.objects.get().author == team.manager


def test_a_note_that_is_sent_twice_is_kept_once(team):
    plan = deeds.NotePlan(DAY, "Wrote the guide.", (team.craft.pk, team.people.pk))
    by = viewer(team.report)

    first = deeds.add_note(team.report, plan, by=by, now=NOON)
    again = deeds.add_note(team.report, plan, by=by, now=NOON + timedelta(seconds=1))
    shared = [deeds.add_note(team.report, plan, share=True, by=by, now=NOON) for _ in range(2)]

    assert [first, again, *shared] == [EvidenceNote.objects.get()] * 4
    assert EvidenceNote.objects.get().shared_at == NOON
    assert [e.verb for e in history(first)] == ["add_note", "share_note"]


@pytest.mark.parametrize("other", ["words", "day", "competency", "person"])
def test_what_says_anything_else_is_another_note(team, other):
    team.manager.level = team.level
    team.manager.save()
    by = viewer(team.manager)
    deeds.add_note(team.report, deeds.NotePlan(DAY, "Wrote it."), by=by, now=NOON)
    about = team.manager if other == "person" else team.report
    plan = {
        "words": deeds.NotePlan(DAY, "Wrote it, and well."),
        "day": deeds.NotePlan(DAY - timedelta(days=1), "Wrote it."),
        "competency": deeds.NotePlan(DAY, "Wrote it.", (team.craft.pk,)),
        "person": deeds.NotePlan(DAY, "Wrote it."),
    }[other]

    deeds.add_note(about, plan, by=by, now=NOON)

    assert EvidenceNote.objects.count() == 2


def test_a_note_that_only_its_author_is_to_read_is_never_one_that_was_shared_before(team):
    by = viewer(team.report)
    deeds.add_note(team.report, PLAN, share=True, by=by, now=NOON)

    private = deeds.add_note(team.report, PLAN, by=by, now=NOON)

    assert EvidenceNote.objects.get(pk=private.pk).shared_at is None
    assert EvidenceNote.objects.count() == 2


def test_two_people_may_write_the_same_words(team):
    deeds.add_note(team.report, PLAN, by=viewer(team.report), now=NOON)

    deeds.add_note(team.report, PLAN, by=viewer(team.manager), now=NOON)

    assert EvidenceNote.objects.count() == 2


def test_sharing_and_taking_back_are_done_once(team):
    by, note = viewer(team.report), EvidenceNoteFactory(about=team.report)

    deeds.share_note(note, by=by, now=NOON)
    with pytest.raises(StaleState):
        deeds.share_note(note, by=by, now=NOON)
    assert EvidenceNote.objects.visible_to(viewer(team.manager)).exists()

    deeds.unshare_note(note, by=by, now=NOON)
    with pytest.raises(StaleState):
        deeds.unshare_note(note, by=by, now=NOON)
    assert not EvidenceNote.objects.visible_to(viewer(team.manager)).exists()


def test_somebody_who_reports_to_nobody_has_nobody_to_share_with(team):
    note = EvidenceNoteFactory(about=team.manager)

    with pytest.raises(Hindered, match="report to nobody"):
        deeds.share_note(note, by=viewer(team.manager), now=NOON)


def test_the_reader_of_a_shared_note_changes_nothing(team):
    note = EvidenceNoteFactory(about=team.report, shared=True)
    by = viewer(team.manager)

    for deed in (deeds.share_note, deeds.unshare_note):
        with pytest.raises(PermissionDenied):
            deed(note, by=by, now=NOON)
    with pytest.raises(Hindered):
        deeds.delete_note(note, by=by, now=NOON)
    with pytest.raises(Hindered):
        deeds.edit_note(note, PLAN, seen=None, by=by, now=NOON)
    assert EvidenceNote.objects.get().text == note.text


@pytest.mark.parametrize(("submitted", "stays"), [(False, False), (True, True)])
def test_a_note_that_a_handed_in_review_rests_on_stays(team, submitted, stays):
    item = ReviewItemFactory(review=ReviewFactory(submitted=submitted))
    note = EvidenceNoteFactory(about=team.report, linked_in=item)
    by = viewer(team.report)

    if stays:
        with pytest.raises(Hindered, match="handed in"):
            deeds.edit_note(note, PLAN, seen=None, by=by, now=NOON)
        with pytest.raises(Hindered, match="handed in"):
            deeds.delete_note(note, by=by, now=NOON)
    else:
        deeds.edit_note(note, PLAN, seen=None, by=by, now=NOON)
        deeds.delete_note(note, by=by, now=NOON)

    assert EvidenceNote.objects.filter(text=note.text).exists() is stays


def test_a_second_tab_overwrites_nothing(team):
    note, by = EvidenceNoteFactory(about=team.report), viewer(team.report)
    deeds.edit_note(note, PLAN, seen=None, by=by, now=NOON)

    with pytest.raises(deeds.NoteChanged) as changed:
        deeds.edit_note(note, deeds.NotePlan(DAY, "Other."), seen=None, by=by, now=NOON)

    assert changed.value.note.text == PLAN.text == EvidenceNote.objects.get().text


# --- the list --------------------------------------------------------------------------------------


def listed(who, **wanted):
    page = pages.notes(viewer(who), wanted=NoteFilter(**wanted))
    return {row.note.text for row in page.rows}


def test_three_lists_three_scopes(team):
    EvidenceNoteFactory(about=team.report, text="own")
    EvidenceNoteFactory(about=team.report, text="own, shared", shared=True)
    EvidenceNoteFactory(about=team.report, by_manager=True, text="of manager")
    EvidenceNoteFactory(about=team.report, by_manager=True, text="of manager, shared", shared=True)

    assert listed(team.report) == {"own", "own, shared"}
    assert listed(team.report, of="shared") == {"of manager, shared"}
    assert listed(team.report, of="people") == set()
    assert listed(team.manager) == set()
    assert listed(team.manager, of="people") == {"of manager", "of manager, shared"}
    assert listed(team.manager, of="shared") == {"own, shared"}


def test_notes_are_found_by_words_days_person_and_competency(team):
    other = PersonFactory(manager=team.manager)
    EvidenceNoteFactory(
        about=team.report, by_manager=True, text="Guide for support", happened_on=DAY,
        competencies=[team.craft, team.people],
    )  # fmt: skip
    EvidenceNoteFactory(about=other, by_manager=True, text="Night shift", happened_on=NOON.date())
    found = {
        "words": {"words": "support guide"},
        "person": {"person_id": team.report.pk},
        "competency": {"key": team.craft.key},
        "days": {"first": DAY, "last": DAY},
    }

    assert listed(team.manager, of="people") == {"Guide for support", "Night shift"}
    for name, wanted in found.items():
        assert listed(team.manager, of="people", **wanted) == {"Guide for support"}, name
    assert listed(team.manager, of="people", first=DAY + timedelta(days=1)) == {"Night shift"}


@pytest.mark.parametrize("number", [3, 300])
def test_the_list_costs_six_queries_however_long(team, number):
    for _ in range(number):
        EvidenceNoteFactory(about=team.report, by_manager=True, competencies=[team.craft])

    with Counted() as loading:
        page = pages.notes(viewer(team.manager), wanted=NoteFilter(of="people"))
    with Counted() as rendering:
        html = render_to_string("reviews/_notes.html", {"page": page})

    assert (loading.count, rendering.count) == (6, 0)
    assert html.count("<article") == min(number, pages.PAGE_SIZE)


# --- over HTTP -------------------------------------------------------------------------------------


def posted(person, name, *args, **data):
    return browser(person).post(reverse(f"reviews:{name}", args=args), data)


def test_the_whole_life_of_a_note_over_http(team):
    kept = posted(
        team.manager, "add_note", about=team.report.pk, happened_on=DAY, text="**Guide**",
        tags=[team.craft.pk, 0, "x"],
    )  # fmt: skip
    note = EvidenceNote.objects.get()
    changed = posted(team.manager, "note", note.pk, happened_on=DAY, text="Better", seen="")
    shared = posted(team.manager, "share_note", note.pk)
    read = browser(team.report).get(reverse("reviews:notes"), {"of": "shared"})
    posted(team.manager, "unshare_note", note.pk)
    unread = browser(team.report).get(reverse("reviews:notes"), {"of": "shared"})
    gone = posted(team.manager, "delete_note", note.pk)

    assert kept.url == f"{reverse('reviews:notes')}?of=people&person={team.report.pk}"
    assert [r.status_code for r in (kept, changed, shared, gone)] == [302] * 4
    assert "Better" in read.text
    assert "Better" not in unread.text
    assert not EvidenceNote.objects.exists()


def test_the_second_click_on_keep_is_told_the_same_and_keeps_nothing_more(team):
    typed = {"happened_on": DAY, "text": "Wrote the guide.", "share": "on"}

    answers = [posted(team.report, "add_note", **typed) for _ in range(2)]

    assert [(a.status_code, a["Location"]) for a in answers] == [
        (302, reverse("reviews:notes"))
    ] * 2
    assert EvidenceNote.objects.get().shared_at is not None


WRONG = {
    "a day to come": {"happened_on": "2999-01-01"},
    "no day": {"happened_on": ""},
    "somebody else's report": {"about": "999999"},
    "a null byte": {"text": "Kept all the same\0"},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_was_typed_comes_back_with_every_error(team, wrong):
    typed = {"about": team.manager.pk, "happened_on": DAY, "text": "Kept all the same", **wrong}

    answer = posted(team.manager, "add_note", **typed)

    assert answer.status_code == 422
    assert "Kept all the same" in answer.text
    assert not EvidenceNote.objects.exists()


def test_what_was_typed_comes_back_when_the_session_is_over(team):
    client = browser(team.report)
    page = client.get(reverse("reviews:add_note"))
    mark = page.text.partition('name="typed_by" value="')[2].partition('"')[0]
    client.logout()

    answer = client.post(
        reverse("reviews:add_note"), {"text": "Kept all the same", "typed_by": mark}
    )

    assert answer.status_code == 401
    assert "Kept all the same" in answer.text
    assert not EvidenceNote.objects.exists()


def test_both_texts_are_shown_when_another_tab_was_faster(team):
    note = EvidenceNoteFactory(about=team.report)
    posted(team.report, "note", note.pk, happened_on=DAY, text="First tab", seen="")

    late = posted(team.report, "note", note.pk, happened_on=DAY, text="Second tab", seen="")
    seen = EvidenceNote.objects.get().edited_at.isoformat()
    again = posted(team.report, "note", note.pk, happened_on=DAY, text="Second tab", seen=seen)

    assert late.status_code == 409
    assert "First tab" in late.text
    assert "Second tab" in late.text
    assert again.status_code == 302
    assert EvidenceNote.objects.get().text == "Second tab"


def test_what_was_typed_comes_back_when_a_review_was_handed_in_meanwhile(team):
    item = ReviewItemFactory(review=ReviewFactory(submitted=True))
    note = EvidenceNoteFactory(about=team.report, linked_in=item)

    answer = posted(team.report, "note", note.pk, happened_on=DAY, text="Too late", seen="")

    assert answer.status_code == 409
    assert "Too late" in answer.text
    assert "rests on this note" in answer.text


def test_tags_of_a_level_that_the_person_left_are_kept_and_others_are_not_taken(team):
    note = EvidenceNoteFactory(about=team.report, competencies=[CompetencyFactory(name="Old one")])
    stranger = CompetencyFactory()
    ticked = [note.competencies.get().pk, team.craft.pk, stranger.pk]

    page = browser(team.report).get(reverse("reviews:note", args=[note.pk]))
    posted(team.report, "note", note.pk, happened_on=DAY, text="Same", seen="", tags=ticked)

    assert "Old one" in page.text
    assert {c.name for c in note.competencies.all()} == {"Old one", team.craft.name}


def test_the_form_offers_the_competencies_of_whoever_it_is_about(team):
    url = reverse("reviews:add_note")

    own = browser(team.manager).get(url)
    part = browser(team.manager).get(url, {"about": team.report.pk}, headers={"HX-Request": "true"})

    assert team.craft.name not in own.text
    assert team.craft.name in part.text
    assert "<html" not in part.text


def test_one_takes_along_what_one_wrote_and_nothing_else(team):
    EvidenceNoteFactory(about=team.report, text="=own", competencies=[team.craft])
    EvidenceNoteFactory(about=team.report, by_manager=True, text="of manager", shared=True)

    rows = browser(team.report).get(reverse("reviews:notes_file", args=["csv"])).content
    text = browser(team.report).get(reverse("reviews:notes_file", args=["md"])).content.decode()
    other = browser(team.report).get(reverse("reviews:notes_file", args=["exe"]))

    table = list(csv.reader(io.StringIO(rows.decode("utf-8-sig"))))
    assert [row[-1] for row in table] == ["Note", "'=own"]
    assert "of manager" not in text
    assert f"*{team.craft.name}*" in text
    assert other.status_code == 404


def test_the_day_is_the_readers_own(team):
    page = browser(team.report).get(reverse("reviews:add_note"))

    assert f'value="{timezone.localdate().isoformat()}"' in page.text


def test_nonsense_in_the_address_of_the_list_is_left_out(team):
    EvidenceNoteFactory(about=team.report, text="own")
    nonsense = {"of": "all", "person": "x", "first": "31.2.", "page": "y", "competency": "a b"}

    answer = browser(team.report).get(reverse("reviews:notes"), nonsense)

    assert answer.status_code == 200
    assert "own" in answer.text
