"""vLLM for one model: its image, its flags, and the memory it sees."""
