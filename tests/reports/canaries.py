"""Every scene of `tests.world` with a word of its own in every text, name and address, and what of it
a bundle may hold: written once more here, past the table, from who the person is to the row."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Value
from django.db.models.functions import Cast, Concat, Replace

from apps.people.models import Person, User
from apps.people.viewers import viewer_of_person
from apps.reports.bundles import bundle, write_bundle
from apps.reviews.models import (
    Cycle,
    Dispute,
    Goal,
    Participant,
    RatingEvent,
    Review,
    ReviewItem,
    ReviewVersion,
    StepBack,
    Withdrawal,
)
from apps.reviews.states import DELIVERED
from tests.architecture.test_fields import LINES, name_of, our_models
from tests.factories import NOON
from tests.factories.feedback import AnswerPartFactory
from tests.paper import text_of
from tests.world import World, every_scene

# Short, for the shortest column takes 40 characters.
CANARY = re.compile(r"cy-([a-zA-Z]+\.[a-zA-Z]+\.[a-z_]+)-(\w+)-z")
# Rows that a trigger keeps as they are: their words are set when they are made.
APPEND_ONLY = {"reviews.RatingEvent", "calibration.Decision", "core.AuditEvent"}
FILLED_WHEN_MADE = APPEND_ONLY | {"reviews.ReviewVersion"}
# Not typed, or read by a machine: a key of a mail, a file's address, what a digest is made of.
NOT_WORDS = re.compile(
    r"\.(state|kind|mode|scope|phase|mark|source|comparator|audience|promotion|decline_code|"
    r"reason_code|time_zone|key|digest|password|message_id|duty_kind|notice|unit|sha256|file|"
    r"last_error|idempotency_key|became|actor_kind|verb|object_type|object_id|request_id|prefix|left|entered)$"
)


def word(label: str, pk: object) -> str:
    return f"cy-{label}-{str(pk).replace('-', '')}-z"


def _text(words: str) -> Value:
    return Value(words, output_field=models.TextField())


def canary_world() -> World:
    world = every_scene()
    _more(world)
    for model in our_models():
        if name_of(model) in FILLED_WHEN_MADE or model._meta.auto_created:
            continue
        rows = model._default_manager.all()
        for field in [f for f in model._meta.local_fields if _is_free(model, f)]:
            label = f"{name_of(model)}.{field.name}"
            if isinstance(field, models.JSONField):
                for pk in rows.values_list("pk", flat=True):
                    rows.filter(pk=pk).update(**{field.name: _written(word(label, pk))})
                continue
            key = Replace(Cast("pk", models.TextField()), _text("-"), _text(""))
            rows.update(**{field.name: Concat(_text(f"cy-{label}-"), key, _text("-z"))})
    for people, name in ((Person, "mail"), (User, "account")):
        key = Cast("pk", models.TextField())
        people.objects.update(email=Concat(_text(name), key, _text("canary@example.com")))
    return world


def _is_free(model: type[models.Model], field: models.Field) -> bool:
    label = f"{name_of(model)}.{field.name}"
    line = LINES[label]
    return (
        line.holds in {"subject", "author", "third"}
        and isinstance(field, models.CharField | models.TextField | models.JSONField)
        and not isinstance(field, models.EmailField)
        and label not in {"reports.Export.others", "calibration.Decision.present"}
        and not NOT_WORDS.search(label)
    )


def _written(text: str) -> dict[str, Any]:
    """What a JSON column holds of what was typed: a draft of feedback, a version, a record."""
    return {"values": {"question_1": text}, "fields": {"summary": text}, "touched": {}}


def _more(world: World) -> None:
    """What the scene lacks: lines of reviews, ratings with reasons, answers, decisions."""
    from apps.calibration.models import Decision, Item
    from apps.feedback.models import Answer

    people = world.people
    competency = people["subject"].level.statements.get().competency
    Cycle.objects.filter(name__contains="settled").update(show_calibration=True)
    seats, reviews = list(Participant.objects.all()), list(Review.objects.all())
    Goal.objects.bulk_create(Goal(participant=seat, text="x", comparator="ge") for seat in seats)
    Withdrawal.objects.bulk_create(
        Withdrawal(participant=seat, reason="x", taken_at=NOON, taken_by=people["head"])
        for seat in seats
    )
    RatingEvent.objects.bulk_create(
        RatingEvent(
            participant=seat, sequence=sequence, source=source, value=sequence,
            reason=word("reviews.RatingEvent.reason", f"{seat.pk}x{sequence}"),
            reason_code="evidence", given_at=NOON, given_by_id=seat.manager_id or people["head"].pk,
        )
        for seat in seats
        for sequence, source in enumerate(("manager", "calibration", "dispute"), 1)
    )  # fmt: skip
    StepBack.objects.create(
        cycle_id=seats[0].cycle_id, left="delivery", entered="collection", reason="x",
        taken_at=NOON, taken_by=people["process_admin"],
    )  # fmt: skip
    ReviewItem.objects.bulk_create(
        ReviewItem(review=review, competency=competency, value=3, comment="x") for review in reviews
    )
    ReviewVersion.objects.bulk_create(
        ReviewVersion(
            review=review, revision=revision, saved_at=NOON, set_aside_for=former,
            content=_written(word("reviews.ReviewVersion.content", f"{review.pk}x{revision}")),
        )
        for review in reviews
        for revision, former in enumerate((None, people["ex_manager"]), 1)
    )  # fmt: skip
    for answer in Answer.objects.select_related("perspective"):
        for question in answer.perspective.questions.exclude(
            pk__in=answer.parts.values("question")
        ):
            AnswerPartFactory(answer=answer, question=question)
    Dispute.objects.update(
        answered_at=NOON,
        answered_by=people["manager"],
        settled_at=NOON,
        settled_by=people["arbiter"],
    )
    for number, item in enumerate(Item.objects.all()):
        reason = word("calibration.Decision.reason", f"{number}x")
        Decision.objects.create(
            item=item, sequence=1, to_value=4, reason_code="evidence", reason=reason,
            decided_at=NOON, decided_by=people["facilitator"],
        )  # fmt: skip


def file_of(person: Person) -> bytes:
    viewer = viewer_of_person(Person.objects.get(pk=person.pk))
    target = io.BytesIO()
    write_bundle(target, bundle(viewer, now=NOON))
    return target.getvalue()


def texts_of(file: bytes) -> Iterator[tuple[str, str]]:
    """(name, text) of every entry; paper as its text, with what stands in its head."""
    with zipfile.ZipFile(io.BytesIO(file)) as book:
        for info in book.infolist():
            content = book.read(info)
            if info.filename.endswith(".pdf"):
                yield info.filename, text_of(content)
            yield info.filename, content.decode("utf-8", "replace")


# --- What may be in it, said once more ---------------------------------------------------------

Judge = Callable[[Any, Person], bool]


def _own_seat(seat: Any, person: Person) -> bool:
    return seat.person_id == person.pk


def _handed_out(seat: Any, person: Person) -> bool:
    return _own_seat(seat, person) and seat.state in DELIVERED


def _of_review(review: Any, person: Person) -> bool:
    """One's own self review always; the manager's when it is in and handed out."""
    if review.kind == "self":
        return _own_seat(review.participant, person)
    return review.state == "submitted" and _handed_out(review.participant, person)


def _departure(review: Any, person: Person) -> bool:
    """All scenes change the overall rating, so the sentence tells only where changes are told."""
    return (
        review.kind == "manager"
        and _of_review(review, person)
        and review.participant.cycle.show_calibration
    )


def _rating(event: Any, person: Person) -> bool:
    """Read beside a manager's review that is in; calibration only where the cycle tells it."""
    seat = event.participant
    is_in = seat.reviews.filter(kind="manager", state="submitted").exists()
    told = event.source == "dispute" or (
        event.source == "calibration" and seat.cycle.show_calibration
    )
    return _handed_out(seat, person) and is_in and told


def _note(note: Any, person: Person) -> bool:
    loose = note.about_id == person.pk and (note.author_id == person.pk or note.shared_at)
    return bool(loose) or any(_of_review(i.review, person) for i in note.linked_in.all())


def _read_part(part: Any, person: Person) -> bool:
    """Whether the page of received feedback gives it, with its words or with why HR hides them."""
    answer, asked = part.answer, part.answer.perspective
    if not _handed_out(answer.participant, person):
        return False
    if asked.mode == "named" and asked.kind == "peer":
        return True
    same = type(answer).objects.filter(perspective=asked, participant=answer.participant)
    asking = asked.kind == "peer" or answer.participant.feedback_requests.filter(
        perspective=asked
    ).exclude(state__in=["proposed", "held", "turned_down"])
    return bool(asking) and asked.state == "sealed" and same.count() >= asked.threshold


def _answer_part(part: Any, person: Person) -> bool:
    answer = part.answer
    if answer.author_id == person.pk and answer.perspective.state == "open":
        return True
    return _read_part(part, person) and not part.concerns.filter(state="hidden").exists()


def _decision(decision: Any, person: Person) -> bool:
    """The one that holds: for who reported the text, and in place of a hidden text for its reader."""
    concern = decision.concern
    hides = concern.state == "hidden" and _read_part(concern.part, person)
    reported = concern.reports.filter(raised_by=person.pk).exists()
    return concern.decisions.last() == decision and (reported or hides)


def _opened(disclosure: Any, person: Person) -> bool:
    answer = disclosure.concern.part.answer
    return disclosure.state == "agreed" and answer.author_id == person.pk


def _never(_row: Any, _person: Person) -> bool:
    return False


def _is(path: str) -> Judge:
    return lambda row, person: getattr(row, f"{path}_id") == person.pk


MAY: dict[str, Judge] = {
    "people.Person.name": lambda row, person: row.pk == person.pk,  # of others: see names_for
    "people.Person.employee_number": lambda row, person: row.pk == person.pk,
    "people.Person.job_title": lambda row, person: row.pk == person.pk,
    "people.ApiToken.name": _is("person"),
    "people.StagedImport.name": lambda r, p: r.person_id == p.pk and p.is_process_admin,
    "ladders.StagedFile.name": lambda r, p: r.person_id == p.pk and p.is_process_admin,
    "reviews.StepBack.reason": lambda r, p: r.taken_by_id == p.pk and p.is_process_admin,
    "reviews.PopulationChoice.reason": _never,
    "reviews.Participant.reply": _own_seat,
    "reviews.Extension.reason": _never,
    "reviews.EvidenceNote.text": _note,
    "reviews.Goal.text": lambda r, p: _own_seat(r.participant, p) and r.participant.state != "excused",
    "reviews.Withdrawal.reason": lambda r, p: _own_seat(r.participant, p) and r.participant.state == "active",
    **{
        f"reviews.Dispute.{name}": lambda r, p: _handed_out(r.participant, p)
        for name in ("text", "answer", "outcome")
    },
    "reviews.Review.summary": _of_review,
    "reviews.Review.departure": _departure,
    "reviews.Review.private_note": _never,
    "reviews.ReviewItem.comment": lambda r, p: _of_review(r.review, p),
    "reviews.ReviewVersion.content": lambda r, p: r.review.kind == "self" and r.set_aside_for_id is None and _own_seat(r.review.participant, p),
    "reviews.RatingEvent.reason": _rating,
    "feedback.Request.decline_reason": lambda r, p: r.giver_id == p.pk and r.state not in {"proposed", "held", "turned_down"},
    "feedback.FeedbackDraft.content": lambda r, p: r.request.giver_id == p.pk,
    "feedback.AnswerPart.text": _answer_part,
    "feedback.ConcernReport.reason": _is("raised_by"),
    "feedback.ConcernDecision.reason": _decision,
    "feedback.Disclosure.reason": _opened,
    "feedback.UnaskedFeedback.text": lambda r, p: p.pk in {r.giver_id, r.receiver_id},
    "calibration.Session.record": _never,
    "calibration.Decision.reason": _never,
}  # fmt: skip


# What the judges ask of a row, read with it.
SEAT = ("participant__cycle",)
RELATED = {
    **dict.fromkeys(
        ("reviews.Goal", "reviews.Withdrawal", "reviews.Dispute", "reviews.Review"), SEAT
    ),
    "reviews.RatingEvent": SEAT,
    "reviews.ReviewItem": ("review__participant",),
    "reviews.ReviewVersion": ("review__participant",),
    "feedback.AnswerPart": ("answer__participant", "answer__perspective"),
    "feedback.ConcernDecision": (
        "concern__part__answer__participant",
        "concern__part__answer__perspective",
    ),
}


def names_for(person: Person) -> set[int]:
    """Whose name the site shows this person beside something that is theirs."""
    from apps.feedback.models import Answer, Disclosure, Request, UnaskedFeedback
    from apps.reviews.models import EvidenceNote

    found = {person.pk, person.manager_id}
    for seat in Participant.objects.filter(person=person).select_related("dispute"):
        found |= {seat.manager_id, seat.delegated_by_id}
        found |= set(seat.withdrawals.values_list("taken_by", flat=True))
        if (dispute := getattr(seat, "dispute", None)) is not None:
            found |= {dispute.arbiter_id, dispute.answered_by_id, dispute.settled_by_id}
    for given in UnaskedFeedback.objects.all():
        if person.pk in {given.giver_id, given.receiver_id}:
            found |= {given.giver_id, given.receiver_id}
    for note in EvidenceNote.objects.all():
        if _note(note, person):
            found.add(note.author_id)
    for request in Request.objects.select_related("participant", "perspective"):
        if request.giver_id == person.pk:
            found.add(request.participant.person_id)
        mine = request.participant.person_id == request.proposed_by_id == person.pk
        if mine and request.perspective.kind == "peer":
            found.add(request.giver_id)
    for answer in Answer.objects.select_related("participant", "perspective"):
        if answer.author_id == person.pk and answer.perspective.state == "open":
            found.add(answer.participant.person_id)
        named = (answer.perspective.mode, answer.perspective.kind) == ("named", "peer")
        if named and _handed_out(answer.participant, person):
            found.add(answer.author_id)
    for opened in Disclosure.objects.all():
        if _opened(opened, person):
            found |= {opened.asked_by_id, opened.decided_by_id}
            found.add(opened.concern.part.answer.participant.person_id)
    return {pk for pk in found if pk is not None}


def words_for(people: list[Person]) -> dict[int, set[str]]:
    """By person: every word that may, and so must, stand in their bundle."""
    words = {p.pk: {word("people.Person.name", pk) for pk in names_for(p)} for p in people}
    for label, may in MAY.items():
        model, _, field = label.rpartition(".")
        for row in apps.get_model(model)._default_manager.select_related(*RELATED.get(model, ())):
            in_it = {m[0] for m in CANARY.finditer(str(getattr(row, field)))}
            for person in people:
                if in_it and may(row, person):
                    words[person.pk] |= in_it
    return words
