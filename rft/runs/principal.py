"""Whom an ARN of AWS's `sts:GetCallerIdentity` names, and whether two name the same person."""

import re
from typing import Final

UPLOADER_METADATA: Final = (
    "rft-uploader"  # metadata of train.jsonl: the uploader's ARN, in the uploader's own word
)
_PRINCIPAL: Final = re.compile(
    r"arn:aws[a-z-]*:(iam::[0-9]{12}:(root|user/[\x21-\x7e]+)"
    r"|sts::[0-9]{12}:(federated-user/[\x21-\x7e]+|assumed-role/[\w+=,.@-]+/[\w+=,.@-]+))",
    re.ASCII,
)
_IDENTITY_CENTER: Final = re.compile(r".*:assumed-role/AWSReservedSSO_[^/]+/(?P<user>[^/]+)")


def is_principal(arn: str) -> bool:
    """Whether `arn` names a root user, an IAM user, a federated user, or a session of a role."""
    return len(arn) <= 2048 and _PRINCIPAL.fullmatch(arn) is not None


def same_principal(one: str, other: str) -> bool:
    """Whether two ARNs name the same user, or the same session name of the same role.

    A role of IAM Identity Center has the user's name as its sessions' name, so there two roles of one user are
    the same. For other roles whoever assumes one chooses the session's name, unless its trust policy sets it.
    """
    return _person(one) == _person(other)


def _person(arn: str) -> str:
    found = _IDENTITY_CENTER.fullmatch(arn)
    return (found["user"] if found else arn).casefold()
