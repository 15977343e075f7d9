"""What a former author was still typing when somebody else took the review over stays theirs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from apps.core.access import Viewer
from apps.reviews.actions.drafts import Saving
from apps.reviews.models import Review, ReviewVersion
from apps.reviews.rules.fields import Shape, checked

HANDED_OVER = "handed_over"
LONGEST_SCALE = 7


@transaction.atomic
def keep_for_former_author(
    review_id: int, *, changed: Mapping[str, str], by: Viewer, now: datetime
) -> Saving:
    """Add the words to those that were set aside for this person; the review itself is not touched.

    At most 3 queries. Errors: Review.DoesNotExist for whoever was never its author; Unstorable.
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
    # Which points its scale has is not asked: what is kept here is read, and never handed in.
    checked(changed, shape=Shape.of(aside.review.kind), highest=LONGEST_SCALE)
    aside.content = {**aside.content, "fields": {**aside.content["fields"], **changed}}
    aside.saved_at = now
    aside.save(update_fields=["content", "saved_at"])
    return Saving(HANDED_OVER, aside.revision, now)
