"""What runs by itself: jobs as plain functions, when they are due, and what becomes of them."""
