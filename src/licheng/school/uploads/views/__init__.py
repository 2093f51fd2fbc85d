"""What a browser asks of uploads: sending bytes, and preparing what was sent."""
