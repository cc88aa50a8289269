"""What is wrong with a package, found before anything of it is applied."""
