"""Who takes part in a cycle, over HTTP: the list, its rules, and people chosen by hand."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core.htmx import screen
from apps.reviews import actions, pages
from apps.reviews.forms import population as forms
from apps.reviews.rules.phases import Hindered


@require_GET
def population(request: HttpRequest, cycle_id: int) -> HttpResponse:
    page = pages.population(
        request.viewer,
        cycle_id=cycle_id,
        now=timezone.now(),
        chosen=forms.PopulationFilterForm(request.GET).chosen(),
        number=request.GET.get("page", 1),
    )
    return screen(request, "reviews/population.html", page, fragment="reviews/_population.html")


@require_http_methods(["GET", "HEAD", "POST"])
def edit_population(request: HttpRequest, cycle_id: int) -> HttpResponse:
    page = pages.edit_population(request.viewer, cycle_id=cycle_id)
    form = forms.PopulationForm(request.POST or None, page=page)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_population(
                page.cycle, **form.rule(), by=request.viewer, now=timezone.now()
            )
        except actions.Faulty as faulty:
            form.show(faulty.faults)
        else:
            messages.success(request, _("Kept. Below is who takes part now."))
            return redirect("reviews:population", cycle_id)
    context = {"page": page, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "reviews/edit_population.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def choose_people(request: HttpRequest, cycle_id: int) -> HttpResponse:
    now = timezone.now()
    page = pages.choose_people(request.viewer, cycle_id=cycle_id, now=now)
    form = forms.ChoosePeopleForm(request.POST or None, initial={"choice": forms.LEAVE_OUT})
    unknown: list[str] = []
    if request.method == "POST" and form.is_valid():
        named = pages.addressed(request.viewer, page.cycle, form.cleaned_data["addresses"], now=now)
        unknown = named.unknown
        if unknown:
            form.add_error("addresses", _("Nothing is kept yet: not all of them work here."))
        elif named.has_oneself:
            form.add_error(
                "addresses",
                _("Your own address is among them. Another HR process admin decides about you."),
            )
        else:
            try:
                actions.choose_people(
                    page.cycle,
                    named.people,
                    takes_part=form.takes_part,
                    reason=form.cleaned_data["reason"],
                    by=request.viewer,
                    now=now,
                )
            except Hindered as hindered:
                form.add_error("reason", str(hindered))
            else:
                return _chosen(request, cycle_id, len(named.people), form.takes_part)
    context = {"page": page, "form": form, "unknown": unknown}
    status = 422 if form.is_bound else 200
    return render(request, "reviews/choose_people.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def choose_person(request: HttpRequest, cycle_id: int, person_id: int) -> HttpResponse:
    now = timezone.now()
    page = pages.choose_person(request.viewer, cycle_id=cycle_id, person_id=person_id, now=now)
    # What the plan says, or the choice that stands, is turned round; its reason is kept to edit.
    turned = page.choice.takes_part if page.choice else not page.seat.is_in
    initial = {
        "choice": forms.TAKE_IN if turned else forms.LEAVE_OUT,
        "reason": page.choice.reason if page.choice else "",
    }
    form = forms.ChoosePersonForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.choose_people(
                page.cycle,
                [page.seat.person],
                takes_part=form.takes_part,
                reason=form.cleaned_data["reason"],
                by=request.viewer,
                now=now,
            )
        except Hindered as hindered:
            form.add_error("reason", str(hindered))
        else:
            return _chosen(request, cycle_id, 1, form.takes_part)
    context = {"page": page, "form": form, "takes_in": turned}
    status = 422 if form.is_bound else 200
    return render(request, "reviews/choose_person.html", context, status=status)


@require_POST
def forget_choice(request: HttpRequest, cycle_id: int, person_id: int) -> HttpResponse:
    now = timezone.now()
    page = pages.choose_person(request.viewer, cycle_id=cycle_id, person_id=person_id, now=now)
    if page.choice is None:
        raise Http404
    actions.forget_choice(page.choice, by=request.viewer, now=now)
    words = _("The plan decides about %(name)s again.")
    messages.success(request, words % {"name": page.seat.person.name})
    return redirect("reviews:population", cycle_id)


def _chosen(request: HttpRequest, cycle_id: int, count: int, takes_part: bool) -> HttpResponse:
    """Back to the list of those chosen by hand in this way, with the sentence that fits."""
    if takes_part:
        words = ngettext("%(n)d person is taken in.", "%(n)d people are taken in.", count)
    else:
        words = ngettext("%(n)d person is left out.", "%(n)d people are left out.", count)
    messages.success(request, words % {"n": count})
    address = reverse("reviews:population", args=[cycle_id])
    return redirect(f"{address}?standing={'taken_in' if takes_part else 'left_out'}")
