"""The video engine: WebRTC with the citizen's browser, the camera, pictures for the desk."""
