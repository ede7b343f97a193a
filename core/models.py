"""Abstract models, the locking manager, and the one row that moves the demonstration clock."""

from __future__ import annotations

from typing import Self, TypeVar

from django.db import models

Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)


class LockedQuerySet(models.QuerySet[Row_co]):
    """A queryset whose rows are taken for change in the one lock order of the house."""

    def locked(self, pk: int | str) -> Row_co:
        """Return the row `pk`, locked until the transaction ends. Raises Model.DoesNotExist.

        Rows that point at it can still be written meanwhile: keys never change, and nothing is deleted under a lock.
        """
        return self.select_for_update(of=("self",), no_key=True).get(pk=pk)

    def free(self) -> Self:
        """Return the rows that nobody else holds, locked: for workers that share a queue."""
        return self.select_for_update(of=("self",), skip_locked=True, no_key=True)


class ClockOffset(models.Model):
    """How far the demonstration clock runs ahead of real time; at most one row, and it only grows."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    offset = models.DurationField(help_text="Added to real time by core.clock.now().")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="core_clockoffset_single"),
        ]

    def __str__(self) -> str:
        return str(self.offset)


class SentForm(models.Model):
    """A form that has made something; the same one, sent again, makes nothing more. Kept for a day."""

    user_id = models.BigIntegerField(help_text="Who sent it.")
    token = models.CharField(max_length=40, help_text="What the page that showed the form put into it.")
    content = models.CharField(max_length=64, default="", help_text="Hash of what was in it.")
    made = models.BigIntegerField(default=0, help_text="Number of what it made.")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user_id", "token"], name="core_sentform_once"),
        ]

    def __str__(self) -> str:
        return self.token
