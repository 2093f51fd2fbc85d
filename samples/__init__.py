"""The sample country: reference tables, the programme that makes it, and what it made."""
