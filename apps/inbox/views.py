"""HTTP in, HTTP out: build a page or call one action, then answer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from apps.core.htmx import screen
from apps.inbox import actions, pages


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    page = pages.home(request.viewer, now=timezone.now())
    return render(request, "inbox/home.html", {"page": page})


@require_GET
def mail_log(request: HttpRequest) -> HttpResponse:
    page = pages.mail_log(
        request.viewer,
        state=request.GET.get("state", ""),
        search=request.GET.get("search", ""),
        number=request.GET.get("page", "1"),
    )
    return screen(request, "inbox/mail_log.html", page, fragment="inbox/_mail_rows.html")


@require_POST
def hold_message(request: HttpRequest, message_id: int) -> HttpResponse:
    message = pages.message(request.viewer, message_id=message_id)
    actions.hold_message(message, by=request.viewer, now=timezone.now())
    return redirect("inbox:mail_log")


@require_POST
def resend_message(request: HttpRequest, message_id: int) -> HttpResponse:
    message = pages.message(request.viewer, message_id=message_id)
    actions.resend_message(message, by=request.viewer, now=timezone.now())
    return redirect("inbox:mail_log")
