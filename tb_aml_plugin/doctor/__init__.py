"""``tb-aml doctor``: whether everything that the plugin stands on works here, and what to do where it does not."""
