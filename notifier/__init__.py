"""What people read: digests and the summary."""
