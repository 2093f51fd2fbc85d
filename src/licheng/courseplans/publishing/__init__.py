"""What everybody may read of plans on file: search, course pages, overviews, files, API. Holds no tables."""
