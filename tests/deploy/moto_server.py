"""moto's server, which also makes CloudFront's resources when a stack has them: moto knows them, but not in stacks.

Run as a program: python moto_server.py -H HOST -p PORT
"""

from typing import Any, cast

from moto.core.common_models import CloudFormationModel
from moto.moto_api._internal import mock_random


class _Resource(CloudFormationModel):
    """What a stack needs of a resource: an id, and attributes to refer to."""

    __module__ = "moto.cloudfront.models"  # by which moto knows whose it is

    def __init__(self) -> None:
        self.physical_resource_id = mock_random.get_random_hex(13).upper()

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr in ("Id", "DomainName")

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str, **_: Any
    ) -> "_Resource":
        return cls()

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> "_Resource":
        return cast("_Resource", original_resource)

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str
    ) -> None:
        """Nothing refers to it any more."""

    def is_created(self) -> bool:
        return True

    def get_cfn_attribute(self, attribute_name: str) -> str:
        return f"{self.physical_resource_id.lower()}.cloudfront.net" if attribute_name == "DomainName" else self.id

    @property
    def id(self) -> str:
        return self.physical_resource_id


class Distribution(_Resource, CloudFormationModel):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudfront-distribution.html"""

    __module__ = "moto.cloudfront.models"

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::CloudFront::Distribution"


class OriginAccessControl(_Resource, CloudFormationModel):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudfront-originaccesscontrol.html"""

    __module__ = "moto.cloudfront.models"

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::CloudFront::OriginAccessControl"


if __name__ == "__main__":
    from moto.server import main

    main()
