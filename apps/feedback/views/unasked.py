"""Thanks and feedback that nobody asked for."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core.htmx import screen
from apps.core.limits import spend
from apps.feedback import actions, forms, pages
from apps.feedback.rules import NotAllowed

# More than anybody thanks by hand.
TIMES, HOUR = 30, 3600


@require_GET
def unasked_feedback(request: HttpRequest) -> HttpResponse:
    page = pages.unasked_feedback(
        request.viewer,
        show=request.GET.get("show", ""),
        number=request.GET.get("page", "1"),
        now=timezone.now(),
    )
    return screen(request, "feedback/unasked_feedback.html", page)


@require_GET
def find_receiver(request: HttpRequest) -> HttpResponse:
    page = pages.find_receiver(
        request.viewer, find=request.GET.get("find", "")[:80], on=timezone.localdate()
    )
    return screen(request, "feedback/find_receiver.html", page, fragment="feedback/_receivers.html")


@require_http_methods(["GET", "HEAD", "POST"])
def give_unasked(request: HttpRequest, person_id: int) -> HttpResponse:
    page = pages.give_unasked(request.viewer, person_id=person_id, on=timezone.localdate())
    form = forms.GiveUnasked(request.POST or None, choices=page.choices, to_manager=page.to_manager)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            spend("give_unasked", request.viewer.person_id, times=TIMES, seconds=HOUR)
            try:
                actions.give_unasked(
                    page.receiver,
                    kind=form.cleaned_data["kind"],
                    text=form.cleaned_data["text"],
                    audience=form.chosen_audience,
                    competency_ids=form.cleaned_data["competencies"],
                    by=request.viewer,
                    now=timezone.now(),
                )
            except NotAllowed as refused:
                form.add_error(None, refused.reason)
            else:
                words = _("%(name)s can read it now.") % {"name": page.receiver.name}
                messages.success(request, words)
                return redirect("feedback:unasked_feedback")
    context = {"page": page, "form": form}
    return render(request, "feedback/give_unasked.html", context, status=status)


@require_POST
def withdraw_unasked(request: HttpRequest, unasked_id: int) -> HttpResponse:
    given = pages.unasked_of(request.viewer, unasked_id=unasked_id)
    try:
        actions.withdraw_unasked(given, by=request.viewer, now=timezone.now())
        messages.success(request, _("Taken back. It is gone for everybody."))
    except NotAllowed as refused:
        messages.error(request, refused.reason)
    return redirect("feedback:unasked_feedback")


@require_POST
def keep_unasked(request: HttpRequest, unasked_id: int) -> HttpResponse:
    given = pages.unasked_of(request.viewer, unasked_id=unasked_id)
    actions.keep_unasked(given, by=request.viewer, now=timezone.now())
    messages.success(request, _("Kept among your notes. Nobody else sees it there."))
    return redirect("feedback:unasked_feedback")
