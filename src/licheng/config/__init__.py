"""How a process becomes one site: settings, addresses, and the one place where refusals become answers."""

from licheng.foundations.starting import loading

loading()
