"""Submission 提交: the school's pre-check, the sealed and signed package, and its way to the archive.

Nouns: Batch, BatchItem, blocker.
"""
