"""The simulated Bedrock answers as `bedrock` and `bedrock-runtime`, under the IAM checks that AWS makes.

MiniStack's own Bedrock has no reinforcement fine-tuning. Its authorisation names neither jobs, nor
deployments, nor an inference through a deployment's ARN, authorises Converse under its own name, and never
checks `iam:PassRole`: a pipeline that would be refused by AWS would pass.
"""

import importlib
import json
import uuid
from typing import Any
from urllib.parse import unquote

from ministack import app
from ministack.core import iam_actions, iam_evaluator, responses, router

from rehearsal.localaws.plugins import replace

Response = tuple[int, dict[str, str], bytes]
INFERENCE = {"Converse": "InvokeModel", "ConverseStream": "InvokeModelWithResponseStream"}
ON_PATH = {
    "custom-models": "custom-model",
    "custom-model-deployments": "custom-model-deployment",
    "foundation-models": "foundation-model",
    "model-customization-jobs": "model-customization-job",
}
PROFILE_PREFIXES = ("apac.", "au.", "ca.", "eu.", "global.", "jp.", "us.", "us-gov.")


def apply() -> None:
    replace(iam_actions, "extract_iam_action", "ec476b92d969", _with_inference_actions)
    replace(iam_actions, "extract_resource_arn", "82f51700695c", _with_bedrock_arns)
    app._loaded_modules["bedrock"] = Service("control_plane")
    app._loaded_modules["bedrock_runtime"] = Service("runtime")


class Service:
    """One of the simulated services, imported at its first request, behind the checks MiniStack lacks."""

    def __init__(self, factory: str) -> None:
        self._factory = factory
        self._service: Any = None

    def _simulated(self) -> Any:
        if self._service is None:
            module = importlib.import_module("rehearsal.bedrock.service")
            self._service = getattr(module, self._factory)()
        return self._service

    async def handle_request(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Response:
        """Answer one request, or refuse it with AccessDeniedException."""
        refusal = _refusal(method, path, headers, body, query)
        if refusal is not None:
            return refusal
        try:
            service = self._simulated()
        except ImportError as error:
            message = f"the simulated Bedrock cannot be loaded: {error}"
            reply = {"__type": "ServiceUnavailableException", "message": message}
            return 503, {"Content-Type": "application/json"}, json.dumps(reply).encode()
        answer: Response = await service.handle_request(method, path, headers, body, query)
        return answer

    def get_state(self) -> Any:
        """Nothing to persist until the service has been used."""
        return None if self._service is None else self._service.get_state()

    def load_persisted_state(self, data: Any) -> None:
        """The rehearsal never restores a state."""

    def reset(self) -> None:
        """Forget every job, model and deployment."""
        if self._service is not None:
            self._service.reset()


def _with_inference_actions(extract: Any) -> Any:
    def action(
        service: str, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> str | None:
        found: str | None = extract(service, method, path, headers, body, query)
        if service == "bedrock-runtime" and found:
            name = found.partition(":")[2]
            return f"bedrock:{INFERENCE.get(name, name)}"
        return found

    return action


def _with_bedrock_arns(extract: Any) -> Any:
    def resource(
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, Any],
        region: str,
        account_id: str,
    ) -> str:
        if service == "bedrock":
            arns = control_plane_resources(method, path, body, region, account_id)
        elif service == "bedrock-runtime":
            arns = inference_resources(path, region, account_id)
        else:
            arns = []
        found = arns[0] if arns else extract(service, method, path, headers, body, query, region, account_id)
        return str(found)

    return resource


def inference_resources(path: str, region: str, account_id: str) -> list[str]:
    """ARNs of `/model/<id or ARN>/...`; an inference profile comes with its foundation model."""
    parts = unquote(path).split("/")
    if len(parts) < 4 or parts[1] != "model":
        return []
    model = "/".join(parts[2:-1])
    if model.startswith("arn:"):
        return [model]
    if model.startswith(PROFILE_PREFIXES):
        base = model.split(".", 1)[1]
        return [
            f"arn:aws:bedrock:{region}:{account_id}:inference-profile/{model}",
            f"arn:aws:bedrock:{region}::foundation-model/{base}",
        ]
    return [f"arn:aws:bedrock:{region}::foundation-model/{model}"]


def control_plane_resources(method: str, path: str, body: bytes, region: str, account_id: str) -> list[str]:
    """ARNs that a control-plane request must be allowed on; empty for lists and for what is not ours."""
    clean = unquote(path).rstrip("/")
    own = f"arn:aws:bedrock:{region}:{account_id}:"
    data = _json(body)
    if clean in ("/tagResource", "/untagResource", "/listTagsForResource"):
        return [str(data.get("resourceARN", "*"))]
    if method == "POST" and clean == "/model-customization-jobs":
        base = str(data.get("baseModelIdentifier", ""))
        model = base if base.startswith("arn:") else f"arn:aws:bedrock:{region}::foundation-model/{base}"
        return [model, f"{own}custom-model/*", f"{own}model-customization-job/*"]
    if method == "POST" and clean.endswith("/custom-model-deployments"):
        return [str(data.get("modelArn", "*"))]
    for collection, kind in ON_PATH.items():
        head, found, identifier = clean.partition(f"/{collection}/")
        if found and not head.strip("/").replace("model-customization", ""):
            name = identifier.removesuffix("/stop")
            scope = f"arn:aws:bedrock:{region}::" if kind == "foundation-model" else own
            arn = name if name.startswith("arn:") else f"{scope}{kind}/{name}"
            changed = str(data.get("modelArn", "")) if method == "PATCH" else ""
            return [arn] + ([changed] if changed else [])
    return []


def _refusal(
    method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
) -> Response | None:
    """The checks that follow the first one: further resources, tags on creation, and passing the job role."""
    if not app.AUTH:
        return None
    access_key = router.extract_access_key_id(headers, query)
    region, account_id = responses.get_region(), responses.get_account_id()
    for action, arn, context in _further_checks(method, path, headers, body, query, region, account_id):
        denied = iam_evaluator.enforce(
            access_key, action, action.split(":")[0], region, resource_arn=arn, service_context=context
        )
        if isinstance(denied, iam_evaluator.EvalResult):
            refused: Response = iam_actions.access_denied_response(
                "bedrock",
                action,
                denied.principal_arn,
                str(uuid.uuid4()),
                headers=headers,
                message=iam_actions.identity_denial_message(
                    action, denied.principal_arn, arn, denied.decision == "Deny"
                ),
            )
            return refused
    return None


def _further_checks(
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    query: dict[str, Any],
    region: str,
    account_id: str,
) -> list[tuple[str, str, dict[str, Any]]]:
    runtime = path.startswith("/model/")
    action = iam_actions.extract_iam_action(
        "bedrock-runtime" if runtime else "bedrock", method, path, headers, body, query
    )
    if runtime:
        arns = inference_resources(path, region, account_id)
        return [(str(action), arn, {}) for arn in arns[1:]]
    arns = control_plane_resources(method, path, body, region, account_id)
    checks: list[tuple[str, str, dict[str, Any]]] = [(str(action), arn, {}) for arn in arns[1:]]
    data = _json(body)
    own = f"arn:aws:bedrock:{region}:{account_id}:"
    if action == "bedrock:CreateModelCustomizationJob":
        passed = {"iam:PassedToService": "bedrock.amazonaws.com"}
        checks.append(("iam:PassRole", str(data.get("roleArn", "*")), passed))
        tagged = {"jobTags": "model-customization-job", "customModelTags": "custom-model"}
    elif action == "bedrock:CreateCustomModelDeployment":
        tagged = {"tags": "custom-model-deployment"}
    else:
        tagged = {}
    for member, kind in tagged.items():
        if data.get(member):
            tags = {f"aws:RequestTag/{tag.get('key')}": tag.get("value") for tag in data[member]}
            checks.append(("bedrock:TagResource", f"{own}{kind}/*", tags))
    return checks


def _json(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body or b"{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
