"""Several objectives at once: what is known of them, searches for their front, and what these give."""
