"""Arrays to the wire's shapes, for an image or a video frame alike."""
