"""Reporting a text, deciding about it, and opening a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core.htmx import screen
from apps.core.limits import spend
from apps.feedback import actions, forms, pages
from apps.feedback.rules import NotAllowed

# More than anybody reports, or opens, by hand.
REPORTS, OPENINGS, HOUR = 10, 20, 3600
WHY = gettext_lazy("What is wrong with it?")
WHY_HELP = gettext_lazy(
    "In your own words. HR reads this beside the text. Please do not write whose text you think it is."
)


@require_http_methods(["GET", "HEAD", "POST"])
def raise_concern(request: HttpRequest, participant_id: int, key: str) -> HttpResponse:
    page = pages.raise_concern(request.viewer, participant_id=participant_id, key=key)
    form = forms.GiveReason(request.POST or None, label=WHY, help_text=WHY_HELP)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            spend("raise_concern", request.viewer.person_id, times=REPORTS, seconds=HOUR)
            try:
                actions.raise_concern(
                    page.participant,
                    page.said.part_id,
                    reason=form.cleaned_data["reason"],
                    by=request.viewer,
                    now=timezone.now(),
                )
            except NotAllowed as refused:
                messages.info(request, refused.reason)
            else:
                messages.success(
                    request, _("Reported. HR looks at it; you will hear what becomes of it.")
                )
            return redirect("feedback:received_feedback", participant_id=participant_id)
    context = {"page": page, "form": form}
    return render(request, "feedback/raise_concern.html", context, status=status)


@require_GET
def concerns(request: HttpRequest) -> HttpResponse:
    page = pages.concerns(
        request.viewer,
        show=request.GET.get("show", ""),
        number=request.GET.get("page", "1"),
    )
    return screen(request, "feedback/concerns.html", page)


@require_GET
def concern(request: HttpRequest, concern_token: UUID) -> HttpResponse:
    return _case(request, concern_token)


@require_POST
def hide_text(request: HttpRequest, concern_token: UUID) -> HttpResponse:
    said = _("Hidden. Its readers see the reason in its place.")
    return _decided(request, concern_token, actions.hide_text, "decide", said)


@require_POST
def leave_text(request: HttpRequest, concern_token: UUID) -> HttpResponse:
    said = _("It stands. Whoever reported it is told why.")
    return _decided(request, concern_token, actions.leave_text, "decide", said)


@require_POST
def show_text_again(request: HttpRequest, concern_token: UUID) -> HttpResponse:
    said = _("Shown again, where it stood.")
    return _decided(request, concern_token, actions.show_text_again, "again", said)


@require_POST
def ask_for_name(request: HttpRequest, concern_token: UUID) -> HttpResponse:
    said = _("Asked for. A second person of HR decides.")
    return _decided(request, concern_token, actions.ask_for_name, "name", said)


@require_POST
def agree_to_disclosure(request: HttpRequest, disclosure_token: UUID) -> HttpResponse:
    disclosure = pages.disclosure_of(request.viewer, token=disclosure_token)
    actions.agree_to_disclosure(disclosure, by=request.viewer, now=timezone.now())
    messages.success(request, _("Agreed. Both of you can open the name; whose it is will be told."))
    return redirect("feedback:concern", disclosure.concern.token)


@require_POST
def refuse_disclosure(request: HttpRequest, disclosure_token: UUID) -> HttpResponse:
    disclosure = pages.disclosure_of(request.viewer, token=disclosure_token)
    actions.refuse_disclosure(disclosure, by=request.viewer, now=timezone.now())
    messages.success(request, _("Refused. The name stays closed."))
    return redirect("feedback:concern", disclosure.concern.token)


@require_POST
def open_name(request: HttpRequest, disclosure_token: UUID) -> HttpResponse:
    """The one page with the name. PRIVACY: an answer to this press alone; it has no address to go
    back to, and nothing keeps a copy."""
    disclosure = pages.disclosure_of(request.viewer, token=disclosure_token)
    spend("open_name", request.viewer.person_id, times=OPENINGS, seconds=HOUR)
    now = timezone.now()
    try:
        actions.open_name(disclosure, by=request.viewer, now=now)
    except NotAllowed as refused:
        messages.error(request, refused.reason)
        return redirect("feedback:concern", disclosure.concern.token)
    page = pages.opened_name(request.viewer, token=disclosure_token, now=now)
    response = render(request, "feedback/opened_name.html", {"page": page})
    response.headers["Cache-Control"] = "no-store"
    return response


FORMS: dict[str, Callable[..., forms.GiveReason]] = {
    "decide": forms.decision,
    "again": forms.showing_again,
    "name": forms.asking_for_name,
}


def _decided(
    request: HttpRequest, concern_token: UUID, deed: Callable[..., Any], which: str, said: str
) -> HttpResponse:
    """One deed with a reason: done, or the case again with what is missing."""
    concern = pages.concern_of(request.viewer, token=concern_token)
    form = FORMS[which](request.POST)
    if form.is_valid():
        try:
            deed(
                concern,
                reason=form.cleaned_data["reason"],
                by=request.viewer,
                now=timezone.now(),
            )
        except NotAllowed as refused:
            form.add_error("reason", refused.reason)
        else:
            messages.success(request, said)
            return redirect("feedback:concern", concern_token)
    return _case(request, concern_token, status=422, **{which: form})


def _case(
    request: HttpRequest, concern_token: UUID, *, status: int = 200, **bound: forms.GiveReason
) -> HttpResponse:
    page = pages.concern(request.viewer, token=concern_token, now=timezone.now())
    context = {"page": page, **{which: make() for which, make in FORMS.items()}, **bound}
    return render(request, "feedback/concern.html", context, status=status)
