"""What every site stands on: refusals, rules, moves, accounts, files, ledger, audit and the look.

Nothing here knows a school, an outcome or a package; sites import foundations, never the other way round.
"""
