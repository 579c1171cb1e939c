"""The role that Bedrock assumes for a customization job."""

from aws_cdk import aws_iam as iam
from constructs import Construct

from rft import names
from rft.log_source import InvocationLogs
from stacks.constructs.access import Access


def read_logs(access: Access, logs: InvocationLogs) -> list[iam.PolicyStatement]:
    """Exactly the prefix of the logs; their bucket is not the project's, nor is the key it may be encrypted with."""
    return [
        iam.PolicyStatement(
            actions=["s3:GetObject"], resources=[access.bucket_arn(logs.bucket, f"{logs.prefix}/*")]
        ),
        *access.list_objects(logs.bucket, f"{logs.prefix}/*"),
    ]


class JobRole(Construct):
    """Reads the prepared datasets, writes outputs, calls the reward; assumed by jobs of this account only."""

    def __init__(
        self, scope: Construct, construct_id: str, *, access: Access, logs: InvocationLogs | None
    ) -> None:
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
            *([] if logs is None else read_logs(access, logs)),
        ):
            self.role.add_to_policy(statement)
