"""Intake: a school announces a package, sends it, and learns whether it was taken in or which file broke which rule.

Nouns: RegisteredSchool, Deposit.
"""
