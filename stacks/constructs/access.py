"""ARNs of one use case, and the statements built of them. No statement reaches another use case's data.

The training slots are shared: whoever waits for one may ask whether the execution that holds it still runs.
"""

from dataclasses import dataclass
from typing import Final

from aws_cdk import aws_iam as iam

from rft import names
from rft.catalogue import EngineName, base_model
from rft.log_source import InvocationLogs
from rft.runs.store import LIST_INDEX

KEY_USE: Final = ("kms:Decrypt", "kms:DescribeKey")
KEY_USE_FOR_WRITING: Final = (*KEY_USE, "kms:GenerateDataKey")
# What DynamoDB needs of a table's key on the caller's behalf (DynamoDB guide, "Encryption at rest").
TABLE_KEY_USE: Final = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Builds IAM statements for one use case in one environment."""

    environment: names.EnvironmentNames
    use_case: names.UseCaseNames
    partition: str
    key_arn: str
    base_model_id: str
    reward_version_arn: str = ""
    job_role_arn: str = ""
    logs: InvocationLogs | None = None
    slots_quota_code: str | None = None  # of concurrent customization jobs

    @property
    def engine(self) -> EngineName:
        return base_model(self.base_model_id).engine

    def arn(self, service: str, resource: str) -> str:
        """ARN of something in this account and region."""
        return (
            f"arn:{self.partition}:{service}:{self.environment.region}:{self.environment.account}:{resource}"
        )

    def bucket_arn(self, bucket: str, key: str = "") -> str:
        return f"arn:{self.partition}:s3:::{bucket}{'/' + key if key else ''}"

    @property
    def base_model_arn(self) -> str:
        return self.foundation_model(self.base_model_id)

    def foundation_model(self, model_id: str, region: str | None = None) -> str:
        """ARN of a model of AWS's own; foundation models belong to no account."""
        return (
            f"arn:{self.partition}:bedrock:{region or self.environment.region}::foundation-model/{model_id}"
        )

    @property
    def table_arn(self) -> str:
        return self.arn("dynamodb", f"table/{self.environment.runs_table}")

    @property
    def topic_arn(self) -> str:
        return self.arn("sns", self.environment.alert_topic)

    @property
    def pipeline_arn(self) -> str:
        return self.arn("states", f"stateMachine:{self.use_case.pipeline}")

    @property
    def watch_arn(self) -> str:
        return self.arn("states", f"stateMachine:{self.use_case.watch}")

    @property
    def evaluation_arn(self) -> str:
        return self.arn("states", f"stateMachine:{self.use_case.evaluation}")

    def _via(self, *services: str) -> dict[str, dict[str, list[str]]]:
        return {
            "StringEquals": {
                "kms:ViaService": [f"{s}.{self.environment.region}.amazonaws.com" for s in services]
            }
        }

    def table(self, *actions: str, keys: tuple[str, ...]) -> list[iam.PolicyStatement]:
        """Actions on items whose partition key matches one of `keys`."""
        return [
            iam.PolicyStatement(
                actions=[f"dynamodb:{action}" for action in actions],
                resources=[self.table_arn],
                conditions={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(keys)}},
            ),
            iam.PolicyStatement(
                actions=list(TABLE_KEY_USE), resources=[self.key_arn], conditions=self._via("dynamodb")
            ),
        ]

    def runs(self, *actions: str) -> list[iam.PolicyStatement]:
        return self.table(*actions, keys=(f"{self.use_case.use_case}#RUN#*",))

    def list_runs(self) -> list[iam.PolicyStatement]:
        """Query the index of the use case's runs."""
        return [
            iam.PolicyStatement(
                actions=["dynamodb:Query"],
                resources=[f"{self.table_arn}/index/{LIST_INDEX}"],
                conditions={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [self.use_case.use_case]}},
            )
        ]

    def jobs(self, *actions: str) -> list[iam.PolicyStatement]:
        return self.table(*actions, keys=(f"{self.use_case.use_case}#JOB#*",))

    def slot(self) -> list[iam.PolicyStatement]:
        return self.table("GetItem", "UpdateItem", keys=(self.environment.training_slot,))

    def take_slot(self) -> list[iam.PolicyStatement]:
        """Take a slot, free those of any use case's executions that are over, and learn the account's quota."""
        pipelines = names.UseCaseNames(self.environment.environment, "*").pipeline
        asked = iam.PolicyStatement(
            actions=["states:DescribeExecution"], resources=[self.arn("states", f"execution:{pipelines}:*")]
        )
        if self.slots_quota_code is None:
            return [*self.slot(), asked]
        quota = iam.PolicyStatement(
            actions=["servicequotas:GetServiceQuota"],
            resources=[self.arn("servicequotas", f"bedrock/{self.slots_quota_code}")],
        )
        return [*self.slot(), asked, quota]

    def ledger(self) -> list[iam.PolicyStatement]:
        """The spending of the environment and the use case; a transaction needs the actions of its members."""
        keys = (
            names.spend_key(self.environment.environment),
            names.use_case_spend_key(self.use_case.use_case),
        )
        return self.table("GetItem", "PutItem", "UpdateItem", keys=keys)

    def read_objects(self, bucket: str, *keys: str, versions: bool = False) -> list[iam.PolicyStatement]:
        actions = ["s3:GetObject", *(["s3:GetObjectVersion"] if versions else [])]
        return [
            iam.PolicyStatement(actions=actions, resources=[self.bucket_arn(bucket, key) for key in keys]),
            iam.PolicyStatement(actions=list(KEY_USE), resources=[self.key_arn], conditions=self._via("s3")),
        ]

    def write_objects(self, bucket: str, *keys: str) -> list[iam.PolicyStatement]:
        return [
            iam.PolicyStatement(
                actions=["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"],
                resources=[self.bucket_arn(bucket, key) for key in keys],
            ),
            iam.PolicyStatement(
                actions=list(KEY_USE_FOR_WRITING), resources=[self.key_arn], conditions=self._via("s3")
            ),
        ]

    def list_objects(self, bucket: str, prefix: str) -> list[iam.PolicyStatement]:
        return [
            iam.PolicyStatement(
                actions=["s3:ListBucket"],
                resources=[self.bucket_arn(bucket)],
                conditions={"StringLike": {"s3:prefix": [prefix]}},
            )
        ]

    def read_dataset(self) -> list[iam.PolicyStatement]:
        """The uploaded files, and the answer 404 for one that is missing."""
        bucket, keys = self.environment.datasets_bucket, f"{self.use_case.use_case}/*"
        return [*self.read_objects(bucket, keys, versions=True), *self.list_objects(bucket, keys)]

    def read_reward_log(self) -> list[iam.PolicyStatement]:
        """What the reward function has logged."""
        # AWS documents the group's ARN with `:*` for its streams and without; both are the same group.
        group = self.arn("logs", f"log-group:{self.use_case.log_group('reward')}")
        return [iam.PolicyStatement(actions=["logs:FilterLogEvents"], resources=[group, f"{group}:*"])]

    def read_logs(self) -> list[iam.PolicyStatement]:
        """Exactly the prefix of the logs; their bucket is not the project's, nor is the key it may have."""
        if self.logs is None:
            return []
        bucket, keys = self.logs.bucket, f"{self.logs.prefix}/*"
        return [
            iam.PolicyStatement(actions=["s3:GetObject"], resources=[self.bucket_arn(bucket, keys)]),
            *self.list_objects(bucket, keys),
        ]

    def read_artifacts(self) -> list[iam.PolicyStatement]:
        return self.read_objects(self.environment.artifacts_bucket, self.run_objects)

    def write_artifacts(self) -> list[iam.PolicyStatement]:
        return self.write_objects(self.environment.artifacts_bucket, self.run_objects)

    def list_artifacts(self) -> list[iam.PolicyStatement]:
        return self.list_objects(self.environment.artifacts_bucket, self.run_objects)

    @property
    def run_objects(self) -> str:
        """Pattern of the keys of all runs of the use case."""
        return names.RunKeys(self.use_case.use_case, "*").prefix.removesuffix("*") + "*"

    def publish(self) -> list[iam.PolicyStatement]:
        return [
            iam.PolicyStatement(actions=["sns:Publish"], resources=[self.topic_arn]),
            iam.PolicyStatement(
                actions=list(KEY_USE_FOR_WRITING), resources=[self.key_arn], conditions=self._via("sns")
            ),
        ]

    def queue_failed_events(self, queue_arn: str) -> list[iam.PolicyStatement]:
        return [
            iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[queue_arn]),
            iam.PolicyStatement(
                actions=list(KEY_USE_FOR_WRITING), resources=[self.key_arn], conditions=self._via("sqs")
            ),
        ]

    def invoke_reward(self) -> list[iam.PolicyStatement]:
        """Every published version: a run under way goes on with its own when the next one is deployed."""
        versions = self.arn("lambda", f"function:{self.use_case.reward_function}:*")
        return [iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[versions])]

    def read_metrics(self) -> list[iam.PolicyStatement]:
        # CloudWatch has no resource types for reading metrics (service authorization reference).
        return [iam.PolicyStatement(actions=["cloudwatch:GetMetricData"], resources=["*"])]

    def complete_tasks(self) -> list[iam.PolicyStatement]:
        return [iam.PolicyStatement(actions=["states:SendTaskSuccess"], resources=[self.watch_arn])]

    def bedrock(self, *actions: str, on: tuple[str, ...]) -> list[iam.PolicyStatement]:
        """Bedrock actions on kinds of this account's resources, or on "base-model"."""
        resources = [
            self.base_model_arn if kind == "base-model" else self.arn("bedrock", f"{kind}/*") for kind in on
        ]
        return [iam.PolicyStatement(actions=[f"bedrock:{action}" for action in actions], resources=resources)]

    def mantle(self, *actions: str) -> list[iam.PolicyStatement]:
        """Actions of the OpenAI-compatible endpoint, and the right to call it with a short-term key.

        Files, jobs and models have no resource types of their own: their actions are allowed on projects.
        """
        return [
            iam.PolicyStatement(
                actions=[f"bedrock-mantle:{action}" for action in actions],
                resources=[self.arn("bedrock-mantle", "project/*")],
            ),
            iam.PolicyStatement(actions=["bedrock-mantle:CallWithBearerToken"], resources=["*"]),
        ]

    def encrypt_model(self) -> list[iam.PolicyStatement]:
        """The custom model is encrypted with the environment's key; Bedrock keeps a grant on it."""
        return [
            iam.PolicyStatement(
                actions=[*KEY_USE_FOR_WRITING, "kms:CreateGrant"],
                resources=[self.key_arn],
                conditions=self._via("bedrock"),
            )
        ]

    def use_model(self) -> list[iam.PolicyStatement]:
        return [
            iam.PolicyStatement(
                actions=["kms:Decrypt"], resources=[self.key_arn], conditions=self._via("bedrock")
            )
        ]

    def pass_job_role(self) -> list[iam.PolicyStatement]:
        return [
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=[self.job_role_arn],
                conditions={"StringEquals": {"iam:PassedToService": "bedrock.amazonaws.com"}},
            )
        ]

    def parameter(self, *actions: str, name: str) -> list[iam.PolicyStatement]:
        return [
            iam.PolicyStatement(
                actions=[f"ssm:{action}" for action in actions],
                resources=[self.arn("ssm", f"parameter{name}")],
            )
        ]
