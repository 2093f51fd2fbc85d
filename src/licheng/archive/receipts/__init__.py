"""Receipts: signed, verifiable statements of what was taken in, one per student and package.

Nouns: IssuedReceipt.
"""
