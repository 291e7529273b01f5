"""Models of what configurations are worth, whichever library fits them: features, acquisitions, batches, beliefs."""
