"""Addresses of offers, contracts and milestones."""

from django.urls import path

from contracts.views import direct, milestones, money, negotiation, offers, readers, rooms, workers

app_name = "contracts"
VERSION = "offers/<int:offer_id>/versions/<int:version_id>"
MILESTONE = "contracts/<int:contract_id>/milestones/<int:milestone_id>"

urlpatterns = [
    path("proposals/<int:proposal_id>/offer/", offers.offer_new, name="offer_new"),
    path("proposals/<int:proposal_id>/offer/sums/", offers.offer_sums, name="offer_sums"),
    path("offers/<int:offer_id>/", offers.offer_detail, name="offer"),
    path("offers/<int:offer_id>/send/", offers.offer_send, name="offer_send"),
    path("offers/<int:offer_id>/accept/", offers.offer_accept, name="offer_accept"),
    path("offers/<int:offer_id>/decline/", offers.offer_decline, name="offer_decline"),
    path("offers/<int:offer_id>/withdraw/", offers.offer_withdraw, name="offer_withdraw"),
    path("offers/<int:offer_id>/counter/", negotiation.offer_counter, name="offer_counter"),
    path("offers/<int:offer_id>/counter/withdraw/", negotiation.counter_withdraw, name="counter_withdraw"),
    path(f"{VERSION}/agree/", negotiation.counter_agree, name="counter_agree"),
    path(f"{VERSION}/refuse/", negotiation.counter_refuse, name="counter_refuse"),
    path("offers/<int:offer_id>/revise/", negotiation.offer_revise, name="offer_revise"),
    path("offers/<int:offer_id>/revise/drop/", negotiation.revision_drop, name="revision_drop"),
    path(f"{VERSION}/send/", negotiation.revision_send, name="revision_send"),
    path("offers/<int:offer_id>/sums/", negotiation.version_sums, name="version_sums"),
    path("f/<slug:slug>/offer/", direct.offer_direct, name="offer_direct"),
    path("f/<slug:slug>/offer/sums/", direct.direct_sums, name="direct_sums"),
    path("contracts/", rooms.contract_list, name="list"),
    path("contracts/<int:contract_id>/", rooms.room, name="room"),
    path("contracts/<int:contract_id>/messages/", rooms.room_messages, name="messages"),
    path("contracts/<int:contract_id>/files/", rooms.room_files, name="files"),
    path("contracts/<int:contract_id>/terms/", rooms.room_terms, name="terms"),
    path("contracts/<int:contract_id>/payments/", rooms.room_payments, name="payments"),
    path("contracts/<int:contract_id>/end/", rooms.contract_end, name="end"),
    path("contracts/<int:contract_id>/milestones/new/", milestones.milestone_new, name="milestone_new"),
    path("contracts/<int:contract_id>/readers/", readers.contract_readers, name="readers"),
    path(f"{MILESTONE}/accept/", milestones.milestone_accept, name="milestone_accept"),
    path(f"{MILESTONE}/decline/", milestones.milestone_decline, name="milestone_decline"),
    path(f"{MILESTONE}/withdraw/", milestones.milestone_withdraw, name="milestone_withdraw"),
    path(f"{MILESTONE}/cancel/", milestones.milestone_cancel, name="milestone_cancel"),
    path(f"{MILESTONE}/fund/", milestones.milestone_fund, name="milestone_fund"),
    path(f"{MILESTONE}/give-up/", milestones.milestone_give_up, name="milestone_give_up"),
    path(f"{MILESTONE}/submit/", milestones.milestone_submit, name="milestone_submit"),
    path(f"{MILESTONE}/request-changes/", milestones.milestone_request_changes, name="milestone_request_changes"),
    path(f"{MILESTONE}/approve/", money.milestone_approve, name="milestone_approve"),
    path(f"{MILESTONE}/release/", money.milestone_release, name="milestone_release"),
    path(f"{MILESTONE}/release-part/", money.milestone_release_part, name="milestone_release_part"),
    path(f"{MILESTONE}/ask-back/", money.milestone_ask_back, name="milestone_ask_back"),
    path(f"{MILESTONE}/agree/", money.milestone_agree, name="milestone_agree"),
    path(f"{MILESTONE}/give-back/", money.milestone_give_back, name="milestone_give_back"),
    path(f"{MILESTONE}/release-undisputed/", money.milestone_release_undisputed, name="milestone_release_undisputed"),
    path(
        f"{MILESTONE}/give-undisputed-back/",
        money.milestone_give_undisputed_back,
        name="milestone_give_undisputed_back",
    ),
    path("contracts/<int:contract_id>/worker/", workers.worker_propose, name="worker"),
    path("contracts/<int:contract_id>/worker/<int:change_id>/accept/", workers.worker_accept, name="worker_accept"),
    path("contracts/<int:contract_id>/worker/<int:change_id>/decline/", workers.worker_decline, name="worker_decline"),
    path(
        "contracts/<int:contract_id>/worker/<int:change_id>/withdraw/", workers.worker_withdraw, name="worker_withdraw"
    ),
]
