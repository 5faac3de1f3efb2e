"""One module per command: flags in, exit status out. Heavy modules are imported by the command that needs them."""
