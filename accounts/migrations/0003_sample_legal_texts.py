"""The first terms and privacy notice, in both languages: samples that the operator replaces."""

from __future__ import annotations

from datetime import UTC, datetime

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

PUBLISHED = datetime(2026, 1, 1, tzinfo=UTC)

TERMS_EN = """\
*This is a sample. Whoever runs this site replaces it with terms of their own before anybody uses it for real work.*

## 1. What this site is

This site brings clients and freelancers together. The contract about the work is made between the two of them. The
operator runs the site, holds no opinion about the work, and moves money as these terms say.

## 2. Your account

You give your own name and an e-mail address that you read. You keep your password to yourself, and you tell us when
somebody else used your account. One person has one account, which may act for several parties.

## 3. Posts, proposals and contracts

You write what is true, and only what you may publish. A proposal that is hired becomes a contract when its offer is
accepted. What both sides agreed is shown in the contract and does not change unless both agree again.

## 4. Money

A client pays a milestone before work on it starts. The money is held until the client approves the work, until the time
for answering has passed, or until a dispute is decided. Fees are shown before you agree to anything, and they are listed
on the page about fees.

## 5. Disputes

When the two sides disagree about money that is held, staff read what both have written and divide the money. Your rights
before a court stay as they are.

## 6. Ending

You may close your account when no money, contract or dispute is open. We may close an account that breaks these terms,
and we say why. Money that is yours is paid out.
"""

TERMS_FR = """\
*Ceci est un exemple. L’exploitant du site le remplace par ses propres conditions avant tout usage réel.*

## 1. Ce qu’est ce site

Ce site met en relation des clients et des freelances. Le contrat sur le travail est conclu entre eux deux. L’exploitant
fait fonctionner le site, ne juge pas le travail et déplace l’argent comme le disent ces conditions.

## 2. Votre compte

Vous donnez votre propre nom et une adresse e-mail que vous lisez. Vous gardez votre mot de passe pour vous, et vous nous
prévenez si quelqu’un d’autre a utilisé votre compte. Une personne a un seul compte, qui peut agir pour plusieurs parties.

## 3. Annonces, propositions et contrats

Vous écrivez ce qui est vrai, et seulement ce que vous avez le droit de publier. Une proposition retenue devient un contrat
quand son offre est acceptée. Ce qui a été convenu figure dans le contrat et ne change que d’un commun accord.

## 4. L’argent

Le client paie un jalon avant que le travail commence. L’argent est retenu jusqu’à ce que le client approuve le travail,
que le délai de réponse soit passé ou qu’un litige soit tranché. Les frais sont affichés avant tout engagement, et la
page des frais en donne la liste.

## 5. Litiges

Quand les deux parties ne s’accordent pas sur l’argent retenu, l’équipe du site lit ce que chacune a écrit et partage la
somme. Vos droits devant un tribunal restent entiers.

## 6. Fin

Vous pouvez fermer votre compte quand plus rien n’est ouvert : ni argent, ni contrat, ni litige. Nous pouvons fermer un
compte qui enfreint ces conditions, et nous disons pourquoi. L’argent qui vous revient vous est versé.
"""

PRIVACY_EN = """\
*This is a sample. Whoever runs this site replaces it with a notice of their own before anybody uses it for real work.*

## What we keep

Your name, e-mail address, country, language and time zone; what you write and upload; your contracts, payments and
messages; when you agreed to which version of our texts. We keep the times of your log-ins to protect your account.

## Who sees it

Strangers see your first name and the initial of your last name, or the name of your company, and a profile once it has
been approved. The other side of a contract sees your full name. Staff see what their task needs. Payment details stay
with the payment provider.

## How long

As long as you have an account. Invoices and the books are kept as long as the law asks. The rest is erased, or kept
without your name.

## Cookies

Only those the site cannot work without: your session, the protection of forms, your language and your theme. Nobody
follows you here.

## Your rights

You may see, correct, take with you and erase your data, and object to how it is used. Write to the operator; you may also
complain to the data protection authority of your country.
"""

PRIVACY_FR = """\
*Ceci est un exemple. L’exploitant du site le remplace par sa propre notice avant tout usage réel.*

## Ce que nous conservons

Vos nom, adresse e-mail, pays, langue et fuseau horaire ; ce que vous écrivez et déposez ; vos contrats, paiements et
messages ; la date à laquelle vous avez accepté chaque version de nos textes. Nous gardons les heures de vos connexions
pour protéger votre compte.

## Qui le voit

Les inconnus voient votre prénom et l’initiale de votre nom, ou le nom de votre entreprise, ainsi que votre profil une fois
approuvé. L’autre partie d’un contrat voit votre nom complet. L’équipe voit ce que sa tâche demande. Les données de
paiement restent chez le prestataire de paiement.

## Combien de temps

Aussi longtemps que vous avez un compte. Les factures et les livres sont gardés le temps que la loi demande. Le reste est
effacé, ou gardé sans votre nom.

## Cookies

Seulement ceux sans lesquels le site ne fonctionne pas : votre session, la protection des formulaires, votre langue et votre
thème. Personne ne vous suit ici.

## Vos droits

Vous pouvez voir, corriger, emporter et effacer vos données, et vous opposer à leur usage. Écrivez à l’exploitant ; vous
pouvez aussi saisir l’autorité de protection des données de votre pays (en France, la CNIL).
"""

SAMPLES = {
    ("terms", "en"): TERMS_EN,
    ("terms", "fr"): TERMS_FR,
    ("privacy", "en"): PRIVACY_EN,
    ("privacy", "fr"): PRIVACY_FR,
}


def publish_samples(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Publish version 1 of both texts."""
    document = apps.get_model("accounts", "LegalDocument")
    for (kind, language), text in SAMPLES.items():
        narrow = text.replace(" ;", "\u202f;").replace(" :", "\u202f:") if language == "fr" else text
        document.objects.get_or_create(
            kind=kind,
            version=1,
            language=language,
            defaults={"text": narrow.strip(), "published_at": PUBLISHED},
        )


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("accounts", "0002_staff_groups")]
    operations = [migrations.RunPython(publish_samples, migrations.RunPython.noop)]
