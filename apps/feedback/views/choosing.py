"""Choosing who is asked: proposed by the person, decided by the manager."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.core.htmx import screen
from apps.core.keys import key_in
from apps.feedback import actions, forms, pages
from apps.feedback.rules import Doubtful, NotAllowed


@require_GET
def nominate(request: HttpRequest, participant_id: int) -> HttpResponse:
    page = pages.nominate(request.viewer, participant_id=participant_id, now=timezone.now())
    return screen(request, "feedback/nominate.html", page)


@require_POST
def find_peers(request: HttpRequest, participant_id: int) -> HttpResponse:
    """Looks for people and keeps the ticks. Writes nothing; a POST, so that no name is in an address."""
    form = forms.ProposePeers(request.POST)
    page = pages.nominate(
        request.viewer,
        participant_id=participant_id,
        now=timezone.now(),
        chosen=form.cleaned_data["peer"] if form.is_valid() else [],
        find=form.cleaned_data.get("find", ""),
    )
    return screen(request, "feedback/nominate.html", page, fragment="feedback/_peers.html")


@require_POST
def propose_peers(request: HttpRequest, participant_id: int) -> HttpResponse:
    form = forms.ProposePeers(request.POST)
    chosen = form.cleaned_data["peer"] if form.is_valid() else []
    now = timezone.now()
    page = pages.nominate(request.viewer, participant_id=participant_id, now=now, chosen=chosen)
    try:
        actions.propose_peers(page.participant, giver_ids=chosen, by=request.viewer, now=now)
    except NotAllowed as refused:
        messages.error(request, refused.reason)
        return screen(request, "feedback/nominate.html", page, status=422)
    messages.success(request, _("Proposed. Your manager looks at the list next."))
    return redirect("feedback:my_feedback")


# --- deciding -------------------------------------------------------------------------------------


@require_GET
def approve_peers(request: HttpRequest, participant_id: int) -> HttpResponse:
    page = pages.approve_peers(
        request.viewer,
        participant_id=participant_id,
        now=timezone.now(),
        find=request.GET.get("find", "")[:80],
        replacing=key_in(request.GET.get("replace", "")),
    )
    return screen(request, "feedback/approve_peers.html", page, fragment="feedback/_to_add.html")


@require_POST
def approve_all(request: HttpRequest, participant_id: int) -> HttpResponse:
    now = timezone.now()
    page = pages.approve_peers(request.viewer, participant_id=participant_id, now=now)
    overrule = forms.overrules(request.POST)
    try:
        approved = actions.approve_peers(
            page.participant, by=request.viewer, now=now, overrule=overrule
        )
    except Doubtful as doubtful:
        return _doubt(request, participant_id, pages.Doubt(doubtful.reason, "all"))
    if approved:
        messages.success(request, _("All of them are approved."))
    return redirect("feedback:approve_peers", participant_id=participant_id)


@require_POST
def approve_request(request: HttpRequest, request_id: int) -> HttpResponse:
    asked = pages.request_to_decide(request.viewer, request_id=request_id)
    overrule = forms.overrules(request.POST)
    try:
        actions.approve_request(asked, by=request.viewer, now=timezone.now(), overrule=overrule)
    except Doubtful as doubtful:
        doubt = pages.Doubt(doubtful.reason, "approve", request_id)
        return _doubt(request, asked.participant_id, doubt)
    return redirect("feedback:approve_peers", participant_id=asked.participant_id)


@require_POST
def turn_down_request(request: HttpRequest, request_id: int) -> HttpResponse:
    asked = pages.request_to_decide(request.viewer, request_id=request_id)
    actions.turn_down_request(asked, by=request.viewer, now=timezone.now())
    return redirect("feedback:approve_peers", participant_id=asked.participant_id)


@require_POST
def add_request(request: HttpRequest, participant_id: int) -> HttpResponse:
    now = timezone.now()
    page = pages.approve_peers(request.viewer, participant_id=participant_id, now=now)
    form = forms.AddRequest(request.POST)
    try:
        if not form.is_valid():
            raise NotAllowed(_("That is nobody we know."))
        actions.add_request(
            page.participant,
            giver_id=form.cleaned_data["giver"],
            by=request.viewer,
            now=now,
            overrule=forms.overrules(request.POST),
        )
    except Doubtful as doubtful:
        doubt = pages.Doubt(doubtful.reason, "add", giver_id=form.cleaned_data["giver"])
        return _doubt(request, participant_id, doubt)
    except NotAllowed as refused:
        messages.error(request, refused.reason)
        return screen(request, "feedback/approve_peers.html", page, status=422)
    return redirect("feedback:approve_peers", participant_id=participant_id)


@require_POST
def replace_request(request: HttpRequest, request_id: int) -> HttpResponse:
    asked = pages.request_to_decide(request.viewer, request_id=request_id)
    form = forms.AddRequest(request.POST)
    try:
        if not form.is_valid():
            raise NotAllowed(_("That is nobody we know."))
        actions.replace_request(
            asked,
            giver_id=form.cleaned_data["giver"],
            by=request.viewer,
            now=timezone.now(),
            overrule=forms.overrules(request.POST),
        )
    except Doubtful as doubtful:
        giver_id = form.cleaned_data["giver"]
        doubt = pages.Doubt(doubtful.reason, "replace", request_id, giver_id)
        return _doubt(request, asked.participant_id, doubt)
    except NotAllowed as refused:
        messages.error(request, refused.reason)
        return _doubt(request, asked.participant_id, None)
    return redirect("feedback:approve_peers", participant_id=asked.participant_id)


@require_POST
def accept_fewer_peers(request: HttpRequest, participant_id: int) -> HttpResponse:
    now = timezone.now()
    page = pages.approve_peers(request.viewer, participant_id=participant_id, now=now)
    left = key_in(request.POST.get("left", ""))
    actions.accept_fewer_peers(page.participant, left=left, by=request.viewer, now=now)
    messages.success(request, _("You are not asked for anybody else any more."))
    return redirect("feedback:approve_peers", participant_id=participant_id)


def _doubt(request: HttpRequest, participant_id: int, doubt: pages.Doubt | None) -> HttpResponse:
    """The page again, with what speaks against it and the button to do it all the same."""
    page = pages.approve_peers(
        request.viewer, participant_id=participant_id, now=timezone.now(), doubt=doubt
    )
    return screen(request, "feedback/approve_peers.html", page, status=422)
