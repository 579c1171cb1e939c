"""What each alarm watches and says, by where the fault is: workflow, reward function, training."""
