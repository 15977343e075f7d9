"""Cycles over HTTP: the list, the plan, one cycle, its board, and what is pressed on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core.keys import key_in
from apps.reviews import actions, pages
from apps.reviews.forms import cycles as forms
from apps.reviews.rules.phases import Hindered


@require_GET
def my_reviews(request: HttpRequest) -> HttpResponse:
    page = pages.my_reviews(request.viewer)
    return render(request, "reviews/my_reviews.html", {"page": page})


@require_GET
def kept_words(request: HttpRequest) -> HttpResponse:
    page = pages.kept_words(request.viewer)
    return render(request, "reviews/kept_words.html", {"page": page})


@require_GET
def cycle_list(request: HttpRequest) -> HttpResponse:
    page = pages.cycle_list(request.viewer, number=request.GET.get("page", 1))
    return render(request, "reviews/cycle_list.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def prepare_cycle(request: HttpRequest) -> HttpResponse:
    page = pages.cycle_plan(request.viewer)
    if not page.may:
        raise PermissionDenied(page.may.reason)
    form = forms.CycleForm(request.POST or None, choices=page.choices)
    if request.method == "POST" and form.is_valid():
        try:
            cycle = actions.prepare_cycle(form.plan(), by=request.viewer, now=timezone.now())
        except actions.Faulty as faulty:
            form.show(faulty.faults)
        else:
            messages.success(request, _("The plan is kept. Nobody has been told of it yet."))
            return redirect("reviews:cycle", cycle.pk)
    return _plan(request, page, form)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_cycle(request: HttpRequest, cycle_id: int) -> HttpResponse:
    page = pages.cycle_plan(request.viewer, cycle_id=cycle_id)
    if not page.may or page.cycle is None:
        raise PermissionDenied(page.may.reason)
    initial = forms.initial_of(page.cycle.plan())
    form: Any
    if page.only_dates:
        kinds = [phase.kind for phase in page.cycle.phases.all()]
        form = forms.DatesForm(request.POST or None, kinds=kinds, initial=initial)
    else:
        form = forms.CycleForm(
            request.POST or None,
            choices=page.choices,
            departments=tuple(initial["departments"]),
            initial=initial,
        )
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            if page.only_dates:
                grace = form.cleaned_data["grace_days"]
                actions.change_dates(
                    page.cycle, form.phases(), grace_days=grace, by=request.viewer, now=now
                )
            else:
                actions.edit_cycle(page.cycle, form.plan(), by=request.viewer, now=now)
        except actions.Faulty as faulty:
            form.show(faulty.faults)
        else:
            messages.success(request, _("The plan is kept."))
            return redirect("reviews:cycle", cycle_id)
    return _plan(request, page, form)


def _plan(request: HttpRequest, page: pages.CyclePlanPage, form: Any) -> HttpResponse:
    status = 422 if form.is_bound else 200
    context = {"page": page, "form": form}
    return render(request, "reviews/cycle_plan.html", context, status=status)


@require_GET
def cycle(request: HttpRequest, cycle_id: int) -> HttpResponse:
    page = pages.cycle(request.viewer, cycle_id=cycle_id, now=timezone.now())
    return render(request, "reviews/cycle.html", {"page": page})


def _press(
    request: HttpRequest, cycle_id: int, deed: Callable[..., Any], said: str, **given: Any
) -> HttpResponse:
    """Do one thing to a cycle, and come back to its page with the sentence that fits."""
    found = pages.cycle_of(request.viewer, cycle_id=cycle_id)
    try:
        deed(found, by=request.viewer, now=timezone.now(), **given)
    except Hindered as hindered:
        for reason in hindered.reasons:
            messages.error(request, reason)
    else:
        messages.success(request, said)
    return redirect("reviews:cycle", cycle_id)


@require_POST
def schedule_cycle(request: HttpRequest, cycle_id: int) -> HttpResponse:
    accept = request.POST.get("accept_gaps") == "yes"
    said = _("Scheduled. It starts by itself on its first day.")
    return _press(request, cycle_id, actions.schedule_cycle, said, accept_gaps=accept)


@require_POST
def unschedule_cycle(request: HttpRequest, cycle_id: int) -> HttpResponse:
    said = _("A draft again. It will not start by itself.")
    return _press(request, cycle_id, actions.unschedule_cycle, said)


@require_POST
def launch_cycle(request: HttpRequest, cycle_id: int) -> HttpResponse:
    return _press(request, cycle_id, actions.launch_cycle, _("Launched. Everybody is in."))


@require_POST
def cancel_cycle(request: HttpRequest, cycle_id: int) -> HttpResponse:
    return _press(request, cycle_id, actions.cancel_cycle, _("Cancelled."))


@require_POST
def open_phase(request: HttpRequest, cycle_id: int) -> HttpResponse:
    return _press(request, cycle_id, actions.open_phase, _("The next phase is open."))


@require_POST
def pause_cycle(request: HttpRequest, cycle_id: int) -> HttpResponse:
    said = _("Paused. What people wrote is kept.")
    return _press(request, cycle_id, actions.pause_cycle, said)


@require_POST
def resume_cycle(request: HttpRequest, cycle_id: int) -> HttpResponse:
    move_days = request.POST.get("move_days") == "yes"
    said = _("It goes on where it was.")
    return _press(request, cycle_id, actions.resume_cycle, said, move_days=move_days)


@require_POST
def step_back(request: HttpRequest, cycle_id: int) -> HttpResponse:
    form = forms.StepBackForm(request.POST)
    if not form.is_valid():
        words = _(
            "Give a reason of at most 300 characters, and a day on which the phase opens again."
        )
        messages.error(request, words)
        return redirect("reviews:cycle", cycle_id)
    said = _("One step back. The reason stands below.")
    return _press(request, cycle_id, actions.step_back, said, **form.cleaned_data)


@require_POST
def close_cycle(request: HttpRequest, cycle_id: int) -> HttpResponse:
    accept = request.POST.get("accept_unreleased") == "yes"
    said = _("Closed. Everybody keeps what they may read.")
    return _press(request, cycle_id, actions.close_cycle, said, accept_unreleased=accept)


@require_POST
def archive_cycle(request: HttpRequest, cycle_id: int) -> HttpResponse:
    return _press(request, cycle_id, actions.archive_cycle, _("Archived."))


@require_POST
def add_participant(request: HttpRequest, cycle_id: int, person_id: int) -> HttpResponse:
    found, person = pages.joiner(request.viewer, cycle_id=cycle_id, person_id=person_id)
    try:
        actions.add_participant(found, person, by=request.viewer, now=timezone.now())
    except Hindered as hindered:
        messages.error(request, str(hindered))
    else:
        messages.success(request, _("%(name)s takes part now.") % {"name": person.name})
    return redirect("reviews:changes", cycle_id)


@require_GET
def waves(request: HttpRequest, cycle_id: int) -> HttpResponse:
    group = request.GET.get("group", "")
    page = pages.waves(
        request.viewer,
        cycle_id=cycle_id,
        of=request.GET.get("of", "department"),
        chosen=key_in(group),
        number=request.GET.get("page", 1),
    )
    return render(request, "reviews/waves.html", {"page": page})


@require_POST
def release_group(request: HttpRequest, cycle_id: int) -> HttpResponse:
    found = pages.cycle_in_waves(request.viewer, cycle_id=cycle_id)
    form = forms.GroupForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a group with somebody ready in it."))
        return redirect("reviews:waves", cycle_id)
    chosen = form.cleaned_data
    try:
        wave = actions.release_group(
            found,
            of=chosen["of"],
            key=chosen["group"] or None,
            expected=chosen["expected"],
            by=request.viewer,
            now=timezone.now(),
        )
    except Hindered as hindered:
        for reason in hindered.reasons:
            messages.error(request, reason)
    else:
        words = ngettext("%(count)d packet released.", "%(count)d packets released.", len(wave))
        messages.success(request, words % {"count": len(wave)})
    return redirect(f"{reverse('reviews:waves', args=[cycle_id])}?of={chosen['of']}")
