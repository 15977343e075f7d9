"""HTTP in, HTTP out: build a page or call one action, then answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.calibration import actions, forms, pages
from apps.calibration.rules import OffTheScale, OwnSeat, Undecided, Unexplained
from apps.core.htmx import screen
from apps.core.keys import key_in, keys_in

OWN_SEAT = gettext_lazy(
    "A seat opens what is said about people, so nobody gives one to themself. Let somebody else of HR do it."
)


@require_GET
def sessions(request: HttpRequest) -> HttpResponse:
    page = pages.sessions(request.viewer)
    return render(request, "calibration/sessions.html", {"page": page})


def _session_form(request: HttpRequest, **more: Any) -> forms.SessionForm:
    return forms.SessionForm(
        request.POST or None,
        departments=pages.departments(),
        find=pages.people_by_address,
        **more,
    )


@require_http_methods(["GET", "POST"])
def create_session(request: HttpRequest, cycle_id: int) -> HttpResponse:
    cycle = pages.cycle_to_prepare(request.viewer, cycle_id=cycle_id)
    form = _session_form(request)
    if request.method == "POST" and form.is_valid():
        try:
            actions.create_session(
                cycle, **form.cleaned_data, by=request.viewer, now=timezone.now()
            )
            return redirect("calibration:sessions")
        except IntegrityError:
            form.add_error("name", _("This cycle has a session of that name already."))
        except OwnSeat:
            form.add_error(None, OWN_SEAT)
    status = 422 if form.is_bound else 200
    context = {"page": {"cycle": cycle, "session": None}, "form": form}
    return render(request, "calibration/session_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
def edit_session(request: HttpRequest, session_id: int) -> HttpResponse:
    page = pages.session_form(request.viewer, session_id=session_id)
    form = _session_form(request, initial=page.initial, editing=True)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_session(
                page.session, **form.cleaned_data, by=request.viewer, now=timezone.now()
            )
            return redirect("calibration:sessions")
        except IntegrityError:
            form.add_error("name", _("This cycle has a session of that name already."))
        except OwnSeat:
            form.add_error(None, OWN_SEAT)
    status = 422 if form.is_bound else 200
    return render(
        request, "calibration/session_form.html", {"page": page, "form": form}, status=status
    )


@require_GET
def board(request: HttpRequest, session_id: int, item_id: int | None = None) -> HttpResponse:
    seen = key_in(request.GET.get("version", ""))
    # The board asks every two seconds; while nothing changed the answer is empty.
    if seen is not None and seen == pages.session_version(request.viewer, session_id=session_id):
        return HttpResponse(status=204)
    page = pages.board(request.viewer, session_id=session_id, item_id=item_id)
    return screen(request, "calibration/board.html", page, fragment="calibration/_board.html")


@require_GET
def item_feedback(request: HttpRequest, session_id: int, item_id: int) -> HttpResponse:
    page = pages.item_feedback(request.viewer, session_id=session_id, item_id=item_id)
    part = "calibration/_item_feedback.html"
    return screen(request, "calibration/item_feedback.html", page, fragment=part)


@require_POST
def open_session(request: HttpRequest, session_id: int) -> HttpResponse:
    session = pages.session(request.viewer, session_id=session_id)
    actions.open_session(session, by=request.viewer, now=timezone.now())
    return redirect("calibration:board", session_id=session.pk)


@require_POST
def mark_present(request: HttpRequest, session_id: int) -> HttpResponse:
    session = pages.session(request.viewer, session_id=session_id)
    here = keys_in(request.POST.getlist("person"))
    actions.mark_present(session, person_ids=here, by=request.viewer, now=timezone.now())
    return redirect("calibration:board", session_id=session.pk)


@require_POST
def record_decision(request: HttpRequest, session_id: int, item_id: int) -> HttpResponse:
    item = pages.item(request.viewer, session_id=session_id, item_id=item_id)
    points = list(item.session.cycle.scale.points.all())
    form = forms.DecisionForm(request.POST, points=points)
    if form.is_valid():
        try:
            actions.record_decision(
                item, **form.cleaned_data, by=request.viewer, now=timezone.now()
            )
            return redirect("calibration:item", session_id=session_id, item_id=item_id)
        except Unexplained:
            form.add_error(
                "reason", _("Say in a sentence why; the manager reads it before the talk.")
            )
        except OffTheScale:
            form.add_error("to_value", _("This is no point of the scale."))
    page = pages.board(request.viewer, session_id=session_id, item_id=item_id)
    if page.panel is not None and not page.panel.may_record:
        raise PermissionDenied(page.panel.may_record.reason)
    return render(request, "calibration/board.html", {"page": page, "form": form}, status=422)


@require_POST
def confirm_rest(request: HttpRequest, session_id: int) -> HttpResponse:
    session = pages.session(request.viewer, session_id=session_id)
    count = actions.confirm_rest(session, by=request.viewer, now=timezone.now())
    messages.success(
        request,
        ngettext("%(n)d rating kept.", "%(n)d ratings kept.", count) % {"n": count},
    )
    return redirect("calibration:board", session_id=session.pk)


@require_POST
def lock_session(request: HttpRequest, session_id: int) -> HttpResponse:
    session = pages.session(request.viewer, session_id=session_id)
    try:
        actions.lock_session(session, by=request.viewer, now=timezone.now())
    except Undecided as still:
        messages.error(
            request,
            ngettext(
                "%(n)d person has no decision yet.",
                "%(n)d people have no decision yet.",
                still.count,
            )
            % {"n": still.count},
        )
        return redirect("calibration:board", session_id=session.pk)
    return redirect("calibration:record", session_id=session.pk)


@require_GET
def record(request: HttpRequest, session_id: int) -> HttpResponse:
    page = pages.record(request.viewer, session_id=session_id)
    return render(request, "calibration/record.html", {"page": page})
