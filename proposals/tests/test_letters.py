"""How much of a letter stands elsewhere: measured on letters as people write them, kept when one arrives."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from accounts.tests.cast import Person, make_client
from jobs.models import Job
from proposals.actions import compare_letter, withdraw_proposal
from proposals.letters import FEWEST, MUCH, runs_of, share_in
from proposals.models import LetterPrint, Proposal
from proposals.tests.cast import bid, make_job, tell

DAY = timedelta(days=1)

FERRY = """Hello Alice,

I hope you are well. I read your post about the checkout with interest.

Your passenger step asks for the same date twice, and on my phone the total was hidden below the keyboard. I would
start there: two days of reading the logs, then a prototype that ten of your passengers try on the quay. In spring I
did the same for the boats of Groix, where the share of people who gave up fell from forty to twenty-six in a hundred.
You would have a first version after nine days and a written handover at the end.

I look forward to hearing from you. Best regards, Bob"""
#: The same letter with the names changed, as people send it to everybody.
FERRY_AGAIN = FERRY.replace("Alice", "Claire").replace("passengers", "visitors").replace("nine", "eleven")
LIBRARY = """Hello Claire,

I hope you are well. I read your post about the catalogue with interest.

You say that members cannot find a book by its series. I would first look at what they type, a month of it, and sort it
by hand into names, series and subjects. Most catalogues of your size need three small indexes and no new software.
My last work of this kind was for the town of Lorient: the search there answers in a fifth of a second now. I could
begin on the second of the month and would need read access to the database.

I look forward to hearing from you. Best regards, Bob"""
#: Who one is stands in every letter one writes, and is a third of this one.
WHO = """I am a developer from Brest with eleven years of Django behind me, and I work in French and English alike.
"""
FRENCH = """Bonjour,

J’ai lu votre annonce avec intérêt. Votre parcours de réservation demande deux fois la même date, et le total disparaît
sous le clavier du téléphone. Je commencerais par là : deux jours à lire les journaux du site, puis un prototype essayé
sur le quai par dix de vos passagers. Vous auriez une première version au bout de neuf jours, puis une prise en main.

Dans l’attente de votre réponse, je reste à votre disposition pour toute question. Cordialement, Inès"""
FRENCH_OTHER = """Bonjour,

J’ai lu votre annonce avec intérêt. Pour six étiquettes de jus de pomme, je vous propose trois pistes dessinées à la
main, dont une tirée de vos anciens carnets de récolte. Nous choisirions ensemble avant la fin du mois, et vos
imprimeurs recevraient des fichiers prêts pour deux formats de bouteille. J’ai fait cela pour une cidrerie.

Dans l’attente de votre réponse, je reste à votre disposition pour toute question. Cordialement, Inès"""


def share(letter: str, other: str) -> int:
    return share_in(runs_of(letter), runs_of(other))


@pytest.mark.parametrize(
    ("letter", "other", "is_much"),
    [
        pytest.param(FERRY_AGAIN, FERRY, True, id="names changed"),
        pytest.param(FERRY.upper().replace(",", " -"), FERRY, True, id="other signs and capitals"),
        pytest.param(FERRY + "\n\n" + WHO, FERRY, True, id="a paragraph more"),
        pytest.param(LIBRARY, FERRY, False, id="greeting and thanks alone"),
        pytest.param(WHO + LIBRARY, WHO + FERRY, False, id="who one is, then something new"),
        pytest.param(FRENCH_OTHER, FRENCH, False, id="french politeness alone"),
        pytest.param(FRENCH.replace("neuf", "huit"), FRENCH, True, id="french with a number changed"),
        pytest.param("I can start on Monday. Thank you.", "I can start on Monday. Thank you.", False, id="too short"),
        pytest.param("", "", False, id="nothing"),
        pytest.param("请看 " * 30, "请看 " * 30, False, id="too few different runs"),
    ],
)
def test_a_copied_letter_is_told_from_a_new_one(letter: str, other: str, is_much: bool) -> None:
    assert (share(letter, other) >= MUCH) is is_much, share(letter, other)


def test_what_the_post_says_itself_is_not_copied() -> None:
    post = (
        "We run four ferry lines and need the checkout of our booking site reworked, tested and handed over in spring."
    )
    both = [runs_of(f"{post} {own}", posted=[post]) for own in ("I start at the till.", "My plan begins on the boat.")]

    assert share_in(both[0], both[1]) == 0
    assert len(runs_of(post)) >= FEWEST - 5
    assert runs_of(post, posted=[post]) == set()


def test_the_longest_letter_is_kept_in_bounded_size() -> None:
    words = " ".join(f"{chr(97 + a)}{chr(97 + b)}" for a in range(26) for b in range(26))

    assert len(runs_of(f"{words} {words[::-1]}")) == 900


@pytest.fixture
def elsewhere(at: datetime) -> Job:
    """Return a job of another client."""
    return make_job(make_client("Claire", company_name="Médiathèque", at=at), at=at, title="A catalogue of readings")


def found(proposal: Proposal) -> str:
    return LetterPrint.objects.get(proposal=proposal).found


def test_a_letter_sent_to_another_client_before_is_marked_and_the_first_is_not(
    bob: Person, job: Job, elsewhere: Job, at: datetime
) -> None:
    first = bid(bob, elsewhere, at=at, letter=FERRY)
    tell(at)
    second = bid(bob, job, at=at + DAY, letter=FERRY_AGAIN)
    tell(at + DAY)

    kept = LetterPrint.objects.get(proposal=second)
    assert (found(first), kept.found) == ("", "own")
    assert 60 <= kept.share < 100


def test_a_new_letter_is_not_marked(bob: Person, job: Job, elsewhere: Job, at: datetime) -> None:
    bid(bob, elsewhere, at=at, letter=LIBRARY)
    tell(at)
    second = bid(bob, job, at=at + DAY, letter=FERRY)
    tell(at + DAY)

    assert found(second) == ""


def test_the_same_letter_to_the_same_client_again_is_no_copy(
    bob: Person, alice: Person, job: Job, at: datetime
) -> None:
    withdraw_proposal(proposal_id=bid(bob, job, at=at, letter=FERRY).pk, by=bob.actor, at=at)
    tell(at)
    again = make_job(alice, at=at, title="The checkout, posted anew")
    both = [bid(bob, job, at=at + DAY, letter=FERRY), bid(bob, again, at=at + DAY, letter=FERRY)]
    tell(at + DAY)

    assert [found(each) for each in both] == ["", ""]


def test_who_copies_a_rival_on_the_same_job_is_marked(bob: Person, chloe: Person, job: Job, at: datetime) -> None:
    first = bid(bob, job, at=at, letter=FERRY)
    tell(at)
    copy = bid(chloe, job, at=at + DAY, letter=FERRY)
    tell(at + DAY)

    assert (found(first), found(copy)) == ("", "rival")
    compare_letter(proposal_id=first.pk, at=at + DAY)
    assert found(first) == "", "the first one stays the first"


def test_a_letter_that_was_changed_is_compared_again(bob: Person, job: Job, elsewhere: Job, at: datetime) -> None:
    bid(bob, elsewhere, at=at, letter=FERRY)
    copy = bid(bob, job, at=at + DAY, letter=FERRY)
    tell(at + DAY)
    assert found(copy) == "own"

    Proposal.objects.filter(pk=copy.pk).update(letter=LIBRARY)
    compare_letter(proposal_id=copy.pk, at=at + DAY)

    assert found(copy) == ""
