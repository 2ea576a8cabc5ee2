"""What happens to every record between a spider and the store."""
