"""Small chess engines of different strength, and clients that play the games which tasks ask for."""
