"""What somebody did here: for the audit, for others, for a cycle.

PRIVACY: a deed for others goes in as kind and time. Whom it was about, and what it says of them, is
theirs: a bundle must not carry a manager's whole team out of the house.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.calibration.access import session_gate
from apps.calibration.models import Decision, Membership, Session
from apps.core.models import AuditEvent
from apps.ladders.access import staged_gate as staged_ladder_gate
from apps.ladders.models import StagedFile
from apps.people.access import staged_gate
from apps.people.models import StagedImport
from apps.reports.access import export_gate
from apps.reports.bundles.shape import Column, Share
from apps.reports.models import Export
from apps.reviews.access import CYCLE_READS, choice_gate, cycle_gate, review_gate
from apps.reviews.models import (
    Cycle,
    PopulationChoice,
    RatingEvent,
    Review,
    ReviewVersion,
    StepBack,
)
from apps.reviews.states import ReviewKind

CYCLE, WHEN = _("Cycle"), _("When")
FOR_HR = _("HR.")
READ_THERE = _("You, and those who read the review.")

DEEDS = (
    Share(
        "deeds",
        AuditEvent,
        _("Deeds that were written down"),
        _(
            "Every deed that was written down: what kind, on what kind of thing, and when. Sending feedback "
            "without a name is never written down, so it is not here."
        ),
        _("Whoever looks after the installation, when a question has to be settled."),
        lambda rows, v: rows.filter(actor_id=v.person_id),
        (
            Column("at", WHEN),
            Column("verb", _("Deed")),
            Column("object_type", _("On")),
            Column("actor_kind", _("As")),
        ),
        ("at", "pk"),
        is_brief=True,
    ),
    Share(
        "files",
        Export,
        _("Files you asked for"),
        _("Packets and copies of your data that were made for you."),
        _("You."),
        lambda rows, v: export_gate.visible(v, rows, "read_export"),
        (
            Column("kind", _("What")),
            Column("cycle", CYCLE, "cycle__name"),
            Column("wave", _("Released at")),
            Column("requested_by", _("For"), "requested_by__name", "raw"),
            Column("requested_at", _("Asked for")),
            Column("state", _("State")),
            Column("started_at", _("Begun"), "", "raw"),
            Column("ready_at", _("Ready")),
            Column("done", _("Made"), "", "raw"),
            Column("rows", _("Of"), "", "raw"),
        ),
        ("-requested_at", "-pk"),
    ),
    Share(
        "people_files",
        StagedImport,
        _("A people file that waits for your answer"),
        _("Gone once you decide, or within the hour. What stands in it is about others."),
        _("You, while you run HR’s processes."),
        lambda rows, v: staged_gate.visible(v, rows, "read_staged"),
        (
            Column("person", _("Put here by"), "person__name", "raw"),
            Column("name", _("File")),
            Column("with_accounts", _("With accounts")),
            Column("staged_at", WHEN),
        ),
        ("pk",),
    ),
    Share(
        "ladder_files",
        StagedFile,
        _("Ladder files that wait for your answer"),
        _("Gone once you decide."),
        _("You, while you run HR’s processes."),
        lambda rows, v: staged_ladder_gate.visible(v, rows, "read_staged"),
        (
            Column("person_id", _("Put here by"), "", "raw"),
            Column("name", _("File")),
            Column("staged_at", WHEN),
        ),
        ("staged_at", "pk"),
    ),
    Share(
        "cycles_run",
        Cycle,
        _("Cycles you run"),
        _("Cycles of which you are an owner."),
        _("HR sees who runs a cycle."),
        lambda rows, v: cycle_gate.visible(v, rows, *CYCLE_READS).filter(
            pk__in=Cycle.owners.through.objects.filter(person=v.person_id).values("cycle")
        ),
        (Column("name", CYCLE), Column("state", _("State"))),
        ("-period_end", "name"),
    ),
    Share(
        "cycles_made",
        Cycle,
        _("Cycles you prepared"),
        _("Cycles that you began."),
        FOR_HR,
        lambda rows, v: cycle_gate.visible(v, rows, *CYCLE_READS).filter(created_by=v.person_id),
        (
            Column("name", CYCLE),
            Column("created_at", WHEN),
            Column("created_by", _("By"), "created_by__name", "raw"),
        ),
        ("-created_at", "name"),
    ),
    Share(
        "steps_back",
        StepBack,
        _("Cycles you took a step back"),
        _("Which phase was left for which, and why."),
        FOR_HR,
        lambda rows, v: rows.filter(
            taken_by=v.person_id,
            cycle__in=cycle_gate.visible(v, Cycle.objects.all(), "prepare_cycle"),
        ),
        (
            Column("cycle", CYCLE, "cycle__name"),
            Column("left", _("From")),
            Column("entered", _("To")),
            Column("taken_at", WHEN),
            Column("taken_by", _("By"), "taken_by__name", "raw"),
            Column("reason", _("Why"), "", "text"),
        ),
        ("-taken_at", "pk"),
    ),
    Share(
        "choices_made",
        PopulationChoice,
        _("Choices by hand of who takes part"),
        _("That you took somebody in or left somebody out. Whom, and why, is about them."),
        FOR_HR,
        lambda rows, v: choice_gate.visible(v, rows, "read_choice").filter(chosen_by=v.person_id),
        (
            Column("cycle", CYCLE, "cycle__name"),
            Column("chosen_at", WHEN),
            Column("chosen_by", _("By"), "chosen_by__name", "raw"),
        ),
        ("-chosen_at", "pk"),
    ),
    Share(
        "reviews_written",
        Review,
        _("Reviews you write about others"),
        _(
            "That you write them, and how far they are. What you wrote and how you rated is about those "
            "people; you read it on the site as long as you may."
        ),
        READ_THERE,
        lambda rows, v: review_gate.visible(v, rows, "read_own").exclude(
            kind=ReviewKind.SELF.value
        ),
        (
            Column("participant", CYCLE, "participant__cycle__name"),
            Column("author", _("By"), "author__name", "raw"),
            Column("state", _("State")),
            Column("revision", _("Saved how often")),
            Column("saved_at", _("Last saved")),
            Column("submitted_at", _("Handed in")),
        ),
        ("-participant__cycle__period_end", "saved_at", "pk"),
    ),
    Share(
        "review_versions_written",
        ReviewVersion,
        _("Earlier versions of those reviews"),
        _("When they were saved."),
        _("You alone."),
        lambda rows, v: rows.filter(
            review__in=review_gate.visible(v, Review.objects.all(), "read_own").exclude(
                kind=ReviewKind.SELF.value
            ),
            set_aside_for=None,
        ),
        (Column("revision", _("Version")), Column("saved_at", _("Saved"))),
        ("saved_at", "pk"),
        is_brief=True,
    ),
    Share(
        "words_set_aside",
        ReviewVersion,
        _("Words set aside for you"),
        _("What you had written when a review went to somebody else; you read it under Reviews."),
        _("You alone."),
        lambda rows, v: rows.filter(set_aside_for=v.person_id),
        (
            Column("set_aside_for", _("For"), "set_aside_for__name", "raw"),
            Column("saved_at", _("Saved")),
        ),
        ("saved_at", "pk"),
        is_brief=True,
    ),
    Share(
        "ratings_given",
        RatingEvent,
        _("Ratings you gave"),
        _("That you gave them, and when. Which, and to whom, is about those people."),
        READ_THERE,
        lambda rows, v: rows.filter(given_by=v.person_id),
        (Column("given_at", WHEN), Column("given_by", _("By"), "given_by__name", "raw")),
        ("given_at", "pk"),
        is_brief=True,
    ),
)

SESSIONS = (
    Share(
        "committees",
        Membership,
        _("Committees you sit in"),
        _("Sessions whose members compare ratings, and whether you were there."),
        _("The committee, its facilitator and HR."),
        lambda rows, v: rows.filter(
            person=v.person_id, session__in=session_gate.visible(v, Session.objects.all(), "read_session")
        ),
        (
            Column("session", _("Session"), "session__name"),
            Column("person", _("Member"), "person__name", "raw"),
            Column("present", _("There")),
        ),
        ("session__name", "pk"),
    ),
    Share(
        "sessions_led",
        Session,
        _("Sessions you lead"),
        _("Sessions in which you record what the committee decides."),
        _("The committee and HR."),
        lambda rows, v: rows.filter(facilitator=v.person_id),
        (
            Column("name", _("Session")),
            Column("facilitator", _("Led by"), "facilitator__name", "raw"),
            Column("state", _("State")),
            Column("locked_at", _("Locked")),
        ),
        ("name", "pk"),
    ),
    Share(
        "decisions_recorded",
        Decision,
        _("Decisions you recorded"),
        _("When. About whom, and what was decided, is about those people."),
        _("The committee and HR content admins."),
        lambda rows, v: rows.filter(decided_by=v.person_id),
        (Column("decided_at", WHEN), Column("decided_by", _("By"), "decided_by__name", "raw")),
        ("decided_at", "pk"),
        is_brief=True,
    ),
)  # fmt: skip
