"""The parts of the campaign that tries the streams of account events."""
