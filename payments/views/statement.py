"""The statement of those who earn: on a page, as a table for their books, and on paper."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.middleware import Request
from core.clock import now
from core.limits import HOUR, limited
from core.money import decimal_text, format_money
from core.pdf import Column, Document
from core.product import rules
from core.text import sheet_cell
from payments.forms import StatementForm
from payments.queries import Line, statement, whole_statement
from payments.views.wallet import earner, earners_only

#: Lines of a file; a longer statement is asked for in parts.
MOST_ROWS, MOST_PRINTED = 50_000, 300


@login_required
@earners_only
@require_safe
def statement_page(request: Request) -> HttpResponse:
    """Show the entries of the available or the pending balance: of a month, a period or all, page by page."""
    form = _asked(request)
    which, group = form.which(), form.group_name()
    since, until = form.period()
    older_than = form.cleaned_data.get("before")
    page = statement(earner(request), which, since=since, until=until, group=group, older_than=older_than)
    at, month = timezone.localtime(now()), form.month_start()
    context = {
        "period_from": since or (page.lines[-1].at if page.lines else None),
        "period_to": until - timedelta(days=1) if until else at,
        "printed_at": at,
        "form": form,
        "which": which,
        "page": page,
        "month": month,
        "is_narrowed": bool(since or until or group),
        "this_month": at.replace(day=1),
        "previous_month": (month or at).replace(day=1) - timedelta(days=1),
        "next_month": month and (month + timedelta(days=32)).replace(day=1),
        "is_first_page": not older_than,
        "currency": rules().currency,
    }
    return render(request, "payments/statement.html", context)


@login_required
@earners_only
@require_safe
def statement_csv(request: Request) -> HttpResponse:
    """Send the statement as a table: one line an entry, oldest first, sums with a decimal point."""
    return _file(request, MOST_ROWS, _csv)


@login_required
@earners_only
@require_safe
@limited("statement_pdf", limit=60, seconds=HOUR, methods=("GET",))
def statement_pdf(request: Request) -> HttpResponse:
    """Send the statement on paper."""
    return _file(request, MOST_PRINTED, _pdf)


def _asked(request: Request) -> StatementForm:
    form = StatementForm(request.GET)
    form.is_valid()
    return form


def _file(
    request: Request, most: int, write: Callable[[Request, StatementForm, list[Line]], HttpResponse]
) -> HttpResponse:
    """Answer with the file, or back on the page with what to do where the statement is too long for one."""
    asked = _asked(request)
    since, until = asked.period()
    lines = whole_statement(
        earner(request), asked.which(), since=since, until=until, group=asked.group_name(), most=most
    )
    if lines is None:
        text = _("A file holds at most %(number)s movements. Choose a shorter period.")
        messages.error(request, text % {"number": most})
        return redirect(f"{reverse('payments:statement')}?{request.GET.urlencode()}")
    return write(request, asked, lines)


def _csv(_request: Request, asked: StatementForm, lines: list[Line]) -> HttpResponse:
    currency = rules().currency
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["date", "text", "detail", "amount", "balance", "currency", "reference"])
    for line in reversed(lines):
        writer.writerow(
            [
                line.at.astimezone(UTC).isoformat(timespec="seconds"),
                sheet_cell(line.text),
                sheet_cell(line.detail),
                decimal_text(line.amount, currency),
                decimal_text(line.balance, currency),
                currency,
                line.key,
            ]
        )
    # with a mark, so that spreadsheets read the accents
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="statement-{asked.which()}.csv"'
    return answer


def _pdf(request: Request, asked: StatementForm, lines: list[Line]) -> HttpResponse:
    currency, brand = rules().currency, rules().brand_name
    since, until = asked.period()
    is_pending = asked.which() == "pending"
    title = _("Statement: pending balance") if is_pending else _("Statement: available balance")
    paper = Document(
        title,
        author=brand,
        language=get_language() or "en",
        page_of=lambda page, pages: (
            _("%(brand)s, page %(page)s of %(pages)s") % {"brand": brand, "page": page, "pages": pages}
        ),
    )
    paper.heading(title, is_large=True)
    holder = request.party.name if request.party else ""
    first = since or (lines[-1].at if lines else None)
    last = until - timedelta(seconds=1) if until else now()
    paper.pairs(
        [
            (_("Account"), holder),
            (_("Period"), f"{_day(first)} – {_day(last)}" if first else "–"),
            (_("Printed on"), _day(now())),
        ]
    )
    paper.gap()
    columns = [
        Column(_("Date"), 0.17),
        Column(_("Description"), 0.47),
        Column(_("Amount"), 0.18, is_end=True),
        Column(_("Balance"), 0.18, is_end=True),
    ]
    rows = [
        [
            _day(line.at),
            f"{line.text}\n{line.detail}" if line.detail else line.text,
            format_money(line.amount, currency),
            format_money(line.balance, currency),
        ]
        for line in reversed(lines)
    ]
    total = [_("Together"), "", format_money(sum(line.amount for line in lines), currency), ""]
    paper.table(columns, rows, [total])
    answer = HttpResponse(paper.render(), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="statement-{asked.which()}.pdf"'
    return answer


def _day(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATE_FORMAT") if moment else ""
