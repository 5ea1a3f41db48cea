"""Real telephones and a real SIP proxy around a real voice engine, each on a free port."""
