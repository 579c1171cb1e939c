"""What a simulated service needs from the emulator it runs in: service roles, events, the clock.

Importable anywhere, usable only inside the server process (the emulator's virtual environment). Account and
region are those of the request being served, or the server's own in a background thread.
"""

import hashlib
import json
import os
import secrets
import time
from typing import Any

SERVICE_SESSION_SECONDS = 3600  # what AWS gives a service role by default


class AccessDenied(Exception):  # noqa: N818 - the name of AWS's error
    """A role's trust policy does not let the service in, or there is no such role."""


def account() -> str:
    """The 12-digit account of the request being served."""
    from ministack.core.responses import get_account_id

    return str(get_account_id())


def region() -> str:
    """The region of the request being served."""
    from ministack.core.responses import get_region

    return str(get_region())


def endpoint_url() -> str:
    """Where this emulator listens."""
    return f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}"


def assume_service_role(
    role_arn: str,
    service: str = "bedrock.amazonaws.com",
    source_account: str | None = None,
    source_arn: str | None = None,
    session_name: str = "rehearsal",
) -> dict[str, str]:
    """Assume a role as an AWS service does, with `aws:SourceAccount` and `aws:SourceArn` as its keys.

    Returns `{AccessKeyId, SecretAccessKey, SessionToken}`, temporary credentials that the emulator holds to
    the role's own policies. Raises AccessDenied when the role is missing or its trust policy refuses.
    """
    role = _role(role_arn)
    if role is None or not _trusts(role, role_arn, service, source_account, source_arn):
        raise AccessDenied(
            f"{service} may not assume {role_arn}: check that the role exists and its trust policy allows "
            f"the service with aws:SourceAccount={source_account} and aws:SourceArn={source_arn}"
        )
    name = role_arn.rsplit("/", 1)[-1]
    return _new_session(role_arn.split(":")[4], name, str(role.get("RoleId", name)), session_name)


def act_for(access_key: str, session_name: str) -> dict[str, str]:
    """Credentials with which a service goes on as whoever signed a request: a session of the same role.

    A key that belongs to no session is the root's own, and stays what it is.
    """
    from ministack.services import sts

    from rehearsal.localaws.server import ROOT_SECRET

    session = sts._sessions.get(access_key)
    if session is None:
        return {"AccessKeyId": access_key, "SecretAccessKey": ROOT_SECRET}
    arn = str(session["Arn"])
    name = arn.split("/")[1]
    return _new_session(arn.split(":")[4], name, name, session_name)


def _new_session(account_id: str, role_name: str, role_id: str, session_name: str) -> dict[str, str]:
    from ministack.services import sts

    session = session_name[:64]
    credentials = {
        "AccessKeyId": "ASIA" + secrets.token_hex(8).upper(),
        "SecretAccessKey": secrets.token_hex(20),
        "SessionToken": hashlib.sha256(secrets.token_bytes(32)).hexdigest(),
    }
    sts.register_session(
        credentials["AccessKeyId"],
        {
            "Arn": f"arn:aws:sts::{account_id}:assumed-role/{role_name}/{session}",
            "UserId": f"{role_id}:{session}",
            "SecretAccessKey": credentials["SecretAccessKey"],
            "SessionToken": credentials["SessionToken"],
            "AccountId": account_id,
            "Expiration": time.time() + SERVICE_SESSION_SECONDS,
        },
    )
    return credentials


def client(service_name: str, credentials: dict[str, str]) -> Any:
    """A botocore client of this emulator that signs with `credentials`; never call it from the event loop."""
    import botocore.session
    from botocore.config import Config

    return botocore.session.Session().create_client(
        service_name,
        region_name=region(),
        endpoint_url=endpoint_url(),
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        config=Config(s3={"addressing_style": "path"}, retries={"mode": "standard"}, read_timeout=900),
    )


def role_allows(role_arn: str, action: str, resource_arn: str, context: dict[str, Any] | None = None) -> bool:
    """Whether the role's identity policies and boundary allow an action; for checks that make no request."""
    from ministack.core import iam_evaluator
    from ministack.services import iam

    name = role_arn.rsplit("/", 1)[-1]
    account_id = role_arn.split(":")[4]
    result = iam_evaluator.evaluate(
        iam_evaluator.EvalContext(
            principal_arn=f"arn:aws:sts::{account_id}:assumed-role/{name}/service",
            principal_type="AssumedRole",
            principal_account=account_id,
            action=action,
            resource_arn=resource_arn,
            region=region(),
            service_context={key.lower(): value for key, value in (context or {}).items()},
        ),
        iam_evaluator._gather_role_policies(name, account_id),
        *iam_evaluator._permissions_boundary(iam._roles, name, account_id),
    )
    return bool(result.decision == "Allow")


def put_event(
    detail_type: str, source: str, detail: dict[str, Any], resources: list[str] | None = None
) -> None:
    """Publish on the default bus as an AWS service does; `source` may be `aws.bedrock`."""
    from ministack.services import eventbridge

    eventbridge._put_events(
        {
            "Entries": [
                {
                    "Source": source,
                    "DetailType": detail_type,
                    "Detail": json.dumps(detail),
                    "Resources": list(resources or []),
                }
            ]
        },
        allow_aws_source=True,
    )


def clock_scale() -> float:
    """Seconds that really pass for one second of Wait, Retry or job time; 1 is real time, 0 does not wait."""
    from ministack.services import stepfunctions

    return float(stepfunctions._SFN_WAIT_SCALE)


def _role(role_arn: str) -> dict[str, Any] | None:
    from ministack.services import iam

    parts = role_arn.split(":", 5)
    if len(parts) != 6 or parts[2] != "iam" or not parts[5].startswith("role/"):
        return None
    role: dict[str, Any] | None = iam._roles.get_scoped(parts[4], None, parts[5].rsplit("/", 1)[-1])
    return role


def _trusts(
    role: dict[str, Any], role_arn: str, service: str, source_account: str | None, source_arn: str | None
) -> bool:
    """Deny before allow, `sts:AssumeRole` only, the statement's Principal must name the service."""
    from ministack.core import iam_evaluator as iam

    context: dict[str, Any] = {"aws:principalisawsservice": "true", "aws:principalservicename": service}
    if source_account is not None:
        context["aws:sourceaccount"] = source_account
    if source_arn is not None:
        context["aws:sourcearn"] = source_arn
    ctx = iam.EvalContext(
        principal_arn=service,
        principal_type="Service",
        principal_account="",
        action="sts:AssumeRole",
        resource_arn=role_arn,
        region=region(),
        service_context=context,
    )
    document = role.get("AssumeRolePolicyDocument") or {}
    if isinstance(document, str):
        document = json.loads(document)
    statements = document.get("Statement", [])
    applicable = [
        {**statement, "Resource": "*"}
        for statement in (statements if isinstance(statements, list) else [statements])
        if iam._service_principal_matches(statement.get("Principal"), service)
    ]
    decision = iam.evaluate(ctx, [iam.parse_policy_document({"Statement": applicable})]).decision
    return bool(decision == "Allow")
