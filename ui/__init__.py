"""All of Qt: window, panels, view-models, theme, shortcuts."""
