"""The role that Bedrock assumes for a customization job."""

from aws_cdk import aws_iam as iam
from constructs import Construct

from rft import names
from stacks.constructs.access import Access


class JobRole(Construct):
    """Reads the prepared datasets, writes outputs, calls the reward; assumed by jobs of this account only."""

    def __init__(self, scope: Construct, construct_id: str, *, access: Access) -> None:
        super().__init__(scope, construct_id)
        jobs = access.arn("bedrock", "model-customization-job/*")
        self.role = iam.Role(
            self,
            "Role",
            role_name=access.use_case.job_role,
            description=f"Customization jobs of the use case {access.use_case.use_case}",
            assumed_by=iam.PrincipalWithConditions(
                iam.ServicePrincipal("bedrock.amazonaws.com"),
                {
                    "StringEquals": {"aws:SourceAccount": access.environment.account},
                    "ArnLike": {"aws:SourceArn": jobs},
                },
            ),
        )
        run = names.RunKeys(access.use_case.use_case, "*")
        artifacts = access.environment.artifacts_bucket
        for statement in (
            *access.read_objects(artifacts, f"{run.prefix}/dataset/*"),
            *access.list_objects(artifacts, access.run_objects),
            *access.write_objects(artifacts, f"{run.output}*"),
            *access.invoke_reward(),
            *access.read_logs(),
        ):
            self.role.add_to_policy(statement)
