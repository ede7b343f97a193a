"""A crowd beside the people of the story: profiles and posts by the thousand, drawn with a fixed seed.

Each is made by the verbs that people call, so that pages and search can be looked at, and measured, with as much in
them as a running marketplace has.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import get_context

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import connections, transaction

from accounts.actions import sign_up
from accounts.models import User
from accounts.queries import acting
from core.actor import Actor
from jobs.actions import JobTerms, approve_job, publish_job, start_draft
from jobs.models import Job
from marketplace.logins import MODERATOR, PASSWORD
from profiles.actions import ProfileTexts, approve_profile, create_profile, save_profile, submit_profile
from taxonomy.models import Category, Skill

Tell = Callable[[str], None]
SEED = 20260101
#: One client posts about so many jobs.
JOBS_A_CLIENT = 25
#: Posts that are committed together.
AT_ONCE = 25
#: Posts are between one and so many days old: none expires tomorrow.
OLDEST_DAYS = 25
COUNTRIES = ("FR", "FR", "FR", "BE", "DE", "ES", "PT", "CH", "CA", "TN", "MA", "SN")
FIRST_NAMES = (
    "Amélie", "Bruno", "Camille", "Driss", "Élise", "Farid", "Giulia", "Hélène", "Inès", "Jules", "Karim", "Lucie",
    "Mathis", "Nora", "Océane", "Pedro", "Quentin", "Rosa", "Sofia", "Théo", "Ulla", "Viktor", "Wanda", "Yasmine",
)  # fmt: skip
LAST_NAMES = (
    "Albrecht", "Benali", "Caron", "Delmas", "Estève", "Fontaine", "Garnier", "Haddad", "Imbert", "Joly", "Keller",
    "Lacroix", "Meunier", "Navarro", "Oliveira", "Perrin", "Quéré", "Rossi", "Sarr", "Texier", "Urban", "Vidal",
    "Weber", "Zimmer",
)  # fmt: skip
TRADES = (
    ("bakery", "boulangerie"), ("vineyard", "domaine viticole"), ("bicycle shop", "magasin de vélos"),
    ("architects’ office", "cabinet d’architectes"), ("museum", "musée"), ("clinic", "clinique"),
    ("co-operative", "coopérative"), ("theatre", "théâtre"), ("publisher", "maison d’édition"),
    ("campsite", "camping"), ("music school", "école de musique"), ("shipyard", "chantier naval"),
    ("organic farm", "ferme bio"), ("hotel", "hôtel"), ("town hall", "mairie"), ("pharmacy", "pharmacie"),
)  # fmt: skip
PLACES = (
    "Brest",
    "Nantes",
    "Lyon",
    "Lille",
    "Toulouse",
    "Annecy",
    "Rennes",
    "Dijon",
    "Gand",
    "Porto",
    "Tunis",
    "Dakar",
)
TITLES = {
    "en": ("{skill} for a {trade} in {place}", "{skill} and {other} for our {trade}", "{trade}: help with {skill}"),
    "fr": ("{skill} pour notre {trade} de {place}", "{skill} et {other} pour notre {trade}", "{trade} : {skill}"),
}
WORK = {
    "en": (
        "We are a {trade} in {place} with {staff} people, and we have put this off for two years.",
        "What we have today was made in {year} and no longer fits how we work.",
        "You will deliver the work in {parts} parts, each shown to us before the next begins.",
        "We answer within a day, and one of us knows the subject well enough to decide.",
        "It matters to us that what you make can be kept up by people who are not specialists.",
        "Tell us how you would begin, and what you need from us in the first week.",
        "The text and pictures are ready; the figures of the last {months} months can be shared.",
        "Customers ask for {other} almost every week, and so far we send them away.",
        "A student began this in {year}; you may keep what is good and drop everything else.",
        "Please know {skill} from real projects: we will ask about two of them.",
        "There is no hurry before spring, but once we start, {parts} weeks without a word would be too long.",
        "Half of the visitors come on foot, the other half never leaves the telephone, so both count.",
        "Whoever takes this will train {parts} of us and leave one page of notes.",
        "Our accountant wants one price, our director wants to see a sketch before signing anything.",
        "Last winter somebody else tried, and stopped because nobody here had time; now {staff} hours a month are set aside.",
    ),
    "fr": (
        "Nous sommes une équipe de {staff} personnes à {place} ({trade}), et ce projet attend depuis deux ans.",
        "Ce que nous utilisons date de {year} et ne correspond plus à notre façon de travailler.",
        "Le travail sera livré en {parts} parties, chacune montrée avant de commencer la suivante.",
        "Nous répondons dans la journée, et l’une de nous connaît assez le sujet pour décider.",
        "Il est important que le résultat puisse être entretenu par des personnes qui ne sont pas spécialistes.",
        "Dites-nous par quoi vous commenceriez, et ce dont vous avez besoin la première semaine.",
        "Textes et images sont prêts ; les chiffres des {months} derniers mois peuvent être partagés.",
        "Presque chaque semaine, on nous demande {other}, et nous devons refuser.",
        "Un stagiaire a commencé en {year} : gardez ce qui est bon, jetez tout ce qui ne l’est pas.",
        "Vous connaissez {skill} par de vrais chantiers ; nous parlerons de deux d’entre eux.",
        "Rien ne presse avant le printemps, mais ensuite {parts} semaines de silence seraient trop longues.",
        "La moitié du public vient à pied, l’autre ne quitte jamais son téléphone : les deux comptent.",
        "Il faudra former {parts} personnes ici et laisser une page de consignes.",
        "La comptable veut un prix ferme, la direction veut voir une esquisse avant de signer.",
        "L’hiver dernier, un premier essai a échoué faute de temps ; désormais {staff} heures par mois sont prévues.",
    ),
}
HEADINGS = {
    "en": ("{skill} and {other}", "{skill} for small teams", "Freelance in {place}: {skill}, {other}"),
    "fr": ("{skill} et {other}", "{skill} pour petites équipes", "Indépendant à {place} : {skill}, {other}"),
}
OVERVIEWS = {
    "en": (
        "I have worked with {skill} since {year}, for a {trade} first and on my own for the last {months} months.",
        "People come to me when something has to work on the first day and still be understood in three years.",
        "I say early what will not work, and I write down what was decided.",
        "Recently I used {other} for a {trade} in {place}, with a team of {staff}.",
        "I deliver in {parts} steps and show each of them before I go on.",
    ),
    "fr": (
        "Je travaille avec {skill} depuis {year}, d’abord en équipe ({trade}), et à mon compte depuis {months} mois.",
        "On m’appelle quand il faut que tout marche le premier jour, et qu’on le comprenne encore dans trois ans.",
        "Je dis tôt ce qui ne marchera pas, et j’écris ce qui a été décidé.",
        "Récemment, j’ai utilisé {other} à {place} ({trade}), dans une équipe de {staff}.",
        "Je livre en {parts} étapes et je montre chacune avant de continuer.",
    ),
}


class _Dice(random.Random):
    """Chance with a fixed seed, and the words of the taxonomy that it chooses among."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.categories = list(Category.objects.order_by("position").prefetch_related("skills"))
        self.skills = {each.pk: sorted(each.skills.all(), key=lambda skill: skill.slug) for each in self.categories}


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a text is about: a category, skills that go together, and the words that fill its sentences."""

    category: Category
    skills: tuple[Skill, ...]
    language: str
    words: dict[str, object]

    def say(self, sentences: tuple[str, ...]) -> str:
        """Return the sentences with these words."""
        return " ".join(sentences).format(**self.words)


def add_crowd(*, profiles: int, jobs: int, at: datetime, tell: Tell, processes: int = 1) -> None:
    """Make so many approved profiles and open jobs, as of `at`, in a world that has its taxonomy and its staff."""
    tell(f"{profiles} profiles and {jobs} jobs")
    shares = [_Share(number, processes, profiles, jobs, at) for number in range(processes)]
    if processes == 1:
        _add_share(shares[0])
        return
    connections.close_all()  # each process opens its own
    with ProcessPoolExecutor(processes, mp_context=get_context("fork")) as pool:
        list(pool.map(_add_share, shares))


@dataclass(frozen=True, slots=True)
class _Share:
    """What one of the processes makes: every so many-th of the crowd, from its own number on."""

    number: int
    of: int
    profiles: int
    jobs: int
    at: datetime

    def part(self, count: int) -> range:
        """Return the numbers that are this process's."""
        return range(self.number, count, self.of)


def _add_share(share: _Share) -> None:
    dice, at = _Dice(SEED + share.number), share.at
    marc = acting(User.objects.get(email=MODERATOR.email)).actor
    password = make_password(PASSWORD)
    for number in share.part(share.profiles):
        since = at - timedelta(minutes=dice.randrange(60 * 24 * 60))
        _profile(dice, _user(dice, f"freelancer-{number + 1}", password, since), marc, since)
    clients = [_client(dice, number, password, at) for number in share.part(-(-share.jobs // JOBS_A_CLIENT))]
    ages = sorted((dice.randrange(1, OLDEST_DAYS * 24 * 60) for _job in share.part(share.jobs)), reverse=True)
    for first in range(0, len(ages), AT_ONCE):
        with transaction.atomic():
            for number, age in enumerate(ages[first : first + AT_ONCE], first):
                _job(dice, clients[number % len(clients)], marc, at - timedelta(minutes=age))


def _user(dice: _Dice, name: str, password: str, at: datetime) -> User:
    user = User.objects.create(
        email=f"{name}@example.com",
        password=password,
        first_name=dice.choice(FIRST_NAMES),
        last_name=dice.choice(LAST_NAMES),
        language=dice.choice(("en", "fr", "fr")),
        country=dice.choice(COUNTRIES),
        created_at=at,
    )
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def _subject(dice: _Dice, language: str) -> _Subject:
    category = dice.choice(dice.categories)
    skills = tuple(dice.sample(dice.skills[category.pk], dice.randrange(3, 6)))
    names = [skill.name_fr if language == "fr" else skill.name_en for skill in skills]
    trade = dice.choice(TRADES)[language == "fr"]
    words = {
        "skill": names[0],
        "other": names[1],
        "trade": trade,
        "place": dice.choice(PLACES),
        "staff": dice.randrange(2, 60),
        "year": dice.randrange(2009, 2024),
        "parts": dice.randrange(2, 7),
        "months": dice.randrange(6, 36),
    }
    return _Subject(category, skills, language, words)


def _profile(dice: _Dice, user: User, moderator: Actor, at: datetime) -> None:
    party = sign_up(user=user, hat="freelancer", by=Actor.system(), at=at)
    by = acting(user).actor
    about = _subject(dice, user.language)
    texts = ProfileTexts(
        language=user.language,
        title=_title(dice, about, HEADINGS),
        overview=about.say(OVERVIEWS[user.language]),
        category_id=about.category.pk,
        skill_ids=tuple(skill.pk for skill in about.skills),
        level=dice.choice(("entry", "intermediate", "expert")),
        hourly_rate=dice.randrange(20, 120) * 100,
    )
    profile = create_profile(party_id=party.pk, by=by, at=at)
    save_profile(profile_id=profile.pk, texts=texts, by=by, at=at)
    sent = submit_profile(profile_id=profile.pk, by=by, at=at)
    approve_profile(profile_id=profile.pk, seen_version=sent.version, by=moderator, at=at)


def _client(dice: _Dice, number: int, password: str, at: datetime) -> Actor:
    since = at - timedelta(days=60)
    user = _user(dice, f"client-{number + 1}", password, since)
    trade = dice.choice(TRADES)[user.language == "fr"]
    name = f"{trade[0].upper()}{trade[1:]} {user.last_name} {number + 1}"
    sign_up(user=user, hat="client", company_name=name, by=Actor.system(), at=since)
    return acting(user).actor


def _job(dice: _Dice, by: Actor, moderator: Actor, at: datetime) -> None:
    about = _subject(dice, dice.choice(("en", "fr", "fr")))
    is_fixed = dice.random() < 0.6
    rate = dice.randrange(20, 90) * 100
    sentences = list(WORK[about.language])
    dice.shuffle(sentences)
    terms = JobTerms(
        title=_title(dice, about, TITLES),
        description=about.say(tuple(sentences[: dice.randrange(4, 6)])),
        language=about.language,
        category_id=about.category.pk,
        skill_ids=tuple(skill.pk for skill in about.skills),
        kind=Job.Kind.FIXED if is_fixed else Job.Kind.HOURLY,
        budget=dice.randrange(4, 120) * 5_000 if is_fixed else None,
        rate_low=None if is_fixed else rate,
        rate_high=None if is_fixed else rate + 1_500,
        duration=dice.choice(tuple(Job.Duration.values)),
        weekly_load=None if is_fixed else dice.choice((10, 20, 40)),
        level=dice.choice(("entry", "intermediate", "expert")),
    )
    job = start_draft(client_id=by.party_id or 0, terms=terms, by=by, at=at)
    job = publish_job(job_id=job.pk, by=by, at=at)
    if job.status == Job.Status.IN_REVIEW:
        approve_job(job_id=job.pk, by=moderator, at=at)


def _title(dice: _Dice, about: _Subject, titles: Mapping[str, tuple[str, ...]]) -> str:
    text = dice.choice(titles[about.language]).format(**about.words)
    return f"{text[0].upper()}{text[1:]}"[:80]
