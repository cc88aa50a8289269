"""The sound rows of a package become roster's organisations and students here."""
