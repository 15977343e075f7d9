"""One person in a cycle over HTTP: their standing, their packet and the talk about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.reviews import actions, pages
from apps.reviews.forms import packets as forms
from apps.reviews.forms.changes import MoreTimeForm
from apps.reviews.rules.phases import Hindered

BACK = {"board": "reviews:cycle_board", "changes": "reviews:changes"}


@require_GET
def participant(request: HttpRequest, participant_id: int) -> HttpResponse:
    page = pages.participant(request.viewer, participant_id=participant_id, on=timezone.localdate())
    context = {"page": page, "time_form": MoreTimeForm()}
    return render(request, "reviews/participant.html", context)


def press(
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
    if request.POST.get("back") in BACK:
        return redirect(BACK[request.POST["back"]], found.cycle_id)
    if request.POST.get("back") == "packet":
        back = "reviews:packet"
    return redirect(back, participant_id)


@require_POST
def excuse_participant(request: HttpRequest, participant_id: int) -> HttpResponse:
    said = _("Excused from this cycle. What was written is kept.")
    return press(request, participant_id, actions.excuse_participant, said)


@require_POST
def readmit_participant(request: HttpRequest, participant_id: int) -> HttpResponse:
    return press(request, participant_id, actions.readmit_participant, _("Takes part again."))


@require_POST
def hand_over(request: HttpRequest, participant_id: int) -> HttpResponse:
    with_draft = request.POST.get("draft") == "with"
    said = _("Handed over. The earlier manager keeps a copy of their words.")
    return press(request, participant_id, actions.hand_over, said, with_draft=with_draft)


@require_POST
def keep_manager(request: HttpRequest, participant_id: int) -> HttpResponse:
    said = _("The earlier manager goes on reviewing.")
    return press(request, participant_id, actions.keep_manager, said)


@require_POST
def keep_level(request: HttpRequest, participant_id: int) -> HttpResponse:
    return press(request, participant_id, actions.keep_level, _("The earlier level counts."))


@require_POST
def take_level(request: HttpRequest, participant_id: int) -> HttpResponse:
    return press(request, participant_id, actions.take_level, _("The level of today counts."))


@require_POST
def keep_leaver(request: HttpRequest, participant_id: int) -> HttpResponse:
    return press(request, participant_id, actions.keep_leaver, _("Stays in the cycle."))


@require_POST
def keep_leave(request: HttpRequest, participant_id: int) -> HttpResponse:
    return press(request, participant_id, actions.keep_leave, _("The day stays as it is."))


@require_POST
def take_back_review(request: HttpRequest, participant_id: int) -> HttpResponse:
    with_draft = request.POST.get("draft") == "with"
    said = _("Taken back. Whoever wrote in between keeps a copy of their words.")
    return press(request, participant_id, actions.take_back_review, said, with_draft=with_draft)


@require_POST
def give_more_time(request: HttpRequest, participant_id: int) -> HttpResponse:
    form = MoreTimeForm(request.POST)
    if form.is_valid():
        said = _("There is time until %(day)s now.")
        said %= {"day": formats.date_format(form.cleaned_data["until"], "j F")}
        return press(request, participant_id, actions.give_more_time, said, **form.cleaned_data)
    page = pages.participant(request.viewer, participant_id=participant_id, on=timezone.localdate())
    if not page.may["give_more_time"]:
        raise PermissionDenied(page.may["give_more_time"].reason)
    context = {"page": page, "time_form": form}
    return render(request, "reviews/participant.html", context, status=422)


@require_POST
def end_more_time(request: HttpRequest, participant_id: int) -> HttpResponse:
    phase = request.POST.get("phase", "")[:16]
    said = _("Ended. What was written is kept.")
    return press(request, participant_id, actions.end_more_time, said, phase=phase)


# --- the packet -------------------------------------------------------------------------------------


@require_GET
def packet(request: HttpRequest, participant_id: int) -> HttpResponse:
    page = pages.packet(request.viewer, participant_id=participant_id, now=timezone.now())
    return packet_page(request, page)


@require_GET
def packet_preview(request: HttpRequest, participant_id: int) -> HttpResponse:
    page = pages.packet_preview(request.viewer, participant_id=participant_id, now=timezone.now())
    return render(request, "reviews/packet.html", {"page": page})


def packet_page(
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
    form = forms.TakeBackForm(request.POST)
    if not form.is_valid() and request.POST.get("reason", "").strip():
        messages.error(request, _("Say why in at most 300 characters."))
        return redirect("reviews:participant", participant_id)
    reason = form.cleaned_data.get("reason", "")
    said = _("Taken back. The person reads why, and can read the packet no more.")
    return press(request, participant_id, actions.unshare_packet, said, reason=reason)


@require_POST
def confirm_talk(request: HttpRequest, participant_id: int) -> HttpResponse:
    form = forms.TalkForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the day of the talk."))
        return redirect("reviews:participant", participant_id)
    talked_on = form.cleaned_data["talked_on"]
    said = _("The talk is noted.") if talked_on else _("The note of the talk is gone.")
    return press(request, participant_id, actions.confirm_talk, said, talked_on=talked_on)


def send(
    request: HttpRequest,
    participant_id: int,
    deed: Callable[..., Any],
    said: str,
    *,
    form: Form,
    shown_as: str,
) -> HttpResponse:
    """Do `deed` with what was written on the packet's page, or show the page with the fault."""
    if not form.is_valid():
        page = pages.packet(request.viewer, participant_id=participant_id, now=timezone.now())
        return packet_page(request, page, status=422, **{shown_as: form})
    return press(request, participant_id, deed, said, back="reviews:packet", **form.cleaned_data)


@require_POST
def acknowledge_packet(request: HttpRequest, participant_id: int) -> HttpResponse:
    said = _("Thank you. It is noted that you have received it.")
    form = forms.ReplyForm(request.POST)
    deed = actions.acknowledge_packet
    return send(request, participant_id, deed, said, form=form, shown_as="reply")


@require_POST
def reply_to_packet(request: HttpRequest, participant_id: int) -> HttpResponse:
    said, form = _("Your reply is kept."), forms.ReplyForm(request.POST)
    deed = actions.reply_to_packet
    return send(request, participant_id, deed, said, form=form, shown_as="reply")
