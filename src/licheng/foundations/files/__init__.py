"""Files that people hand in: inspected, kept in two copies under their SHA-256, acknowledged by the ledger.

Nouns: StoredFile, copy, inspection. The write order is the contract of the reliability report §6.2: both
copies durable and read back, then the database commit, then the ledger leaf, and only then the answer.
"""
