"""What a client does with several proposals of a job: look at them side by side, label them, decline them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.middleware import Request
from core.clock import now
from core.errors import DomainError, NotAllowed, NotFound
from core.limits import HOUR, limited
from jobs.models import Job
from messaging.guard import LeadsAway
from profiles.models import Entry
from proposals import actions
from proposals.actions import MOST_AT_ONCE, Outcome, decline_proposals
from proposals.comparison import MOST_COMPARED, columns_of
from proposals.forms import DeclineManyForm, ScorecardForm
from proposals.inbox import listed_on, rows_of
from proposals.models import Proposal
from proposals.permissions import can_hire_for
from proposals.replies import filled, replies, reply_named
from proposals.views.client import inbox_job

#: What can be done to the labels of several proposals, by the word in the address.
LABELS = {
    "shortlist": actions.shortlist_proposals,
    "unshortlist": actions.unshortlist_proposals,
    "archive": actions.archive_proposals,
    "unarchive": actions.unarchive_proposals,
}
#: Of the numbers of rows: fewer than of the largest one the database knows.
DIGITS = 19


@login_required
@require_safe
def compare(request: Request, job_id: int) -> HttpResponse:
    """Show up to four proposals of a job side by side."""
    job = inbox_job(request, job_id)
    asked = _chosen_ids(request.GET.getlist("p"))
    if len(asked) > MOST_COMPARED:
        messages.warning(
            request,
            _("These are the first %(most)s of the %(number)s that you chose.")
            % {"most": MOST_COMPARED, "number": len(asked)},
        )
    columns = columns_of(job, asked[:MOST_COMPARED], request.actor, now())
    query = "&".join(f"p={each.proposal.pk}" for each in columns)
    context = {
        "job": job,
        "columns": columns,
        "forms": [ScorecardForm.of(each.team.own, each.proposal.pk) for each in columns],
        "query": query,
        "bound": Proposal.BOUND,
        "can_sort": can_hire_for(request.actor, job),
    }
    return render(request, "proposals/compare.html", context)


@login_required
@require_POST
@limited("proposals_label_many", limit=300, seconds=HOUR)
def label_many(request: Request, job_id: int) -> HttpResponse:
    """Put a label on several proposals, or take it off, and lead back to the list as it was."""
    job = inbox_job(request, job_id)
    verb = LABELS.get(request.GET.get("label", ""))
    if verb is None:
        raise NotFound("")
    try:
        outcome = verb(job_id=job.pk, proposal_ids=_chosen_ids(request.POST.getlist("p")), by=request.actor, at=now())
    except NotAllowed:
        raise
    except DomainError as error:
        messages.error(request, error.message)
    else:
        _tell_labelled(request, outcome)
    back = request.GET.copy()
    back.pop("label", None)
    return redirect(f"{reverse('proposals:inbox', kwargs={'job_id': job.pk})}?{back.urlencode()}")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("proposals_decline_many", limit=120, seconds=HOUR)
def decline_many(request: Request, job_id: int) -> HttpResponse:
    """Write to several freelancers, look at what each will read, and decline their proposals."""
    job = inbox_job(request, job_id)
    if not can_hire_for(request.actor, job):
        raise NotAllowed(_("Only the client's hiring team declines proposals."))
    asked = _chosen_ids((request.POST if request.method == "POST" else request.GET).getlist("p"))
    rows = list(_to_decline(job, asked[:MOST_AT_ONCE]))
    live = [proposal for proposal in rows if proposal.status in Proposal.LIVE]
    languages = {proposal.author.language for proposal in live}
    step, refusal, status = request.POST.get("step", ""), "", 200
    form = DeclineManyForm(request.POST if step else None, languages=languages, initial=_start(request))
    if step in {"preview", "send"} and not form.is_valid():
        status = 422
    elif step == "send":
        try:
            outcome = decline_proposals(
                job_id=job.pk,
                proposal_ids=asked,
                reason=form.cleaned_data["reason"],
                messages=form.messages(),
                by=request.actor,
                at=now(),
            )
        except LeadsAway as error:
            form.add_problems(error.problems)
            status = 422
        except DomainError as error:
            refusal, status = error.message, error.status_code
        else:
            _tell_declined(request, outcome)
            return redirect("proposals:inbox", job_id=job.pk)
    elif step == "preview" and (problems := form.guarded()):
        form.add_problems(problems)
        status = 422
    context = {
        "job": job,
        "form": form,
        "rows": rows,
        "live": live,
        "left_out": len(rows) - len(live),
        "is_too_many": len(asked) > MOST_AT_ONCE,
        "most": MOST_AT_ONCE,
        "replies": [(reply.key, reply.title(get_language() or "en")) for reply in replies()],
        "reply": request.GET.get("reply", ""),
        "previews": _previews(form, live, job) if step == "preview" and status == 200 else None,
        "refusal": refusal,
        "has_errors": status != 200,
    }
    return render(request, "proposals/decline_many.html", context, status=status)


def _chosen_ids(values: Sequence[str]) -> list[int]:
    """Return the numbers among the values, each once, in their order."""
    return list(
        dict.fromkeys(int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 19)
    )


def _to_decline(job: Job, ids: Sequence[int]) -> QuerySet[Proposal]:
    return rows_of(listed_on(job.pk).filter(pk__in=ids)).select_related("author").order_by("-created_at", "-pk")


def _start(request: Request) -> dict[str, Any]:
    """Return what the form opens with: the reason and the texts of the reply that the address names."""
    reply = reply_named(request.GET.get("reply", ""))
    if reply is None:
        return {}
    return {"reason": reply.reason, **{f"message_{language}": text for language, text in reply.texts.items()}}


def _previews(form: DeclineManyForm, live: Sequence[Proposal], job: Job) -> list[dict[str, Any]]:
    """Return, for each language, to whom its message goes and how the first of them reads it."""
    found = []
    for language, text in form.messages().items():
        people = [proposal.party.public_name for proposal in live if proposal.author.language == language]
        if people:
            found.append(
                {
                    "language": language,
                    "words": Entry.Language(language).label,
                    "people": people,
                    "text": filled(text, name=people[0], job=job.title),
                }
            )
    return found


def _tell_labelled(request: Request, outcome: Outcome) -> None:
    done = ngettext("%(number)s proposal changed.", "%(number)s proposals changed.", outcome.done) % {
        "number": outcome.done
    }
    messages.success(request, " ".join([done, *_rest(outcome)]))


def _tell_declined(request: Request, outcome: Outcome) -> None:
    done = ngettext("%(number)s proposal declined.", "%(number)s proposals declined.", outcome.done) % {
        "number": outcome.done
    }
    messages.success(request, " ".join([done, *_rest(outcome)]))


def _rest(outcome: Outcome) -> list[str]:
    rest = []
    if outcome.withdrawn:
        rest.append(
            ngettext("%(number)s had been withdrawn.", "%(number)s had been withdrawn.", outcome.withdrawn)
            % {"number": outcome.withdrawn}
        )
    if outcome.others:
        rest.append(
            ngettext(
                "%(number)s had ended already or has an offer.",
                "%(number)s had ended already or have an offer.",
                outcome.others,
            )
            % {"number": outcome.others}
        )
    return rest
