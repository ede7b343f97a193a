"""The words the guard knows, in both languages, without accents and in lower case."""

from __future__ import annotations


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# How texts are cut.
SENTENCE_ENDS = _set("! ? ;") | {"\n"}
LETTER_SEPARATORS = _set(". - _ * | /")
BRACKETS = _set("( ) [ ] { } < > * - _ ~ ' \" | / # \\")

# E-mail.
AT = _set("arobase arobaz arobas arrobase arobasse ampersat")
DOT = _set("dot point punto")
#: Services whose name alone says that an address is meant.
MAIL_SERVICES = _set(
    "gmail googlemail hotmail outlook yahoo ymail protonmail proton icloud gmx aol yandex zoho fastmail tutanota tuta "
    "posteo mailbox laposte wanadoo"
)
#: Names of others that are words too: they count beside a sign for “at” and a domain's end.
PROVIDERS = MAIL_SERVICES | _set("orange free sfr live bbox neuf numericable me pm")
#: Names of mailboxes that are asked for by name.
MAILBOXES = _set("gmail googlemail hotmail outlook yahoo protonmail icloud")
REVERSED = frozenset(name[::-1] for name in ("gmail", "hotmail", "outlook", "yahoo", "protonmail", "orange"))
ENDINGS = _set(
    "com net org info biz io fr be ch ca de eu uk co es it nl pt pl ie lu at se no dk fi us ru ua in me tv cc dev app "
    "design studio agency art online site tech pro email xyz shop store cloud digital media bio paris bzh re nc pf  mc "
    "ma tn dz sn ci cm br mx ar jp cn au nz za ai gg to fm so work works world life team"
)
#: They end no domain where the dot is spelled out: “at some point in”.
ENDINGS_THAT_ARE_WORDS = _set("in me it is no so at us be to as am fm work works world life team online media email de")
#: What follows a dot in names of files and packages.
FILE_ENDINGS = _set(
    "js ts tsx jsx py rb php css scss html htm json yml yaml xml md txt csv png jpg jpeg gif svg webp pdf zip gz tar "
    "min sh exe dll env lock toml sql log conf cfg ini map vue latest next beta alpha stable canary lts local "
    "localhost internal test invalid example tld"
)
#: Reserved, so nobody can be written to there.
PLACEHOLDERS = _set("example exemple domain domaine yourdomain company entreprise")
MACHINES = _set("git noreply donotreply hg svn")
REMOTE_COMMANDS = _set("ssh scp rsync sftp mosh")
#: What stands before a sign for “at” without being somebody's name.
NOT_A_NAME = _set(
    "only all any the a an of in on with from for to les des de du un une en avec seules sont emails mails mail email "
    "address addresses adresse adresses accounts comptes domain domaine ending utilisateurs users me us look looked "
    "meet worked work works working was is are be been am live lived based travaille"
)
MAIL_CUES = _set(
    "mail mails email emails courriel mel write ecrivez ecrire reach contact address adresse inbox ping cc mailto send "
    "envoyez ✉ 📧 📩 📨"
)

# Telephone.
UNITS = {
    "zero": 0, "oh": 0, "nought": 0, "nil": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7,
    "huit": 8, "neuf": 9,
}  # fmt: skip
TEENS = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "dix": 10, "onze": 11, "douze": 12, "treize": 13,
    "quatorze": 14, "quinze": 15, "seize": 16,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "septante": 70,
    "huitante": 80, "octante": 80, "nonante": 90,
}  # fmt: skip
REPEATS = {"double": 2, "triple": 3}
NUMBER_FILLERS = _set("then puis dot point dash tiret space espace slash")
#: Signs that never stand inside of a telephone number.
NOT_IN_NUMBERS = frozenset('%€$£¥=<>"#@&;!?[]{}\n')
PHONE_CUES = _set(
    "tel phone telephone call calls cell mobile portable whatsapp sms text ring appelez appeler appel rappelez "
    "rappeler  joindre joignable fax ligne digits dial gsm viber signal telegram ☎ 📞 📱"
)
#: What a long number is, where it is none to call.
REFERENCES = _set(
    "order orders ticket invoice isbn ean upc gtin tracking sku case id part po imei batch commande facture code codes "
    "barres colis ref reference dossier serie serial contrat contract siret siren tva vat rcs duns eori finess rna "
    "loto  lottery tirage draw draws box article lot bce registration licence license permit timestamp iban bic "
    "account  issue bug commit build hash version postaux departements naf ape siege cas numbers epsg gps cle key "
    "naics kbis"
)

# Names of services: where people talk, and how money moves beside the platform.
MESSENGERS = {
    "whatsapp": "WhatsApp", "whatsap": "WhatsApp", "watsapp": "WhatsApp", "whatapp": "WhatsApp", "wattsapp": "WhatsApp",
    "whattsapp": "WhatsApp", "wsp": "WhatsApp", "telegram": "Telegram", "telegramm": "Telegram", "tg": "Telegram",
    "skype": "Skype", "discord": "Discord", "wechat": "WeChat", "weixin": "WeChat", "viber": "Viber",
    "snapchat": "Snapchat", "instagram": "Instagram", "insta": "Instagram", "ig": "Instagram", "linkedin": "LinkedIn",
    "linkdin": "LinkedIn", "facebook": "Facebook", "fb": "Facebook", "twitter": "Twitter", "tiktok": "TikTok",
    "mastodon": "Mastodon", "bluesky": "Bluesky", "threema": "Threema", "hangouts": "Hangouts", "facetime": "FaceTime",
    "kakaotalk": "KakaoTalk", "imo": "imo", "googlemeet": "Google Meet",
}  # fmt: skip
#: Words too, so they count only where the sentence says how they are meant.
AMBIGUOUS_MESSENGERS = {
    "signal": "Signal", "messenger": "Messenger", "snap": "Snapchat", "line": "Line", "slack": "Slack", "zoom": "Zoom",
    "matrix": "Matrix", "threads": "Threads", "teams": "Teams", "mp": "MP", "dm": "DM", "sms": "SMS",
}  # fmt: skip
METHODS = _set(
    "paypal payoneer venmo zelle cashapp revolut lydia paylib westernunion moneygram transferwise bitcoin bitcoins btc "
    "usdt usdc ethereum eth crypto cryptos cryptocurrency cryptomonnaie cryptomonnaies banktransfer wiretransfer "
    "virement virements especes iban rib skrill neteller"
)
AMBIGUOUS_METHODS = _set(
    "wise wire cash liquide cheque cheques bankaccount comptebancaire giftcards cartescadeaux bankdetails "
    "directdeposit wallet account compte"
)
#: First words of names that are written apart.
APART = _set("whats what pay western cash bank wire gift cartes compte direct google face linked tele trans money we")
TOGETHER = (
    frozenset(MESSENGERS)
    | METHODS
    | _set("bankaccount comptebancaire giftcards cartescadeaux bankdetails directdeposit")
)
#: Words that are looked for where digits stand for letters.
SPELLED_IN_DIGITS = MAIL_SERVICES | AT | DOT | METHODS | frozenset(MESSENGERS) | frozenset((*UNITS, *TEENS, *TENS))
SPELLED_IN_DIGITS |= _set("com net org orange contact phone telephone")

# Handles.
HANDLE_WORDS = _set(
    "id handle user username name pseudo compte account identifiant nom profile profil contact is est c est under as "
    "sous d utilisateur search cherchez find my mon me moi je suis i am at : = - > ( ' on sur → @ #"
)
HANDLE_NOUNS = _set("id handle username name pseudo identifiant nom profile profil compte user utilisateur")
POSSESSIVES = _set("my mon ma mes")
IS = _set("is est : = c -")
#: Said of a handle, so that a name after @ is one.
HANDLE_CUES = _set(
    "dm dms follow suivez find add ajoutez ping handle pseudo username mp reach message everywhere partout contact "
    "write ecrivez retrouvez cherchez joignez tg"
)
CODE_AFTER_AT = _set(
    "media import font keyframes supports layer container page charset override transactional entity column autowired "
    "component injectable input output property staticmethod classmethod dataclass app pytest click types angular "
    "babel vue nestjs scope param returns return deprecated here all everyone channel latest next"
)
#: What stands after a name of a service in plain texts, so it is no handle.
NOT_A_HANDLE = _set(
    "yes no oui non bot bots api app apps ads business integration message messages channel group groups page pages "
    "post posts story stories reels server community marketing campaign campaigns account accounts followers abonnes "
    "daily weekly optional preferred required experience and or et ou the a le la les un une ok done please slow down "
    "broken great good better free busy open closed public private blocked banned new old moderation moderator chat "
    "chats support lead leads content management only none tous jamais parfait integre integrated connected not also "
    "already always here there where what when notification notifications development developer webhook webhooks"
)
#: Host, its endings, and what must follow; empty: anything does.
LINKS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "t": (_set("me"), frozenset()), "wa": (_set("me"), frozenset()), "m": (_set("me"), frozenset()),
    "telegram": (_set("me dog"), frozenset()), "linkedin": (_set("com"), _set("in company pub profile")),
    "facebook": (_set("com"), frozenset()), "fb": (_set("com me"), frozenset()),
    "instagram": (_set("com"), frozenset()), "twitter": (_set("com"), frozenset()), "x": (_set("com"), frozenset()),
    "discord": (_set("gg com"), frozenset()), "discordapp": (_set("com"), frozenset()),
    "skype": (_set("com"), _set("invite")), "snapchat": (_set("com"), _set("add")), "tiktok": (_set("com"), _set("@")),
    "line": (_set("me"), frozenset()), "signal": (_set("me group"), frozenset()),
    "calendly": (_set("com"), frozenset()), "google": (_set("com"), frozenset()), "zoom": (_set("us"), _set("j my s")),
    "slack": (_set("com"), _set("t")), "whatsapp": (_set("com"), frozenset()), "viber": (_set("com me"), frozenset()),
    "threads": (_set("net com"), _set("@")), "bsky": (_set("app"), _set("profile")), "vk": (_set("com"), frozenset()),
    "linktr": (_set("ee"), frozenset()), "cal": (_set("com"), frozenset()),
}  # fmt: skip
#: Hosts whose links count only below these names.
BELOW = {"google": _set("meet hangouts voice chat"), "slack": _set("join"), "whatsapp": _set("chat api wa www")}
PAYMENT_LINKS: dict[str, frozenset[str]] = {
    "paypal": _set("me"), "revolut": _set("me"), "cash": _set("app"), "venmo": _set("com"), "wise": _set("com"),
    "lydia": _set("me"), "monzo": _set("me"),
}  # fmt: skip
SUBDOMAINS = _set("www m mobile web chat join invite api en fr de es it uk us ca meet hangouts voice l")
#: Paths of the sites themselves.
SITE_PATHS = _set(
    "docs help business ads policies legal p reel explore about developers developer sharer share intent login tr "
    "gaming marketplace search hashtag i privacy terms settings home watch events guide oauth2 download pricing blog"
)
SLASH = _set("/ slash barre")

# Asks.
ME = _set("me us moi nous m")
CONTACT = _set(
    "contact contacts contacting message messages write text reach add find ping call dm ring hit get join skype  chat "
    "drop come mail email contactez contacter contactes ecrivez ecrire ecris ajoutez ajouter retrouvez retrouver "
    "joindre joignez appelez appeler rejoignez rejoindre envoyez envoyer repondez cherchez parlez parler trouver "
    "trouverez trouvez"
)
TALK = _set(
    "talk talking chat move continue switch discuss connect hop jump speak meet take go sort interview message parler "
    "parle parlons discuter discute discutons continuer continue continuons basculer bascule basculons echanger "
    "echange  echangeons capter capte passer passe passons voir retrouve retrouver appeler contact reach write "
    "entretien  bid apply postulez discussion conversation"
)
TOGETHER_WORDS = _set("let lets we can could should shall on us nous peut pourrait you vous our notre")
PREFERENCE = _set(
    "prefer preferred rather answer reply respond available reachable best better easier faster online joignable dispo "
    "disponible reponds repond prefere preferons mieux plutot active always"
)
FIRST_PERSON = _set("i im me my je j moi m mon we our nous us")
GIVE = _set(
    "give send share leave put include tell drop what s need reply provide attach have get laisse sent mets donnez "
    "envoyez laissez mettez indiquez  communiquez quel quelle quels partagez precisez donne envoie transmettez add "
    "with once"
)
YOUR = _set("your votre vos ton ta tes ur")
CHANNELS = _set(
    "number numero numeros phone telephone tel email mail courriel coordonnees mobile portable cell mobile gsm"
)
PREPOSITIONS = _set("on over via by through to in using with sur par en avec dans my mon the le la l un une")
#: Said of a service that is the subject of the work.
TOPICS = _set(
    "api apis bot bots business integration integrations integrate channel server servers ads ad campaign campaigns "
    "button buttons clone feed community marketing automation widget plugin module connector template templates "
    "sequence sequences newsletter newsletters deliverability signature signatures list lists account followers "
    "protocol sdk webhook webhooks game games checkout tunnel boutique shop store users customers clients "
    "utilisateurs customer client subscribers abonnes readers lecteurs publicite publicites campagne campagnes "
    "integrer integration integrez intergration gerer manage build develop developpe developper moderate moderer "
    "migrate migrer script scripts app application applications chatbot compliance conformite wireframe wireframes "
    "reconciliation rapprocher releve validate valider form formulaire field champ page exchange portfolio scams "
    "arnaques guide shops sellers buyers vendeurs acheteurs merchants marchands members membres patients students "
    "eleves audience support stripe payroll accounting comptabilite fichier ledger settlement swift contracts solidity"
)
OTHERS = _set(
    "customers customer clients users utilisateurs they them their ils elles leurs buyers acheteurs visitors visiteurs "
    "subscribers abonnes members membres guests readers lecteurs patients students eleves voyageurs passengers drivers "
    "fans people gens tenants locataires merchants sellers vendeurs shoppers audience"
)
NEGATIONS = _set("not never no don doesn won dont jamais ne pas ni aucun aucune neither nor sans without n")
HESITATE = _set("hesitate hesitez hesite hesiter shy wait")
HERE = _set("jalon here ici messagerie plateforme platform")
PLATFORM = _set("platform plateforme plateform jalon site website app here ici forme")
OUTSIDE = _set("outside hors dehors off out")
SKIP = _set(
    "skip avoid bypass around without contourne contourner contournons sans evite eviter evitez evitons saute sauter "
    "sautons save saves saving economise economiser economisons sortons sortir quittons quitter leave circumvent "
    "escape dodge"
)
FEES = _set("fee fees commission commissions frais cut percent pourcent cent")
BETWEEN_US = _set(
    "i me we us you let lets my our both j je moi nous vous m chacun mon notre deux ensemble si directly evitons "
    "sautons contournons sortons quittons economisons arrangeons travaillons"
)
ASKS_OUTSIDE = _set(
    "let lets go talk work working deal pay paid payment payments discuss discussion contact settle conversation "
    "contract continue  parler parlons parle discuter discutons travailler travaillons payer paye payez paie paiement "
    "paiements reglement  regler echanger contacter traiter jump meet remise hire message"
)
KEPT_OUT = _set(
    "detect detecting detecter block bloquer prevent empecher stop orders commandes sales ventes imported importees "
    "marketplace scam scams forbid forbidden interdit interdits refuse refuser moderation report signaler made passees"
)
PAY = _set(
    "pay pays paid paying send sent transfer transferred settle settled invoice deposit wire payment payments paye "
    "payer  payez payes paierai paierons paie payons paies regle regler reglez reglons reglent regles verse verser "
    "versement  envoyer envoyez rembourse facturez facturer faites faire fais payable buy purchase achetez remit"
)
PAID = _set(
    "payment payments paiement paiements reglement reglements acompte deposit half moitie rest reste balance solde "
    "salary salaire upfront bonus remainder paye paid payable paie wages"
)
ACCEPT = _set("accept accepts take takes prefer only prends accepte acceptons prefere preferons use utilise")
AFTER_METHOD = _set(
    "accepted only uniquement accepte acceptes works please sorry svp stp preferred possible comme ok fine welcome"
)
DIRECT = _set("directly directement direct privately private prive privee straight")
DEALS = _set(
    "pay paid deal deals invoice invoiced wire settle hire payez payer paye facturez facturer facture travaillons "
    "travailler passe passer passons reglez regler traitons traiter virement payment paiement deposit"
)
MEANS = _set("by via in on through with using par en avec sur my mon mes un une faites your votre")
CALLS = _set(
    "hmu rdv dispo disponible available message answer come reponds reactif trouverez trouvez find petit catch"
)
WHERE = _set("website site web page google github cv resume pdf file attachment attached jointe picture photo")
ON = _set("on sur in dans")
TO_PLACES = _set("on over via by to through sur par")
SEEING = _set("find see google search trouverez trouver voir tapez cherchez visible")
#: Services that are for talking and nothing else: naming one as a place is enough where the work is not about it.
TALK_ONLY = _set(
    "whatsapp whatsap watsapp whatapp wattsapp whattsapp wsp telegram telegramm tg skype discord wechat weixin viber "
    "threema hangouts facetime kakaotalk imo googlemeet signal"
)
#: What people do with a service that is their work.
WORK = _set(
    "build built make made write wrote design designed manage managed moderate post posts publish run ran sell sold "
    "integrate create created follow followed develop migrate migrated learn know knows test support set setup connect "
    "creer ecrire rediger gerer publier vendre animer suivre tester connaitre developper automate automatically"
)
SHOP = _set(
    "cards card carte cartes site checkout shop boutique regulation page button plugin screen screens bill bills"
)
LINES = _set("mobile line office cell phone number portable bureau fixe assistant secretary")
TALK_TOGETHER = _set("talk chat discuss continue parler parlons discuter discutons echangeons echanger continuons")
REACHED = _set("contacted reached joint contacte")
ANSWERING = _set("reponds there write answer reply")
HAVING = _set("have use avez utilisez got add")
GIVING = _set("give gave sent donne envoie laisse")
ARTICLES = _set("- of the de la du le l this ce")
OUR_PLATFORM = _set("jalon platform plateforme plateform")
OTHER_FEES = _set("bank bancaires shipping livraison late")
