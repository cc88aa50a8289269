"""One human has one person here, however many records: these modules say whose they are, by whose decision."""
