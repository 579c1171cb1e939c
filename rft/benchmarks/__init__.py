"""How fast a reward function is, how quickly it starts and how large it is, beside other graders."""
