"""What citizens and agents attach: checked, made harmless, kept durably, served so that no browser runs it."""
