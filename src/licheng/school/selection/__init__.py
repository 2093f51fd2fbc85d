"""Selection 勾選: which items go to the central archive, within the quota of the year, exact under a rush.

Nouns: SelectionTally. The tally row is the lock: two requests for the last place meet there.
"""
