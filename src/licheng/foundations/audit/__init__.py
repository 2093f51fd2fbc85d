"""Who did what, when, to what: rows written in the same transaction as the change, and never altered.

Nouns: AuditEntry. The database itself refuses to change or delete one.
"""
