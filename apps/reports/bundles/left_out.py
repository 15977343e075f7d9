"""What is in no bundle, and the sentence that says why. Each field of a person's data that no share
places stands here; a test holds both against tests/architecture/fields.txt."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.reports.bundles.shape import Left


def _of(model: str, *fields: str) -> tuple[str, ...]:
    return tuple(f"{model}.{field}" for field in fields)


LEFT_OUT = (
    Left(
        _("What others write about you before it is handed out"),
        _(
            "Reviews, ratings and feedback belong to you from their release on, and not before: until then "
            "they are drafts of somebody else and may still change. Ask again after the release."
        ),
    ),
    Left(
        _("What the calibration committee works with"),
        _(
            "A manager’s word on promotion, the note to the committee, the agenda, votes and reasons are "
            "part of other people’s work of comparing many. What changed for you, and why, stands in "
            "your packet where the cycle shows it. HR answers what you want to know beyond that."
        ),
        (
            *_of("reviews.Review", "promotion", "private_note"),
            *_of("reviews.RatingEvent", "reason_code", "sequence"),
            *_of("calibration.Session", "record"),
            *_of("calibration.Item", "session", "participant"),
            *_of("calibration.Decision", "item", "sequence", "from_value", "to_value", "reason_code",
                 "reason", "present"),
        ),
    ),
    Left(
        _("Private notes of others"),
        _(
            "A note about your work is its author’s alone until it is shared with you, or until a review "
            "that you read rests on it."
        ),
    ),
    Left(
        _("Who gave feedback without a name, and how many did"),
        _(
            "Where no name was promised, yours included, nobody can say who wrote what: author and text share no "
            "key. Fewer voices than promised are not shown at all. What you sent without a name cannot be "
            "found any more, so it is not here either."
        ),
    ),
    Left(
        _("Mails that only reminded you of feedback"),
        _(
            "Such a mail says that you had not answered by that day. Whoever is known not to have answered "
            "leaves fewer people whom the answers can be from. The mails themselves are in your mailbox."
        ),
        _of("inbox.MessageLine", "object_id", "person", "late_person"),
    ),
    Left(
        _("Reasons that HR noted"),
        _(
            "Why somebody has more time, or is left out of a cycle, is HR’s own note, and the site shows it to "
            "HR alone. HR process admins tell you yours."
        ),
        (
            *_of("reviews.Extension", "reason", "granted_at", "granted_by"),
            *_of("reviews.PopulationChoice", "person", "takes_part", "reason"),
        ),
    ),
    Left(
        _("What you wrote or decided about others"),
        _(
            "A review you wrote, a decision you recorded: each is about somebody, and that person’s file "
            "holds it once they may read it. Here is only that you did it, and when."
        ),
        _of("people.StagedImport", "content"),
    ),
    Left(
        _("What others did with what is about you"),
        _(
            "Who released, noted, opened or fetched something is their deed. What came of it stands beside "
            "the thing itself."
        ),
        (
            *_of("core.AuditEvent", "object_id", "detail"),
            *_of("reviews.Participant", "released_by", "talked_at", "talked_by"),
            *_of("calibration.Session", "locked_by"),
            *_of("feedback.Concern", "part", "state", "raised_at"),
            *_of("feedback.ConcernDecision", "concern", "decided_by"),
            *_of("feedback.Request", "proposed_by"),
            # PRIVACY: it would tell the person that somebody declined.
            *_of("feedback.FewerPeers", "participant", "left", "accepted_at", "accepted_by"),
            *_of("reports.Export", "participants"),
        ),
    ),
    Left(
        _("Keys, passwords and numbers of the machine"),
        _(
            "What opens something would be open to whoever finds this file. Row numbers and fingerprints "
            "say nothing about you."
        ),
        (
            *_of("people.User", "password"),
            *_of("people.Person", "user"),
            *_of("people.ApiToken", "person", "prefix", "digest"),
            *_of("core.AuditEvent", "actor_id", "request_id"),
            *_of("inbox.Message", "person", "message_id"),
            *_of("reports.Export", "file", "others"),
        ),
    ),
)  # fmt: skip
