"""Ranks calls for an organisation: theme and role, gated by eligibility."""
