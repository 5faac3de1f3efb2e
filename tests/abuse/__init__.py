"""What an untrusted pull request can contain, and what grayc answers: one row for each threat."""
