"""What is kept: calls and their versions, runs, matches and deliveries."""
