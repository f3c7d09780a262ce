# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, KnowledgeCity platform contributors
"""Read and set the defaults of an account in one region."""

from __future__ import annotations

import typing as t

from ansible_collections.knowledgecity.platform.plugins.module_utils._account_baseline import model
from ansible_collections.knowledgecity.platform.plugins.module_utils._account_baseline.memory import Memory, to_restore
from ansible_collections.knowledgecity.platform.plugins.module_utils._errors import doing, error_code
from ansible_collections.knowledgecity.platform.plugins.module_utils._plan import Change

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule reports the missing library
    ClientError = Exception


class BaselineReconciler:
    """Reconcile the defaults of account `account_id` in `region`. `client_for(service)` gives a client of that region."""

    def __init__(
        self,
        wanted: model.Settings,
        client_for: t.Callable[[str], t.Any],
        region: str,
        account_id: str | None,
        memory: Memory | None = None,
    ):
        self._wanted = wanted
        self._memory = memory
        self._client_for = client_for
        self._region = region
        self._account_id = account_id

    def read(self) -> model.Settings:
        """Read the current settings of the aspects that are asked for."""
        return self.read_aspects(self._wanted)

    def read_aspects(self, aspects: t.Iterable[str]) -> model.Settings:
        """Read the current settings of some aspects."""
        readers = {
            model.EBS_ENCRYPTION: self._ebs_encryption,
            model.EBS_KEY: self._ebs_key,
            model.METADATA: self._metadata,
            model.PUBLIC_ACCESS: self._public_access,
        }
        settings = {}
        for aspect in aspects:
            with doing(f"read the {aspect} in {self._region}"):
                settings[aspect] = readers[aspect]()
        return settings

    def plan(self, current: model.Settings) -> list[Change]:
        """Plan one change for each aspect that isn't as wanted."""
        return model.plan(current, self._wanted)

    def apply(self, changes: list[Change]) -> None:
        """Set the aspects that the changes name."""
        setters = {
            model.EBS_ENCRYPTION: self._set_ebs_encryption,
            model.EBS_KEY: self._set_ebs_key,
            model.METADATA: self._set_metadata,
            model.PUBLIC_ACCESS: self._set_public_access,
        }
        if self._memory:
            self._memory.note(changes)
        for change in changes:
            with doing(f"set the {change.resource} in {self._region}"):
                setters[change.kind](change.after)

    @property
    def _ec2(self) -> t.Any:
        return self._client_for("ec2")

    @property
    def _s3control(self) -> t.Any:
        return self._client_for("s3control")

    def _ebs_encryption(self) -> bool:
        return self._ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"]

    def _set_ebs_encryption(self, wanted: bool) -> None:
        if wanted:
            self._ec2.enable_ebs_encryption_by_default()
        else:
            self._ec2.disable_ebs_encryption_by_default()

    def _ebs_key(self) -> str:
        return self._ec2.get_ebs_default_kms_key_id()["KmsKeyId"]

    def _set_ebs_key(self, wanted: str) -> None:
        if wanted == model.AWS_EBS_KEY:
            self._ec2.reset_ebs_default_kms_key_id()
        else:
            self._ec2.modify_ebs_default_kms_key_id(KmsKeyId=wanted)

    def _metadata(self) -> dict[str, t.Any]:
        return self._ec2.get_instance_metadata_defaults().get("AccountLevel") or {}

    def _set_metadata(self, wanted: dict[str, t.Any]) -> None:
        self._ec2.modify_instance_metadata_defaults(**wanted)

    def _public_access(self) -> dict[str, bool] | None:
        try:
            answer = self._s3control.get_public_access_block(AccountId=self._account_id)
        except ClientError as error:
            if error_code(error) == "NoSuchPublicAccessBlockConfiguration":
                return None
            raise
        return answer["PublicAccessBlockConfiguration"]

    def _set_public_access(self, wanted: dict[str, bool]) -> None:
        self._s3control.put_public_access_block(AccountId=self._account_id, PublicAccessBlockConfiguration=wanted)


class BaselineRestorer:
    """Put back what was there before the defaults were set, where nobody has changed them since."""

    def __init__(self, memory: Memory, reconciler: BaselineReconciler):
        self._memory = memory
        self._reconciler = reconciler

    def read(self) -> model.Settings:
        """Read the current settings of what is remembered."""
        return self._reconciler.read_aspects(self._memory.read() or {})

    def plan(self, current: model.Settings) -> list[Change]:
        """Plan one change for each aspect that is still as it was set."""
        return model.plan(current, to_restore(self._memory.read() or {}, current))

    def apply(self, changes: list[Change]) -> None:
        """Set the aspects that the changes name."""
        self._reconciler.apply(changes)
