"""What the off-platform guard finds, kind by kind, and what it leaves alone."""

from __future__ import annotations

import pytest
from django.utils import translation

from messaging.guard import Finding, Kind, LeadsAway, check_texts, explain, find_contacts, guard_problems
from messaging.guard.asks import is_iban

EMAIL = [
    "Write to paul@paulweb.fr please.",
    "paul.durand+jobs@mail.paulweb.co.uk",
    "paul dot durand at paulweb dot fr",
    "paul durand arobase paulweb point fr",
    "paul(at)paulweb(dot)fr",
    "paul [arobase] paulweb [point] fr",
    "p a u l @ g m a i l . c o m",
    "p.a.u.l@g.m.a.i.l.c.o.m",
    "p-a-u-l@gmail.com",
    "paulatgmaildotcom",
    "paul at gm4il d0t c0m",
    "р\u0430ul@gm\u0430il.c\u043em",
    "\uff50\uff41\uff55\uff4c\uff20\uff47\uff4d\uff41\uff49\uff4c\uff0e\uff43\uff4f\uff4d",
    "pa\u200bul@gma\u00adil.c\u2060om",
    "paul@paulweb,fr",
    "gmail: paul.durand",
    "moc.liamg@luap",
]
PHONE = [
    "06 78 90 12 34",
    "0678901234",
    "+33 6 . 78 . 90 . 12 . 34",
    "0033 6 78 90 12 34",
    "(+33) (0)6 78 90 12 34",
    "0/6/7/8/9/0/1/2/3/4",
    "O6 78 9O I2 34",
    "\uff10\uff16 78 90 12 34",
    "zero six seven eight nine zero one two three four",
    "oh six double seven nine zero one two three four",
    "zéro six soixante-dix-huit quatre-vingt-dix douze trente-quatre",
    "06 soixante dix huit 90 douze 34",
    "plus trente-trois six soixante-dix-huit quatre-vingt-dix douze trente-quatre",
    "415-555-2671",
    "(415) 555 2671",
    "SMS : 678901234",
    "06\U0001f4de78\U0001f4de90\U0001f4de12\U0001f4de34",
]
HANDLE = [
    "Telegram: @pauldev",
    "my Telegram is pauldev",
    "mon pseudo discord : paul#0420",
    "https://t.me/pauldev",
    "t dot me slash pauldev",
    "wa.me/33678901234",
    "linkedin.com/in/paul-durand",
    "fr.linkedin.com/in/paul-durand",
    "instagram.com/paul.draws",
    "skype: live:paul.durand",
    "te1egram @pauldev",
    "Insta : paul_dev75",
    "paul_dev75 on Telegram",
    "Suivez-moi @pauldev",
    "meet.google.com/abc-defg-hij",
    "discord.gg/abcDEF12",
]
TALK = [
    "Contact me on WhatsApp.",
    "Contactez-moi sur What's App.",
    "Let's move to T e l e g r a m",
    "On continue sur Discord ?",
    "Do not hesitate to reach us via Signal.",
    "I prefer to talk over Skype.",
    "Do you have WhatsApp?",
    "Send me your phone number.",
    "Laissez votre adresse mail dans la proposition.",
    "Mes coordonnées sont sur mon site.",
    "Call my mobile.",
    "Let's work outside the platform.",
    "Discutons hors plateforme.",
    "Ne postulez pas ici, écrivez-moi sur Facebook.",
]
PAYMENT = [
    "Pay me by PayPal.",
    "Je préfère être payé en crypto.",
    "I accept P@yPal only.",
    "Payment by W e s t e r n Union, please, I pay you by wire.",
    "Nous payons par virement.",
    "Voici mon RIB.",
    "DE89 3704 0044 0532 0130 00",
    "FR1420041010050500013M02606",
    "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
    "paypal.me/pauldev",
    "We could avoid the Jalon fee and settle between us.",
    "Travaillons sans passer par Jalon.",
    "Règlement de la main à la main.",
    "Invoice me directly.",
]
HARMLESS = [
    "Récemment, j’ai utilisé PayPal et Stripe pour la boutique d’un musée.",
    "Je suis à mon compte depuis 2019.",
    "D’abord en équipe (coopérative), et à mon compte depuis 12 mois.",
    "Installée à mon compte depuis trois ans, je paie mes propres outils.",
    "Budget: 12 000 to 15 000 EUR, then 1,250.00 a month.",
    "Start on 06/12/2024, end on 2025-01-07 at 14:30.",
    "SIRET 732 829 320 00074, TVA FR 40 303 265 045",
    "Django 5.2.1, Chrome 126.0.6478.127, lodash@4.17.21",
    "Order 0678901234 and ticket #0678901234 are lost.",
    "The server is 192.168.10.254, ssh deploy@staging.acme.io",
    "git clone git@github.com:acme/shop.git",
    "user@example.com is the login of the demo account.",
    "@media queries, @import, npm install @scope/pkg @types/node",
    "EUR, ISO 9001:2015, ISO 4217, 1920x1080, #061234",
    "Let's have a call on Tuesday at 14:30.",
    "I'll e-mail you the file through Jalon.",
    "I build Telegram bots.",
    "Je développe des bots Telegram.",
    "Integrate the WhatsApp Business API.",
    "PayPal integration for our shop.",
    "Nos clients nous écrivent sur WhatsApp.",
    "Customers pay us by bank transfer.",
    "Please do not contact me outside Jalon.",
    "Tous les paiements restent sur Jalon, jamais hors plateforme.",
    "You will work directly with the founder.",
    "Count one, two, three, four, five, six, seven, eight, nine, ten.",
    "0 1 2 3 4 5 6 7 8 9",
    "#design #ux #figma",
    "See https://www.port-of-brest.fr/horaires and github.com/lena/tinycharts",
    "",
    " \n\x00\ud800 ",
]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *((Kind.EMAIL, text) for text in EMAIL),
        *((Kind.PHONE, text) for text in PHONE),
        *((Kind.HANDLE, text) for text in HANDLE),
        *((Kind.TALK, text) for text in TALK),
        *((Kind.PAYMENT, text) for text in PAYMENT),
    ],
)
def test_what_leads_away_is_found_with_its_kind(kind: Kind, text: str) -> None:
    assert kind in {found.kind for found in find_contacts(text)}, find_contacts(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_leads_nowhere_is_left_alone(text: str) -> None:
    assert find_contacts(text) == ()


def test_a_finding_says_where_it_stands_in_the_text_as_it_was_written() -> None:
    text = "Bonjour ! Œuvre complète — écrivez à p\u200baul@paulweb.fr, merci."

    assert find_contacts(text) == (Finding(Kind.EMAIL, 37, 53, "p\u200baul@paulweb.fr"),)
    assert text[37:53] == "p\u200baul@paulweb.fr"


def test_two_contacts_are_two_findings_in_their_order() -> None:
    found = find_contacts("Call 06 78 90 12 34 or write to paul@paulweb.fr.")

    assert [(each.kind, each.excerpt) for each in found] == [
        (Kind.PHONE, "06 78 90 12 34"),
        (Kind.EMAIL, "paul@paulweb.fr"),
    ]


def test_a_long_finding_is_shown_shortened() -> None:
    [found] = find_contacts(f"{'a' * 60}@{'b' * 60}.com")

    assert (found.end, len(found.excerpt), found.excerpt[-1]) == (125, 60, "…")


def test_the_explanation_names_what_was_found_in_the_language_of_the_reader() -> None:
    found = find_contacts("Call 06 78 90 12 34 or write to paul@paulweb.fr.")

    assert explain(found) == (
        "Take this out: a phone number (“06 78 90 12 34”); an e-mail address (“paul@paulweb.fr”). Until there is a "
        "contract, people talk and pay here, where both sides are protected. If you meant something else, word it "
        "differently."
    )
    with translation.override("fr"):
        assert explain(found).startswith(
            "Retirez ceci\u202f: un numéro de téléphone («\u202f06 78 90 12 34\u202f»); une adresse e-mail"
        )


def test_the_explanation_names_three_findings_and_none_twice() -> None:
    found = find_contacts("a@b.com, a@b.com, c@d.com, e@f.com, g@h.com")

    assert explain(found).count("an e-mail address") == 3
    assert explain(found).count("a@b.com") == 1


def test_problems_are_told_by_the_name_of_the_text() -> None:
    texts = {"title": "A shop", "overview": "Mail me: paul@paulweb.fr", "place": ""}

    assert guard_problems(texts) == {"overview": [explain(find_contacts(texts["overview"]))]}
    with pytest.raises(LeadsAway) as refusal:
        check_texts(texts)
    assert refusal.value.problems == guard_problems(texts)
    assert refusal.value.message == explain(find_contacts(texts["overview"]))
    assert refusal.value.status_code == 409


def test_texts_without_contact_data_pass() -> None:
    check_texts({"title": "A shop", "overview": "I build shops."})


@pytest.mark.parametrize(
    ("account", "is_right"),
    [("de89370400440532013000", True), ("de89370400440532013001", False), ("gb29nwbk60161331926819", True)],
)
def test_the_check_digits_of_an_account_tell_it_from_other_numbers(account: str, is_right: bool) -> None:
    assert is_iban(account) is is_right
