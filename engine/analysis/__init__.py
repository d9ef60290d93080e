"""What is worked out from diagrams, files and the log for people who design processes; it changes nothing."""
