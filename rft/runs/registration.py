"""Makes a run of an upload: pins the dataset, takes the settings' snapshot, derives the run id."""

from collections.abc import Mapping

from rft import aws, objects
from rft.errors import BadUpload, SettingsError
from rft.log_source import trains_on_logs
from rft.names import TRAIN
from rft.runs.config import FunctionConfig
from rft.runs.dataset_source import locate, parse_upload
from rft.runs.force import reason_of
from rft.runs.principal import UPLOADER_METADATA, is_principal
from rft.runs.record import Moment, RewardVersion, RunRecord, now
from rft.runs.run_id import fingerprint, run_id
from rft.settings import RunSettings

FIRST_STATE = "RegisterRun"


def read_settings(parameter: str) -> RunSettings:
    """The settings that the stack was deployed with.

    Raises:
        SettingsError: when the parameter does not exist.
    """
    text = aws.get_parameter(parameter)
    if text is None:
        raise SettingsError(f"parameter {parameter} does not exist; deploy the use case's stack")
    return RunSettings.model_validate_json(text)


def new_record(config: FunctionConfig, bucket: str, key: str, execution_arn: str) -> RunRecord:
    """The record of the run that an upload asks for; nothing is stored yet.

    Raises:
        BadUpload, SettingsError.
    """
    dataset = locate(bucket, config.use_case, parse_upload(key, config.use_case))
    settings = read_settings(config.settings_parameter)
    train = dataset[TRAIN]
    metadata = objects.object_metadata(train.bucket, train.key, train.version_id)
    uploader, reason = _uploader(metadata), reason_of(metadata)
    if settings.approvals.four_eyes and uploader is None:
        raise BadUpload(
            f"{key} names no uploader, which approvals.four_eyes of environment {config.environment} asks for "
            f"(metadata {UPLOADER_METADATA} with an IAM ARN); upload it with `rft submit`"
        )
    logs = settings.use_case.dataset.invocation_logs
    full = fingerprint(
        dataset_sha256={split: part.sha256 for split, part in dataset.items()},
        reward_code_sha256=config.reward_code_sha256,
        base_model=settings.use_case.base_model,
        engine=settings.use_case.model.engine,
        hyperparameters=settings.use_case.hyperparameters.api(),
        held_out={
            split: share
            for split, share in settings.use_case.dataset.split.model_dump().items()
            if split not in dataset
        },
        logs=logs.training_data() if logs and trains_on_logs(train.key) else None,
        forced=train.version_id if reason else None,
    )
    moment = now()
    return RunRecord(
        run_id=run_id(full),
        fingerprint=full,
        use_case=config.use_case,
        environment=config.environment,
        state=FIRST_STATE,
        execution_arn=execution_arn,
        dataset=dataset,
        settings=settings,
        uploader=uploader,
        forced=reason,
        reward=RewardVersion(function_arn=config.reward_function_arn, code_sha256=config.reward_code_sha256),
        timeline=[Moment(state=FIRST_STATE, at=moment)],
        created_at=moment,
        updated_at=moment,
    )


def _uploader(metadata: Mapping[str, str]) -> str | None:
    claimed = metadata.get(UPLOADER_METADATA, "")
    return claimed if is_principal(claimed) else None
