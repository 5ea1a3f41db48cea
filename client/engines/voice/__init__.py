"""The voice engine: SIP and RTP by pjsua2, sound devices, mixing, PCM legs."""
