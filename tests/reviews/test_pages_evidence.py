"""Notes to choose from, and what changed in the ladder: beside the form, each at its own cost."""

import pytest
from django.http import Http404

from apps.ladders.models import Area, Competency, LadderVersion, Statement
from apps.reviews.models import Participant
from apps.reviews.pages import evidence
from apps.reviews.states import CycleState
from tests.factories import NOON
from tests.factories.ladders import LadderVersionFactory, LevelFactory, StatementFactory
from tests.factories.reviews import (
    EvidenceNoteFactory,
)
from tests.reviews.desks import Counted, desk_page, earlier, html_of, make_desk, note_of, save

pytestmark = pytest.mark.django_db


def test_notes_about_a_competency_come_first_by_its_key_in_any_version():
    desk = make_desk(2)
    first, second = desk.competencies
    older = Competency.objects.create(
        version=LevelFactory().version, key=first.key, name="Then", position=0
    )
    tagged = note_of(desk, competencies=[older], text="Of an older ladder.")
    note_of(desk, competencies=[second])
    untagged = note_of(desk)
    save(desk, {f"c{first.pk}-notes": str(untagged.pk)})

    cards = [card for part in desk_page(desk).areas for card in part.cards]

    assert [(n.note_id, n.is_linked) for n in cards[0].notes] == [
        (untagged.pk, True),
        (tagged.pk, False),
    ]
    assert [n.is_linked for n in cards[1].notes] == [False]


def test_the_form_says_who_will_read_a_private_note_before_it_is_linked():
    desk = make_desk(1, areas=1)
    note_of(desk, competencies=desk.competencies)

    html = html_of(desk_page(desk))

    assert "Amara Okafor reads them with the packet" in html
    assert "private so far" in html


def test_nobody_elses_private_notes_are_offered():
    desk = make_desk(1, areas=1)
    anchor = f"c{desk.competencies[0].pk}"
    EvidenceNoteFactory(
        about=desk.participant.person, author=desk.participant.person,
        competencies=desk.competencies, text="Hers alone.",
    )  # fmt: skip
    EvidenceNoteFactory(
        about=desk.participant.person, author=desk.participant.person,
        competencies=desk.competencies, text="Shared with you.", shared=True,
    )  # fmt: skip

    page = desk_page(desk)
    found = evidence.link_notes(
        desk.manager, review_id=desk.manager_review.pk, anchor=anchor, search=""
    )

    for html in (html_of(page), html_of(found, "reviews/_link_notes.html")):
        assert "Hers alone" not in html
        assert "Shared with you." in html


@pytest.mark.parametrize("notes", [3, 60])
def test_looking_for_notes_costs_four_queries(notes):
    desk = make_desk(1, areas=1)
    anchor = f"c{desk.competencies[0].pk}"
    for number in range(notes):
        note_of(desk, text=f"Note number {number} of the year." + " The archive." * (number == 1))

    with Counted() as loading:
        page = evidence.link_notes(
            desk.manager, review_id=desk.manager_review.pk, anchor=anchor, search=""
        )
    one = evidence.link_notes(
        desk.manager, review_id=desk.manager_review.pk, anchor=anchor, search="YEAR archive"
    )
    with Counted() as rendering:
        html_of(page, "reviews/_link_notes.html")

    assert (loading.count, rendering.count) == (4, 0)
    assert page.more is (notes > 10)
    assert [note.text for note in one.notes] == ["Note number 1 of the year. The archive."]


@pytest.mark.parametrize("anchor", ["c999999", "g1", "q1", "s1", "nonsense", "c0"])
def test_there_are_no_notes_for_a_part_that_is_none(anchor):
    desk = make_desk(1, areas=1)

    with pytest.raises(Http404):
        evidence.link_notes(
            desk.manager, review_id=desk.manager_review.pk, anchor=anchor, search=""
        )


def test_nobody_but_the_author_looks_for_notes_and_only_while_it_is_written():
    desk = make_desk(1, areas=1)
    pk, anchor = desk.manager_review.pk, f"c{desk.competencies[0].pk}"

    with pytest.raises(Http404):
        evidence.link_notes(desk.subject, review_id=pk, anchor=anchor, search="")
    desk.enter(CycleState.CALIBRATION)
    with pytest.raises(Http404):
        evidence.link_notes(desk.manager, review_id=pk, anchor=anchor, search="")


def new_version(desk):
    """The ladder of today's level once more, with one line changed, one gone and one new."""
    old = desk.participant.level
    LadderVersion.objects.filter(pk=old.version_id).update(state="retired")
    version = LadderVersion.objects.create(
        ladder=old.version.ladder, number=2, kind="ladder", shape="by_level", state="published",
        cascade=old.version.cascade, fingerprint="f" * 64, imported_at=NOON, published_at=NOON,
    )  # fmt: skip
    level = LevelFactory(version=version, track=old.track, key=old.key, title=old.title)
    area = Area.objects.create(version=version, key="area-0", name="Area 0", position=0)
    for competency in desk.competencies:
        now = Competency.objects.create(
            version=version, area=area, key=competency.key, name=competency.name, position=0
        )
        first, second, _third = Statement.objects.filter(competency=competency, version=old.version)
        for key, text in ((first.key, first.text), (second.key, "Changed."), ("new", "New here.")):
            StatementFactory(
                version=version, competency=now, level=level, key=f"{key}-{competency.pk}"
                if key == "new" else key, text=text,
            )  # fmt: skip
    return level


@pytest.mark.parametrize("competencies", [1, 18])
def test_what_changed_in_the_ladder_is_told_in_eleven_queries(competencies):
    desk = make_desk(competencies, areas=1)
    past = earlier(desk, 1)
    Participant.objects.filter(pk=desk.participant.pk).update(level=new_version(desk))

    with Counted() as loading:
        page = evidence.ladder_changes_since(desk.manager, review_id=desk.manager_review.pk)
    with Counted() as rendering:
        html_of(page, "reviews/_ladder_changes.html")

    assert (page.since, len(page.changes)) == (past.cycle.name, competencies)
    change = page.changes[0]
    assert change.added == ("New here.",)
    assert change.removed == ("Does part 2 without being asked.",)
    assert change.changed == (("Does part 1 without being asked.", "Changed."),)
    assert loading.count <= 11
    assert rendering.count == 0


def test_without_an_earlier_review_or_with_the_same_ladder_there_is_nothing_to_tell():
    desk = make_desk(1, areas=1)

    none = evidence.ladder_changes_since(desk.manager, review_id=desk.manager_review.pk)
    earlier(desk, 1)
    same = evidence.ladder_changes_since(desk.manager, review_id=desk.manager_review.pk)

    assert (none.since, same.changes) == ("", ())
    assert "no earlier review" in html_of(none, "reviews/_ladder_changes.html")
    assert "asks the same" in html_of(same, "reviews/_ladder_changes.html")


def test_the_name_of_a_competency_that_is_still_a_draft_is_told_to_nobody():
    desk = make_desk(1, areas=1)
    draft = Competency.objects.create(
        version=LadderVersionFactory(state="draft"), key="secret", name="Secret", position=0
    )

    with pytest.raises(Http404):
        evidence.link_notes(
            desk.manager, review_id=desk.manager_review.pk, anchor=f"c{draft.pk}", search=""
        )
