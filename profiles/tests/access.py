"""Who may read and write a profile: everybody an approved one, only its own people any other."""

from __future__ import annotations

from typing import Any

from tests.access import Row, admin_pages, cells, staff_cells

#: Those who hire for a client.
HIRING = "client client_admin hiring_manager"
#: Those who act for a freelancer party as its owner.
FREELANCERS = "freelancer other_freelancer wrong_hat"


def _job_held(world: Any) -> dict[str, Any]:
    return {"section": "employment", "item_id": world.profile.entries.get(section="employment").pk}


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
}
