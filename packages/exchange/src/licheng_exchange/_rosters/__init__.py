"""Rosters: reading a table out of CSV, XLSX or ODS and checking it row by row.

Reading (`read_table`) knows encodings, workbooks and headers; checking (`check_roster`) knows the kinds.
Nothing here reads a clock, a database or a network.
"""
