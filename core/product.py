"""Every number of the product: one frozen, typed, documented record, read from the environment at start."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Literal

from django.conf import settings

#: Rungs of a price in connects: (highest price in minor units, connects), rising.
Ladder = tuple[tuple[int, int], ...]
#: Standard rates of VAT in basis points by country.
Rates = tuple[tuple[str, int], ...]
PREFIX = "JALON_"
BPS = 10_000


_COUNTRY = re.compile(r"[A-Z]{2}\Z")


class BadProduct(ValueError):
    """A product number in the environment cannot be used; the message names it and says what to write."""


def number(default: Any, text: str, *, least: int | None = None, most: int | None = None) -> Any:
    """Declare a setting with its default, its documentation and its bounds."""
    return field(default=default, metadata={"help": text, "least": least, "most": most})


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """The rules of the house in figures. Money is in minor units, rates in basis points, clocks in n times 24 hours.

    Each field is read from the variable `JALON_<NAME>`. Lists are written `10,20,40`; ladders `5000:1,10000:2`.
    """

    # The house
    brand_name: str = number("Jalon", "Name shown on pages and in mails.")
    currency: str = number("EUR", "The one currency of the installation (ISO 4217). Never change it once money moved.")
    escrow_wording: Literal["escrow", "held"] = number(
        "escrow", "How pages speak of held money: `escrow`, or `held` by the payment provider until approval."
    )

    # Fees and money
    freelancer_fee_bps: int = number(1000, "Fee on what a freelancer is paid.", least=0, most=5000)
    client_fee_bps: int = number(500, "Fee a client pays on top.", least=0, most=5000)
    milestone_minimum: int = number(500, "Smallest amount of a milestone.", least=1)
    security_days: int = number(5, "Days that released money stays pending before it is available.", least=0, most=90)
    give_back_days: int = number(
        180, "Days after the charge during which released money can be given back.", least=1, most=365
    )
    payout_method_wait_days: int = number(3, "Days before a new payout method may be used.", least=0, most=30)
    payer_wait_hours: int = number(
        24, "Hours a payer has for the second step of a card before the charge is given up.", least=1, most=168
    )
    payer_absent_wait_days: int = number(
        7, "Days a payer has for it where the charge was made while they were away.", least=1, most=30
    )
    unknown_move_hours: int = number(
        20,
        "Hours during which a payment without an answer is tried again with the same key; below the gateway's 24.",
        least=1,
        most=23,
    )

    money_case_days: int = number(
        3, "Days finance staff have for a case about money that cannot settle by itself.", least=1, most=90
    )

    reconcile_days: int = number(
        35, "Days back from now of which the hourly reconciliation compares every payment.", least=1, most=400
    )

    # Legal status and VAT
    operator_country: str = number("FR", "Country of the operator (ISO 3166, two letters): whose VAT its fees carry.")
    operator_vat_number: str = number(
        "", "VAT number of the operator. Empty: its fees carry no VAT. The embedded set-up uses a sample number."
    )
    operator_name: str = number(
        "", "Legal name of the operator, printed on its invoices; needed outside of the embedded set-up."
    )
    operator_address: str = number(
        "", "Its address, printed below the name; lines are parted by commas; needed outside of the embedded set-up."
    )
    operator_register_number: str = number("", "Its number in the trade register (SIRET in France), for invoices.")
    vat_rates: Rates = number(  # noqa: RUF009
        (
            *(("AT", 2000), ("BE", 2100), ("BG", 2000), ("CY", 1900), ("CZ", 2100), ("DE", 1900), ("DK", 2500)),
            *(("EE", 2400), ("ES", 2100), ("FI", 2550), ("FR", 2000), ("GR", 2400), ("HR", 2500), ("HU", 2700)),
            *(("IE", 2300), ("IT", 2200), ("LT", 2100), ("LU", 1700), ("LV", 2100), ("MT", 1800), ("NL", 2100)),
            *(("PL", 2300), ("PT", 2300), ("RO", 2100), ("SE", 2500), ("SI", 2200), ("SK", 2300)),
        ),
        "Standard rates of VAT by country; one who charges VAT does so at the rate of their country.",
    )
    registration_countries: tuple[str, ...] = number(
        ("FR",), "Countries whose freelancers accept paid work only as a registered business."
    )

    # Clocks of offers and milestones
    offer_days: int = number(7, "Days an offer waits for its answer.", least=1, most=90)
    review_days: int = number(14, "Days after which submitted work is approved by silence.", least=1, most=90)
    ask_back_days: int = number(7, "Days the freelancer has to answer when money is asked back.", least=1, most=90)

    worker_change_days: int = number(
        7, "Days a client has to answer when an agency proposes another worker.", least=1, most=90
    )

    # Jobs and proposals
    job_days: int = number(30, "Days without an act of the client after which a job expires.", least=1, most=365)
    job_reminder_days: int = number(3, "Days before that on which the client is reminded.", least=1, most=364)
    job_review_hours: int = number(24, "Hours staff have to review a job.", least=1, most=720)
    job_risk_weight: int = number(
        50, "Weight of the risk rules that a post touches from which staff read it before it opens.", least=1, most=1000
    )
    price_sample_minimum: int = number(
        8, "Posts of a category below which nothing is said of its usual prices.", least=3, most=1000
    )
    facts_minimum: int = number(
        3,
        "Ended jobs, or answered proposals, of a client below which no share and no median is told.",
        least=1,
        most=100,
    )
    report_review_hours: int = number(48, "Hours staff have to decide about what was reported.", least=1, most=720)
    reports_per_day: int = number(10, "Reports of one person in 24 hours.", least=1, most=1000)
    profile_review_hours: int = number(48, "Hours staff have to review a profile.", least=1, most=720)
    proposal_unopened_days: int = number(
        14, "Days after which the connects of an unopened proposal are returned.", least=1, most=365
    )
    letter_edit_hours: int = number(
        6, "Hours for which a letter that nobody has opened can be changed.", least=1, most=168
    )
    proposal_milestones_maximum: int = number(20, "Milestones of one proposal.", least=1, most=30)
    proposal_highlights_maximum: int = number(
        4, "Works and certificates that one proposal points at.", least=1, most=20
    )
    proposal_drafts_maximum: int = number(50, "Proposals that one party has begun to write.", least=1, most=500)
    job_invitation_days: int = number(7, "Days that an invitation to a job waits for an answer.", least=1, most=90)
    invitations_a_day: int = number(20, "Invitations to one job in 24 hours.", least=1, most=500)
    saved_searches_maximum: int = number(20, "Saved searches of one person.", least=1, most=200)
    talent_lists_maximum: int = number(30, "Lists of freelancers of one client.", least=1, most=200)
    talent_list_length: int = number(500, "Freelancers on one list of a client.", least=1, most=5000)
    skills_maximum: int = number(15, "Skills of a profile or a job.", least=1, most=50)
    specialities_maximum: int = number(10, "Specialities of a profile.", least=1, most=50)
    profile_items_maximum: int = number(30, "Entries of one section of a profile.", least=1, most=100)
    portfolio_files_maximum: int = number(8, "Pictures and files of one portfolio item.", least=1, most=30)
    testimonial_days: int = number(30, "Days for which the link to a testimonial works.", least=1, most=365)
    testimonial_requests_daily: int = number(
        5, "Testimonials that one freelancer may ask for in 24 hours.", least=1, most=100
    )
    available_now_days: int = number(
        7, "Days after which “available now” lapses unless it is confirmed.", least=1, most=90
    )
    available_now_reminder_hours: int = number(
        24, "Hours before that at which the freelancer is reminded.", least=1, most=168
    )
    interview_days_ahead: int = number(60, "Days ahead for which an interview can be proposed.", least=1, most=365)
    interview_times_maximum: int = number(5, "Times that one proposal of an interview names.", least=1, most=10)
    interview_reminder_hours: tuple[int, ...] = number(
        (24, 1), "Hours before an interview at which both sides are reminded.", least=1
    )
    questions_maximum: int = number(8, "Questions of a job.", least=0, most=20)
    hires_maximum: int = number(50, "Hires of one job.", least=1, most=1000)

    # People of a party
    invitation_days: int = number(7, "Days an invitation to a party waits for its answer.", least=1, most=90)
    invitations_daily: int = number(20, "Invitations that one party sends within a day.", least=1, most=1000)

    # Connects
    connect_price: int = number(15, "Price of one connect.", least=1)
    connect_packs: tuple[int, ...] = number((10, 20, 40, 60, 80), "Packs of connects on sale.", least=1)
    connect_custom_maximum: int = number(500, "Most connects bought at once.", least=1, most=10_000)
    welcome_connects: int = number(40, "Free connects when a party's first profile is approved.", least=0)
    monthly_connects: int = number(10, "Free connects each month.", least=0)
    free_connects_ceiling: int = number(200, "Free balance above which the month brings none.", least=0)
    connect_life_days: int = number(365, "Days a lot of connects lives.", least=1)
    connect_return_life_days: int = number(7, "Days a returned connect lives at least.", least=0)
    fixed_connect_ladder: Ladder = number(  # noqa: RUF009  (a field, like the others)
        ((5_000, 1), (10_000, 2), (25_000, 3), (60_000, 4), (150_000, 5)),
        "Connects by the price of a fixed-price job, up to and with each price.",
    )
    hourly_connect_ladder: Ladder = number(  # noqa: RUF009
        ((50_000, 1), (150_000, 2), (400_000, 3), (1_000_000, 4), (2_500_000, 5)),
        "Connects by the expected total of an hourly job.",
    )
    top_connect_cost: int = number(6, "Connects above the last rung.", least=1)
    unpriced_connect_cost: int = number(3, "Connects for a job without a figure.", least=1)
    connect_reminder_days: int = number(
        30, "Days before a lot of connects expires on which its party is reminded.", least=2, most=364
    )
    connect_reminder_minimum: int = number(20, "Fewest connects of a lot that are worth a reminder.", least=1)
    boost_places: int = number(
        4, "Marked places at the top of a client's list; 0 switches boosts off.", least=0, most=20
    )
    boost_days: int = number(7, "Days after a job is posted during which places are bid for.", least=1, most=365)
    boost_minimum: int = number(1, "Fewest connects of a bid for a place.", least=1, most=1000)
    boost_step: int = number(1, "Connects by which a bid must be higher than the one it puts out.", least=1, most=1000)

    # Files
    file_bytes_maximum: int = number(25 * 1024 * 1024, "Largest file in bytes.", least=1024)
    files_per_form: int = number(10, "Files of one form.", least=1, most=100)
    image_pixels_maximum: int = number(
        40_000_000, "Largest picture in pixels; larger ones are refused unread.", least=10_000
    )
    archive_bytes_maximum: int = number(500 * 1024 * 1024, "Most bytes in a ZIP file when unpacked.", least=1024)
    archive_entries_maximum: int = number(10_000, "Most files in a ZIP file.", least=1)
    loose_files_maximum: int = number(100, "Most uploads of one person that are not sent with a form yet.", least=10)

    # Calls
    call_ring_seconds: int = number(45, "Seconds for which a call rings.", least=10, most=120)
    call_silence_seconds: int = number(
        40, "Seconds after which a call ends whose page has not said that it is there.", least=25, most=300
    )
    call_hours_maximum: int = number(4, "Hours after which a call ends.", least=1, most=24)

    # Rooms
    message_edit_minutes: int = number(15, "Minutes in which a message can be changed.", least=0, most=1440)
    guard_repeats: int = number(
        3, "Masked messages of one person before a contract from which moderators hear of it.", least=1, most=100
    )
    guard_repeat_days: int = number(30, "Days in which they are counted.", least=1, most=365)
    mask_appeal_hours: int = number(48, "Hours staff have to answer an appeal against a mask.", least=1, most=720)

    # Privacy
    export_days: int = number(7, "Days for which an archive of somebody's data can be downloaded.", least=1, most=30)
    former_name_days: int = number(
        180, "Days after a contract for which its messages keep the name of a person who left.", least=0, most=730
    )
    invoice_name_years: int = number(
        10,
        "Years for which invoices keep the name of a person who left; the law of your country sets it.",
        least=1,
        most=30,
    )

    # Notices
    message_mail_minutes: int = number(
        2, "Minutes after which a message that nobody has read is mailed.", least=0, most=1440
    )
    digest_hour: int = number(8, "Hour of the reader's day from which the daily mail is sent.", least=0, most=23)

    @property
    def connect_costs(self) -> tuple[int, int]:
        """The fewest and the most connects that a proposal costs."""
        costs = [self.fixed_connect_ladder[0][1], self.hourly_connect_ladder[0][1], self.unpriced_connect_cost]
        return min(costs), max(*costs, self.top_connect_cost)

    def __post_init__(self) -> None:
        """Raise BadProduct for figures that contradict themselves or each other."""
        for spec in fields(self):
            _check_bounds(spec.name, getattr(self, spec.name), spec.metadata)
        for name in ("fixed_connect_ladder", "hourly_connect_ladder"):
            rungs = getattr(self, name)
            prices, costs = [price for price, _ in rungs], [cost for _, cost in rungs]
            if not rungs or prices != sorted(set(prices)) or costs != sorted(set(costs)) or costs[0] < 1:
                raise BadProduct(
                    f"{variable(name)}: write rungs whose prices and connects both rise, like 5000:1,10000:2."
                )
            if costs[-1] > self.top_connect_cost:
                raise BadProduct(f"{variable('top_connect_cost')} must not be below the last rung of {variable(name)}.")
        self._check_vat()
        if len(self.currency) != 3 or not self.currency.isascii() or not self.currency.isupper():
            raise BadProduct(f"{variable('currency')} must be three capital letters such as EUR.")
        if not self.brand_name.strip():
            raise BadProduct(f"{variable('brand_name')} must not be empty.")
        if self.job_reminder_days >= self.job_days:
            raise BadProduct(f"{variable('job_reminder_days')} must be below {variable('job_days')}.")
        if not self.connect_packs or max(self.connect_packs) > self.connect_custom_maximum:
            raise BadProduct(f"{variable('connect_packs')} must name packs up to {variable('connect_custom_maximum')}.")

    def _check_vat(self) -> None:
        _check_countries("vat_rates", [country for country, _rate in self.vat_rates])
        _check_countries("registration_countries", self.registration_countries)
        _check_countries("operator_country", [self.operator_country])
        if any(not 0 <= rate <= BPS for _country, rate in self.vat_rates):
            raise BadProduct(f"{variable('vat_rates')} must be between 0 and {BPS} basis points.")
        if self.operator_vat_number and self.operator_country not in dict(self.vat_rates):
            raise BadProduct(f"{variable('vat_rates')} has no rate for {variable('operator_country')}.")


def variable(name: str) -> str:
    """Return the environment variable that sets the product number `name`."""
    return PREFIX + name.upper()


def read(environ: Mapping[str, str]) -> Product:
    """Return the product of this environment; raises BadProduct for a figure it cannot use."""
    types = typing.get_type_hints(Product)
    given: dict[str, Any] = {}
    for spec in fields(Product):
        text = environ.get(variable(spec.name))
        if text is None:
            continue
        parse, shape = _READERS.get(types[spec.name], (_choice(types[spec.name]), "one of its words"))
        try:
            given[spec.name] = parse(text.strip())
        except (ValueError, TypeError) as error:
            raise BadProduct(
                f"{variable(spec.name)}={text!r} cannot be read: write {shape}. {spec.metadata['help']}"
            ) from error
    return Product(**given)


def table() -> list[tuple[str, str, str]]:
    """Return (variable, default as it is written, meaning) of every product number, for the documentation."""
    return [
        (variable(spec.name), written(spec.default), spec.metadata["help"])
        for spec in fields(Product)
        if spec.default is not MISSING
    ]


def written(value: Any) -> str:
    """Return `value` as the environment spells it."""
    if isinstance(value, tuple):
        return ",".join(":".join(map(str, item)) if isinstance(item, tuple) else str(item) for item in value)
    return str(value)


def rules() -> Product:
    """Return the product numbers of this installation."""
    product: Product = settings.PRODUCT
    return product


def _check_bounds(name: str, value: Any, bounds: Mapping[str, Any]) -> None:
    figures = value if isinstance(value, tuple) else (value,)
    for figure in figures:
        if not isinstance(figure, int):
            continue
        if bounds["least"] is not None and figure < bounds["least"]:
            raise BadProduct(f"{variable(name)} must be {bounds['least']} or more.")
        if bounds["most"] is not None and figure > bounds["most"]:
            raise BadProduct(f"{variable(name)} must be {bounds['most']} or less.")


def _check_countries(name: str, codes: Sequence[str]) -> None:
    if len(set(codes)) < len(codes) or any(not _COUNTRY.match(code) for code in codes):
        raise BadProduct(f"{variable(name)}: write each country once, in two capital letters such as FR.")


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def _ladder(text: str) -> Ladder:
    rungs = [part.split(":") for part in text.split(",")]
    return tuple((int(price), int(cost)) for price, cost in rungs)


def _rates(text: str) -> Rates:
    pairs = [part.split(":") for part in text.split(",")]
    return tuple((country.strip(), int(rate)) for country, rate in pairs)


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _choice(kind: Any) -> Callable[[str], str]:
    def read_word(text: str) -> str:
        if text not in typing.get_args(kind):
            raise ValueError(text)
        return text

    return read_word


_READERS: dict[Any, tuple[Callable[[str], Any], str]] = {
    int: (int, "a whole number"),
    str: (str, "a text"),
    tuple[int, ...]: (_numbers, "whole numbers like 10,20,40"),
    tuple[str, ...]: (_words, "words like FR,BE, or nothing"),
    Rates: (_rates, "rates like FR:2000,DE:1900"),
    Ladder: (_ladder, "rungs like 5000:1,10000:2"),
}
