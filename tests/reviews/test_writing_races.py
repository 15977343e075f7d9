"""T1, T2, T7: two at once; two tabs, a request sent twice, a double click."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from apps.core.models import AuditEvent
from apps.reviews.actions.drafts import CONFLICT, SAVED
from apps.reviews.actions.writing import ALREADY, SUBMITTED
from apps.reviews.models import RatingEvent, Review, ReviewVersion
from tests.reviews.desks import make_desk, save, submit, submit_form


class Pair:
    """Two threads that let their deeds go together, each with a connection that it keeps."""

    def __init__(self):
        self.gate, self.pool = threading.Barrier(2), ThreadPoolExecutor(2)

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        for done in [self.pool.submit(self._run, lambda: connection.close()) for _ in range(2)]:
            done.result()
        self.pool.shutdown()

    def _run(self, deed):
        self.gate.wait()
        try:
            return deed()
        except Exception as raised:
            return raised

    def race(self, *deeds):
        """The results of two deeds, or what they raised, in order."""
        return [done.result() for done in [self.pool.submit(self._run, d) for d in deeds]]


def race(*deeds):
    with Pair() as pair:
        return pair.race(*deeds)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("times", [25, pytest.param(500, marks=pytest.mark.faults)])
def test_two_tabs_let_go_together_one_wins_and_the_other_text_is_kept(times):
    """T1: one is saved, one is a conflict that holds both texts, and the loser's is kept."""
    desk = make_desk()
    with Pair() as pair:
        for n in range(times):
            base = Review.objects.get(pk=desk.manager_review.pk).revision
            texts = [f"tab one, {n}", f"tab two, {n}"]

            savings = pair.race(
                lambda t=texts[0], base=base, n=n: save(
                    desk, {"summary": t}, base=base, key=f"one-{n:05}"
                ),
                lambda t=texts[1], base=base, n=n: save(
                    desk, {"summary": t}, base=base, key=f"two-{n:05}"
                ),
            )

            review = Review.objects.get(pk=desk.manager_review.pk)
            assert sorted(s.outcome for s in savings) == [CONFLICT, SAVED]
            lost = next(s for s in savings if s.outcome == CONFLICT)
            version = review.versions.get(revision=lost.revision)
            kept = version.content["kept"]["fields"]["summary"]
            assert lost.theirs == {"summary": review.summary}
            assert {review.summary, kept} == set(texts)


@pytest.mark.django_db(transaction=True)
def test_two_tabs_with_different_fields_let_go_together_both_live():
    """T2"""
    desk = make_desk()
    a, b = (c.pk for c in desk.competencies[:2])
    for n in range(10):
        base = Review.objects.get(pk=desk.manager_review.pk).revision

        savings = race(
            *(lambda pk=pk: save(desk, {f"c{pk}-comment": f"{pk} {n}"}, base=base) for pk in (a, b))
        )

        assert [s.outcome for s in savings] == [SAVED, SAVED]
        assert set(desk.manager_review.items.values_list("comment", flat=True)) == {
            f"{a} {n}",
            f"{b} {n}",
        }


@pytest.mark.django_db(transaction=True)
def test_the_same_request_sent_twice_at_once_makes_one_version():
    desk = make_desk()

    one, two = race(*[lambda: save(desk, {"summary": "once"}, base=0, key="key-00000009")] * 2)

    assert one == two
    assert ReviewVersion.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_click_submits_once():
    """T7"""
    desk = make_desk()
    save(desk, desk.complete())

    results = race(*[lambda: submit(desk)] * 2)

    assert sorted(type(r).__name__ for r in results) == ["Review", "StaleState"]
    assert (
        RatingEvent.objects.count(),
        AuditEvent.objects.filter(verb="submit_review").count(),
    ) == (4, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("saved", [True, False], ids=["nothing new", "everything new"])
def test_a_double_click_on_the_whole_form_submits_once(saved):
    for n in range(8):
        desk = make_desk()
        base = save(desk, desk.complete()).revision if saved else 0

        results = race(*[lambda: submit_form(desk, desk.complete(), base=base)] * 2)

        assert sorted(r.outcome for r in results) == [ALREADY, SUBMITTED], n
        assert desk.participant.ratings.count() == 4
        assert desk.manager_review.versions.count() == 1
    assert AuditEvent.objects.filter(verb="submit_review").count() == 8


@pytest.mark.django_db(transaction=True)
def test_a_save_and_a_hand_in_let_go_together_lose_no_text():
    for n in range(8):
        desk = make_desk()
        base = save(desk, desk.complete()).revision

        saved, handed_in = race(
            lambda: save(desk, {"private_note": "from another tab"}, base=base),
            lambda: submit_form(desk, desk.complete(), base=base),
        )

        review = Review.objects.get(pk=desk.manager_review.pk)
        assert (handed_in.outcome, review.state) == (SUBMITTED, "submitted"), n
        kept = [
            v.content["kept"]["fields"] for v in review.versions.filter(content__has_key="kept")
        ]
        beside = {"private_note": "from another tab"}
        assert (review.private_note == "from another tab") == (saved.outcome == SAVED)
        assert kept == ([] if saved.outcome == SAVED else [beside])
