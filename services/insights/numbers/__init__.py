"""Numbers are read, judged and cut down to what their viewer may see here; nothing here knows of HTTP."""
