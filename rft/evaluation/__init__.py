"""Evaluation: prompts put to models, answers scored by the reward function, base against candidate."""
