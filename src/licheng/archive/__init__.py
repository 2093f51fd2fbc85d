"""The central archive 學習歷程中央資料庫: takes packages in, verifies every byte and rule, holds, proves.

It knows schools by code and by their published keys; it shares nothing with a school platform but packages
and HTTP.
"""
