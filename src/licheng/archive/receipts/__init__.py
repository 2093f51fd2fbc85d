"""Receipts: signed, verifiable statements of what was taken in, one per student and package.

Nouns: IssuedReceipt. The verdict on a deposit stands here, above intake and holdings: it needs them both.
"""
