"""Who reads a note, asked of every relation to it: privacy before everything else."""

from __future__ import annotations

import pytest

from apps.core.access import Viewer
from apps.people.viewers import viewer_of_person
from apps.reviews.access import note_gate
from apps.reviews.models import EvidenceNote
from tests.cast import new_people
from tests.factories.people import UserFactory
from tests.factories.reviews import EvidenceNoteFactory, ReviewFactory, ReviewItemFactory

pytestmark = pytest.mark.django_db

# Whose note it is, whether it is shared, and everybody who may read it.
CASES = {
    "own, private": ("subject", False, {"subject"}),
    "own, shared": ("subject", True, {"subject", "manager"}),
    "of today's manager, private": ("manager", False, {"manager"}),
    "of today's manager, shared": ("manager", True, {"manager", "subject"}),
    "of an earlier manager, private": ("ex_manager", False, {"ex_manager"}),
    "of an earlier manager, shared": ("ex_manager", True, {"ex_manager", "subject"}),
}


def readers(people, note):
    """Asked of everybody: peer, stranger, skip-level, both offices, committee, arbiter."""
    return {
        name
        for name, person in people.items()
        if EvidenceNote.objects.visible_to(viewer_of_person(person)).filter(pk=note.pk).exists()
    }


@pytest.mark.parametrize(("author", "shared", "expected"), CASES.values(), ids=CASES)
def test_a_note_is_read_by_its_author_and_at_most_one_other(author, shared, expected):
    people, _ = new_people()
    note = EvidenceNoteFactory(about=people["subject"], author=people[author], shared=shared)

    assert readers(people, note) == expected


@pytest.mark.parametrize("shared", [False, True], ids=["private", "shared"])
def test_a_superuser_and_an_account_without_a_person_read_no_note(shared):
    people, superuser = new_people()
    EvidenceNoteFactory(about=people["subject"], shared=shared)

    for viewer in (Viewer(user_id=superuser.pk), Viewer(user_id=UserFactory().pk), Viewer()):
        assert not EvidenceNote.objects.visible_to(viewer).exists()


def test_what_was_shared_with_a_manager_goes_to_the_next_one_and_leaves_the_former():
    people, _ = new_people()
    note = EvidenceNoteFactory(about=people["subject"], shared=True)

    people["subject"].manager = people["ex_manager"]
    people["subject"].save()

    assert readers(people, note) == {"subject", "ex_manager"}


def test_a_former_manager_keeps_what_they_wrote_and_adds_nothing():
    people, _ = new_people()
    former = viewer_of_person(people["ex_manager"])
    note = EvidenceNoteFactory(about=people["subject"], author=people["ex_manager"])

    assert list(EvidenceNote.objects.visible_to(former)) == [note]
    assert not note_gate.may(former, "add_note", note)


@pytest.mark.parametrize("author", ["subject", "manager", "ex_manager"])
def test_a_review_that_rests_on_a_note_opens_it_to_nobody_here(author):
    people, _ = new_people()
    item = ReviewItemFactory(review=ReviewFactory(submitted=True))
    note = EvidenceNoteFactory(about=people["subject"], author=people[author], linked_in=item)

    assert readers(people, note) == {author}


HELD = {
    "no review": (None, True),
    "one being written": (False, True),
    "one handed in": (True, False),
}


@pytest.mark.parametrize(("submitted", "may"), HELD.values(), ids=HELD)
@pytest.mark.parametrize("deed", ["edit_note", "delete_note"])
def test_a_note_stays_as_it_is_while_a_handed_in_review_rests_on_it(deed, submitted, may):
    people, _ = new_people()
    item = (
        None if submitted is None else ReviewItemFactory(review=ReviewFactory(submitted=submitted))
    )
    note = EvidenceNoteFactory(about=people["subject"], linked_in=item)

    assert bool(note_gate.may(viewer_of_person(people["subject"]), deed, note)) is may


WRITES = {"oneself": "subject", "a report": "manager"}
WRITES_NOT = ("head", "chief", "ex_manager", "peer", "stranger", "process_admin", "content_admin")


@pytest.mark.parametrize("author", WRITES.values(), ids=WRITES)
def test_notes_are_kept_about(author):
    people, _ = new_people()
    note = EvidenceNote(about=people["subject"], author=people[author])

    assert note_gate.may(viewer_of_person(people[author]), "add_note", note)


@pytest.mark.parametrize("author", WRITES_NOT)
def test_nobody_else_keeps_notes_about_a_person(author):
    people, _ = new_people()
    note = EvidenceNote(about=people["subject"], author=people[author])

    assert not note_gate.may(viewer_of_person(people[author]), "add_note", note)
