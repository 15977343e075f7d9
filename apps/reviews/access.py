"""Who may do what to a cycle, a participant and a review, and when. The tables are the policy.

Rows about texts name no committee: a session's members read through calibration's own table.
"""

from __future__ import annotations

from django.db.models import F, Q

from apps.core.access import (
    ANYONE,
    SYSTEM,
    Gate,
    Relation,
    above,
    both,
    either,
    is_true,
    one_of,
    person_in,
    role,
    row,
)
from apps.people.states import Office
from apps.reviews.states import (
    CYCLE_MOVES,
    DELIVERED,
    PARTICIPANT_MOVES,
    REVIEW_MOVES,
    RUNNING,
    WRITTEN_IN,
    CycleState,
    ParticipantState,
    Phase,
    ReviewKind,
    ReviewState,
    later_than,
)

PROCESS, CONTENT = role(Office.PROCESS_ADMIN.value), role(Office.CONTENT_ADMIN.value)

FOR_HR = "Cycles are run by HR."
FOR_ANOTHER = "Another HR process admin decides whether you take part."

CYCLE_READS = ("read_cycle", "prepare_cycle")
CONFIGURABLE = (CycleState.DRAFT, CycleState.SCHEDULED)
NOT_YET_ANNOUNCED = (CycleState.DRAFT, CycleState.CANCELLED)

cycle_gate = Gate("reviews.Cycle", {
    # The name and the dates of a cycle are no secret once it is announced.
    "read_cycle":    row(ANYONE, during=set(CycleState) - set(NOT_YET_ANNOUNCED), refusal="This cycle is not announced yet."),
    "prepare_cycle": row(PROCESS, refusal=FOR_HR),
    "edit_cycle":    row(PROCESS, during=CONFIGURABLE, refusal=FOR_HR),
    "change_dates":  row(PROCESS, during=set(CycleState) - {CycleState.CLOSED, CycleState.ARCHIVED, CycleState.CANCELLED}, refusal=FOR_HR),
    # What belongs to the plan and is set on a page of its own; fixed by the launch, as the plan is.
    **{
        name: row(PROCESS, during=CONFIGURABLE, refusal=FOR_HR)
        for name in ("edit_population", "edit_sections", "edit_questions", "weigh_areas")
    },
    "repeat_cycle":  row(PROCESS, refusal=FOR_HR),
    "launch_cycle":  row(PROCESS, SYSTEM, during=[CycleState.SCHEDULED], refusal=FOR_HR),
    **{
        # The clock may open the next phase and close what is done; everything else is a person's deed.
        name: row(*((PROCESS, SYSTEM) if name.startswith("open_") or name == "close_cycle" else (PROCESS,)), during=move.sources, refusal=FOR_HR)
        for name, move in CYCLE_MOVES.items()
    },
    "step_back":     row(PROCESS, during=RUNNING, refusal=FOR_HR),
    "add_participant": row(PROCESS, during=RUNNING, refusal=FOR_HR),
})  # fmt: skip


# PRIVACY: a reason may say why somebody is away, so only HR reads it; nobody of HR leaves out, or
# takes in, themself.
choice_gate = Gate("reviews.PopulationChoice", {
    "read_choice":   row(PROCESS, refusal=FOR_HR),
    "choose_people": row(PROCESS, never=[person_in("person")], during=CONFIGURABLE, at="cycle.state", refusal=FOR_ANOTHER),
    # The same once it runs: who is added late, and who is left out of it.
    **{
        name: row(PROCESS, never=[person_in("person")], during=RUNNING, at="cycle.state", refusal=FOR_ANOTHER)
        for name in ("add_participant", "leave_out")
    },
})  # fmt: skip


def manager_of(prefix: str = "") -> Relation:
    """Today's manager of the participant's person, or the one HR kept as reviewer."""
    return either(
        person_in(f"{prefix}person.manager"),
        both(person_in(f"{prefix}manager"), is_true(f"{prefix}manager_kept")),
    )


SUBJECT, MANAGER, SKIP = person_in("person"), manager_of(), person_in("person.manager.manager")
ABOVE, ARBITER = above("person"), person_in("dispute.arbiter")
MANAGERS = (person_in("manager"), person_in("person.manager"))
DELIVERING = one_of("cycle.state", [CycleState.DELIVERY])
TODAY = person_in("person.manager")
DELEGATED = Relation(
    "given to somebody for this cycle",
    lambda _, obj: obj.delegated_at is not None,
    lambda _: Q(delegated_at__isnull=False),
)
UNDER_WAY = one_of("cycle.state", [*RUNNING, CycleState.PAUSED])
TALKING = one_of("cycle.state", [CycleState.DELIVERY, CycleState.CLOSED])


P = ParticipantState


def _step(name: str) -> frozenset[str]:
    """A move's states are written once, in states."""
    return PARTICIPANT_MOVES[name].sources


# PRIVACY: nobody releases, settles or excuses themself; `never` wins over `who`.
participant_gate = Gate("reviews.Participant", {
    "see_status":          row(SUBJECT, MANAGER, SKIP, PROCESS, CONTENT, ARBITER, refusal="Their status is for their managers and HR."),
    "read_packet":         row(SUBJECT, during=DELIVERED, refusal="It is not released yet."),
    "read_packet_above":   row(MANAGER, SKIP, never=[SUBJECT], refusal="For the managers of this person."),
    "read_packet_content": row(CONTENT, never=[SUBJECT, ABOVE], refusal="HR reads no one of their own line."),
    "read_packet_dispute": row(ARBITER, never=[SUBJECT], during=[P.DISPUTED, P.SETTLED], refusal="For the person who settles the dispute."),
    "edit_goals":          row(SUBJECT, MANAGER, during=[ParticipantState.ACTIVE], refusal="Goals are kept by the person and the manager."),
    "release_packet":      row(MANAGER, PROCESS, never=[SUBJECT], during=_step("release_packet"), when=[DELIVERING], refusal="The manager or HR releases, in the last phase."),
    "unshare_packet":      row(MANAGER, PROCESS, never=[SUBJECT], during=_step("unshare_packet"), when=[DELIVERING], refusal="Only until the cycle is closed, by the manager or HR."),
    "acknowledge_packet":  row(SUBJECT, during=_step("acknowledge_packet"), when=[TALKING], refusal="Only the person it is about acknowledges it."),
    "dispute_packet":      row(SUBJECT, during=_step("dispute_packet"), when=[TALKING], refusal="Only the person it is about disputes it."),
    "reply_to_packet":     row(SUBJECT, during=[P.ACKNOWLEDGED, P.DISPUTED, P.SETTLED], when=[DELIVERING], refusal="The reply can be changed until the cycle is closed."),
    # The person reads why, while it has not come again; who reads the packet reads it too.
    "read_withdrawal":     row(SUBJECT, during=[P.ACTIVE], refusal="For the person whose packet was taken back."),
    "confirm_talk":        row(MANAGER, PROCESS, never=[SUBJECT], during=[P.ACTIVE, *DELIVERED], when=[DELIVERING], refusal="The manager or HR notes the talk, until the cycle is closed."),
    # PRIVACY: what a dispute says is for the three people in it. HR sees that there is one.
    "read_dispute":        row(SUBJECT, MANAGER, ARBITER, during=[P.DISPUTED, P.SETTLED], refusal="For the person, the manager and whoever settles it."),
    "answer_dispute":      row(MANAGER, never=[SUBJECT, ARBITER], during=[P.DISPUTED], refusal="The manager answers, until it is settled."),
    "name_arbiter":        row(PROCESS, never=[SUBJECT, *MANAGERS], during=[P.DISPUTED], refusal="HR names another person, while the dispute is open."),
    "settle_dispute":      row(ARBITER, never=[SUBJECT, *MANAGERS], during=_step("settle_dispute"), refusal="A third person settles it."),
    "excuse_participant":  row(PROCESS, never=[SUBJECT], during=_step("excuse_participant"), refusal=FOR_HR),
    "readmit_participant": row(PROCESS, never=[SUBJECT], during=_step("readmit_participant"), refusal=FOR_HR),
    **{
        name: row(PROCESS, never=[SUBJECT], during=[ParticipantState.ACTIVE], when=[UNDER_WAY], refusal=FOR_HR)
        for name in ("give_more_time", "end_more_time")
    },
    # What follows when somebody moves while a cycle runs; HR decides, nothing moves by itself.
    **{
        name: row(PROCESS, never=[SUBJECT], during=[ParticipantState.ACTIVE], refusal=FOR_HR)
        for name in ("hand_over", "keep_level", "take_level", "keep_leaver", "keep_leave")
    },
    # PRIVACY: whoever is kept goes on reading, so a manager of yesterday does not keep themself.
    "keep_manager":        row(PROCESS, never=[SUBJECT, person_in("manager")], during=[ParticipantState.ACTIVE], refusal="Somebody else of HR decides whether you go on reviewing."),
    # PRIVACY: who reviews reads what a manager reads, so nobody gives a review about themself away.
    "delegate_review":     row(TODAY, PROCESS, never=[SUBJECT], during=[ParticipantState.ACTIVE], when=[UNDER_WAY], refusal="The manager of today or HR gives a review to another manager."),
    "take_back_review":    row(TODAY, PROCESS, never=[SUBJECT], during=[ParticipantState.ACTIVE], when=[UNDER_WAY, DELEGATED], refusal="The manager of today or HR takes it back."),
})  # fmt: skip
PACKET_READS = ("read_packet", "read_packet_above", "read_packet_content", "read_packet_dispute")


def _unsealed() -> Relation:
    """The cycle does not seal the self review, or the manager's own ratings are in."""

    def holds(_: object, review: object) -> bool:
        from apps.reviews.models import Review

        participant = review.participant  # type: ignore[attr-defined]  # the gate is typed for Any
        return (
            not participant.cycle.seal_self_review
            or Review.objects.filter(
                participant=participant, kind=ReviewKind.MANAGER, state=ReviewState.SUBMITTED
            ).exists()
        )

    def q(_: object) -> Q:
        from apps.reviews.models import Review

        rated = Review.objects.filter(kind=ReviewKind.MANAGER, state=ReviewState.SUBMITTED).values(
            "participant_id"
        )
        return Q(participant__cycle__seal_self_review=False) | Q(participant_id__in=rated)

    return Relation("self review not sealed", holds, q)


AUTHOR, R_SUBJECT = person_in("author"), person_in("participant.person")
R_MANAGER, R_SKIP = manager_of("participant."), person_in("participant.person.manager.manager")
R_ABOVE = above("participant.person")
SELF = one_of("kind", [ReviewKind.SELF.value])
BY_MANAGER = one_of("kind", [ReviewKind.MANAGER.value])


def _more_time(phase: Phase) -> Relation:
    """An extension of this phase runs for the person. The gate has no clock: the clock ends rows."""

    def holds(_: object, review: object) -> bool:
        from apps.reviews.models import Extension

        known = getattr(review, "more_time", None)  # read with the row, see with_more_time()
        if known is not None:
            return bool(known)
        running = Extension.objects.running().filter(phase=phase)
        return running.filter(participant=review.participant_id).exists()  # type: ignore[attr-defined]

    def q(_: object) -> Q:
        from apps.reviews.models import Extension

        running = Extension.objects.running().filter(phase=phase)
        return Q(participant_id__in=running.values("participant_id"))

    return Relation(f"more time for {phase}", holds, q)


PHASE_IS_OPEN = either(
    *(
        both(one_of("kind", [kind.value]), one_of("participant.cycle.state", [CycleState(phase)]))
        for kind, phase in WRITTEN_IN.items()
    )
)
WRITABLE = either(
    PHASE_IS_OPEN,
    *(
        both(
            one_of("kind", [kind.value]),
            one_of("participant.cycle.state", later_than(phase)),
            _more_time(phase),
        )
        for kind, phase in WRITTEN_IN.items()
    ),
)
TAKES_PART = one_of("participant.state", [ParticipantState.ACTIVE])
IN = [ReviewState.SUBMITTED]

review_gate = Gate("reviews.Review", {
    "read_own":       row(AUTHOR, refusal="Only its author reads a draft."),
    "read_self":      row(R_MANAGER, R_SKIP, during=IN, when=[SELF, _unsealed()], refusal="The manager reads it once it is submitted."),
    "read_rating":    row(R_MANAGER, R_SKIP, never=[R_SUBJECT], during=IN, when=[BY_MANAGER], refusal="For the managers of this person."),
    "read_content":   row(CONTENT, never=[R_SUBJECT, R_ABOVE], during=IN, refusal="HR reads no one of their own line."),
    "read_released":  row(R_SUBJECT, during=IN, when=[BY_MANAGER, one_of("participant.state", DELIVERED)], refusal="It is not released yet."),
    "write_review":   row(AUTHOR, during=[ReviewState.DRAFT], when=[WRITABLE, TAKES_PART], refusal="Only its author writes it, while its phase is open."),
    "submit_review":  row(AUTHOR, during=REVIEW_MOVES["submit_review"].sources, when=[WRITABLE, TAKES_PART], refusal="Only its author submits it, while its phase is open."),
    # More time is for what is not handed in: a committee may have read and changed the rest.
    "reopen_review":  row(AUTHOR, during=REVIEW_MOVES["reopen_review"].sources, when=[PHASE_IS_OPEN, TAKES_PART], refusal="Only its author takes it back, while its phase is open."),
})  # fmt: skip
REVIEW_READS = ("read_own", "read_self", "read_rating", "read_content", "read_released")


def _about_oneself() -> Relation:
    return Relation(
        "about oneself",
        lambda _, note: note.about_id == note.author_id,
        lambda _: Q(about=F("author")),
    )


def _about_a_report() -> Relation:
    """The author is the manager, today, of the person it is about."""
    return Relation(
        "about a report",
        lambda _, note: note.about.manager_id == note.author_id,
        lambda _: Q(about__manager=F("author")),
    )


def _held() -> Relation:
    """A review that is handed in rests on it."""

    def rests(note: object) -> bool:
        from apps.reviews.models import ReviewItem

        return ReviewItem.objects.filter(
            notes=note.pk,  # type: ignore[attr-defined]  # the gate is typed for Any
            review__state=ReviewState.SUBMITTED,
        ).exists()

    def q(_: object) -> Q:
        from apps.reviews.models import ReviewItem

        linked = ReviewItem.notes.through.objects.filter(
            reviewitem__review__state=ReviewState.SUBMITTED
        )
        return Q(pk__in=linked.values("evidencenote_id"))

    return Relation("held by a submitted review", lambda _, note: rests(note), q)


SHARED = Relation(
    "shared", lambda _, note: note.shared_at is not None, lambda _: Q(shared_at__isnull=False)
)
ABOUT, ABOUT_ONESELF, ABOUT_A_REPORT = person_in("about"), _about_oneself(), _about_a_report()
HELD = _held()
HELD_REFUSAL = "A review that is handed in rests on this note, so it stays as it is. While that review is open its author can take the note out of it."

# PRIVACY: no office reads a note, shared or not. What a review rests on is read in that review, by
# its readers. A manager of yesterday keeps the own words, and loses what was shared with them.
note_gate = Gate("reviews.EvidenceNote", {
    "read_own_note":      row(AUTHOR, refusal="Only its author reads a note that is not shared."),
    "read_shared_note":   row(person_in("about.manager"), when=[ABOUT_ONESELF, SHARED], refusal="Shared with today's manager alone."),
    "read_received_note": row(ABOUT, when=[SHARED], refusal="Shared with the person it is about alone."),
    "add_note":           row(AUTHOR, when=[either(ABOUT_ONESELF, ABOUT_A_REPORT)], refusal="Notes are kept about one's own work, and about the work of one's reports."),
    "edit_note":          row(AUTHOR, never=[HELD], refusal=HELD_REFUSAL),
    "delete_note":        row(AUTHOR, never=[HELD], refusal=HELD_REFUSAL),
    "share_note":         row(AUTHOR, refusal="Only its author shares a note."),
    "unshare_note":       row(AUTHOR, refusal="Only its author takes a note back."),
})  # fmt: skip
NOTE_READS = ("read_own_note", "read_shared_note", "read_received_note")
