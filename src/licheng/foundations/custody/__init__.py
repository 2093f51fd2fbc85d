"""Keeping what was acknowledged: copies on volumes of their own, watched, compared and healed.

Nouns: Content (bytes under their SHA-256), Copy, Volume, Witness, Defect, CustodyRun. Source of the write
order, the start-up guard and the clocks: reliability report §6.2, §6.5 and §4.
"""
