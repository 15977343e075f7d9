"""What a cycle promises about feedback, set by HR."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.core.htmx import screen
from apps.feedback import actions, forms, pages
from apps.feedback.rules import NotAllowed
from apps.feedback.states import PerspectiveKind


@require_GET
def perspectives(request: HttpRequest, cycle_id: int) -> HttpResponse:
    page = pages.perspectives(request.viewer, cycle_id=cycle_id, on=timezone.localdate())
    return _perspectives(request, page)


@require_POST
def configure_perspective(request: HttpRequest, cycle_id: int, kind: str) -> HttpResponse:
    page = pages.perspectives(request.viewer, cycle_id=cycle_id, on=timezone.localdate())
    if kind not in PerspectiveKind.values:
        raise Http404
    bound = _setting_form(page, next(s for s in page.settings if s.kind == kind), request)
    if not bound.is_valid():
        return _perspectives(request, page, status=422, bound={kind: bound})
    try:
        actions.configure_perspective(
            page.cycle,
            kind=kind,
            mode=bound.cleaned_data["mode"],
            threshold=bound.cleaned_data["threshold"],
            questions=bound.cleaned_data["questions"],
            giver_budget=bound.cleaned_data["giver_budget"],
            least_days=bound.cleaned_data["least_days"],
            by=request.viewer,
            now=timezone.now(),
        )
    except NotAllowed as refused:
        bound.add_error(None, refused.reason)
        return _perspectives(request, page, status=422, bound={kind: bound})
    messages.success(request, _("Set."))
    return redirect("feedback:perspectives", cycle_id=cycle_id)


@require_GET
def readiness(request: HttpRequest, cycle_id: int) -> HttpResponse:
    page = pages.readiness(request.viewer, cycle_id=cycle_id, now=timezone.now())
    return screen(request, "feedback/readiness.html", page, fragment="feedback/_readiness.html")


@require_POST
def repeat_perspectives(request: HttpRequest, cycle_id: int) -> HttpResponse:
    page = pages.perspectives(request.viewer, cycle_id=cycle_id, on=timezone.localdate())
    try:
        actions.repeat_perspectives(page.cycle, by=request.viewer, now=timezone.now())
        messages.success(request, _("Set, as in the cycle before."))
    except NotAllowed as refused:
        messages.error(request, refused.reason)
    return redirect("feedback:perspectives", cycle_id=cycle_id)


@require_POST
def raise_threshold(request: HttpRequest, perspective_id: int) -> HttpResponse:
    perspective = pages.perspective_to_change(request.viewer, perspective_id=perspective_id)
    form = forms.RaiseThreshold(request.POST)
    try:
        if not form.is_valid():
            raise NotAllowed(_("Give a whole number."))
        actions.raise_threshold(
            perspective,
            threshold=form.cleaned_data["threshold"],
            by=request.viewer,
            now=timezone.now(),
        )
        messages.success(request, _("Raised."))
    except NotAllowed as refused:
        messages.error(request, refused.reason)
    return redirect("feedback:perspectives", cycle_id=perspective.cycle_id)


@require_POST
def change_limits(request: HttpRequest, perspective_id: int) -> HttpResponse:
    perspective = pages.perspective_to_change(request.viewer, perspective_id=perspective_id)
    page = pages.perspectives(
        request.viewer, cycle_id=perspective.cycle_id, on=timezone.localdate()
    )
    form = _limits_form(next(s for s in page.settings if s.kind == perspective.kind), request)
    if not form.is_valid():
        return _perspectives(request, page, status=422, limits={perspective.kind: form})
    try:
        changed = actions.change_limits(
            perspective,
            giver_budget=form.cleaned_data.get("giver_budget", perspective.giver_budget),
            least_days=form.cleaned_data["least_days"],
            by=request.viewer,
            now=timezone.now(),
        )
        messages.success(request, _("Changed, from now on.") if changed else _("All as it was."))
    except NotAllowed as refused:
        messages.error(request, refused.reason)
    return redirect("feedback:perspectives", cycle_id=perspective.cycle_id)


def _limits_form(setting: pages.Setting, request: HttpRequest | None = None) -> forms.ChangeLimits:
    return forms.ChangeLimits(
        request.POST if request else None,
        of_peers=setting.kind == PerspectiveKind.PEER,
        auto_id=f"limits_{setting.kind}_%s",
        initial={"giver_budget": setting.giver_budget, "least_days": setting.least_days},
    )


def _setting_form(
    page: pages.Perspectives, setting: pages.Setting, request: HttpRequest | None = None
) -> forms.SetPerspective:
    return forms.SetPerspective(
        request.POST if request else None,
        modes=setting.modes,
        lowest=page.lowest,
        highest=page.highest,
        prefix=None,
        auto_id=f"{setting.kind}_%s",
        initial={
            "mode": setting.mode,
            "threshold": setting.threshold,
            "giver_budget": setting.giver_budget,
            "least_days": setting.least_days,
            "questions": "\n".join(setting.questions),
        },
    )


def _perspectives(
    request: HttpRequest,
    page: pages.Perspectives,
    *,
    status: int = 200,
    bound: dict[str, forms.SetPerspective] | None = None,
    limits: dict[str, forms.ChangeLimits] | None = None,
) -> HttpResponse:
    rows = [
        (
            setting,
            (bound or {}).get(setting.kind) or _setting_form(page, setting),
            (limits or {}).get(setting.kind) or _limits_form(setting),
        )
        for setting in page.settings
    ]
    return render(
        request, "feedback/perspectives.html", {"page": page, "rows": rows}, status=status
    )
