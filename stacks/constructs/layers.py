"""Lambda layers from pinned requirements, built by `uv` without Docker, byte-identical on every machine."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final, Literal

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from rft.errors import SettingsError
from stacks.constructs.bytecode import Packages, bytecode_key, compile_folder
from stacks.functions import LAMBDA_FOLDER

REQUIREMENTS: Final = "requirements.txt"
LAMBDA_PYTHON: Final = "3.14"
# Lambda's Amazon Linux 2023 has glibc 2.34; some packages have wheels for 2.28 and newer only.
PLATFORMS: Final = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
BUILD_TIMEOUT_SECONDS: Final = 300


class Layers(Construct):
    """The layers of one use case: one for each folder of `lambda/layers/` that is asked for.

    `packages` is "lambda" for wheels of Lambda's own Python and `architecture`, or "host" for this machine's.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        root: Path,
        prefix: str,
        architecture: Literal["arm64", "x86_64"],
        packages: Packages,
    ) -> None:
        super().__init__(scope, construct_id)
        self._root, self._prefix = root, prefix
        self._architecture: Literal["arm64", "x86_64"] = architecture
        self.packages: Packages = packages
        self._made: dict[str, lambda_.LayerVersion] = {}

    def get(self, name: str) -> lambda_.LayerVersion:
        """The layer of `lambda/layers/<name>/`."""
        if name not in self._made:
            self._made[name] = self._make(
                name, LayerBuild(self._requirements(name), self._options(), self.packages)
            )
        return self._made[name]

    def pins(self, name: str) -> str:
        """The pinned requirements of that layer."""
        return self._requirements(name).read_text(encoding="utf-8")

    def _requirements(self, name: str) -> Path:
        path = self._root / LAMBDA_FOLDER / "layers" / name / REQUIREMENTS
        if not path.is_file():
            raise SettingsError(f"{LAMBDA_FOLDER}/layers/{name}/{REQUIREMENTS}: missing; run: make lock")
        return path

    def _make(self, name: str, build: "LayerBuild") -> lambda_.LayerVersion:
        try:
            return lambda_.LayerVersion(
                self,
                name,
                layer_version_name=f"{self._prefix}-{name}",
                description=f"Pinned packages of {LAMBDA_FOLDER}/layers/{name}/{REQUIREMENTS}",
                code=build.code(),
                compatible_runtimes=[lambda_.Runtime.PYTHON_3_14],
                compatible_architectures=[architecture_of(self._architecture)],
                removal_policy=cdk.RemovalPolicy.DESTROY,
            )
        except RuntimeError as error:  # what jsii makes of an exception in a callback
            if build.problem:
                raise SettingsError(build.problem) from None
            raise error

    def _options(self) -> tuple[str, ...]:
        """What `uv` installs for: Lambda, or the interpreter that runs this."""
        if self.packages == "host":
            return ("--python", sys.executable)
        return ("--python-version", LAMBDA_PYTHON, "--python-platform", PLATFORMS[self._architecture])


def architecture_of(name: Literal["arm64", "x86_64"]) -> lambda_.Architecture:
    return lambda_.Architecture.ARM_64 if name == "arm64" else lambda_.Architecture.X86_64


@jsii.implements(cdk.ILocalBundling)
class LayerBuild:
    """Installs requirements into the layer's `python` folder, and compiles them."""

    def __init__(self, requirements: Path, options: tuple[str, ...], packages: Packages) -> None:
        self._requirements, self._options = requirements, options
        self._packages: Packages = packages
        self.problem = ""

    def code(self) -> lambda_.Code:
        """The layer's code asset."""
        text = self._requirements.read_text(encoding="utf-8")
        built_for = (*self._options, bytecode_key(self._packages))
        return lambda_.Code.from_asset(
            str(self._requirements.parent),
            # Hashed requirements decide every byte of the output, so they can stand for it.
            asset_hash=hashlib.sha256("\0".join((text, *built_for)).encode()).hexdigest(),
            asset_hash_type=cdk.AssetHashType.CUSTOM,
            bundling=cdk.BundlingOptions(
                image=cdk.DockerImage.from_registry("public.ecr.aws/sam/build-python3.14"),
                local=self,  # type: ignore[arg-type]  # jsii passes options by position
            ),
        )

    def try_bundle(self, output_dir: str, options: Any) -> bool:
        """Build; jsii passes both arguments by position. A failure is told by `problem`."""
        try:
            self._install(Path(output_dir) / "python")
        except (SettingsError, subprocess.SubprocessError) as error:
            self.problem = f"{self._requirements}: cannot build the layer: {error}"
            raise
        return True

    def _install(self, target: Path) -> None:
        command = [
            uv(),
            "pip",
            "install",
            "--quiet",
            "--no-config",
            "--target",
            str(target),
            "--link-mode",
            "copy",
        ]
        command += ["--require-hashes", "--only-binary", ":all:", "--no-deps", *self._options]
        command += ["-r", str(self._requirements)]
        built = subprocess.run(  # noqa: S603 arguments of our own, no shell
            command, capture_output=True, text=True, timeout=BUILD_TIMEOUT_SECONDS
        )
        if built.returncode != 0:
            raise SettingsError(" ".join(built.stderr.split())[-600:])
        (target / ".lock").unlink(missing_ok=True)
        shutil.rmtree(target / "bin", ignore_errors=True)  # scripts name the building machine's interpreter
        compile_folder(target, self._packages)


def uv() -> str:
    """Path of the `uv` that came with the project's requirements.

    Raises:
        SettingsError: when it is not installed.
    """
    beside = Path(sys.executable).parent / "uv"
    found = str(beside) if beside.exists() else shutil.which("uv")
    if not found:
        raise SettingsError("uv: not installed; run: make setup")
    return found
