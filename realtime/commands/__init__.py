"""One module a subcommand: options in, calls, report out. Each imports what it needs when it is called."""
