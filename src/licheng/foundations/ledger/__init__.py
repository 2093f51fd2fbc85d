"""The site's append-only log: what was acknowledged, in an order nobody can change unseen.

Nouns: LedgerEntry (a leaf and its index), checkpoint (the signed head), receipt proof. The tree, tiles and
proofs are pure functions of `licheng_exchange`; here they meet the database and the disk.
"""
