"""Reading the audit: who did what at one's school, in plain words; and what oneself did.

Nouns: act (an AuditEntry as people read it). Stands on people; holds no tables.
"""
