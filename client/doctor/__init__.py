"""What `ieum doctor` looks at: one file a subject, each a function from the machine to its findings."""
