"""Links for families: each opens one page for one purpose and fourteen days, without an account."""
