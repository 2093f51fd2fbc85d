"""Intake: a school announces a package, sends it, and learns the verdict: which file broke which rule.

Nouns: RegisteredSchool, Deposit.
"""
