"""From what a portal answered to records: pure functions, no network and no store."""
