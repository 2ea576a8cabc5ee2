"""One spider a source; the file, the class and the name are the same word."""
