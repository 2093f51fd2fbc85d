"""Course counselling 課程諮詢: what a counsellor and students talked about; it never leaves the school.

Nouns: Consultation. Not part of any package. Source: domain reference §2.7.
"""
