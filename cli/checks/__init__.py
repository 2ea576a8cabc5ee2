"""What `funding doctor` looks at: each check is a function that gives one finding or several."""
