"""The port to the real emulator: everything that knows MiniStack's inside is imported here, and lazily."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from rehearsal.bedrock.port import Scope, StoredObject

SERVICE = "bedrock.amazonaws.com"


class MinistackPort:
    """Implements `rehearsal.bedrock.port.Port` inside the emulator's process."""

    def scope(self) -> Scope:
        from ministack.core.responses import get_account_id, get_region

        return Scope(get_account_id(), get_region())

    def wait_scale(self) -> float:
        from rehearsal.localaws import identity

        return identity.clock_scale()

    def clients(
        self, scope: Scope, role_arn: str, source_arn: str, session_name: str
    ) -> Callable[[str], Any]:
        from ministack.core.responses import request_scope

        from rehearsal.localaws import identity

        with request_scope(scope.account, scope.region):
            try:
                found = identity.assume_service_role(
                    role_arn, SERVICE, scope.account, source_arn, session_name
                )
            except Exception as error:  # noqa: BLE001 - the emulator refuses in its own types
                raise PermissionError(str(error)) from None
        return _factory(scope, found)

    def caller_clients(self, scope: Scope, access_key: str, session_name: str) -> Callable[[str], Any]:
        from rehearsal.localaws import identity

        return _factory(scope, identity.act_for(access_key, session_name))

    def refusal(self, scope: Scope, access_key: str, action: str, resource: str) -> str | None:
        from ministack import app
        from ministack.core import iam_actions, iam_evaluator
        from ministack.core.responses import request_scope

        if not app.AUTH:
            return None
        with request_scope(scope.account, scope.region):
            denied = iam_evaluator.enforce(
                access_key, action, action.split(":")[0], scope.region, resource_arn=resource
            )
        if denied is None:
            return None
        if isinstance(denied, iam_evaluator.EvalResult):
            return str(
                iam_actions.identity_denial_message(
                    action, denied.principal_arn, resource, denied.decision == "Deny"
                )
            )
        return str(denied.message)

    def put_event(self, scope: Scope, detail_type: str, detail: dict[str, Any]) -> None:
        from ministack.core.responses import request_scope

        from rehearsal.localaws import identity

        with request_scope(scope.account, scope.region):
            identity.put_event(detail_type, "aws.bedrock", detail, [detail["jobArn"]])

    def put_object(self, scope: Scope, bucket: str, key: str, data: bytes) -> None:
        _service_s3(scope).put_object(Bucket=bucket, Key=key, Body=data)

    def jsonl_objects(self) -> Iterator[StoredObject]:
        from ministack.core.responses import get_region, request_scope
        from ministack.services import s3

        for (account, bucket), contents in list(s3._buckets._data.items()):
            for key, found in list(contents["objects"].items()):
                if key.endswith(".jsonl"):

                    def read(account: str = account, bucket: str = bucket, key: str = key) -> bytes:
                        with request_scope(account, get_region()):
                            return s3._get_object_data(bucket, key) or b""

                    yield StoredObject(bucket, key, str(found.get("etag", "")), read)


def _factory(scope: Scope, credentials: dict[str, str]) -> Callable[[str], Any]:
    import botocore.session
    from botocore.config import Config

    from rehearsal.localaws import identity

    session, endpoint = botocore.session.Session(), identity.endpoint_url()
    # The grader does its own retries and counts them; S3 keeps botocore's.
    config = Config(s3={"addressing_style": "path"}, proxies={}, read_timeout=900, max_pool_connections=8)

    def make(service: str) -> Any:
        return session.create_client(
            service,
            region_name=scope.region,
            endpoint_url=endpoint,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials.get("SessionToken"),
            config=config.merge(Config(retries={"total_max_attempts": 1 if service == "lambda" else 3})),
        )

    return make


@cache
def _service_s3(scope: Scope) -> Any:
    """S3 as the account's root: the emulator knows no service principal that writes."""
    import botocore.session
    from botocore.config import Config

    from rehearsal.localaws import identity
    from rehearsal.localaws.server import ROOT_SECRET

    return botocore.session.Session().create_client(
        "s3",
        region_name=scope.region,
        endpoint_url=identity.endpoint_url(),
        aws_access_key_id=scope.account,
        aws_secret_access_key=ROOT_SECRET,
        config=Config(s3={"addressing_style": "path"}, proxies={}),
    )
