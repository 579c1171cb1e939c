"""What a run will use and cost, before it trains: hyperparameters with reasons, a forecast, the budget's verdict."""
