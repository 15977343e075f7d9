"""/api/v1/ladders/: published ladders and what each level expects, as the pages show it."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.keys import keys_in
from apps.ladders import pages
from apps.ladders.pages.ladder import LadderPage


class LadderSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="version.ladder_id")
    key = serializers.CharField(source="version.ladder.key")
    title = serializers.CharField(source="version.ladder.title")
    version = serializers.IntegerField(source="version.number")
    kind = serializers.CharField(source="version.kind")
    state = serializers.CharField(source="version.state")


class LevelHeadSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    code = serializers.CharField()
    title = serializers.CharField()
    band = serializers.IntegerField(allow_null=True)
    track = serializers.CharField(source="track.name", default=None, allow_null=True)


class LadderDetailSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="version.ladder_id")
    title = serializers.CharField(source="version.ladder.title")
    version = serializers.IntegerField(source="version.number")
    licence = serializers.CharField(source="version.licence")
    levels = serializers.SerializerMethodField()
    profiles = serializers.SerializerMethodField()

    @extend_schema(responses=LevelHeadSerializer(many=True))
    def get_levels(self, page: LadderPage) -> list[dict[str, Any]]:
        return list(LevelHeadSerializer([c.level for c in page.columns], many=True).data)

    def get_profiles(self, page: LadderPage) -> list[str]:
        return [profile.title for profile in page.profiles]


class StatementSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    text = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a name of the base class too
    origin = serializers.ChoiceField(choices=["own", "inherited", "mixin"])
    origin_title = serializers.CharField()


class ExpectedCompetencySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="competency_id")
    name = serializers.CharField()
    area = serializers.CharField(source="area_name")
    definition = serializers.CharField()
    statements = StatementSerializer(many=True)
    examples = StatementSerializer(many=True)


class LevelSerializer(serializers.Serializer[Any]):
    level = LevelHeadSerializer()
    competencies = ExpectedCompetencySerializer(many=True, source="expectations.competencies")


class LaddersView(APIView):
    """The published ladders."""

    @extend_schema(operation_id="ladders", responses=LadderSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(LadderSerializer(pages.ladders(request.viewer).rows, many=True).data)


class LadderView(APIView):
    """One ladder with its levels, or its role profiles."""

    @extend_schema(operation_id="ladder", responses=LadderDetailSerializer)
    def get(self, request: Request, ladder_id: int) -> Response:
        page = pages.ladder(request.viewer, ladder_id=ladder_id)
        return Response(LadderDetailSerializer(page).data)


class LevelView(APIView):
    """What a level expects: own statements, inherited ones and those of the named roles."""

    @extend_schema(
        operation_id="level",
        parameters=[OpenApiParameter("mixin", int, many=True, description="Keys of roles.")],
        responses=LevelSerializer,
    )
    def get(self, request: Request, level_id: int) -> Response:
        given = request.query_params.getlist("mixin")
        mixin_ids = keys_in(given)
        if len(mixin_ids) != len(given):
            raise ValidationError({"mixin": ["A role is named by its number."]})
        page = pages.level(request.viewer, level_id=level_id, mixin_ids=mixin_ids)
        return Response(LevelSerializer(page).data)


app_name = "ladders_api"
urlpatterns = [
    path("", LaddersView.as_view(), name="ladders"),
    path("<int:ladder_id>/", LadderView.as_view(), name="ladder"),
    path("levels/<int:level_id>/", LevelView.as_view(), name="level"),
]
