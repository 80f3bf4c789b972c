"""The page: what the tab asks for over HTTP."""
