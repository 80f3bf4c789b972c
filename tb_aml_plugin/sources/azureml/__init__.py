"""Azure ML workspaces: who we are there, where its services are, and what they know of runs."""
