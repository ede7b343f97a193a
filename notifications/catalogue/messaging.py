"""Notices of messaging: what its events are about, and their words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext_lazy as _

from contracts.models import Contract
from messaging.models import Message
from notifications.catalogue.contracts import of_contract
from notifications.catalogue.shapes import Kind, Thing, path_of


def _message(pk: int) -> Thing:
    message = Message.objects.select_related("room", "author").get(pk=pk)
    contract = Contract.objects.select_related("client", "freelancer").get(
        pk=int(message.room.owner.rpartition(":")[2])
    )
    thing = of_contract(contract, author=message.author.get_full_name())
    return Thing(
        thing.client_id,
        thing.freelancer_id,
        thing.words,
        path_of("contracts:messages", contract_id=contract.pk),
        contract_id=contract.pk,
        worker_id=contract.worker_id,
    )


THINGS: Mapping[str, Callable[[int], Thing]] = {
    "message": _message,
}

KINDS: Mapping[str, Kind] = {
    "messaging.message_posted": Kind("both", _("%(author)s wrote in “%(contract)s”")),
}
