"""What everybody may read of plans on file: search, course pages, overviews, code files, API. Holds no tables."""
