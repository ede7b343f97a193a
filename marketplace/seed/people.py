"""Who lives in the demonstration world."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from marketplace.logins import CLIENT, FREELANCER, Login
from profiles.actions import EntryTexts, PortfolioTexts
from profiles.models import Section


@dataclass(frozen=True, slots=True)
class Legal:
    """What somebody declared about themselves before the law; the numbers are formed right and belong to nobody."""

    name: str
    address: str
    country: str
    siret: str = ""
    vat_number: str = ""
    charges_vat: bool | None = None
    is_registered: bool = True


@dataclass(frozen=True, slots=True)
class Company:
    """A client: the person who signs in and the company they hire for."""

    login: Login
    name: str
    language: str
    country: str
    place: str
    about: str = ""
    legal: Legal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Freelancer:
    """A freelancer with everything their profile says; the rate is in minor units an hour."""

    login: Login
    language: str
    country: str
    place: str
    photo: str
    title: str
    overview: str
    category: str
    specialities: tuple[str, ...]
    skills: tuple[str, ...]
    level: str
    rate: int
    legal: Legal | None = None
    entries: tuple[EntryTexts, ...] = ()
    works: tuple[PortfolioTexts, ...] = ()


def _client(first_name: str, last_name: str) -> Login:
    return Login("client", first_name, last_name)


def _worker(first_name: str, last_name: str) -> Login:
    return Login("freelancer", first_name, last_name)


def _job(role: str, company: str, years: tuple[int, int | None], text: str) -> EntryTexts:
    since, until = years
    return EntryTexts(
        section=Section.EMPLOYMENT,
        heading=role,
        organisation=company,
        started_on=date(since, 1, 1),
        ended_on=date(until, 12, 1) if until else None,
        text=text,
    )


def _training(degree: str, school: str, until: int) -> EntryTexts:
    return EntryTexts(section=Section.EDUCATION, heading=degree, organisation=school, ended_on=date(until, 6, 1))


def _extra(subject: str, text: str) -> EntryTexts:
    return EntryTexts(section=Section.EXPERIENCE, heading=subject, text=text)


def _speaks(language: str, fluency: str) -> EntryTexts:
    return EntryTexts(section=Section.LANGUAGES, language=language, fluency=fluency)


FERRIES = Company(
    CLIENT,
    "Brise Ferries",
    "en",
    "FR",
    "Brest",
    "Four lines to the islands, 410,000 tickets a year, most of them on a phone.",
    Legal("Brise Ferries SAS", "Port de commerce\n29200 Brest", "FR", "98765432400019", "FR14987654324"),
)
TOWN = Company(
    _client("Claire", "Petit"),
    "Mairie de Saint-Aubin",
    "fr",
    "FR",
    "Saint-Aubin",
    "Une commune de 6 200 habitants et sa médiathèque.",
    Legal("Commune de Saint-Aubin", "1 place de la Mairie\n50380 Saint-Aubin", "FR", "11111111800019"),
)
ORCHARD = Company(
    _client("Hugo", "Blanc"),
    "Verger Lointain",
    "fr",
    "FR",
    "Angers",
    "Jus, cidres et confitures, vendus en ligne et sur trois marchés.",
)
ENERGY = Company(
    _client("Mette", "Holm"),
    "Kanto Energy",
    "en",
    "DK",
    "Aarhus",
    "A co-operative with 3,000 members and two wind turbines.",
    Legal("Kanto Energy A.M.B.A.", "Havnegade 4\n8000 Aarhus C", "DK", vat_number="DK13585628"),
)
WORKSHOP = Company(
    _client("Nadia", "Roux"), "Atelier Lune", "fr", "FR", "Lyon", "Atelier de céramique et boutique en ligne."
)
COMPANIES = (FERRIES, TOWN, ORCHARD, ENERGY, WORKSHOP)

BOB = Freelancer(
    login=FREELANCER,
    language="en",
    country="DE",
    place="Hamburg",
    photo="tomas.png",
    title="Product designer and front-end developer",
    overview=(
        "I rework booking and checkout pages until people finish them.\n\n"
        "- Ten years on transport and ticketing sites\n- Prototypes that are tested with real passengers\n"
        "- Hand-over in clean HTML, CSS and Django templates\n\nTell me where people give up today, and I will start there."
    ),
    category="product-design",
    specialities=("ux-design", "prototyping-testing", "ui-design"),
    skills=("Product design", "Figma", "Usability testing", "HTML", "CSS", "Communication"),
    level="expert",
    rate=6000,
    legal=Legal("Tomas Ehlers", "Deichstraße 9\n20459 Hamburg", "DE", vat_number="DE136695976", charges_vat=True),
    entries=(
        _job(
            "Product designer",
            "Rivage Travel",
            (2019, 2023),
            "Booking and account pages for 300,000 travellers a year.",
        ),
        _job("Front-end developer", "Studio Quai", (2015, 2018), "Shops and booking pages for small hotels."),
        _training("Bachelor of Interaction Design", "Lisbon School of Design", 2014),
        _extra("Talks", "“Forms that forgive”, given at three conferences on public services."),
        _speaks("en", "fluent"),
        _speaks("pt", "native"),
        _speaks("fr", "conversational"),
    ),
    works=(
        PortfolioTexts(
            heading="Seat booking for a coach line",
            text="Six screens became three. The share of travellers who finish rose from 54 to 71 per cent in ten weeks.",
        ),
        PortfolioTexts(
            heading="Checkout of a garden shop",
            text="One page without an account; orders that were given up fell by a third.",
        ),
    ),
)
INES = Freelancer(
    login=_worker("Inès", "Caradec"),
    language="fr",
    country="FR",
    place="Nantes",
    photo="ines.png",
    title="Designer produit, transport et services publics",
    overview=(
        "J’aide les collectivités et les transporteurs à rendre leurs services en ligne simples.\n\n"
        "Je commence par observer les usagers, puis je teste chaque écran avec eux. "
        "Je remets des maquettes prêtes à intégrer et un court guide de composants."
    ),
    category="product-design",
    specialities=("ux-research", "ux-design"),
    skills=("Product design", "Figma", "User research", "Accessibility"),
    level="expert",
    rate=5800,
    legal=Legal(
        "Inès Caradec EI",
        "12 quai de la Fosse\n44000 Nantes",
        "FR",
        "12345678200010",
        "FR11123456782",
        charges_vat=True,
    ),
    entries=(
        _job(
            "Designer produit", "Réseau des transports de l’Ouest", (2018, None), "Achat de titres, plans et alertes."
        ),
        _training("Master de design numérique", "École de design de Nantes", 2017),
        _speaks("fr", "native"),
        _speaks("en", "fluent"),
    ),
    works=(
        PortfolioTexts(
            heading="Inscription à la cantine",
            text="Un parcours en quatre étapes, lisible sur un téléphone, testé avec douze familles.",
        ),
    ),
)
MATEO = Freelancer(
    login=_worker("Mateo", "Ribas"),
    language="en",
    country="PT",
    place="Porto",
    photo="mateo.png",
    title="Django and PostgreSQL engineer",
    overview=(
        "I build and repair Django sites that handle money: bookings, memberships, invoices.\n\n"
        "Every change comes with tests and a short note on how to run it. I answer within a day and say so when I am stuck."
    ),
    category="web-development",
    specialities=("back-end-development", "api-development"),
    skills=("Django", "Python", "PostgreSQL", "REST APIs", "Stripe"),
    level="expert",
    rate=6400,
    legal=Legal("Mateo Ribas", "Rua das Flores 21\n4050-262 Porto", "PT", vat_number="PT501964843", charges_vat=True),
    entries=(
        _job("Back-end engineer", "Ledgerline", (2016, 2022), "Invoices and payments for 900 clubs."),
        _training("Degree in computer science", "University of Seville", 2015),
        _extra("Open source", "Mends and documents a library for bank files."),
        _speaks("es", "native"),
        _speaks("en", "fluent"),
    ),
    works=(
        PortfolioTexts(heading="Membership site of a sailing club", text="From spreadsheets to Django in eight weeks."),
    ),
)
LEILA = Freelancer(
    login=_worker("Leïla", "Marouf"),
    language="fr",
    country="TN",
    place="Tunis",
    photo="leila.png",
    title="Illustratrice et identité de marque",
    overview=(
        "Étiquettes, pictogrammes, affiches : je dessine des images qui se comprennent d’un coup d’œil.\n\n"
        "Je travaille avec des producteurs et des associations. Deux pistes, une série de retouches, des fichiers prêts à imprimer."
    ),
    category="brand-illustration",
    specialities=(),
    skills=("Illustration", "Adobe Illustrator", "Logo design"),
    level="intermediate",
    rate=4200,
    entries=(
        _job("Illustratrice", "Atelier Citron", (2020, 2024), "Étiquettes et affiches pour des maisons artisanales."),
        _speaks("fr", "native"),
        _speaks("ar", "native"),
    ),
    works=(
        PortfolioTexts(
            heading="Étiquettes d’une huilerie", text="Une série de six, du dessin au fichier d’impression."
        ),
    ),
)
AWA = Freelancer(
    login=_worker("Awa", "Diallo"),
    language="fr",
    country="SN",
    place="Dakar",
    photo="awa.png",
    title="Analyste de données, secteur public",
    overview=(
        "Je transforme des fichiers en désordre en tableaux de bord que les équipes consultent vraiment.\n\n"
        "SQL, Python et beaucoup de questions avant de commencer. Je documente chaque calcul pour que vous puissiez le refaire."
    ),
    category="data",
    specialities=(),
    skills=("SQL", "Python", "Data analysis", "Data visualization"),
    level="expert",
    rate=4100,
    legal=Legal("Awa Diallo", "Rue 10, Point E\nDakar", "SN", charges_vat=False),
)
JONAS = Freelancer(
    login=_worker("Jonas", "Brandt"),
    language="en",
    country="DE",
    place="Kiel",
    photo="jonas.png",
    title="Accessibility specialist",
    overview=(
        "I test sites with screen readers, keyboards and the people who depend on them.\n\n"
        "You get a list of what fails, who it stops, and the fix as a pull request where I have access to the code."
    ),
    category="web-development",
    specialities=("web-accessibility", "web-testing"),
    skills=("Accessibility", "HTML", "CSS", "JavaScript"),
    level="expert",
    rate=7200,
    legal=Legal("Jonas Brandt", "Holtenauer Straße 40\n24105 Kiel", "DE", charges_vat=False),
)
SAM = Freelancer(
    login=_worker("Sam", "Osei"),
    language="en",
    country="GH",
    place="Accra",
    photo="sam.png",
    title="Front-end developer",
    overview=(
        "Fast pages with little JavaScript. I like server-rendered sites, small stylesheets and forms that keep what was typed.\n\n"
        "Three years with Django and Rails teams in Accra and Leeds."
    ),
    category="web-development",
    specialities=("front-end-development",),
    skills=("HTML", "CSS", "JavaScript", "Django"),
    level="intermediate",
    rate=3600,
    legal=Legal("Sam Osei", "Oxford Street 8\nAccra", "GH", is_registered=False, charges_vat=False),
)
CHLOE = Freelancer(
    login=_worker("Chloé", "Lambert"),
    language="fr",
    country="FR",
    place="Rennes",
    photo="chloe.png",
    title="Traductrice anglais-français, textes techniques",
    overview=(
        "Notices, contrats, interfaces : je traduis de l’anglais vers le français des textes où chaque mot compte.\n\n"
        "Je tiens un glossaire pour chaque client et je signale les phrases ambiguës avant de les traduire."
    ),
    category="writing-translation",
    specialities=(),
    skills=("Translation", "Proofreading", "Technical writing"),
    level="expert",
    rate=4500,
)
FREELANCERS = (BOB, INES, MATEO, LEILA, AWA, JONAS, SAM)
#: Submitted and waiting for a moderator.
IN_REVIEW = CHLOE

#: The agency of Mateo, in which Bob works too.
AGENCY_NAME = "Atelier Estran"
AGENCY_TITLE = "Booking and timetable pages, drawn and built by one team"
AGENCY_OVERVIEW = (
    "Three people between Lisbon, Brest and Paris: an engineer, a designer and an analyst. Clients who run ferries, buses and "
    "museums call us when a page must work for people in a hurry, on a phone, without a signal.\n\n"
    "One of us does the work and answers you; another one reads every line and tests every screen before you see it. Send us the "
    "page that your customers leave, and we tell you within two days what we would change first."
)
