"""How Aurora is run: the stack without Docker, the command line, the sample district."""
