# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that connect to AWS. Private to this collection.

They are those of amazon.aws, which a documentation site that installs no dependencies can't read. A unit test compares
both.
"""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  access_key:
    description:
      - ID of the AWS access key to authenticate with.
      - If not set, the value of the environment variable E(AWS_ACCESS_KEY_ID) or E(AWS_ACCESS_KEY) is used, in this
        order.
      - Mutually exclusive with O(profile).
    type: str
    aliases: [aws_access_key_id, aws_access_key]
  secret_key:
    description:
      - Secret of the AWS access key.
      - If not set, the value of the environment variable E(AWS_SECRET_ACCESS_KEY) or E(AWS_SECRET_KEY) is used, in this
        order.
      - Mutually exclusive with O(profile).
    type: str
    aliases: [aws_secret_access_key, aws_secret_key]
  session_token:
    description:
      - Session token, required for temporary credentials.
      - If not set, the value of the environment variable E(AWS_SESSION_TOKEN) is used.
      - Mutually exclusive with O(profile).
    type: str
    aliases: [aws_session_token]
  profile:
    description:
      - Name of a profile in the AWS configuration files, such as C(~/.aws/config).
      - If not set, the value of the environment variable E(AWS_PROFILE) or E(AWS_DEFAULT_PROFILE) is used, in this
        order.
      - Mutually exclusive with O(access_key), O(secret_key) and O(session_token). If the environment sets the one and
        you want to use the other, set the unwanted options to an empty string.
    type: str
    aliases: [aws_profile]
  region:
    description:
      - AWS Region of the hub account that holds the provisioned products, such as V(eu-west-1).
      - If not set, the value of the environment variable E(AWS_REGION) or E(AWS_DEFAULT_REGION) is used, in this order,
        or else the Region of the profile.
    type: str
    aliases: [aws_region]
  endpoint_url:
    description:
      - URL to connect to instead of the default endpoints of AWS, for example an interface VPC endpoint.
      - If not set, the value of the environment variable E(AWS_URL) is used.
      - Requests to AWS STS, such as for O(assume_role_arn), go to this URL too, unless the environment variable
        E(AWS_ENDPOINT_URL_STS) or the C(services) section of the profile specifies a URL for STS.
    type: str
    aliases: [aws_endpoint_url]
  assume_role_arn:
    description:
      - ARN of an IAM role to assume before the first request, usually a role in the hub account.
      - The credentials that you provide need the permission C(sts:AssumeRole) for this role.
    type: str
    aliases: [iam_role_arn]
  validate_certs:
    description:
      - Whether to validate the TLS certificates of the endpoints.
      - Setting this option to V(false) is strongly discouraged. Use O(aws_ca_bundle) to trust a private certificate
        authority.
    type: bool
    default: true
  aws_ca_bundle:
    description:
      - Path to a file with the CA certificates to trust.
      - If not set, the value of the environment variable E(AWS_CA_BUNDLE) is used.
    type: path
  aws_config:
    description:
      - Settings of botocore, such as C(connect_timeout), C(proxies) or C(retries). See
        U(https://botocore.amazonaws.com/v1/documentation/api/latest/reference/config.html#botocore.config.Config) for
        the supported keys.
      - Responses of more than 8 MiB are an error.
    type: dict
  max_attempts:
    description:
      - Number of times to send a request, at most 100, if AWS throttles it, a connection fails, or the response is
        malformed or truncated. An API call, including its retries, can take up to 300 seconds.
      - If not set, C(retries) in O(aws_config) is used, or else the value of the environment variable
        E(AWS_MAX_ATTEMPTS), or else C(max_attempts) of the profile, or else V(10).
      - The retry mode is that of O(aws_config), or else of the environment variable E(AWS_RETRY_MODE), or else of the
        profile, or else V(standard).
    type: int
requirements:
  - boto3 >= 1.35.0
  - botocore >= 1.35.0
"""

    MODULES = r"""
options:
  debug_botocore_endpoint_logs:
    description:
      - Whether to return the API calls that the module made as RV(ignore:resource_actions).
      - If not set, the value of the environment variable E(ANSIBLE_DEBUG_BOTOCORE_LOGS) is used.
    type: bool
    default: false
notes:
  - The module reads environment variables and the configuration files of AWS on the host that it runs on. To use those
    of the controller, set C(delegate_to=localhost).
"""

    PLUGINS = r"""
options:
  access_key:
    env:
      - name: AWS_ACCESS_KEY_ID
      - name: AWS_ACCESS_KEY
  secret_key:
    env:
      - name: AWS_SECRET_ACCESS_KEY
      - name: AWS_SECRET_KEY
  session_token:
    env:
      - name: AWS_SESSION_TOKEN
  profile:
    env:
      - name: AWS_PROFILE
      - name: AWS_DEFAULT_PROFILE
  region:
    env:
      - name: AWS_REGION
  endpoint_url:
    env:
      - name: AWS_URL
  aws_ca_bundle:
    env:
      - name: AWS_CA_BUNDLE
notes:
  - The plugin reads environment variables and the configuration files of AWS on the controller. The C(environment)
    keyword of a play or task has no effect on it.
"""
