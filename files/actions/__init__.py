"""Every write to the file store: keeping an upload, giving it to a thing, sweeping what nobody wants."""

from files.actions.owners import FileGone, attach_files, drop_files, drop_loose_files, move_files, replace_files
from files.actions.sweeps import delete_orphans, rescan_quarantined
from files.actions.uploads import (
    FileInfected,
    FileRefused,
    FileTooLarge,
    TooManyLooseFiles,
    store_file,
    store_image,
)

__all__ = [
    "FileGone",
    "FileInfected",
    "FileRefused",
    "FileTooLarge",
    "TooManyLooseFiles",
    "attach_files",
    "delete_orphans",
    "drop_files",
    "drop_loose_files",
    "move_files",
    "replace_files",
    "rescan_quarantined",
    "store_file",
    "store_image",
]
