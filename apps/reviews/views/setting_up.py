"""Setting up a cycle over HTTP: its form, its weights, the check, and beginning with an old plan."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core.htmx import screen
from apps.reviews import actions, pages
from apps.reviews.forms import cycles as plan_forms
from apps.reviews.forms import setting_up as forms
from apps.reviews.states import ReviewKind


@require_GET
def preflight(request: HttpRequest, cycle_id: int) -> HttpResponse:
    page = pages.preflight(
        request.viewer,
        cycle_id=cycle_id,
        now=timezone.now(),
        chosen=request.GET.get("gap", ""),
        number=request.GET.get("page", 1),
    )
    return screen(request, "reviews/preflight.html", page, fragment="reviews/_preflight.html")


# --- the form -------------------------------------------------------------------------------------


@require_GET
def cycle_form(request: HttpRequest, cycle_id: int) -> HttpResponse:
    page = pages.cycle_form(request.viewer, cycle_id=cycle_id)
    context = {"page": page, "question": forms.QuestionForm()}
    return render(request, "reviews/cycle_form.html", context)


@require_GET
def form_preview(request: HttpRequest, cycle_id: int, review_kind: str) -> HttpResponse:
    if review_kind not in ReviewKind.values:
        raise Http404
    page = pages.form_preview(
        request.viewer, cycle_id=cycle_id, kind=review_kind, now=timezone.now()
    )
    return render(request, "reviews/form_preview.html", {"page": page})


@require_POST
def edit_sections(request: HttpRequest, cycle_id: int) -> HttpResponse:
    page = pages.cycle_form(request.viewer, cycle_id=cycle_id)
    form = forms.SectionsForm(request.POST)
    if form.is_valid():
        off = form.sections_off()
        actions.edit_sections(page.cycle, off, by=request.viewer, now=timezone.now())
        messages.success(request, _("The parts are kept."))
    else:
        messages.error(request, _("There is no such part. Nothing was changed."))
    return redirect("reviews:cycle_form", cycle_id)


@require_POST
def add_question(request: HttpRequest, cycle_id: int) -> HttpResponse:
    page = pages.cycle_form(request.viewer, cycle_id=cycle_id)
    chosen, form = forms.KindForm(request.POST), forms.QuestionForm(request.POST)
    if not chosen.is_valid():
        raise Http404
    kind = chosen.cleaned_data["kind"]
    if form.is_valid():
        try:
            actions.add_question(
                page.cycle, kind=kind, **form.cleaned_data, by=request.viewer, now=timezone.now()
            )
        except actions.Faulty as faulty:
            form.show(faulty.faults)
        else:
            messages.success(request, _("The question is added."))
            return redirect("reviews:cycle_form", cycle_id)
    context = {"page": page, "question": form, "asked_in": kind}
    return render(request, "reviews/cycle_form.html", context, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_question(request: HttpRequest, cycle_id: int, question_id: int) -> HttpResponse:
    question = pages.question(request.viewer, cycle_id=cycle_id, question_id=question_id)
    initial = {
        "text": question.text,
        "hint": question.hint,
        "is_required": question.is_required,
    }
    form = forms.QuestionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_question(
                question, **form.cleaned_data, by=request.viewer, now=timezone.now()
            )
        except actions.Faulty as faulty:
            form.show(faulty.faults)
        else:
            messages.success(request, _("The question is kept."))
            return redirect("reviews:cycle_form", cycle_id)
    context = {"page": question, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "reviews/edit_question.html", context, status=status)


@require_POST
def move_question(request: HttpRequest, cycle_id: int, question_id: int) -> HttpResponse:
    question = pages.question(request.viewer, cycle_id=cycle_id, question_id=question_id)
    form = forms.MoveForm(request.POST)
    if not form.is_valid():
        raise Http404
    up = form.cleaned_data["way"] == "up"
    actions.move_question(question, up=up, by=request.viewer, now=timezone.now())
    return redirect("reviews:cycle_form", cycle_id)


@require_POST
def remove_question(request: HttpRequest, cycle_id: int, question_id: int) -> HttpResponse:
    question = pages.question(request.viewer, cycle_id=cycle_id, question_id=question_id)
    actions.remove_question(question, by=request.viewer, now=timezone.now())
    messages.success(request, _("The question is gone."))
    return redirect("reviews:cycle_form", cycle_id)


# --- weights --------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def weigh_areas(request: HttpRequest, cycle_id: int) -> HttpResponse:
    page = pages.weigh_areas(request.viewer, cycle_id=cycle_id, now=timezone.now())
    form = forms.WeightsForm(request.POST if request.method == "POST" else None, areas=page.areas)
    if request.method == "POST" and not page.may_weigh:
        raise PermissionDenied(page.may_weigh.reason)
    if request.method == "POST" and form.is_valid():
        names = {area.key: area.name for area in page.areas}
        try:
            actions.weigh_areas(
                page.cycle, form.weights(), names=names, by=request.viewer, now=timezone.now()
            )
        except actions.Faulty as faulty:
            for sentence in faulty.faults.by_field.values():
                form.add_error(None, sentence)
        else:
            messages.success(request, _("The weights are kept."))
            return redirect("reviews:cycle", cycle_id)
    status = 422 if form.is_bound else 200
    return render(request, "reviews/weigh_areas.html", {"page": page, "form": form}, status=status)


# --- beginning with the plan of another -----------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def repeat_cycle(request: HttpRequest, cycle_id: int) -> HttpResponse:
    page = pages.repeat_cycle(request.viewer, cycle_id=cycle_id)
    if page.old is None or not page.may:
        raise PermissionDenied(page.may.reason)
    initial = plan_forms.initial_of(page.plan)
    form = plan_forms.CycleForm(request.POST or None, choices=page.choices, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            cycle = actions.repeat_cycle(
                page.old, form.plan(), by=request.viewer, now=timezone.now()
            )
        except actions.Faulty as faulty:
            form.show(faulty.faults)
        else:
            words = _("The plan is kept, with what %(old)s had. Nobody has been told of it yet.")
            messages.success(request, words % {"old": page.old.name})
            return redirect("reviews:cycle", cycle.pk)
    status = 422 if form.is_bound else 200
    context = {"page": page, "form": form}
    return render(request, "reviews/repeat_cycle.html", context, status=status)
