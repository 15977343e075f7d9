"""The doors of the form's newer parts: taken back without scripts, shown again, not too often, in parts."""

from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from apps.ladders.models import Statement
from apps.reviews.models import Review, ReviewItem, StatementMark
from tests.factories import NOON
from tests.factories.reviews import EvidenceNoteFactory
from tests.reviews.desks import make_desk

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def desk():
    return make_desk(2, accounts=True)


@pytest.fixture
def client(desk):
    client = Client()
    client.force_login(desk.participant.manager.user, backend="apps.people.backend.Backend")
    return client


def url(name, desk, *more):
    return reverse(f"reviews:{name}", args=[desk.manager_review.pk, *more])


def post(client, name, desk, pairs):
    revision = Review.objects.get(pk=desk.manager_review.pk).revision
    body = pairs if isinstance(pairs, bytes) else urlencode(pairs).encode()
    return client.post(url(name, desk), b"revision=%d&" % revision + body, content_type=FORM)


def autosave(client, desk, pairs, number, *, base=0):
    names = dict.fromkeys(name for name, _text in pairs)
    return client.post(
        url("autosave", desk),
        urlencode([*(("changed", name) for name in names), *pairs]),
        content_type=FORM,
        headers={"If-Match": f'"{base}"', "Idempotency-Key": f"key-{number:08d}"},
    )


def test_a_rating_is_taken_back_without_scripts(client, desk):
    field = f"c{desk.competencies[0].pk}-value"
    post(client, "save_review", desk, [(field, "4")])
    page = client.get(url("review", desk)).content.decode()
    assert f'name="clear" value="{field}"' in page

    answer = post(client, "save_review", desk, [(field, "4"), ("clear", field)])

    assert answer.status_code == 302
    assert not ReviewItem.objects.exclude(value=None).exists()


def test_ticked_boxes_of_one_part_are_one_field(client, desk):
    notes = [
        EvidenceNoteFactory(about=desk.participant.person, author=desk.participant.manager).pk
        for _ in range(3)
    ]
    field = f"c{desk.competencies[0].pk}-notes"

    post(client, "save_review", desk, [(field, ""), (field, notes[2]), (field, notes[0])])
    linked = ReviewItem.notes.through.objects.values_list("evidencenote_id", flat=True)
    assert sorted(linked) == [notes[0], notes[2]]
    answer = autosave(client, desk, [(field, ""), (field, notes[1])], 1, base=1)

    assert answer.status_code == 200
    assert list(linked.all()) == [notes[1]]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"summary=" + b"x" * 65537 + b"&%s=Still+here.", "longer than 64 KB"),
        (b"summary=a%%00b&%s=Still+here.", "cannot be kept"),
        (b"summary=%%ED%%A0%%BD&%s=Still+here.", "half a character"),
        (b"summary=fine&overall=9&%s=Still+here.", "not one of the choices"),
    ],
    ids=["too long", "NUL", "half a character", "no choice"],
)
def test_a_form_that_cannot_be_kept_shows_its_texts_again(client, desk, body, said):
    field = f"c{desk.competencies[0].pk}-comment".encode()

    answer = post(client, "save_review", desk, body % field)

    html = answer.content.decode()
    assert answer.status_code == 422
    assert said in html
    assert "Still here.</textarea>" in html
    assert Review.objects.get(pk=desk.manager_review.pk).revision == 0
    if said.startswith("longer"):
        assert "x" * 65537 in html


def test_the_eleventh_save_within_ten_seconds_waits_and_is_then_taken(client, desk):
    with time_machine.travel(NOON, tick=False):
        for number in range(10):
            answer = autosave(client, desk, [("summary", f"text {number}")], number, base=number)
            assert answer.status_code == 200
        late = autosave(client, desk, [("summary", "The last one.")], 10, base=10)
        other = Client()
        other.force_login(desk.participant.person.user, backend="apps.people.backend.Backend")
        probe = autosave(other, desk, [("summary", "Hers.")], 11)
    wait = int(late.headers["Retry-After"])
    with time_machine.travel(NOON.timestamp() + wait, tick=False):
        again = autosave(client, desk, [("summary", "The last one.")], 10, base=10)

    assert (late.status_code, again.status_code) == (429, 200)
    assert 1 <= wait <= 10
    assert probe.status_code == 404
    assert Review.objects.get(pk=desk.manager_review.pk).summary == "The last one."


def test_nobody_else_can_use_up_the_saves_of_an_author(client, desk):
    other = Client()
    other.force_login(desk.participant.person.user, backend="apps.people.backend.Backend")
    with time_machine.travel(NOON, tick=False):
        for number in range(15):
            autosave(other, desk, [("summary", "No.")], number)
        mine = autosave(client, desk, [("summary", "Mine.")], 99)

    assert mine.status_code == 200


def test_a_cache_that_is_down_refuses_no_save(client, desk, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }

    answer = autosave(client, desk, [("summary", "Kept.")], 1)

    assert answer.status_code == 200


def test_notes_come_as_a_part_for_htmx_and_as_a_page_that_saves(client, desk):
    anchor = f"c{desk.competencies[0].pk}"
    note = EvidenceNoteFactory(about=desk.participant.person, author=desk.participant.manager)

    part = client.get(url("link_notes", desk, anchor), headers={"HX-Request": "true"})
    page = client.get(url("link_notes", desk, anchor), {"search": note.text.split()[0]})
    post(client, "save_review", desk, [(f"{anchor}-notes", ""), (f"{anchor}-notes", note.pk)])

    assert "<html" not in part.content.decode()
    assert f'name="{anchor}-notes" value="{note.pk}"' in part.content.decode()
    assert f'name="{anchor}-notes" value="{note.pk}"' in page.content.decode()
    assert ReviewItem.objects.get().notes.get() == note


def test_marks_of_the_next_level_are_saved_from_its_own_page(client, desk):
    statement = Statement.objects.first()

    post(client, "save_review", desk, [(f"s{statement.pk}-shown", "not_yet")])

    assert StatementMark.objects.get().mark == "not_yet"


def test_the_api_saves_and_refuses_the_new_fields_by_the_same_rules(client, desk):
    where = reverse("reviews_api:draft", args=[desk.manager_review.pk])
    statement = Statement.objects.first()
    hers = EvidenceNoteFactory(about=desk.participant.person, author=desk.participant.person)
    note = EvidenceNoteFactory(about=desk.participant.person, author=desk.participant.manager)
    field = f"c{desk.competencies[0].pk}-notes"

    def patch(changes, revision):
        return client.patch(
            where,
            {"changes": changes},
            content_type="application/json",
            headers={"If-Match": f'"{revision}"'},
        )

    saved = patch({f"s{statement.pk}-shown": "strength", field: str(note.pk)}, 0)
    refused = [
        patch({field: str(hers.pk)}, 1),
        patch({f"s{statement.pk}-shown": "great"}, 1),
        patch({"s999999-shown": "shown"}, 1),
        patch({"q999999-comment": "No such question."}, 1),
    ]

    assert saved.status_code == 200, saved.content
    assert [answer.status_code for answer in refused] == [400] * 4
    fields = client.get(where).json()["fields"]
    assert fields == {f"s{statement.pk}-shown": "strength", field: str(note.pk)}
