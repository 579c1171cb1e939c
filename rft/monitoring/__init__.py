"""What a running job shows: metric names, the reward curve, alarms' inputs."""
