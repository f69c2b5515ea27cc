"""What builds, trains, releases and publishes the course. No lesson imports it."""
