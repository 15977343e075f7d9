"""/api/v1/reviews/: my reviews and their drafts.

A draft is changed by PATCH with the revision it was read at (If-Match, from ETag). Changes to
fields that nobody else touched are taken; when one was touched, the answer is 409 with what stands,
and what was sent is kept beside a version, exactly as on the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException, Throttled, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.limits import TooMany, spend_if_counted
from apps.reviews.actions import drafts
from apps.reviews.actions import writing as deeds
from apps.reviews.actions.handed_over import HANDED_OVER
from apps.reviews.forms.writing import key_in, revision_in
from apps.reviews.models import Review
from apps.reviews.pages.drafts import draft, reviews_to_write
from apps.reviews.rules.fields import Unstorable
from apps.reviews.states import ReviewKind, ReviewState

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag it was read with.",
)
KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="The same for a request that is sent again.",
)


class NeedsRevision(APIException):
    status_code = 428
    default_detail = "Send If-Match with the ETag of the draft you changed."
    default_code = "precondition_required"


class Conflict(APIException):
    """Somebody else changed the same field; `theirs` holds what stands."""

    status_code = 409
    default_detail = "The same fields were changed since. What you sent is kept beside a version."
    default_code = "conflict"

    def __init__(self, theirs: Mapping[str, str]) -> None:
        super().__init__()
        self.extra = {"theirs": dict(theirs)}


class Closed(APIException):
    status_code = 409
    default_detail = "This phase is closed. What you sent is kept as an unsent draft."
    default_code = "closed"


class ReviewHeadSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=ReviewKind.choices)
    state = serializers.ChoiceField(choices=ReviewState.choices)
    about = serializers.CharField(source="participant.person.name")
    cycle = serializers.CharField(source="participant.cycle.name")
    revision = serializers.IntegerField()
    saved_at = serializers.DateTimeField(allow_null=True)


class DraftSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=ReviewState.choices)
    revision = serializers.IntegerField()
    fields = serializers.DictField(  # type: ignore[assignment]  # the metaclass takes it out of the way
        child=serializers.CharField(), help_text="Filled fields by name; see `names`."
    )
    names = serializers.DictField(
        child=serializers.CharField(), help_text="What each field that can be filled stands for."
    )
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="What is still missing before it can be submitted."
    )


class ChangesSerializer(serializers.Serializer[Any]):
    changes = serializers.DictField(
        child=serializers.CharField(allow_blank=True, trim_whitespace=False),
        help_text="Names and texts of the fields that changed; empty text empties a field.",
    )


class SavedSerializer(serializers.Serializer[Any]):
    revision = serializers.IntegerField()
    saved_at = serializers.DateTimeField(allow_null=True)


class SubmissionSerializer(serializers.Serializer[Any]):
    confirmed = serializers.BooleanField(
        default=False, help_text="Submit although something looks doubtful."
    )


class ReviewsView(APIView):
    """The reviews I write, in running cycles."""

    @extend_schema(operation_id="my_reviews", responses=ReviewHeadSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(ReviewHeadSerializer(reviews_to_write(request.viewer), many=True).data)


class DraftView(APIView):
    """A review that I write."""

    @extend_schema(operation_id="read_draft", responses=DraftSerializer)
    def get(self, request: Request, review_id: int) -> Response:
        found = draft(request.viewer, review_id=review_id)
        body = {
            "id": found.review.pk,
            "state": found.review.state,
            "revision": found.review.revision,
            "fields": found.fields,
            "names": found.names,
            "missing": found.missing,
        }
        return Response(DraftSerializer(body).data, headers={"ETag": f'"{found.review.revision}"'})

    @extend_schema(
        operation_id="change_draft",
        parameters=[IF_MATCH, KEY],
        request=ChangesSerializer,
        responses=SavedSerializer,
    )
    def patch(self, request: Request, review_id: int) -> Response:
        base = revision_in(request.headers.get("If-Match", ""))
        if base is None:
            raise NeedsRevision
        key: str | None = ""
        if "Idempotency-Key" in request.headers:
            key = key_in(request.headers["Idempotency-Key"])
        if key is None:
            raise ValidationError({"Idempotency-Key": ["8 to 64 letters, digits and hyphens."]})
        sent = ChangesSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        try:
            spend_if_counted(
                "autosave", f"{review_id}:{request.viewer.person_id}", times=10, seconds=10
            )
            saving = deeds.save_review(
                review_id,
                changed=sent.validated_data["changes"],
                base=base,
                key=key,
                by=request.viewer,
                now=timezone.now(),
            )
        except TooMany as pause:
            raise Throttled(wait=pause.retry_after) from None
        except Review.DoesNotExist as hidden:
            raise Http404 from hidden
        except Unstorable as refused:
            raise ValidationError({refused.name: [f"It cannot be kept: {refused.why}."]}) from None
        if saving.outcome in {drafts.CLOSED, HANDED_OVER}:
            raise Closed
        if saving.outcome == drafts.CONFLICT:
            raise Conflict(saving.theirs)
        return Response(SavedSerializer(saving).data, headers={"ETag": f'"{saving.revision}"'})


class SubmissionView(APIView):
    """Hands a review in."""

    @extend_schema(
        operation_id="submit_review",
        parameters=[IF_MATCH],
        request=SubmissionSerializer,
        responses=ReviewHeadSerializer,
    )
    def post(self, request: Request, review_id: int) -> Response:
        revision = revision_in(request.headers.get("If-Match", ""))
        if revision is None:
            raise NeedsRevision
        sent = SubmissionSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        try:
            deeds.submit_review(
                review_id,
                revision=revision,
                confirmed=sent.validated_data["confirmed"],
                by=request.viewer,
                now=timezone.now(),
            )
        except Review.DoesNotExist as hidden:
            raise Http404 from hidden
        except deeds.Incomplete as gaps:
            missing = [gap.why for gap in gaps.missing]
            raise ValidationError({"missing": missing}) from None
        except deeds.Doubtful as doubtful:
            raise ValidationError({"doubts": [d.why for d in doubtful.doubts]}) from None
        found = draft(request.viewer, review_id=review_id)
        return Response(ReviewHeadSerializer(found.review).data)


app_name = "reviews_api"
urlpatterns = [
    path("", ReviewsView.as_view(), name="my_reviews"),
    path("<int:review_id>/draft/", DraftView.as_view(), name="draft"),
    path("<int:review_id>/submit/", SubmissionView.as_view(), name="submit"),
]
