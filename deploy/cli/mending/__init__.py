"""Commands that operators mend with: compare, count anew, publish again, deal with what is parked, erase."""
