"""Holdings: the items the archive has taken in, with the exact record that was acknowledged.

Nouns: HeldStudent, HeldItem.
"""
