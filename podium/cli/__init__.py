"""The command line: one file a command group; data goes to stdout, everything else to stderr."""
