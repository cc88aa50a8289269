"""Commands that bring data in: files, the sample district, the demo, and the token that all of them send."""
