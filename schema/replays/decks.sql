-- Deck types in the games that may be public, a row a game and side.
SELECT url, game, player, deck, confidence, winner, unfinished
FROM replays.public_decks
