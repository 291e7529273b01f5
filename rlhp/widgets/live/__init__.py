"""Any agent on any environment, while it learns."""
