"""Where somebody stands, over HTTP."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.reviews.pages import standing as pages


@require_GET
def standing(request: HttpRequest, person_id: int | None = None) -> HttpResponse:
    page = pages.standing(request.viewer, person_id=person_id)
    return render(request, "reviews/standing.html", {"page": page})
