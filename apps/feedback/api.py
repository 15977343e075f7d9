"""/api/v1/feedback/: what is asked of me, and what was said about somebody, as the pages show it.

PRIVACY: an answer has no key here, nor has a text; nothing joins two texts but the name beside them.
"""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.feedback import pages
from apps.feedback.states import Mode, PerspectiveKind, RequestState

WHY = (
    ("too_few", "Fewer answered than it takes; the same for none and for one too few"),
    ("collecting_batch", "Collection still runs; everything is shown at once when it is over"),
    ("at_release", "It is shown when the review is released"),
    ("was_asked", "The reader was asked themself"),
    ("nothing_yet", "Collection still runs and nobody has sent anything"),
    ("none", "Nobody sent anything"),
)


class RequestSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="request_id")
    about = serializers.CharField(source="person")
    cycle = serializers.CharField()
    kind = serializers.SerializerMethodField()
    mode = serializers.ChoiceField(choices=Mode.choices)
    promise = serializers.CharField(help_text="With which name it will be read.")
    state = serializers.ChoiceField(
        choices=[(s.value, s.label) for s in (RequestState.ASKED, RequestState.ANSWERED)],
        help_text="`answered` only while it can still be changed.",
    )
    due_on = serializers.DateField(allow_null=True)
    minutes = serializers.IntegerField(help_text="How long it usually takes.")

    def get_kind(self, asked: pages.Asked) -> str:
        return (PerspectiveKind.UPWARD if asked.upward else PerspectiveKind.PEER).value


class SaidSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(help_text="Empty where HR hides it.")
    hidden = serializers.CharField(help_text="Why HR hides it, or empty.")


class AnsweredSerializer(serializers.Serializer[Any]):
    question = serializers.CharField()
    said = SaidSerializer(allow_null=True)


class RatedSerializer(serializers.Serializer[Any]):
    competency = serializers.CharField(source="name")
    value = serializers.IntegerField(allow_null=True, help_text="Null for “cannot say”.")
    comment = SaidSerializer(source="said", allow_null=True)


class VoiceSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    answers = serializers.SerializerMethodField()
    ratings = RatedSerializer(many=True)

    @extend_schema_field(AnsweredSerializer(many=True))
    def get_answers(self, voice: pages.Voice) -> Any:
        rows = [{"question": question, "said": said} for question, said in voice.texts]
        return AnsweredSerializer(rows, many=True).data


class SectionSerializer(serializers.Serializer[Any]):
    question = serializers.CharField()
    is_held = serializers.BooleanField(help_text="Fewer than `fewest` wrote something here.")
    texts = SaidSerializer(many=True, help_text="In no order that means anything.")


class ShareSerializer(serializers.Serializer[Any]):
    lowest = serializers.IntegerField()
    highest = serializers.IntegerField()
    tenths = serializers.IntegerField(help_text="Of the voices; together ten.")


class ScoreSerializer(serializers.Serializer[Any]):
    competency = serializers.CharField(source="name")
    mean = serializers.DecimalField(
        max_digits=3, decimal_places=1, allow_null=True, help_text="Null where it is kept back."
    )
    spread = ShareSerializer(many=True)
    comments = SaidSerializer(many=True)


class KindSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(source="perspective.kind", choices=PerspectiveKind.choices)
    mode = serializers.ChoiceField(source="perspective.mode", choices=Mode.choices)
    why = serializers.ChoiceField(
        choices=WHY, allow_blank=True, help_text="Why nothing is shown; empty where something is."
    )
    fewest = serializers.IntegerField(help_text="Voices below which something is kept back.")
    has_texts = serializers.BooleanField(help_text="False where this reader gets figures alone.")
    voices = VoiceSerializer(many=True, allow_null=True, help_text="With names.")
    sections = SectionSerializer(many=True, allow_null=True, help_text="Without names.")
    scores = ScoreSerializer(many=True, allow_null=True)
    total = serializers.DecimalField(
        max_digits=3, decimal_places=1, allow_null=True, help_text="Over all scores that are shown."
    )


class PointSerializer(serializers.Serializer[Any]):
    value = serializers.IntegerField()
    name = serializers.CharField(source="label")


class ReceivedSerializer(serializers.Serializer[Any]):
    participant_id = serializers.IntegerField(source="participant.pk")
    about = serializers.CharField(source="person.name")
    cycle = serializers.CharField(source="participant.cycle.name")
    points = PointSerializer(many=True)
    kinds = KindSerializer(many=True)


class RequestsView(APIView):
    """The feedback asked of me that I can write or still change. 1 query."""

    @extend_schema(operation_id="feedback_requests", responses=RequestSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(RequestSerializer(pages.asked_of(request.viewer), many=True).data)


class ReceivedView(APIView):
    """What was said about somebody in one cycle, as far as I may read it."""

    @extend_schema(operation_id="received_feedback", responses=ReceivedSerializer)
    def get(self, request: Request, participant_id: int) -> Response:
        page = pages.received_feedback(request.viewer, participant_id=participant_id)
        return Response(ReceivedSerializer(page).data)


app_name = "feedback_api"
urlpatterns = [
    path("requests/", RequestsView.as_view(), name="requests"),
    path("received/<int:participant_id>/", ReceivedView.as_view(), name="received"),
]
