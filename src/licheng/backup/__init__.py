"""Backup and restore, from outside the sites: PostgreSQL's own programs, files by their hash, keys apart.

Nouns: Place (where backups are kept), Source (what is backed up), whole backup, point (a newer moment on the
same base), drill. Nothing of a site's code is imported; what only a site knows is asked of its commands.
"""
