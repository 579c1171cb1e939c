"""The `runs` table: run records, the way from a job to its run, and the training slots."""

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct

from rft.runs.store import LIST_INDEX


class RunsTable(Construct):
    """On-demand table with point-in-time recovery, encrypted with the environment's key."""

    def __init__(
        self, scope: Construct, construct_id: str, *, table_name: str, key: kms.IKey, keeps_data: bool
    ) -> None:
        super().__init__(scope, construct_id)
        self.table = dynamodb.Table(
            self,
            "Table",
            table_name=table_name,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            deletion_protection=keeps_data,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=key,
            partition_key=_text("pk"),
            sort_key=_text("sk"),
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            removal_policy=cdk.RemovalPolicy.RETAIN if keeps_data else cdk.RemovalPolicy.DESTROY,
        )
        self.table.add_global_secondary_index(
            index_name=LIST_INDEX, partition_key=_text("use_case"), sort_key=_text("created_at")
        )


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
