"""Companies: their figures, actions and earnings. One module for each subject; nothing here changes anything."""
