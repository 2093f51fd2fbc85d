"""Selection 勾選: which items go to the central archive this school year, within the quota, exact under a rush.

Nouns: SelectionTally. The tally row is the lock: two requests for the last place meet there.
"""
