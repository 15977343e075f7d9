"""A dispute over HTTP: opened, answered, given to another third person, settled."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.keys import key_in
from apps.reviews import actions, pages
from apps.reviews.forms import packets as forms
from apps.reviews.rules.phases import Hindered
from apps.reviews.views.packets import packet_page, press, send


@require_POST
def dispute_packet(request: HttpRequest, participant_id: int) -> HttpResponse:
    said = _("Sent. The person named below reads it and decides.")
    form = forms.DisputeForm(request.POST)
    deed = actions.dispute_packet
    return send(request, participant_id, deed, said, form=form, shown_as="objection")


@require_POST
def answer_dispute(request: HttpRequest, participant_id: int) -> HttpResponse:
    said = _("Your answer is kept. You can change it until the dispute is settled.")
    form = forms.AnswerForm(request.POST)
    deed = actions.answer_dispute
    return send(request, participant_id, deed, said, form=form, shown_as="answer")


@require_POST
def settle_dispute(request: HttpRequest, participant_id: int) -> HttpResponse:
    page = pages.packet(request.viewer, participant_id=participant_id, now=timezone.now())
    if not page.may["settle_dispute"]:
        raise PermissionDenied(page.may["settle_dispute"].reason)
    form = forms.SettleForm(request.POST, packet=page)
    if not form.is_valid():
        return packet_page(request, page, status=422, settle=form)
    return press(
        request,
        participant_id,
        actions.settle_dispute,
        _("Settled. The person and the manager read your reason."),
        back="reviews:packet",
        outcome=form.cleaned_data["outcome"],
        ratings=form.ratings(),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def name_arbiter(request: HttpRequest, participant_id: int) -> HttpResponse:
    if request.method != "POST":
        page = pages.name_arbiter(
            request.viewer,
            participant_id=participant_id,
            now=timezone.now(),
            who=request.GET.get("who", "")[:80],
        )
        return render(request, "reviews/name_arbiter.html", {"page": page})
    chosen = key_in(request.POST.get("person", ""))
    if chosen is None:
        raise Http404
    found, person = pages.third_person(
        request.viewer, participant_id=participant_id, person_id=chosen
    )
    try:
        actions.name_arbiter(found, person, by=request.viewer, now=timezone.now())
    except Hindered as hindered:
        messages.error(request, str(hindered))
        return redirect("reviews:name_arbiter", participant_id)
    messages.success(request, _("%(name)s settles it now.") % {"name": person.name})
    return redirect("reviews:participant", participant_id)
