"""Tables are read as people send them, kept row by row, and answered as spreadsheets open them."""
