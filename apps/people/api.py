"""/api/v1/people/: the directory, as the page shows it."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.people import pages


class ColleagueSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.EmailField()
    job_title = serializers.CharField()
    department = serializers.CharField(source="department.name", default=None, allow_null=True)
    location = serializers.CharField(source="location.name", default=None, allow_null=True)
    manager_id = serializers.IntegerField(allow_null=True)


class DirectorySerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    results = ColleagueSerializer(many=True)


class PersonSerializer(ColleagueSerializer):
    level = serializers.SerializerMethodField(help_text="Null for those who may not see it.")
    time_zone = serializers.CharField()

    def get_level(self, person: Any) -> str | None:
        return str(person.level) if self.context["level"] and person.level else None


class DirectoryView(APIView):
    """The people who work here, fifty on a page."""

    @extend_schema(
        operation_id="directory",
        parameters=[
            OpenApiParameter("query", str, description="Part of a name or of a title."),
            OpenApiParameter("page", int),
        ],
        responses=DirectorySerializer,
    )
    def get(self, request: Request) -> Response:
        found = pages.directory(
            request.viewer,
            on=timezone.localdate(),
            query=request.query_params.get("query", ""),
            number=request.query_params.get("page", "1"),
        ).people
        return Response(
            DirectorySerializer(
                {
                    "count": found.paginator.count,
                    "page": found.number,
                    "pages": found.paginator.num_pages,
                    "results": list(found),
                }
            ).data
        )


class PersonView(APIView):
    """One person."""

    @extend_schema(operation_id="person", responses=PersonSerializer)
    def get(self, request: Request, person_id: int) -> Response:
        page = pages.person(request.viewer, person_id=person_id, on=timezone.localdate())
        context = {"level": bool(page.may_read_level)}
        return Response(PersonSerializer(page.person, context=context).data)


app_name = "people_api"
urlpatterns = [
    path("", DirectoryView.as_view(), name="directory"),
    path("<int:person_id>/", PersonView.as_view(), name="person"),
]
