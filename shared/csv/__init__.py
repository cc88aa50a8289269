"""Tables as people send them and as spreadsheets open them: read, kept row by row, answered."""
