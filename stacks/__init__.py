"""The CDK app: settings, one foundation and one stack per use case in every environment."""
