"""Two questions that a load balancer asks. Anybody may ask them, so the answers name parts, nothing more."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.core import health


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """The process is up. Touches nothing else, so that a slow database restarts no web server."""
    return JsonResponse({"ok": True})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Every part that a request or a task needs, each "ok" or "not ok"; 503 unless all are ok."""
    parts = health.parts(now=timezone.now())
    ok = all(parts.values())
    return JsonResponse(
        {"ok": ok, "parts": {name: "ok" if good else "not ok" for name, good in parts.items()}},
        status=200 if ok else 503,
    )


def probes(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Middleware: answers before anything else, for a load balancer asks by address, without a host name."""
    answers = {"/healthz": healthz, "/readyz": readyz}

    def middleware(request: HttpRequest) -> HttpResponseBase:
        answer = answers.get(request.path)
        return answer(request) if answer else get_response(request)

    return middleware
