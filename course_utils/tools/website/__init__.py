"""The website of the course, made from the stored notebooks."""
