#!/usr/bin/env python
"""Django's command line; starts the embedded servers first, where the command needs them."""

import os
import sys

#: Commands that look at code and files only.
WITHOUT_SERVERS = {
    "check",
    "check_translations",
    "collectstatic",
    "compile_translations",
    "diffsettings",
    "findstatic",
    "help",
    "draw_machines",
    "settings_table",
    "version",
    "--help",
    "--version",
    "-h",
}


def main() -> None:
    """Run one command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
    from django.core.management import execute_from_command_line

    from marketplace.embedded import EmbeddedError, current

    if len(sys.argv) > 1 and sys.argv[1] not in WITHOUT_SERVERS:
        try:
            current().ensure()
        except EmbeddedError as error:
            sys.exit(f"manage.py: {error}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
