# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What this collection adds to amazon.aws' connection options. Private to this collection."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  assume_role_arn:
    description:
      - The ARN of an IAM role in the account that holds the provisioned products. It is assumed with STS before
        anything else is asked, which needs C(sts:AssumeRole).
    type: str
    aliases:
      - iam_role_arn
requirements:
  - boto3 >= 1.35.0
  - botocore >= 1.35.0
notes:
  - Throttled requests, failing connections and damaged answers are tried again, each page up to 10 times with growing
    pauses. C(retries) in O(aws_config) overrides it.
"""

    # amazon.aws.common.plugins lacks these, though its code reads them.
    PLUGINS = r"""
options:
  aws_config:
    description:
      - A dictionary that changes the configuration of botocore, with the parameters of
        U(https://botocore.amazonaws.com/v1/documentation/api/latest/reference/config.html#botocore.config.Config).
    type: dict
  validate_certs:
    description:
      - Whether the certificates of AWS' endpoints are checked. Leave it on; O(aws_ca_bundle) is the way to trust
        another authority.
    type: bool
    default: true
  aws_ca_bundle:
    description:
      - A file with the certificates of the authorities to trust.
    type: path
    env:
      - name: AWS_CA_BUNDLE
"""
