"""The course as a website of plain files: made from the stored notebooks, read without a server."""
