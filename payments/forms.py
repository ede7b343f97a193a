"""Forms of the money pages: shape and clean input; the rules are in the actions."""

from __future__ import annotations

import re
import uuid
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError
from core.forms import DateInput, ExplainedChoiceField, MoneyField, ReasonForm
from core.money import LARGEST
from payments.actions.payouts import read_iban
from payments.gateways.sandbox import TEST_CARDS
from payments.models import PaymentMethod, PayoutMethod, WithdrawalSchedule
from payments.queries import Which

OTHER = "other"
#: What the form of a schedule offers as minimum amount at first, in minor units.
FIRST_THRESHOLD = 100_00


class CardForm(forms.Form):
    """Which of a party's cards pays, or whether its credit does: `method` is cleaned to the card, or to CREDIT."""

    #: What the form says for credit; no card has this number.
    CREDIT = 0

    method = forms.TypedChoiceField(
        label=gettext_lazy("Pay with"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose a card."),
            "invalid_choice": gettext_lazy("Choose one of your cards."),
        },
    )

    def __init__(self, *args: Any, methods: QuerySet[PaymentMethod], credit: str = "", **kwargs: Any) -> None:
        """Offer the usable cards, the default one first; before them credit, with its sum, where it is enough."""
        super().__init__(*args, **kwargs)
        cards = {str(card.pk): card for card in methods}
        choices = [(number, str(card)) for number, card in cards.items()]
        if credit:
            choices.insert(0, (str(self.CREDIT), _("Your credit, %(amount)s") % {"amount": credit}))
        field = cast("forms.TypedChoiceField", self.fields["method"])
        field.choices = choices
        field.coerce = lambda number: cards.get(number, self.CREDIT)
        field.initial = choices[0][0] if choices else None


class SandboxCardForm(forms.Form):
    """One of the sandbox's test cards, chosen or typed; what else is typed is not shown again and stored nowhere."""

    card = ExplainedChoiceField(
        label=gettext_lazy("Test card"),
        choices=[
            *((card.number, card.spaced) for card in TEST_CARDS.values()),
            (OTHER, gettext_lazy("Type a number")),
        ],
        descriptions={
            **{card.number: card.label for card in TEST_CARDS.values()},
            OTHER: gettext_lazy("A test card only. Never a real one."),
        },
        initial=next(iter(TEST_CARDS)),
        error_messages={"required": gettext_lazy("Choose a test card.")},
    )
    number = forms.CharField(
        label=gettext_lazy("Number of the test card"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=gettext_lazy("Only if you chose to type it."),
    )

    def clean(self) -> dict[str, Any]:
        """Put the number that was meant into `number`, and drop what is not a test card."""
        data = super().clean() or {}
        chosen = data.get("card")
        if chosen and chosen != OTHER:
            data["number"] = chosen
        elif chosen:
            data["number"] = re.sub(r"[\s-]", "", data.get("number", ""))
            if data["number"] not in TEST_CARDS:
                self.data = {**self.data.dict(), "number": ""}  # type: ignore[attr-defined]
                self.add_error(
                    "number",
                    _("This is a sandbox: only the test cards listed here work. Never type a real card number."),
                )
        return data


class BankForm(forms.Form):
    """A bank account by its IBAN."""

    iban = forms.CharField(
        label=gettext_lazy("IBAN"),
        max_length=42,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
        help_text=gettext_lazy("As your bank writes it, with or without spaces."),
        error_messages={"required": gettext_lazy("Enter the IBAN of your bank account.")},
    )

    def clean_iban(self) -> str:
        """Check length, country and check digits."""
        try:
            return read_iban(self.cleaned_data["iban"])
        except DomainError as error:
            raise ValidationError(error.message, code="invalid") from error


class WithdrawForm(forms.Form):
    """How much goes to which bank account. The token makes one form withdraw once."""

    amount = MoneyField(label=gettext_lazy("Amount"))
    method = forms.ModelChoiceField(
        label=gettext_lazy("To"),
        queryset=PayoutMethod.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={
            "required": gettext_lazy("Choose a bank account."),
            "invalid_choice": gettext_lazy("This bank account cannot be used any more. Choose another one."),
        },
    )
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, methods: Any, maximum: int, **kwargs: Any) -> None:
        """Take the bank accounts that may be used and what can leave now, in minor units."""
        super().__init__(*args, **kwargs)
        self.fields["method"].queryset = methods  # type: ignore[attr-defined]
        self.fields["amount"] = MoneyField(label=_("Amount"), maximum=max(maximum, 1))
        first = methods.first()
        if first:
            self.initial.setdefault("method", first.pk)
        self.initial.setdefault("amount", maximum)


class ScheduleForm(forms.Form):
    """On which days what can leave goes to which bank account, or on none."""

    NONE = "none"

    rhythm = ExplainedChoiceField(
        label=gettext_lazy("When"),
        choices=[
            (NONE, gettext_lazy("Only when I ask")),
            (WithdrawalSchedule.Rhythm.WEEKLY, gettext_lazy("Every week")),
            (WithdrawalSchedule.Rhythm.TWICE_MONTHLY, gettext_lazy("Twice a month")),
            (WithdrawalSchedule.Rhythm.MONTHLY, gettext_lazy("Every month")),
        ],
        descriptions={
            NONE: gettext_lazy("Money waits in the wallet until you withdraw it."),
            WithdrawalSchedule.Rhythm.WEEKLY: gettext_lazy("On Mondays."),
            WithdrawalSchedule.Rhythm.TWICE_MONTHLY: gettext_lazy("On the 1st and the 15th."),
            WithdrawalSchedule.Rhythm.MONTHLY: gettext_lazy("On the 1st."),
        },
        error_messages={"required": gettext_lazy("Choose when to withdraw.")},
    )
    threshold = MoneyField(
        label=gettext_lazy("Minimum amount"),
        required=False,
        help_text=gettext_lazy("With less than this the day is skipped."),
    )
    method = forms.ModelChoiceField(
        label=gettext_lazy("To"),
        queryset=PayoutMethod.objects.none(),
        required=False,
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={
            "invalid_choice": gettext_lazy("This bank account cannot be used any more. Choose another one.")
        },
    )

    def __init__(self, *args: Any, methods: Any, schedule: WithdrawalSchedule | None, **kwargs: Any) -> None:
        """Take the bank accounts that may be used, and the schedule as it is."""
        super().__init__(*args, **kwargs)
        self.fields["method"].queryset = methods  # type: ignore[attr-defined]
        first = methods.first()
        self.initial = {
            "rhythm": self.NONE,
            "threshold": FIRST_THRESHOLD,
            "method": first and first.pk,
            **self.initial,
        }
        if schedule is not None:
            is_off = schedule.status == WithdrawalSchedule.Status.OFF
            self.initial["rhythm"] = self.NONE if is_off else schedule.rhythm
            self.initial["threshold"] = schedule.threshold
            if methods.filter(pk=schedule.method_id).exists():
                self.initial["method"] = schedule.method_id

    def clean(self) -> dict[str, Any]:
        """Ask for amount and bank account where there are days."""
        data = super().clean() or {}
        if data.get("rhythm") not in {None, self.NONE}:
            if not data.get("threshold") and "threshold" not in self.errors:
                self.add_error("threshold", _("Enter an amount."))
            if not data.get("method") and "method" not in self.errors:
                self.add_error("method", _("Choose a bank account."))
        return data


#: Days outside of these are nobody's: they are ignored, as all nonsense in an address is.
EARLIEST, LATEST = date(2000, 1, 1), date(2200, 12, 31)
IN_OUR_AGE = [MinValueValidator(EARLIEST), MaxValueValidator(LATEST)]


class GiveBackForm(forms.Form):
    """How much of a release goes back, and a word on why. The token makes one form give back once."""

    amount = MoneyField(label=gettext_lazy("Amount"))
    reason = forms.CharField(
        label=gettext_lazy("A word on why"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, maximum: int, **kwargs: Any) -> None:
        """Take what may go back at most, in minor units."""
        super().__init__(*args, **kwargs)
        self.fields["amount"] = MoneyField(label=_("Amount"), maximum=max(maximum, 1))
        self.initial.setdefault("amount", maximum)


class EvidenceForm(forms.Form):
    """What staff say for a contested payment in their own words, and why they send it."""

    words = forms.CharField(required=False, max_length=5_000)
    reason = forms.CharField(max_length=1000, error_messages={"required": gettext_lazy("Give a reason.")})


class TokenField(forms.UUIDField):
    """The token of a form of staff, written into it by its page: one form works once."""

    default_error_messages = dict.fromkeys(("required", "invalid"), gettext_lazy("Open this page anew, then send it."))


class CashForm(forms.Form):
    """A sum that staff move by hand, and why."""

    amount = MoneyField(label=gettext_lazy("Amount"))
    reason = forms.CharField(max_length=1000, error_messages={"required": gettext_lazy("Give a reason.")})
    token = TokenField()


class StaffGiveBackForm(CashForm):
    """How much of a release staff give back, and why; and what its page said that the payee holds of it."""

    seen_remaining = forms.IntegerField(
        min_value=0, max_value=LARGEST, error_messages={"required": gettext_lazy("Open this page anew, then send it.")}
    )


class PayBackForm(ReasonForm):
    """Why a client's credit is paid back."""

    token = TokenField()


class StatementForm(forms.Form):
    """What the statement's address asks for; nonsense is ignored, so that an old link still opens a page."""

    account = forms.ChoiceField(choices=[("available", ""), ("pending", "")], required=False)
    group = forms.ChoiceField(
        label=gettext_lazy("Show"),
        choices=[
            ("", gettext_lazy("All movements")),
            ("paid", gettext_lazy("Paid by clients")),
            ("returned", gettext_lazy("Given back")),
            ("available", gettext_lazy("Became available")),
            ("withdrawn", gettext_lazy("Withdrawals")),
        ],
        required=False,
    )
    month = forms.RegexField(r"^\d{4}-(0[1-9]|1[0-2])$", required=False)
    since = forms.DateField(label=gettext_lazy("From"), required=False, widget=DateInput(), validators=IN_OUR_AGE)
    until = forms.DateField(label=gettext_lazy("To"), required=False, widget=DateInput(), validators=IN_OUR_AGE)
    before = forms.IntegerField(min_value=1, max_value=2**62, required=False)

    def which(self) -> Which:
        """Return the balance that was asked for."""
        return "pending" if self.cleaned_data.get("account") == "pending" else "available"

    def group_name(self) -> str:
        """Return the group of movements that was asked for, or nothing for all."""
        return str(self.cleaned_data.get("group", ""))

    def month_start(self) -> datetime | None:
        """Return the first moment of the month that was asked for, if any."""
        text = self.cleaned_data.get("month", "")
        year, month = (int(text[:4]), int(text[5:])) if text else (0, 0)
        in_our_age = EARLIEST.year <= year <= LATEST.year
        return _midnight(date(year, month, 1)) if in_our_age else None

    def period(self) -> tuple[datetime | None, datetime | None]:
        """Return the first moment of the period and the first one after it; a month goes before two dates."""
        month = self.month_start()
        if month:
            return month, _midnight(date(month.year + month.month // 12, month.month % 12 + 1, 1))
        first, last = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        return first and _midnight(first), last and _midnight(last + timedelta(days=1))


def _midnight(day: date) -> datetime:
    """Return the moment a day begins where the reader is: days are shown in the reader's zone."""
    return timezone.make_aware(datetime.combine(day, time()))
