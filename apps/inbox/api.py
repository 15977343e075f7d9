"""/api/v1/inbox/: what is asked of the person whose key or session it is."""

from __future__ import annotations

from typing import Any

from django.urls import path, reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.inbox import pages
from apps.inbox.pages.home import PLACES
from apps.inbox.states import DutyKind


class DutySerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=DutyKind.choices)
    about = serializers.CharField(help_text="The person or the session it is about.")
    cycle = serializers.CharField()
    due_on = serializers.DateField(help_text="A day in the time zone of the person asked.")
    minutes = serializers.IntegerField(help_text="How long it usually takes.")
    page = serializers.SerializerMethodField(
        help_text="Where it is done, below the site's address."
    )

    def get_page(self, duty: pages.Duty) -> str:
        return reverse(PLACES[duty.kind], args=[duty.object_id])


class DutiesView(APIView):
    """What is asked of me, the earliest first. 1 query."""

    @extend_schema(operation_id="my_duties", responses=DutySerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(DutySerializer(pages.duties_of(request.viewer), many=True).data)


app_name = "inbox_api"
urlpatterns = [path("duties/", DutiesView.as_view(), name="my_duties")]
