"""The course-plan platform 課程計畫平臺: schools file plans, authorities take note, everybody reads them.

Gives out course codes. It knows schools by code and shares nothing with a school platform but HTTP and files.
"""
