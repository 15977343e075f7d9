"""The API goes through the same pages, actions and gate as the screens."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.people.states import Scope
from apps.reviews.models import Review, ReviewVersion
from apps.reviews.states import ReviewState
from tests.factories.people import SECRET, ApiTokenFactory
from tests.world import one_scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return one_scene()


def key_of(person, scope=Scope.WRITE):
    token = ApiTokenFactory(person=person, scope=scope)
    return {"Authorization": f"Bearer rungs_{token.prefix}_{SECRET}"}


def api(world, actor, scope=Scope.WRITE):
    return Client(headers={**key_of(world.people[actor], scope), "Accept": "application/json"})


def draft_url(world, review):
    return reverse("reviews_api:draft", args=[world.reviews[review].pk])


ADDRESSES = (
    "reviews_api:my_reviews",
    "people_api:directory",
    "ladders_api:ladders",
    "inbox_api:my_duties",
    "feedback_api:requests",
)


@pytest.mark.parametrize("name", ADDRESSES)
def test_nothing_is_open_to_a_stranger(client, name):
    answer = client.get(reverse(name))
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")


@pytest.mark.parametrize("name", ADDRESSES)
def test_every_list_answers_a_key_within_twelve_queries(world, name, django_assert_max_num_queries):
    mine = api(world, "subject")
    with django_assert_max_num_queries(12):
        assert mine.get(reverse(name)).status_code == 200


def test_my_duties_are_those_of_the_home_page(world):
    duties = api(world, "subject").get(reverse("inbox_api:my_duties")).json()
    assert [d["kind"] for d in duties if d["kind"] == "self_review"] == ["self_review"]
    assert all(d["page"].startswith("/") for d in duties)


def test_my_reviews_are_only_mine(world):
    for actor in ("subject", "manager", "peer"):
        found = api(world, actor).get(reverse("reviews_api:my_reviews")).json()
        authored = Review.objects.filter(author=world.people[actor])
        assert {r["id"] for r in found} <= set(authored.values_list("pk", flat=True))
    assert found == []


def test_a_draft_is_read_and_changed_with_its_revision(world):
    mine, url = api(world, "subject"), draft_url(world, "self collection")
    read = mine.get(url)
    assert read["ETag"] == f'"{read.json()["revision"]}"'

    saved = mine.patch(
        url,
        {"changes": {"summary": "A year of two halves."}},
        content_type="application/json",
        headers={"If-Match": read["ETag"]},
    )

    assert saved.status_code == 200, saved.content
    assert saved.json()["revision"] == read.json()["revision"] + 1
    assert mine.get(url).json()["fields"]["summary"] == "A year of two halves."


def test_without_a_revision_nothing_is_written(world):
    answer = api(world, "subject").patch(
        draft_url(world, "self collection"),
        {"changes": {"summary": "x"}},
        content_type="application/json",
    )
    assert (answer.status_code, answer["Content-Type"]) == (428, "application/problem+json")
    assert ReviewVersion.objects.count() == 0


def test_a_conflict_answers_with_what_stands_and_keeps_what_was_sent(world):
    mine, url = api(world, "subject"), draft_url(world, "self collection")
    stale = mine.get(url)["ETag"]
    for text in ("first", "second"):
        answer = mine.patch(
            url,
            {"changes": {"summary": text}},
            content_type="application/json",
            headers={"If-Match": stale},
        )

    assert answer.status_code == 409
    assert answer.json()["theirs"] == {"summary": "first"}
    assert "second" in str(list(ReviewVersion.objects.values_list("content", flat=True)))


def test_the_same_key_sent_again_is_one_version(world):
    mine, url = api(world, "subject"), draft_url(world, "self collection")
    etag = mine.get(url)["ETag"]
    answers = [
        mine.patch(
            url,
            {"changes": {"summary": "once"}},
            content_type="application/json",
            headers={"If-Match": etag, "Idempotency-Key": "the-same-key"},
        ).json()["revision"]
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert ReviewVersion.objects.count() == 1


@pytest.mark.parametrize("actor", ["stranger", "manager", "peer", "process_admin", "content_admin"])
def test_nobody_else_reads_or_writes_a_draft(world, actor):
    other, url = api(world, actor), draft_url(world, "self collection")
    change = {"changes": {"summary": "mine now"}}

    assert other.get(url).status_code == 404
    answer = other.patch(url, change, content_type="application/json", headers={"If-Match": '"1"'})
    assert answer.status_code == 404
    assert ReviewVersion.objects.count() == 0


def test_the_subject_never_reaches_the_managers_fields(world):
    url = draft_url(world, "manager manager_review")
    answer = api(world, "subject").get(url)
    assert answer.status_code == 404

    own = api(world, "subject").patch(
        draft_url(world, "self collection"),
        {"changes": {"private_note": "hello"}},
        content_type="application/json",
        headers={"If-Match": '"0"'},
    )
    assert own.status_code == 400
    assert "private_note" in own.json()["errors"]


def test_submitting_names_what_is_missing(world):
    review = world.reviews["manager manager_review"]
    answer = api(world, "manager").post(
        reverse("reviews_api:submit", args=[review.pk]),
        {},
        content_type="application/json",
        headers={"If-Match": f'"{review.revision}"'},
    )
    assert answer.status_code == 400
    assert answer.json()["errors"]["missing"]
    review.refresh_from_db()
    assert review.state == ReviewState.DRAFT


def test_a_key_that_only_reads_writes_nothing(world):
    url = draft_url(world, "self collection")
    reader = api(world, "subject", Scope.READ)
    assert reader.get(url).status_code == 200
    answer = reader.patch(
        url,
        {"changes": {"summary": "x"}},
        content_type="application/json",
        headers={"If-Match": '"0"'},
    )
    assert answer.status_code == 403


def test_a_level_is_told_only_to_those_who_may_know(world):
    url = reverse("people_api:person", args=[world.people["subject"].pk])
    told = {
        actor: api(world, actor).get(url).json()["level"] is not None
        for actor in ("subject", "manager", "head", "process_admin", "peer", "stranger")
    }
    assert told == {
        "subject": True, "manager": True, "head": True, "process_admin": True,
        "peer": False, "stranger": False,
    }  # fmt: skip


def test_a_level_tells_what_it_expects(world):
    level = world.people["subject"].level
    body = api(world, "stranger").get(reverse("ladders_api:level", args=[level.pk])).json()
    assert body["level"]["title"] == level.title
    assert [s["origin"] for c in body["competencies"] for s in c["statements"]] == ["own"]


def test_the_schema_is_whole(client):
    from drf_spectacular.generators import SchemaGenerator
    from drf_spectacular.validation import validate_schema

    schema = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(schema)
    assert "/api/v1/reviews/{review_id}/draft/" in schema["paths"]
