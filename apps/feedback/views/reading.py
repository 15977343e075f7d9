"""The front page of feedback, and what was said about somebody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from apps.core.htmx import screen
from apps.feedback import pages


@require_GET
def my_feedback(request: HttpRequest) -> HttpResponse:
    page = pages.my_feedback(request.viewer)
    return screen(request, "feedback/my_feedback.html", page)


@require_GET
def received_feedback(request: HttpRequest, participant_id: int) -> HttpResponse:
    page = pages.received_feedback(request.viewer, participant_id=participant_id)
    return screen(
        request, "feedback/received_feedback.html", page, fragment="feedback/_received.html"
    )
