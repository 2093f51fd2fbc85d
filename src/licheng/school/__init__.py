"""The school platform: many schools on one installation, each seeing only itself.

A student makes course outcomes and activity records; the course's teacher certifies the outcomes; the student
selects; the school submits a sealed package to the central archive and brings the receipts back.
"""
