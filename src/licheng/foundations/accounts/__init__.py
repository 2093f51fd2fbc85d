"""Who can sign in: one account per person and site, and nothing about what they may do.

Nouns: User. A site's own people point at a User; a User never points at a site.
"""
