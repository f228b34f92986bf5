"""Real inputs with their licences, and the producers that publish them."""
