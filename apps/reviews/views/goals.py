"""Goals over HTTP: all of one person's on one page, each with its form, metrics of the role to take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.keys import keys_in
from apps.reviews.actions import goals as deeds
from apps.reviews.forms import goals as forms
from apps.reviews.models import Goal
from apps.reviews.pages import goals as pages
from apps.reviews.rules.phases import Hindered


@require_http_methods(["GET", "HEAD", "POST"])
def goals(request: HttpRequest, participant_id: int) -> HttpResponse:
    page = pages.goals(request.viewer, participant_id=participant_id)
    typed = request.POST if request.method == "POST" else None
    figures = forms.ActualsForm(typed, rows=page.rows)
    status = 200
    if typed is not None:
        if not page.may_edit:
            raise PermissionDenied(page.may_edit.reason)
        status = 422
        if figures.is_valid():
            try:
                changed = deeds.save_actuals(
                    page.participant, figures.typed(), by=request.viewer, now=timezone.now()
                )
            except deeds.ActualsChanged as others:
                status = 409
                for goal in others.goals:
                    _point_out(figures, goal)
            except Goal.DoesNotExist as removed:
                raise Http404 from removed
            except Hindered as hindered:
                status = 409
                figures.add_error(None, str(hindered))
            else:
                said = ngettext("%(n)d figure is kept.", "%(n)d figures are kept.", changed)
                messages.success(request, said % {"n": changed})
                return redirect("reviews:goals", participant_id)
    return _page(request, page, figures=figures, status=status)


def _point_out(figures: forms.ActualsForm, goal: Goal) -> None:
    """The other figure stands beside the typed one, which is sent as it is when sent again."""
    stands = goal.actual_number or _("nothing")
    said = _("Somebody wrote %(number)s here meanwhile. Send again to keep yours.")
    figures.add_error(f"actual-{goal.pk}", said % {"number": stands})
    figures.data = figures.data.copy()  # type: ignore[attr-defined]  # a QueryDict when bound
    figures.data[f"was-{goal.pk}"] = goal.actual_number  # type: ignore[index]  # the copy


def _page(
    request: HttpRequest, page: pages.GoalsPage, *, status: int = 200, **given: Any
) -> HttpResponse:
    context = {"page": page, "form": forms.GoalForm(), **given}
    context.setdefault("figures", forms.ActualsForm(rows=page.rows))
    return render(request, "reviews/goals.html", context, status=status)


@require_POST
def add_goal(request: HttpRequest, participant_id: int) -> HttpResponse:
    page = pages.goals(request.viewer, participant_id=participant_id)
    form = forms.GoalForm(request.POST)
    if not page.may_edit:
        raise PermissionDenied(page.may_edit.reason)
    if form.is_valid():
        try:
            deeds.add_goal(page.participant, form.plan(), by=request.viewer, now=timezone.now())
        except Hindered as hindered:
            form.add_error(None, str(hindered))
        else:
            messages.success(request, _("The goal is there."))
            return redirect("reviews:goals", participant_id)
    return _page(request, page, form=form, status=422)


@require_POST
def take_metrics(request: HttpRequest, participant_id: int) -> HttpResponse:
    page = pages.goals(request.viewer, participant_id=participant_id)
    ticked = set(keys_in(request.POST.getlist("metric")))

    def take(participant: Any, **by: Any) -> None:
        added = deeds.take_metrics(participant, ticked, **by)
        said = ngettext("%(n)d goal was added.", "%(n)d goals were added.", added)
        messages.success(request, said % {"n": added})

    return _press(request, participant_id, take, page.participant)


@require_http_methods(["GET", "HEAD", "POST"])
def goal(request: HttpRequest, goal_id: int) -> HttpResponse:
    found = pages.goal(request.viewer, goal_id=goal_id)
    form = forms.GoalForm(request.POST or None, initial=forms.initial_of(found))
    if request.method == "POST" and form.is_valid():
        try:
            deeds.edit_goal(
                found,
                form.plan(),
                was=form.was(),
                by=request.viewer,
                now=timezone.now(),
            )
        except deeds.GoalChanged as others:
            form.point_out(others.parts, forms.initial_of(others.goal))
        except Hindered as hindered:
            form.add_error(None, str(hindered))
        else:
            messages.success(request, _("The goal is kept."))
            return redirect("reviews:goals", found.participant_id)
    context = {"page": found, "form": form}
    return render(request, "reviews/goal.html", context, status=422 if form.is_bound else 200)


@require_POST
def remove_goal(request: HttpRequest, goal_id: int) -> HttpResponse:
    found = pages.goal(request.viewer, goal_id=goal_id)

    def remove(goal: Any, **by: Any) -> None:
        deeds.remove_goal(goal, **by)
        messages.success(request, _("The goal is gone."))

    return _press(request, found.participant_id, remove, found)


@require_POST
def move_goal(request: HttpRequest, goal_id: int) -> HttpResponse:
    found = pages.goal(request.viewer, goal_id=goal_id)

    def move(goal: Any, **by: Any) -> None:
        deeds.move_goal(goal, up=request.POST.get("to") == "up", **by)

    return _press(request, found.participant_id, move, found)


def _press(
    request: HttpRequest, participant_id: int, deed: Callable[..., None], about: Any
) -> HttpResponse:
    try:
        deed(about, by=request.viewer, now=timezone.now())
    except Hindered as hindered:
        messages.error(request, str(hindered))
    return redirect("reviews:goals", participant_id)
