"""Addresses that exist only while core is tested: each does one thing that the house must answer."""

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import include, path
from django.utils import timezone
from django.views.decorators.http import require_POST
from rest_framework import serializers
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from apps.core.limits import spend
from apps.core.workflow import StaleState


def plain(request):
    return HttpResponse("plain")


def who(request):
    viewer = request.viewer
    return JsonResponse(
        {"person_id": viewer.person_id, "zone": timezone.get_current_timezone_name()}
    )


def number(request, key):
    return JsonResponse({"key": key})


def stale(request):
    raise StaleState("Anna Karlsson's review is no longer in draft")


def denied(request):
    raise PermissionDenied("Only its author hands it in.")


def denied_without_a_word(request):
    raise PermissionDenied


def missing(request):
    raise Http404("No Review matches the given query.")


def often(request):
    spend("often", "anna", times=2, seconds=3600)
    return HttpResponse("done")


def broken(request):
    raise ZeroDivisionError("Anna Karlsson wrote this")


def said(request):
    messages.success(request, "It is kept.")
    return redirect("plain")


def made_cacheable(request):
    return HttpResponse("x", headers={"Cache-Control": "private, no-cache"})


@require_POST
def write(request):
    get_user_model().objects.count()
    return HttpResponse("written")


class Body(serializers.Serializer):
    points = serializers.IntegerField(max_value=5)


@api_view(["GET", "POST"])
@permission_classes([AllowAny])
def api(request, what):
    if what == "stale":
        raise StaleState("x")
    if what == "often":
        spend("often", "api", times=0, seconds=60)
    if what == "missing":
        raise Http404("No Review matches the given query.")
    if what == "denied":
        raise PermissionDenied("Only its author.")
    body = Body(data=request.data)
    body.is_valid(raise_exception=True)
    return Response(body.data)


@api_view(["GET"])
def api_private(request):
    return Response({})


urlpatterns = [
    path("t/plain", login_not_required(plain), name="plain"),
    path("t/who", login_not_required(who), name="who"),
    path("t/number/<int:key>", login_not_required(number)),
    path("t/stale", login_not_required(stale)),
    path("t/denied", login_not_required(denied)),
    path("t/denied-without-a-word", login_not_required(denied_without_a_word)),
    path("t/missing", login_not_required(missing)),
    path("t/often", login_not_required(often)),
    path("t/broken", login_not_required(broken), name="broken"),
    path("t/said", login_not_required(said)),
    path("t/cacheable", login_not_required(made_cacheable)),
    path("t/write", login_not_required(write)),
    path("api/t/private", api_private),
    path("api/t/<str:what>", api),
    path("", include("config.urls")),
]
handler400 = "apps.core.errors.bad_request"
handler403 = "apps.core.errors.forbidden"
handler404 = "apps.core.errors.not_found"
handler500 = "apps.core.errors.server_error"
