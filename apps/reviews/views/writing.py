"""The desk's doors: the page, the autosave, the form without scripts, hand in, take back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET, require_POST

from apps.core.errors import refuse
from apps.core.htmx import screen
from apps.core.limits import TooMany, spend_if_counted
from apps.core.workflow import StaleState
from apps.reviews.actions import drafts
from apps.reviews.actions import writing as deeds
from apps.reviews.actions.handed_over import HANDED_OVER
from apps.reviews.forms.writing import (
    Malformed,
    NoRevision,
    WholeForm,
    autosaved_fields,
    key_in,
    refused_form,
    revision_in,
    whole_form,
)
from apps.reviews.models import Review, ReviewVersion
from apps.reviews.pages import evidence
from apps.reviews.pages import versions as version_pages
from apps.reviews.pages import writing as pages
from apps.reviews.rules.fields import Unstorable

# Counted over ten seconds: a page that is left saves at once what was typed last, and must not be
# told to come back later.
A_SAVE_A_SECOND = {"times": 10, "seconds": 10}
FORM = "application/x-www-form-urlencoded"
HANDED_OVER_WORDS = _lazy(
    "Somebody else writes this review now. What you typed is kept for you under the drafts you handed over."
)


@require_GET
def review(request: HttpRequest, review_id: int) -> HttpResponse:
    page = pages.review(request.viewer, review_id=review_id)
    return screen(request, "reviews/review.html", page)


@require_GET
def next_level(
    request: HttpRequest, review_id: int, competency_id: int | None = None
) -> HttpResponse:
    page = version_pages.next_level(
        request.viewer, review_id=review_id, competency_id=competency_id
    )
    return screen(request, "reviews/next_level.html", page, fragment="reviews/_next_level.html")


@require_GET
def link_notes(request: HttpRequest, review_id: int, part: str) -> HttpResponse:
    """Notes for one part of the form, such as "c12"."""
    search = request.GET.get("search", "")[:200].replace("\0", "")
    page = evidence.link_notes(request.viewer, review_id=review_id, anchor=part, search=search)
    return screen(request, "reviews/link_notes.html", page, fragment="reviews/_link_notes.html")


@require_GET
def ladder_changes(request: HttpRequest, review_id: int) -> HttpResponse:
    page = evidence.ladder_changes_since(request.viewer, review_id=review_id)
    return screen(
        request, "reviews/ladder_changes.html", page, fragment="reviews/_ladder_changes.html"
    )


@require_GET
def versions(request: HttpRequest, review_id: int) -> HttpResponse:
    page = version_pages.versions(request.viewer, review_id=review_id)
    return render(request, "reviews/versions.html", {"page": page})


# A page that was left open must learn that the session is over; a redirect would answer with a form.
@login_not_required
@require_POST
def autosave(request: HttpRequest, review_id: int) -> HttpResponse:
    if not request.user.is_authenticated:
        return _said(401, _("You are signed out. Your text is still here; sign in again."))
    base = revision_in(request.headers.get("If-Match", ""))
    if base is None:
        return _said(428, _("Load the page again, then send once more."))
    key = key_in(request.headers.get("Idempotency-Key", ""))
    if key is None or request.content_type != FORM:
        return _said(400, _("The page sent something we cannot read. Load it again."))
    try:
        spend_if_counted("autosave", f"{review_id}:{request.viewer.person_id}", **A_SAVE_A_SECOND)
        changed = autosaved_fields(request.body)
        saving = deeds.save_review(
            review_id, changed=changed, base=base, key=key, by=request.viewer, now=timezone.now()
        )
    except Malformed:
        return _said(400, _("The page sent something we cannot read. Load it again."))
    except Unstorable as refused:
        status = 413 if refused.why == "too_long" else 400
        return _said(status, _unstorable_words(refused), field=refused.name)
    except Review.DoesNotExist:
        return _said(404, _("There is nothing here, or it is not yours to write."))
    except TooMany as pause:
        return _wait(_("That was fast. It is saved in a moment."), pause.retry_after)
    except StaleState:
        return _wait(_("Others are saving at this moment. It is tried again."), 1)
    if saving.outcome == HANDED_OVER:
        return _said(409, str(HANDED_OVER_WORDS), code="closed", revision=base, theirs={})
    if saving.outcome == drafts.CLOSED:
        words = _(
            "It is closed now. Your text is kept as an unsent draft; load the page to read it."
        )
        return _said(409, words, code="closed", revision=saving.revision, theirs={})
    if saving.outcome == drafts.CONFLICT:
        return JsonResponse({"revision": saving.revision, "theirs": saving.theirs}, status=409)
    return JsonResponse(
        {
            "revision": saving.revision,
            "saved_at": saving.saved_at and saving.saved_at.isoformat(),
            "saved": saving.saved_at and date_format(timezone.localtime(saving.saved_at), "H:i"),
        }
    )


@require_POST
def save_review(request: HttpRequest, review_id: int) -> HttpResponse:
    """The same without scripts: the whole form, then the page again."""

    def keep(form: WholeForm) -> drafts.Saving:
        return deeds.save_review(
            review_id,
            changed=form.fields,
            base=form.revision,
            whole=True,
            by=request.viewer,
            now=timezone.now(),
        )

    answer = _with_form(request, review_id, keep)
    if isinstance(answer, HttpResponse):
        return answer
    messages.success(request, _("Saved."))
    return redirect("reviews:review", review_id=review_id)


@require_POST
def submit_review(request: HttpRequest, review_id: int) -> HttpResponse:
    """Hand in what the form holds. What is missing or doubtful is said on the page."""

    def hand_in(form: WholeForm) -> drafts.Saving:
        return deeds.submit_form(
            review_id,
            changed=form.fields,
            base=form.revision,
            confirmed=form.confirmed,
            by=request.viewer,
            now=timezone.now(),
        )

    try:
        answer = _with_form(request, review_id, hand_in)
    except deeds.Incomplete:
        return _desk(request, review_id, pages.Typed(missing=True), 422)
    except deeds.Doubtful as doubtful:
        return _desk(request, review_id, pages.Typed(doubts=doubtful.doubts), 422)
    if isinstance(answer, HttpResponse):
        return answer
    # A second click on the same button finds it handed in: the first one did it, and said so.
    if answer.outcome == deeds.SUBMITTED:
        if answer.may_reopen:
            said = _("Submitted. You can take it back while this phase is open.")
        else:
            said = _("Submitted. It is in, and stays as it is.")
        messages.success(request, said)
    return redirect("reviews:review", review_id=review_id)


@require_POST
def reopen_review(request: HttpRequest, review_id: int) -> HttpResponse:
    try:
        deeds.reopen_review(review_id, by=request.viewer, now=timezone.now())
    except Review.DoesNotExist as hidden:
        raise Http404 from hidden
    except StaleState:
        return redirect("reviews:review", review_id=review_id)
    messages.success(request, _("Taken back. Nobody else reads it until you submit it again."))
    return redirect("reviews:review", review_id=review_id)


@require_POST
def restore_version(request: HttpRequest, review_id: int, revision: int) -> HttpResponse:
    try:
        deeds.restore_version(review_id, revision=revision, by=request.viewer, now=timezone.now())
    except (Review.DoesNotExist, ReviewVersion.DoesNotExist) as hidden:
        raise Http404 from hidden
    messages.success(request, _("Restored. What stood before is still among the versions."))
    return redirect("reviews:review", review_id=review_id)


def _with_form(
    request: HttpRequest, review_id: int, deed: Callable[[WholeForm], drafts.Saving]
) -> HttpResponse | drafts.Saving:
    """Do the deed with the whole form. Result: what became of it, or the answer to give instead."""
    if request.content_type != FORM:
        return refuse(request, 400)
    try:
        form = whole_form(request.body)
        saving = deed(form)
    except NoRevision:
        return refuse(request, 428)
    except Malformed:
        return refuse(request, 400)
    except Unstorable as refused:
        # Without scripts nothing else holds what was typed, so it stands in its fields again.
        typed = pages.Typed(
            fields=refused_form(request.body).fields, problem=_unstorable_words(refused)
        )
        return _desk(request, review_id, typed, 422)
    except Review.DoesNotExist as hidden:
        raise Http404 from hidden
    except StaleState:
        words = _("It was changed at the same moment. Look it over, then send it once more.")
        return _desk(request, review_id, pages.Typed(fields=form.fields, problem=words), 409)
    if saving.outcome == HANDED_OVER:
        messages.warning(request, HANDED_OVER_WORDS)
        return redirect("reviews:kept_words")
    if saving.outcome == drafts.CLOSED:
        messages.warning(
            request, _("It was closed meanwhile. What you typed is kept below as an unsent draft.")
        )
        return redirect("reviews:review", review_id=review_id)
    if saving.outcome == drafts.CONFLICT:
        typed = pages.Typed(fields=form.fields, theirs=saving.theirs)
        return _desk(request, review_id, typed, 409)
    return saving


def _desk(request: HttpRequest, review_id: int, typed: pages.Typed, status: int) -> HttpResponse:
    page = pages.review(request.viewer, review_id=review_id, typed=typed)
    return screen(request, "reviews/review.html", page, status=status)


def _wait(message: str, seconds: int) -> JsonResponse:
    response = _said(429, message)
    response["Retry-After"] = str(seconds)
    return response


def _said(status: int, message: str, **more: Any) -> JsonResponse:
    return JsonResponse({"message": message, **more}, status=status)


def _unstorable_words(refused: Unstorable) -> str:
    return {
        "too_long": _("This text is longer than 64 KB. Shorten it; it is still in the field."),
        "nul": _("The text holds a character that cannot be kept. Remove what was pasted last."),
        "surrogate": _("The text holds half a character. Remove what was pasted last."),
        "not_a_choice": _("This is not one of the choices."),
        "no_note": _(
            "A note that is linked here is gone. Load the page again to go on without it."
        ),
        "unknown": _(
            "This review has no such field. Copy what you typed there, then load the page again."
        ),
    }[refused.why]
