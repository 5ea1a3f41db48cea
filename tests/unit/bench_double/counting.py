"""What the tiny benchmark could share: no benchmark itself."""
