"""Who may read and write a profile: everybody an approved one, only its own people any other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from profiles.links import answer_token
from profiles.models import Certification, Testimonial, WorkHistory
from tests.access import Row, admin_pages, cells, staff_cells

#: Those who hire for a client.
HIRING = "client client_admin hiring_manager"
#: Those who act for a freelancer party as its owner.
FREELANCERS = "freelancer other_freelancer wrong_hat"


def _job_held(world: Any) -> dict[str, Any]:
    return {"section": "employment", "item_id": world.profile.entries.get(section="employment").pk}


def _testimonial(world: Any, status: str = "asked") -> Testimonial:
    return Testimonial.objects.get(profile=world.profile, status=status)


def _certification(world: Any) -> Certification:
    return Certification.objects.get(profile=world.profile)


ACCESS = {
    "profiles:edit": Row(
        get=cells(ok=FREELANCERS, deny="*"),
        post=cells(redirect=FREELANCERS, deny="*"),
        data=lambda w: {
            "language": "en",
            "slug": f"profile-{w.at:%s}",
            "title": w.profile.title,
            "overview": w.profile.overview,
            "category": w.profile.category.slug,
            "level": w.profile.level,
            "hourly_rate": "60",
            "skills": w.profile.skills.first().name_en,
        },
    ),
    "profiles:talent": Row(get=cells(ok="anonymous *")),
    "profiles:preview": Row(get=cells(ok=f"{FREELANCERS} named_worker", redirect="*")),
    "profiles:submit": Row(
        post=cells(redirect="wrong_hat", conflict="freelancer other_freelancer", deny="named_worker", missing="*"),
        note="only the draft can be submitted; the others are approved",
    ),
    "profiles:item_add": Row(
        kwargs=lambda w: {"section": "education"},
        get=cells(ok=FREELANCERS, deny="*"),
        post=cells(redirect=FREELANCERS, deny="*"),
        data=lambda w: {"heading": "Master of Arts"},
    ),
    "profiles:item_change": Row(
        kwargs=_job_held,
        get=cells(ok="freelancer", missing="other_freelancer wrong_hat", deny="*"),
        post=cells(redirect="freelancer", missing="other_freelancer wrong_hat", deny="*"),
        data=lambda w: {"heading": "Lead developer"},
        note="an entry of the freelancer's own profile",
    ),
    "profiles:item_move": Row(
        kwargs=_job_held, post=cells(redirect="freelancer", missing="other_freelancer wrong_hat", deny="*")
    ),
    "profiles:item_delete": Row(
        kwargs=_job_held, post=cells(redirect="freelancer", missing="other_freelancer wrong_hat", deny="*")
    ),
    "profiles:public": Row(
        kwargs=lambda w: {"slug": w.draft_profile.slug},
        get=cells(ok="wrong_hat moderator administrator", missing="anonymous *"),
        note="a draft; an approved one is for everybody and has tests of its own",
    ),
    "profiles:cv": Row(
        kwargs=lambda w: {"slug": w.draft_profile.slug},
        get=cells(ok="wrong_hat moderator administrator", missing="anonymous *"),
        note="as the profile itself",
    ),
    **admin_pages("profiles_profile", "support moderator", lambda w: w.profile.pk),
    "admin:profiles_profile_decide": Row(
        kwargs=lambda w: {"profile_id": w.profile.pk, "decision": "request_changes"},
        post=staff_cells(redirect="moderator"),
        data=lambda w: {"seen_version": w.profile.version, "points": ["title"], "note": "Say what you do."},
    ),
    "profiles:talent_lists": Row(get=cells(ok=f"{HIRING} finance member other_client", deny="*")),
    "profiles:talent_save": Row(
        kwargs=lambda world: {"slug": world.profile.slug},
        data=lambda _world: {"chosen": "", "note": "Answers at once"},
        get=cells(ok=f"{HIRING} other_client", deny="*"),
        post=cells(redirect=f"{HIRING} other_client", deny="*"),
    ),
    "profiles:talent_list_new": Row(
        data=lambda _world: {"name": "Quays"},
        get=cells(ok=f"{HIRING} other_client", deny="*"),
        post=cells(redirect=f"{HIRING} other_client", deny="*"),
    ),
    "profiles:talent_list_edit": Row(
        kwargs=lambda world: {"list_id": world.talent.talent_list_id},
        data=lambda _world: {"name": "Quays"},
        get=cells(ok=HIRING, deny="finance member", missing="*"),
        post=cells(redirect=HIRING, deny="finance member", missing="*"),
    ),
    "profiles:talent_list_delete": Row(
        kwargs=lambda world: {"list_id": world.talent.talent_list_id},
        post=cells(redirect=HIRING, deny="finance member", missing="*"),
    ),
    "profiles:talent_remove": Row(
        kwargs=lambda world: {"entry_id": world.talent.pk},
        post=cells(redirect=HIRING, deny="finance member", missing="*"),
    ),
    "profiles:availability": Row(
        kwargs=lambda w: {"what": "now"}, post=cells(redirect=FREELANCERS, deny="*"), note="the reader's own profile"
    ),
    "profiles:vacation": Row(
        post=cells(redirect=FREELANCERS, deny="*"), data=lambda w: {"until": f"{w.at + timedelta(days=7):%Y-%m-%d}"}
    ),
    "profiles:work_amount": Row(
        kwargs=lambda w: {"work_id": WorkHistory.objects.get(contract_id=w.contract.pk).pk, "what": "hide"},
        post=cells(redirect="freelancer", missing="other_freelancer wrong_hat", deny="*"),
        note="a contract of the freelancer's own",
    ),
    "profiles:testimonial_ask": Row(
        get=cells(ok=FREELANCERS, deny="*"),
        post=cells(redirect="freelancer other_freelancer", conflict="wrong_hat", deny="*"),
        data=lambda w: {"name": "Olga", "project": "Shop", "email": "olga@client.example", "language": "en"},
        note="for a profile that is approved",
    ),
    "profiles:testimonial_change": Row(
        kwargs=lambda w: {"testimonial_id": _testimonial(w).pk, "what": "withdraw"},
        post=cells(redirect="freelancer", missing="other_freelancer wrong_hat", deny="*"),
    ),
    "profiles:testimonial_write": Row(
        kwargs=lambda w: {"token": answer_token(_testimonial(w).pk)},
        get=cells(ok="anonymous *"),
        post=cells(ok="anonymous *", deny="freelancer named_worker"),
        data=lambda w: {"text": "They built our shop in six weeks, and it works.", "name": "Petra", "has_agreed": "on"},
        note="whoever holds the link of the mail, but for the freelancer",
    ),
    **admin_pages("profiles_certification", "moderator", lambda w: _certification(w).pk),
    "admin:profiles_certification_decide": Row(
        kwargs=lambda w: {"pk": _certification(w).pk},
        post=staff_cells(redirect="moderator"),
        data=lambda w: {"seen_version": 1, "reason": "The proof is clear.", "decision": "check"},
    ),
    **admin_pages("profiles_testimonial", "moderator", lambda w: _testimonial(w).pk),
    "admin:profiles_testimonial_decide": Row(
        kwargs=lambda w: {"pk": _testimonial(w, "written").pk},
        post=staff_cells(redirect="moderator"),
        data=lambda w: {"reason": "A true client.", "decision": "publish"},
    ),
}
