"""Activity records 多元表現: entered by the student with evidence; nobody certifies them.

Nouns: Activity, category. Each category has its own fields, kept as data in `categories.py`.
"""
