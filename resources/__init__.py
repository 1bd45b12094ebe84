"""Files shipped with the program: icons and default settings. No code."""
