"""RecognizeCelebrities and GetCelebrityInfo."""
