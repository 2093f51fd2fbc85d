#!/usr/bin/env python3
"""Django's commands for one site; LICHENG_SITE and LICHENG_HOME say which."""

import os
import sys

from django.core.management import execute_from_command_line

OWNER_COMMANDS = {"migrate"}  # whatever changes tables; all other commands work as the application

if __name__ == "__main__":
    if OWNER_COMMANDS.intersection(sys.argv[1:2]):
        os.environ["LICHENG_AS_OWNER"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "licheng.config.settings")
    execute_from_command_line(sys.argv)
