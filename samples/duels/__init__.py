"""Duels of a card game, played by programs when somebody asks for their page; their pages are scraped."""
