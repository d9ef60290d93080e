"""What is worked out from diagrams, files and the log for people who design processes, and tried out in sandboxes; it
changes nothing."""
