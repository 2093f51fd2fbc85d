"""How often something may be asked: per person, account, machine or address, counted in the database.

Nouns: Tally. One statement per question; keys are digests, so no name, number or address stands in the table.
"""
