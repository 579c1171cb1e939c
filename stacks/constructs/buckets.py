"""The environment's buckets: versioned, private, TLS only, logged, and cleaned up by rules."""

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from rft import names

ABORT_UPLOADS_AFTER_DAYS: Final = 7
KEEP_OLD_VERSIONS_DAYS: Final = 90


class Buckets(Construct):
    """`datasets` (inputs, announced to EventBridge), `artifacts` (outputs, not announced) and access logs."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: names.EnvironmentNames,
        key: kms.IKey,
        keeps_data: bool,
        data_retention_days: int,
    ) -> None:
        super().__init__(scope, construct_id)
        self._removal = cdk.RemovalPolicy.RETAIN if keeps_data else cdk.RemovalPolicy.DESTROY
        self.access_logs = self._bucket(
            "AccessLogs",
            name=environment.access_logs_bucket,
            # S3 delivers access logs to buckets with SSE-S3 only (S3 guide, "Server access logging").
            encryption=s3.BucketEncryption.S3_MANAGED,
            lifecycle=_lifecycle(expire_after_days=data_retention_days),
        )
        self.datasets = self._encrypted("Datasets", environment.datasets_bucket, key, _lifecycle())
        self.artifacts = self._encrypted("Artifacts", environment.artifacts_bucket, key, _lifecycle())
        announced = self.datasets.node.default_child
        assert isinstance(announced, s3.CfnBucket)
        # On the L1: the L2's event_bridge_enabled adds a custom resource with a Lambda function.
        announced.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(
                event_bridge_enabled=True
            )
        )

    def _encrypted(
        self, construct_id: str, name: str, key: kms.IKey, lifecycle: list[s3.LifecycleRule]
    ) -> s3.Bucket:
        return self._bucket(
            construct_id,
            name=name,
            encryption=s3.BucketEncryption.KMS,
            lifecycle=lifecycle,
            key=key,
            log_to=self.access_logs,
        )

    def _bucket(
        self,
        construct_id: str,
        *,
        name: str,
        encryption: s3.BucketEncryption,
        lifecycle: list[s3.LifecycleRule],
        key: kms.IKey | None = None,
        log_to: s3.IBucket | None = None,
    ) -> s3.Bucket:
        return s3.Bucket(
            self,
            construct_id,
            bucket_name=name,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            bucket_key_enabled=True if key else None,
            encryption=encryption,
            encryption_key=key,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            lifecycle_rules=lifecycle,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            removal_policy=self._removal,
            server_access_logs_bucket=log_to,
            server_access_logs_prefix=f"{name}/" if log_to else None,
            versioned=True,
        )


def _lifecycle(expire_after_days: int | None = None) -> list[s3.LifecycleRule]:
    """Old versions and unfinished uploads go; current objects only where `expire_after_days` says so."""
    return [
        s3.LifecycleRule(
            id="remove-old-versions-and-unfinished-uploads",
            abort_incomplete_multipart_upload_after=cdk.Duration.days(ABORT_UPLOADS_AFTER_DAYS),
            noncurrent_version_expiration=cdk.Duration.days(KEEP_OLD_VERSIONS_DAYS),
            expiration=cdk.Duration.days(expire_after_days) if expire_after_days else None,
        )
    ]
