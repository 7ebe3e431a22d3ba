"""What a training minimises: the features, the terms, the objective."""
