"""What all explorers share: controls beside results, figures, forms, predictions, and the errors that are seen."""
