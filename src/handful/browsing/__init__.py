"""The verbs in a browser: tag, train, look, try, correct."""
