"""What reviews hold of somebody: taking part, the self review, goals, time, objections, notes.

PRIVACY: nothing here reads a manager's review; after release it comes through the packet alone.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Case, F, When
from django.utils.translation import gettext_lazy as _

from apps.core.access import Viewer
from apps.reports.bundles.shape import Column, Found, Share
from apps.reviews.access import note_gate, participant_gate, review_gate
from apps.reviews.models import (
    Dispute,
    EvidenceNote,
    Extension,
    Goal,
    Participant,
    Review,
    ReviewItem,
    ReviewVersion,
    StatementMark,
    Withdrawal,
)
from apps.reviews.states import DELIVERED, ParticipantState, ReviewKind

OUT = [state.value for state in DELIVERED]
CYCLE = _("Cycle")
SELF_READERS = _(
    "You while you write. Once it is handed in: your manager and theirs, HR content admins and the "
    "committee of your session; in some cycles your manager only after rating you."
)


def _own_seats(viewer: Viewer, deed: str) -> Found:
    seats = Participant.objects.filter(person=viewer.person_id)
    return participant_gate.visible(viewer, seats, deed)


def _own_reviews(viewer: Viewer) -> Found:
    """Reviews that somebody wrote about themself."""
    return review_gate.visible(viewer, Review.objects.all(), "read_own").filter(
        kind=ReviewKind.SELF.value, participant__person=viewer.person_id
    )


def _seats(rows: Any, viewer: Viewer) -> Found:
    """PRIVACY: the day of a talk stands in the packet, so it waits for the release as all of it."""
    told = Case(When(state__in=OUT, then=F("talked_on")))
    return participant_gate.visible(
        viewer, rows.filter(person=viewer.person_id), "see_status"
    ).annotate(told_talked_on=told)


REVIEWS = (
    Share(
        "seats",
        Participant,
        _("Cycles you take part in"),
        _("How you stood when each cycle began, and what happened since."),
        _("You, your manager and theirs, HR, and the third person of a dispute."),
        _seats,
        (
            Column("cycle", CYCLE, "cycle__name"),
            Column("person", _("Person"), "person__name", "raw"),
            Column("state", _("State")),
            Column("manager", _("Reviewed by"), "manager__name"),
            Column("manager_kept", _("Reviewer kept by HR")),
            Column("delegated_at", _("Review given to them on")),
            Column("delegated_by", _("Asked by"), "delegated_by__name"),
            Column("level", _("Level"), "level__title"),
            Column("level_kept", _("Level of the start kept")),
            Column("level_taken", _("Another level taken over since")),
            Column("role_profile", _("Role profile"), "role_profile__title"),
            Column("mixins", _("Roles"), "title"),
            Column("department", _("Department"), "department__name"),
            Column("location", _("Location"), "location__name"),
            Column("item_count", _("Competencies and goals to rate")),
            Column("leave_kept", _("Dates kept in spite of a leave")),
            Column("leaver_kept", _("Kept after leaving")),
            Column("released_at", _("Packet released")),
            Column("acknowledged_at", _("Packet received")),
            Column("talked_on", _("Talked about on"), "told_talked_on"),
            Column("reply", _("Your reply"), "", "text"),
        ),
        ("-cycle__period_end", "cycle__name", "pk"),
    ),
    Share(
        "self_reviews",
        Review,
        _("Your self reviews"),
        _("What you wrote about your own work, as it stands now."),
        SELF_READERS,
        lambda rows, v: rows.filter(pk__in=_own_reviews(v)),
        (
            Column("participant", CYCLE, "participant__cycle__name"),
            Column("kind", _("Kind"), "", "raw"),
            Column("author", _("Written by"), "author__name", "raw"),
            Column("state", _("State")),
            Column("revision", _("Saved how often")),
            Column("saved_at", _("Last saved")),
            Column("submitted_at", _("Handed in")),
            Column("submitted_by", _("Handed in by"), "submitted_by__name", "raw"),
            Column("summary", _("Summary"), "", "text"),
        ),
        ("-participant__cycle__period_end", "pk"),
    ),
    Share(
        "self_review_parts",
        ReviewItem,
        _("Your self reviews, line by line"),
        _("What you said of each competency, goal and question."),
        SELF_READERS,
        lambda rows, v: rows.filter(review__in=_own_reviews(v)),
        (
            Column("review", CYCLE, "review__participant__cycle__name"),
            Column("competency", _("Competency"), "competency__name"),
            Column("goal", _("Goal"), "goal__text"),
            Column("question", _("Question"), "question__text"),
            Column("value", _("Point")),
            Column("mark", _("In place of a point")),
            Column("comment", _("Your words"), "", "text"),
            Column("notes", _("Notes it rests on"), "text", "text"),
        ),
        ("-review__participant__cycle__period_end", "competency__position", "pk"),
    ),
    Share(
        "self_review_marks",
        StatementMark,
        _("Statements you marked"),
        _("What you said of single statements of the ladder."),
        SELF_READERS,
        lambda rows, v: rows.filter(review__in=_own_reviews(v)),
        (
            Column("review", CYCLE, "review__participant__cycle__name"),
            Column("statement", _("Statement"), "statement__text"),
            Column("mark", _("Mark")),
        ),
        ("-review__participant__cycle__period_end", "statement__position", "pk"),
    ),
    Share(
        "self_review_versions",
        ReviewVersion,
        _("Earlier versions of your self reviews"),
        _("The newest twenty of each, as you can restore them. Their words are in the data file."),
        _("You alone."),
        lambda rows, v: rows.filter(review__in=_own_reviews(v), set_aside_for=None),
        (
            Column("review", CYCLE, "review__participant__cycle__name"),
            Column("revision", _("Version")),
            Column("saved_at", _("Saved")),
            Column("content", _("What stood in it"), "", "raw"),
        ),
        ("review__participant__cycle__name", "-revision", "pk"),
        is_brief=True,
    ),
    Share(
        "goals",
        Goal,
        _("Your goals"),
        _("What you set out to reach. You and your manager both keep them."),
        _("You, your manager and theirs, HR content admins."),
        lambda rows, v: rows.filter(participant__person=v.person_id).exclude(
            participant__state=ParticipantState.EXCUSED.value
        ),
        (
            Column("participant", CYCLE, "participant__cycle__name"),
            Column("text", _("Goal"), "", "text"),
            Column("metric", _("From the metric"), "metric__text"),
            Column("comparator", _("Measured as")),
            Column("target", _("Target")),
            Column("unit", _("Unit")),
            Column("actual", _("Reached")),
        ),
        ("-participant__cycle__period_end", "position", "pk"),
    ),
    Share(
        "extensions",
        Extension,
        _("More time for you"),
        _("Phases in which you had longer than the others."),
        _("You, your manager and theirs, HR."),
        lambda rows, v: rows.filter(participant__in=_own_seats(v, "see_status")),
        (
            Column("participant", CYCLE, "participant__cycle__name"),
            Column("phase", _("Phase")),
            Column("due_on", _("Until")),
            Column("ended_at", _("Ended")),
        ),
        ("-due_on", "pk"),
    ),
    Share(
        "withdrawals",
        Withdrawal,
        _("Packets that were taken back"),
        _("Why, while the packet has not come again."),
        _("You, your managers and HR content admins."),
        lambda rows, v: rows.filter(participant__in=_own_seats(v, "read_withdrawal")),
        (
            Column("participant", CYCLE, "participant__cycle__name"),
            Column("reason", _("Why"), "", "text"),
            Column("taken_at", _("When")),
            Column("taken_by", _("By"), "taken_by__name"),
        ),
        ("-taken_at", "pk"),
    ),
    Share(
        "disputes",
        Dispute,
        _("Your disputes"),
        _("What you objected to, what your manager answered, what a third person decided."),
        _("You, your manager and the third person. HR sees that there is one."),
        lambda rows, v: rows.filter(participant__in=_own_seats(v, "read_dispute")),
        (
            Column("participant", CYCLE, "participant__cycle__name"),
            Column("opened_at", _("Sent")),
            Column("text", _("Your objection"), "", "text"),
            Column("answered_at", _("Answered")),
            Column("answered_by", _("Answered by"), "answered_by__name"),
            Column("answer", _("The answer"), "", "text"),
            Column("arbiter", _("Third person"), "arbiter__name"),
            Column("decide_on", _("To be decided by")),
            Column("settled_at", _("Decided")),
            Column("settled_by", _("Decided by"), "settled_by__name"),
            Column("outcome", _("The decision"), "", "text"),
        ),
        ("-opened_at", "pk"),
    ),
)

NOTE = (
    Column("happened_on", _("Day")),
    Column("competencies", _("Competencies"), "name"),
    Column("shared_at", _("Shared")),
    Column("written_at", _("Written")),
    Column("edited_at", _("Changed")),
    Column("text", _("Note"), "", "text"),
)
BY_DAY = ("-happened_on", "-pk")

NOTES = (
    Share(
        "own_notes",
        EvidenceNote,
        _("Your notes about your own work"),
        _("What you kept during the year."),
        _("You. Those you shared: your manager of today as well."),
        lambda rows, v: note_gate.visible(v, rows, "read_own_note").filter(about=v.person_id),
        NOTE,
        BY_DAY,
    ),
    Share(
        "notes_shared_with_me",
        EvidenceNote,
        _("Notes about your work that were shared with you"),
        _("What a manager saw of your work, and gave you to read."),
        _("You and its author."),
        lambda rows, v: note_gate.visible(v, rows, "read_received_note").exclude(
            author=v.person_id
        ),
        (
            Column("about", _("About"), "about__name", "raw"),
            Column("author", _("Written by"), "author__name"),
            *NOTE,
        ),
        BY_DAY,
    ),
    Share(
        "notes_about_others",
        EvidenceNote,
        _("Your notes about the work of others"),
        _(
            "That you wrote them, and when. Whom they are about and what they say is those people's "
            "as well; you read it on your page of notes, and have it as a file from there."
        ),
        _("You. Those you shared: the person as well."),
        lambda rows, v: note_gate.visible(v, rows, "read_own_note").exclude(about=v.person_id),
        tuple(c for c in NOTE if c.field in {"written_at", "edited_at", "shared_at"}),
        ("written_at", "pk"),
        is_brief=True,
    ),
)

__all__ = ["NOTES", "REVIEWS"]
