"""The doors of feedback: build one page, or call one action."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.core.htmx import screen
from apps.core.workflow import StaleState
from apps.feedback import actions, forms, pages
from apps.feedback.rules import Conflict, Incomplete, NotAllowed, UnreadableFeedback, cleaned
from apps.feedback.states import PerspectiveKind

FORM = "application/x-www-form-urlencoded"


@require_GET
def my_feedback(request: HttpRequest) -> HttpResponse:
    page = pages.my_feedback(request.viewer)
    return screen(request, "feedback/my_feedback.html", page)


# --- choosing who is asked ------------------------------------------------------------------------


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


@require_GET
def approve_peers(request: HttpRequest, participant_id: int) -> HttpResponse:
    page = pages.approve_peers(
        request.viewer,
        participant_id=participant_id,
        now=timezone.now(),
        find=request.GET.get("find", "")[:80],
    )
    return screen(request, "feedback/approve_peers.html", page, fragment="feedback/_to_add.html")


@require_POST
def approve_all(request: HttpRequest, participant_id: int) -> HttpResponse:
    now = timezone.now()
    page = pages.approve_peers(request.viewer, participant_id=participant_id, now=now)
    approved = actions.approve_peers(page.participant, by=request.viewer, now=now)
    if approved:
        messages.success(request, _("All of them are approved."))
    return redirect("feedback:approve_peers", participant_id=participant_id)


@require_POST
def approve_request(request: HttpRequest, request_id: int) -> HttpResponse:
    asked = pages.request_to_decide(request.viewer, request_id=request_id)
    actions.approve_request(asked, by=request.viewer, now=timezone.now())
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
        giver_id = form.cleaned_data["giver"]
        actions.add_request(page.participant, giver_id=giver_id, by=request.viewer, now=now)
    except NotAllowed as refused:
        messages.error(request, refused.reason)
        return screen(request, "feedback/approve_peers.html", page, status=422)
    return redirect("feedback:approve_peers", participant_id=participant_id)


# --- giving ---------------------------------------------------------------------------------------


@require_GET
def give_feedback(request: HttpRequest, request_id: int) -> HttpResponse:
    page = pages.give_feedback(request.viewer, request_id=request_id)
    return screen(request, "feedback/give_feedback.html", page)


# A page that was left open must learn that the session is over; a redirect would answer with a form.
@login_not_required
@require_POST
def save_feedback_draft(request: HttpRequest, request_id: int) -> HttpResponse:
    if not request.user.is_authenticated:
        return _said(401, _("You are signed out. Your text is still here; sign in again."))
    seen = forms.revision_in(request.headers.get("If-Match", ""))
    if seen is None:
        return _said(428, _("Load the page again, then send once more."))
    try:
        page = pages.give_feedback(request.viewer, request_id=request_id)
        saved = actions.save_feedback_draft(
            page.request,
            changes=cleaned(
                forms.autosaved_fields(request.body),
                fields=page.fields,
                points=page.point_values,
            ),
            seen=seen,
            key=forms.key_in(request.headers.get("Idempotency-Key", "")),
            by=request.viewer,
            now=timezone.now(),
        )
    except Http404:
        return _said(404, _("There is nothing here, or it is not yours to write."))
    except (forms.Malformed, UnreadableFeedback):
        return _said(400, _("The page sent something we cannot read. Load it again."))
    except Conflict as conflict:
        return JsonResponse({"revision": conflict.revision, "theirs": conflict.theirs}, status=409)
    if saved.phase_is_over:
        words = _("It is closed now. Your text is kept, but it cannot be sent any more.")
        return _said(409, words, code="closed", revision=saved.revision, theirs={})
    return JsonResponse(
        {
            "revision": saved.revision,
            "saved_at": saved.saved_at.isoformat(),
            "saved": date_format(timezone.localtime(saved.saved_at), "H:i"),
        }
    )


@require_POST
def keep_feedback(request: HttpRequest, request_id: int) -> HttpResponse:
    """The same without scripts: the whole form, then the page again."""
    page = pages.give_feedback(request.viewer, request_id=request_id)
    kept = _keep_form(request, page)
    if isinstance(kept, HttpResponse):
        return kept
    messages.success(request, _("Saved. Nobody but you reads it until you send it."))
    return redirect("feedback:give_feedback", request_id=request_id)


@require_POST
def send_feedback(request: HttpRequest, request_id: int) -> HttpResponse:
    page = pages.give_feedback(request.viewer, request_id=request_id)
    typed = _typed(request, page)
    try:
        clean = cleaned(typed, fields=page.fields, points=page.point_values)
        _check_other_tab(page, clean, request)
        actions.send_feedback(
            page.request,
            values=clean,
            question_ids=page.question_ids,
            competency_ids=page.competency_ids,
            by=request.viewer,
            now=timezone.now(),
        )
    except UnreadableFeedback:
        messages.error(request, _("A text is too long, or holds something that cannot be kept."))
        return _form(request, page, typed, 422)
    except Incomplete:
        return _form(request, page, typed, 422, tried_to_send=True)
    except Conflict as conflict:
        return _form(request, page, typed, 409, theirs=conflict.theirs)
    except StaleState:
        # A second click on the same button: the first one did it.
        if not pages.give_feedback(request.viewer, request_id=request_id).was_sent:
            raise
    messages.success(request, _("Sent. Thank you for taking the time."))
    return redirect("feedback:my_feedback")


@require_POST
def decline_request(request: HttpRequest, request_id: int) -> HttpResponse:
    page = pages.give_feedback(request.viewer, request_id=request_id)
    form = forms.DeclineRequest(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    actions.decline_request(page.request, reason=reason, by=request.viewer, now=timezone.now())
    messages.success(request, _("Declined. You are not asked about this person again."))
    return redirect("feedback:my_feedback")


def _typed(request: HttpRequest, page: pages.GiveFeedback) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in page.fields}


def _keep_form(request: HttpRequest, page: pages.GiveFeedback) -> HttpResponse | None:
    typed = _typed(request, page)
    try:
        actions.save_feedback_draft(
            page.request,
            changes=cleaned(typed, fields=page.fields, points=page.point_values),
            seen=forms.revision_in(request.POST.get("revision", "")) or 0,
            key="",
            by=request.viewer,
            now=timezone.now(),
        )
    except UnreadableFeedback:
        messages.error(request, _("A text is too long, or holds something that cannot be kept."))
        return _form(request, page, typed, 422)
    except Conflict as conflict:
        return _form(request, page, typed, 409, theirs=conflict.theirs)
    return None


def _check_other_tab(
    page: pages.GiveFeedback, values: dict[str, str], request: HttpRequest
) -> None:
    seen = forms.revision_in(request.POST.get("revision", ""))
    pages.check_other_tab(page, values, seen=page.revision if seen is None else seen)


def _form(
    request: HttpRequest,
    page: pages.GiveFeedback,
    typed: dict[str, str],
    status: int,
    *,
    tried_to_send: bool = False,
    theirs: dict[str, str] | None = None,
) -> HttpResponse:
    again = pages.give_feedback(
        request.viewer,
        request_id=page.request.pk,
        typed=typed,
        tried_to_send=tried_to_send,
        theirs=theirs,
    )
    return screen(request, "feedback/give_feedback.html", again, status=status)


def _said(status: int, message: str, **more: object) -> JsonResponse:
    return JsonResponse({"message": message, **more}, status=status)


# --- reading and setting up -----------------------------------------------------------------------


@require_GET
def received_feedback(request: HttpRequest, participant_id: int) -> HttpResponse:
    page = pages.received_feedback(request.viewer, participant_id=participant_id)
    return screen(
        request, "feedback/received_feedback.html", page, fragment="feedback/_received.html"
    )


@require_GET
def perspectives(request: HttpRequest, cycle_id: int) -> HttpResponse:
    page = pages.perspectives(request.viewer, cycle_id=cycle_id)
    return _perspectives(request, page)


@require_POST
def configure_perspective(request: HttpRequest, cycle_id: int, kind: str) -> HttpResponse:
    page = pages.perspectives(request.viewer, cycle_id=cycle_id)
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
            by=request.viewer,
            now=timezone.now(),
        )
    except NotAllowed as refused:
        bound.add_error(None, refused.reason)
        return _perspectives(request, page, status=422, bound={kind: bound})
    messages.success(request, _("Set."))
    return redirect("feedback:perspectives", cycle_id=cycle_id)


@require_POST
def raise_threshold(request: HttpRequest, perspective_id: int) -> HttpResponse:
    perspective = pages.perspective_to_raise(request.viewer, perspective_id=perspective_id)
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
            "questions": "\n".join(setting.questions),
        },
    )


def _perspectives(
    request: HttpRequest,
    page: pages.Perspectives,
    *,
    status: int = 200,
    bound: dict[str, forms.SetPerspective] | None = None,
) -> HttpResponse:
    rows = [(s, (bound or {}).get(s.kind) or _setting_form(page, s)) for s in page.settings]
    return render(
        request, "feedback/perspectives.html", {"page": page, "rows": rows}, status=status
    )
