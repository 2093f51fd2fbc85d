"""One machine, nothing to install: PostgreSQL from its wheel, every site's processes, the sample country.

Knows how to start, prepare, walk through and stop; a production installation uses none of it.
"""
