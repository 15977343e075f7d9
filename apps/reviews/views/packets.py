"""One person in a cycle over HTTP: their standing, their goals, their packet and the answer to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.reviews import actions, pages
from apps.reviews.forms import packets as forms
from apps.reviews.rules.phases import Hindered


@require_GET
def participant(request: HttpRequest, participant_id: int) -> HttpResponse:
    page = pages.participant(request.viewer, participant_id=participant_id, on=timezone.localdate())
    return render(request, "reviews/participant.html", {"page": page, "form": forms.GoalForm()})


def _press(
    request: HttpRequest,
    participant_id: int,
    deed: Callable[..., Any],
    said: str,
    back: str = "reviews:participant",
    **given: Any,
) -> HttpResponse:
    """Do one thing to a participant, and come back with the sentence that fits."""
    found = pages.status(request.viewer, participant_id=participant_id)
    try:
        deed(found, by=request.viewer, now=timezone.now(), **given)
    except Hindered as hindered:
        for reason in hindered.reasons:
            messages.error(request, reason)
    else:
        messages.success(request, said)
    if request.POST.get("back") == "board":
        return redirect("reviews:cycle_board", found.cycle_id)
    return redirect(back, participant_id)


@require_POST
def excuse_participant(request: HttpRequest, participant_id: int) -> HttpResponse:
    said = _("Excused from this cycle. What was written is kept.")
    return _press(request, participant_id, actions.excuse_participant, said)


@require_POST
def readmit_participant(request: HttpRequest, participant_id: int) -> HttpResponse:
    return _press(request, participant_id, actions.readmit_participant, _("Takes part again."))


@require_POST
def hand_over(request: HttpRequest, participant_id: int) -> HttpResponse:
    with_draft = request.POST.get("draft") == "with"
    said = _("Handed over. The earlier manager keeps a copy of their words.")
    return _press(request, participant_id, actions.hand_over, said, with_draft=with_draft)


@require_POST
def keep_manager(request: HttpRequest, participant_id: int) -> HttpResponse:
    said = _("The earlier manager goes on reviewing.")
    return _press(request, participant_id, actions.keep_manager, said)


@require_POST
def keep_level(request: HttpRequest, participant_id: int) -> HttpResponse:
    return _press(request, participant_id, actions.keep_level, _("The earlier level counts."))


@require_POST
def take_level(request: HttpRequest, participant_id: int) -> HttpResponse:
    return _press(request, participant_id, actions.take_level, _("The level of today counts."))


# --- goals ------------------------------------------------------------------------------------------


@require_POST
def add_goal(request: HttpRequest, participant_id: int) -> HttpResponse:
    form = forms.GoalForm(request.POST)
    if form.is_valid():
        return _press(
            request, participant_id, actions.add_goal, _("The goal is there."), plan=form.plan()
        )
    page = pages.participant(request.viewer, participant_id=participant_id, on=timezone.localdate())
    context = {"page": page, "form": form}
    return render(request, "reviews/participant.html", context, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def goal(request: HttpRequest, goal_id: int) -> HttpResponse:
    found = pages.goal(request.viewer, goal_id=goal_id)
    form = forms.GoalForm(request.POST or None, initial=forms.initial_of(found))
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_goal(found, form.plan(), by=request.viewer, now=timezone.now())
        except Hindered as hindered:
            messages.error(request, str(hindered))
        else:
            messages.success(request, _("The goal is kept."))
        return redirect("reviews:participant", found.participant_id)
    context = {"page": found, "form": form}
    return render(request, "reviews/goal.html", context, status=422 if form.is_bound else 200)


@require_POST
def remove_goal(request: HttpRequest, goal_id: int) -> HttpResponse:
    found = pages.goal(request.viewer, goal_id=goal_id)
    back = found.participant_id
    try:
        actions.remove_goal(found, by=request.viewer, now=timezone.now())
    except Hindered as hindered:
        messages.error(request, str(hindered))
    else:
        messages.success(request, _("The goal is gone."))
    return redirect("reviews:participant", back)


# --- the packet -------------------------------------------------------------------------------------


@require_GET
def packet(request: HttpRequest, participant_id: int) -> HttpResponse:
    page = pages.packet(request.viewer, participant_id=participant_id, now=timezone.now())
    return _packet(request, page)


@require_GET
def packet_preview(request: HttpRequest, participant_id: int) -> HttpResponse:
    page = pages.packet_preview(request.viewer, participant_id=participant_id, now=timezone.now())
    return render(request, "reviews/packet.html", {"page": page})


def _packet(
    request: HttpRequest, page: pages.Packet, *, status: int = 200, **given: Any
) -> HttpResponse:
    context = {"page": page, **given}
    if page.may["settle_dispute"] and "settle" not in given:
        context["settle"] = forms.SettleForm(packet=page)
    return render(request, "reviews/packet.html", context, status=status)


@require_POST
def release_packet(request: HttpRequest, participant_id: int) -> HttpResponse:
    found = pages.status(request.viewer, participant_id=participant_id)
    try:
        actions.release_packet(participant_id, by=request.viewer, now=timezone.now())
    except Hindered as hindered:
        for reason in hindered.reasons:
            messages.error(request, reason)
    else:
        said = _("Released. %(name)s can read it now.") % {"name": found.person.name}
        messages.success(request, said)
    return redirect("reviews:participant", participant_id)


@require_POST
def unshare_packet(request: HttpRequest, participant_id: int) -> HttpResponse:
    said = _("Taken back. The person cannot read it any more.")
    return _press(request, participant_id, actions.unshare_packet, said)


@require_POST
def acknowledge_packet(request: HttpRequest, participant_id: int) -> HttpResponse:
    form = forms.ReplyForm(request.POST)
    if not form.is_valid():
        page = pages.packet(request.viewer, participant_id=participant_id, now=timezone.now())
        return _packet(request, page, status=422, reply=form)
    return _press(
        request,
        participant_id,
        actions.acknowledge_packet,
        _("Thank you. It is noted that you have received it."),
        back="reviews:packet",
        reply=form.cleaned_data["reply"],
    )


@require_POST
def dispute_packet(request: HttpRequest, participant_id: int) -> HttpResponse:
    form = forms.DisputeForm(request.POST)
    if not form.is_valid():
        page = pages.packet(request.viewer, participant_id=participant_id, now=timezone.now())
        return _packet(request, page, status=422, objection=form)
    return _press(
        request,
        participant_id,
        actions.dispute_packet,
        _("Sent. The person named below reads it and decides."),
        back="reviews:packet",
        text=form.cleaned_data["text"],
    )


@require_POST
def settle_dispute(request: HttpRequest, participant_id: int) -> HttpResponse:
    page = pages.packet(request.viewer, participant_id=participant_id, now=timezone.now())
    if not page.may["settle_dispute"]:
        raise PermissionDenied(page.may["settle_dispute"].reason)
    form = forms.SettleForm(request.POST, packet=page)
    if not form.is_valid():
        return _packet(request, page, status=422, settle=form)
    return _press(
        request,
        participant_id,
        actions.settle_dispute,
        _("Settled. The person and the manager read your reason."),
        back="reviews:packet",
        outcome=form.cleaned_data["outcome"],
        ratings=form.ratings(),
    )
