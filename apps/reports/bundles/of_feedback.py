"""What feedback holds of somebody: whom they named, what they are asked, wrote, gave and received.

PRIVACY: what others answered about somebody is never read here. It comes through the page of received
feedback alone (see released), with the names and the cuts that stand there.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Case, F, Value, When
from django.utils.translation import gettext_lazy as _

from apps.core.access import Viewer
from apps.feedback.access import (
    answer_gate,
    disclosure_gate,
    draft_gate,
    report_gate,
    request_gate,
    unasked_gate,
)
from apps.feedback.models import (
    Answer,
    AnswerPart,
    ConcernDecision,
    ConcernReport,
    Disclosure,
    FeedbackDraft,
    Request,
    UnaskedFeedback,
    decision_of,
)
from apps.feedback.states import OUT, ConcernState, Mode, RequestState
from apps.reports.bundles.shape import Column, Found, Share

CYCLE = _("Cycle")
ASKED = [state.value for state in OUT]


def _asked_of_me(rows: Any, viewer: Viewer) -> Found:
    """PRIVACY: without names a bundle says that somebody was asked, and never what came of it: not
    even to themself, for what one can show, one can be made to show."""
    told = Case(
        When(perspective__mode=Mode.ANONYMOUS.value, then=Value(RequestState.ASKED.value)),
        default=F("state"),
    )
    return request_gate.visible(viewer, rows, "read_request_giver").annotate(told_state=told)


def _named_by_me(rows: Any, viewer: Viewer) -> Found:
    """PRIVACY: rules.shown_state to the person it is about, in SQL."""
    told = Case(
        When(state__in=ASKED, then=Value(RequestState.ASKED.value)),
        default=F("state"),
    )
    return request_gate.visible(viewer, rows, "read_request_subject").annotate(told_state=told)


def _answers_to_me(rows: Any, viewer: Viewer) -> Found:
    """What HR answers now; a decision that was taken back is for HR alone."""
    mine = report_gate.visible(viewer, ConcernReport.objects.all(), "read_own_report")
    return rows.filter(concern__in=mine.values("concern"), pk=decision_of("concern", "pk"))


FEEDBACK = (
    Share(
        "asked_of_me",
        Request,
        _("What you were asked for"),
        _(
            "About whom you were asked for feedback. Where no name was promised, this says nothing of "
            "whether you answered: the two are kept apart, and after the phase nobody can tell any more."
        ),
        _(
            "You. For peers: the person if they named you, their managers and HR see that you were asked."
        ),
        _asked_of_me,
        (
            Column("participant", _("About"), "participant__person__name"),
            Column("perspective", CYCLE, "perspective__cycle__name"),
            Column("giver", _("Asked"), "giver__name", "raw"),
            Column("state", _("State"), "told_state"),
            Column("decline_code", _("Why you declined")),
            Column("decline_reason", _("In your words"), "", "text"),
        ),
        ("perspective__cycle__name", "participant__person__name", "pk"),
    ),
    Share(
        "named_by_me",
        Request,
        _("Whom you named"),
        _("Colleagues you would like to hear from."),
        _("You, your managers and HR process admins."),
        _named_by_me,
        (
            Column("giver", _("Name"), "giver__name"),
            Column("participant", CYCLE, "participant__cycle__name"),
            Column("state", _("State"), "told_state"),
        ),
        ("participant__cycle__name", "giver__name", "pk"),
    ),
    Share(
        "feedback_drafts",
        FeedbackDraft,
        _("Feedback you began"),
        _(
            "Drafts that were not sent. Their words are in the data file. Each is deleted thirty days after "
            "its cycle is closed."
        ),
        _("You alone."),
        lambda rows, v: draft_gate.visible(v, rows, "read_draft"),
        (
            Column("request", _("About"), "request__participant__person__name"),
            Column("saved_at", _("Last saved")),
            Column("revision", _("Saved how often")),
            Column("content", _("What stood in it"), "", "raw"),
        ),
        ("request__participant__person__name", "pk"),
    ),
    Share(
        "feedback_sent",
        Answer,
        _("Feedback you sent with your name"),
        _(
            "While it can still be changed. Once the phase is over it is read by those it was promised "
            "to, and no longer by you."
        ),
        _("You until the phase is over; those whom the form named."),
        lambda rows, v: answer_gate.visible(v, rows, "read_own"),
        (
            Column("participant", _("About"), "participant__person__name"),
            Column("perspective", CYCLE, "perspective__cycle__name"),
            Column("author", _("Given by"), "author__name", "raw"),
        ),
        ("perspective__cycle__name", "participant__person__name", "pk"),
    ),
    Share(
        "feedback_sent_parts",
        AnswerPart,
        _("What you said in it"),
        _("Each question and competency you answered."),
        _("As above."),
        lambda rows, v: rows.filter(
            answer__in=answer_gate.visible(v, Answer.objects.all(), "read_own")
        ),
        (
            Column("answer", _("About"), "answer__participant__person__name"),
            Column("question", _("Question"), "question__text"),
            Column("competency", _("Competency"), "competency__name"),
            Column("value", _("Point")),
            Column("mark", _("In place of a point")),
            Column("text", _("Your words"), "", "text"),
        ),
        (
            "answer__perspective__cycle__name",
            "answer__participant__person__name",
            "question__position",
            "competency__position",
            "pk",
        ),
    ),
    Share(
        "thanks_received",
        UnaskedFeedback,
        _("Thanks and feedback that you were given"),
        _("What colleagues told you without being asked."),
        _("You, whoever gave it, and your manager where it says so."),
        lambda rows, v: unasked_gate.visible(v, rows, "read_received_unasked"),
        (
            Column("given_at", _("Given")),
            Column("giver", _("By"), "giver__name"),
            Column("kind", _("Kind")),
            Column("audience", _("Read by")),
            Column("competencies", _("Competencies"), "name"),
            Column("text", _("Words"), "", "text"),
        ),
        ("-given_at", "-pk"),
    ),
    Share(
        "thanks_given",
        UnaskedFeedback,
        _("Thanks and feedback that you gave"),
        _("What you told colleagues without being asked."),
        _("You, whoever was given it, and their manager where it says so."),
        lambda rows, v: unasked_gate.visible(v, rows, "read_given_unasked"),
        (
            Column("given_at", _("Given")),
            Column("receiver", _("To"), "receiver__name"),
            Column("kind", _("Kind")),
            Column("audience", _("Read by")),
            Column("competencies", _("Competencies"), "name"),
            Column("text", _("Your words"), "", "text"),
        ),
        ("-given_at", "-pk"),
    ),
    Share(
        "reported_by_me",
        ConcernReport,
        _("Texts you reported"),
        _("Why you reported a text. The text itself is not repeated."),
        _("You, and the HR content admins who decide."),
        lambda rows, v: report_gate.visible(v, rows, "read_own_report"),
        (
            Column("raised_at", _("Reported")),
            Column("raised_by", _("By"), "raised_by__name", "raw"),
            Column(
                "concern",
                _("State"),
                "concern__state",
                choices=tuple((state.value, state.label) for state in ConcernState),
            ),
            Column("reason", _("Your words"), "", "text"),
        ),
        ("-raised_at", "-pk"),
    ),
    Share(
        "answers_to_reports",
        ConcernDecision,
        _("What HR answered"),
        _("To each text you reported, and why."),
        _(
            "You, and the HR content admins who decide. Why a text is hidden is read where it stood."
        ),
        _answers_to_me,
        (
            Column("decided_at", _("Answered")),
            Column("became", _("What became of the text")),
            Column("reason", _("The answer"), "", "text"),
        ),
        ("-decided_at", "-pk"),
    ),
    Share(
        "names_opened",
        Disclosure,
        _("When your name was opened"),
        _(
            "Two people of HR opened your name behind a text that was reported. This happens only where the "
            "name was promised to the manager alone."
        ),
        _("You, the two of HR, and other HR content admins."),
        lambda rows, v: disclosure_gate.visible(v, rows, "read_disclosure_giver"),
        (
            Column("concern", _("About"), "concern__part__answer__participant__person__name"),
            Column("state", _("State")),
            Column("reason", _("Why"), "", "text"),
            Column("asked_at", _("Asked for")),
            Column("asked_by", _("Asked for by"), "asked_by__name"),
            Column("decided_at", _("Agreed to")),
            Column("decided_by", _("Agreed to by"), "decided_by__name"),
        ),
        ("-decided_at", "-pk"),
    ),
)
