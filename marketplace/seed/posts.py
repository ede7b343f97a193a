"""What the clients of the demonstration world have posted."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.seed.people import ENERGY, FERRIES, ORCHARD, TOWN, Company


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A job: who posts it, how many days before today, and what it says. Money is in minor units."""

    key: str
    client: Company
    days_ago: int
    title: str
    description: str
    category: str
    skills: tuple[str, ...]
    level: str
    language: str = "en"
    budget: int | None = None
    rates: tuple[int, int] | None = None
    duration: str = "months"
    load: int | None = None
    questions: tuple[str, ...] = ()
    place: str = ""


CHECKOUT = Post(
    key="checkout",
    client=FERRIES,
    days_ago=46,
    title="Redesign the checkout of a ferry booking site",
    description=(
        "Brise Ferries runs four lines to the islands. One in three bookings is dropped at the passenger step, mostly on "
        "phones, where we ask for the same names twice.\n\n"
        "## What you will deliver\n\n- An audit of the current flow, with the figures we will share\n"
        "- A clickable prototype of search, fares, passengers and payment\n- Two rounds of testing with ten passengers each\n"
        "- Final screens, states and a short component guide"
    ),
    category="product-design",
    skills=("Product design", "Figma", "Usability testing"),
    level="expert",
    budget=420_000,
    questions=("How would you test with passengers on the quay?",),
    place="Brest",
)
LIBRARY = Post(
    key="library",
    client=TOWN,
    days_ago=38,
    title="Refonte de la page d’accueil de la médiathèque",
    description=(
        "La page d’accueil de notre médiathèque a douze ans. Nous voulons une page claire : horaires, recherche dans le "
        "catalogue, nouveautés, rendez-vous.\n\nVous travaillerez avec deux bibliothécaires et notre prestataire technique. "
        "Livrables : maquettes pour téléphone et ordinateur, textes revus, guide d’une page."
    ),
    category="product-design",
    skills=("Product design", "Accessibility"),
    level="intermediate",
    language="fr",
    budget=90_000,
    duration="weeks",
    place="Saint-Aubin",
)
METERS = Post(
    key="meters",
    client=ENERGY,
    days_ago=36,
    title="Import meter readings into our member site",
    description=(
        "Our members read their meters twice a year and send us spreadsheets. We need an import in our Django site that "
        "checks each file, says what is wrong line by line, and never stores half a file.\n\n"
        "The site runs on PostgreSQL. Tests are expected; we will review together once a week."
    ),
    category="web-development",
    skills=("Django", "PostgreSQL", "Python"),
    level="expert",
    budget=180_000,
)
LABELS = Post(
    key="labels",
    client=ORCHARD,
    days_ago=12,
    title="Dessiner six étiquettes de jus de pomme",
    description=(
        "Nous lançons six jus de variétés anciennes. Il nous faut une étiquette par variété, une famille reconnaissable sur "
        "l’étal et en ligne.\n\nFormat 90 × 120 mm, deux couleurs et papier kraft. Nous fournissons les textes obligatoires."
    ),
    category="brand-illustration",
    skills=("Illustration", "Adobe Illustrator"),
    level="intermediate",
    language="fr",
    budget=75_000,
    duration="weeks",
    place="Angers",
)
AUDIT = Post(
    key="audit",
    client=TOWN,
    days_ago=6,
    title="Audit d’accessibilité du catalogue de la médiathèque",
    description=(
        "Le catalogue doit respecter le RGAA au printemps. Vous testez avec un lecteur d’écran, vous décrivez ce qui bloque "
        "et vous corrigez avec notre développeuse Django.\n\nLe site compte une trentaine de gabarits. "
        "Nous attendons un rapport court, priorisé, et une contre-visite."
    ),
    category="web-development",
    skills=("Accessibility", "HTML", "Django"),
    level="expert",
    language="fr",
    rates=(5_500, 7_500),
    duration="months",
    load=10,
)
DASHBOARD = Post(
    key="dashboard",
    client=ENERGY,
    days_ago=4,
    title="A dashboard of wind and consumption for our members",
    description=(
        "We have five years of readings in PostgreSQL and nobody looks at them. We want one page that each member understands: "
        "what the turbines made, what the member used, and the price of the month.\n\n"
        "Charts must work on phones and print well. Danish texts are ours to write."
    ),
    category="data",
    skills=("Data visualization", "SQL", "Python"),
    level="intermediate",
    budget=240_000,
)
KIOSK = Post(
    key="kiosk",
    client=FERRIES,
    days_ago=3,
    title="Front-end work on the quay kiosk",
    description=(
        "Our ticket kiosks run a web page full screen. We need someone to rebuild that page in plain HTML, CSS and a little "
        "JavaScript: large targets, four languages, and it must survive a lost connection.\n\nAbout 15 hours a week until spring."
    ),
    category="web-development",
    skills=("HTML", "CSS", "JavaScript"),
    level="intermediate",
    rates=(3_500, 5_000),
    duration="half_year",
    load=20,
    questions=("Which page of yours works without a connection?",),
)
SHOP = Post(
    key="shop",
    client=ORCHARD,
    days_ago=2,
    title="Photos de produits et textes pour la boutique en ligne",
    description=(
        "Quarante produits à photographier sur fond clair, deux vues chacun, et une description de soixante mots qui donne "
        "envie sans promettre.\n\nNous envoyons les produits, ou vous venez à Angers. Livraison en trois lots."
    ),
    category="marketing",
    skills=("Copywriting", "Photography"),
    level="entry",
    language="fr",
    budget=120_000,
    duration="weeks",
)
TRANSLATION = Post(
    key="translation",
    client=FERRIES,
    days_ago=1,
    title="Translate our booking texts from French to English",
    description=(
        "About 4,000 words: timetable notes, fare conditions, and the mails that passengers receive. Short sentences, no legal "
        "fog, the same word for the same thing everywhere.\n\nWe have a glossary of ferry terms, and passengers who will tell us."
    ),
    category="writing-translation",
    skills=("Translation", "Proofreading"),
    level="intermediate",
    budget=48_000,
    duration="weeks",
)
POSTS = (CHECKOUT, LIBRARY, METERS, LABELS, AUDIT, DASHBOARD, KIOSK, SHOP, TRANSLATION)
#: The first post of a new client: it waits for a moderator.
POTTERY_TITLE = "Refaire les fiches produits de notre boutique de céramique"
POTTERY_TEXT = (
    "Notre boutique en ligne compte soixante pièces. Il faut revoir les titres, les descriptions et l’ordre des photos "
    "pour que l’on comprenne la taille et l’usage de chaque pièce sans la tenir en main."
)
