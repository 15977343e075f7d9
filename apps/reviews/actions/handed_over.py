"""What a former author was still typing when somebody else took the review over stays theirs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from apps.core.access import Viewer
from apps.reviews.actions.drafts import Saving, draft_among, require_known
from apps.reviews.models import Review, ReviewVersion
from apps.reviews.rules.fields import checked

HANDED_OVER = "handed_over"


@transaction.atomic
def keep_for_former_author(
    review_id: int, *, changed: Mapping[str, str], by: Viewer, now: datetime
) -> Saving:
    """Add the words to those that were set aside for this person; the review itself is not touched.

    3 queries, and those of require_known for a field that the cycle's own ladder does not know.
    Errors: Review.DoesNotExist for whoever was never its author; Unstorable, also for a field that
    the form does not have: then nothing is kept.
    """
    # PRIVACY: only rows that are this person's own are looked for, so nobody learns that it exists.
    aside = (
        ReviewVersion.objects.select_for_update(of=("self",))
        .filter(review=review_id, set_aside_for=by.person_id, set_aside_for__isnull=False)
        .select_related("review")
        .order_by("-revision")
        .first()
    )
    if aside is None:
        raise Review.DoesNotExist
    # What is kept here is read, and never handed in; a link to a note would be shown to nobody.
    typed = {name: text for name, text in changed.items() if not name.endswith("-notes")}
    draft = draft_among(Review.objects.all(), review_id, key="", touched=typed, by=by)
    checked(typed, shape=draft.shape, highest=draft.highest)
    # A field with words of theirs in it stays one, also when its goal is gone since.
    standing = aside.content["fields"]
    require_known(draft, {name: text for name, text in typed.items() if name not in standing})
    aside.content = {**aside.content, "fields": {**standing, **typed}}
    aside.saved_at = now
    aside.save(update_fields=["content", "saved_at"])
    return Saving(HANDED_OVER, aside.revision, now)
