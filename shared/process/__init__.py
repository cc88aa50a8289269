"""How a program of ours runs: settings, logs, metrics, loops that are looked after, an end in good order."""
