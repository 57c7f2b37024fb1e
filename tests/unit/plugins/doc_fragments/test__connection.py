# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documented connection options, compared with those of the amazon.aws at hand."""

from __future__ import annotations

import re
import typing as t

import yaml
from ansible_collections.amazon.aws.plugins.doc_fragments import assume_role, common, region
from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

from ansible_collections.stackfleet.servicecatalog.plugins.doc_fragments._connection import ModuleDocFragment

Options = t.Dict[str, t.Dict[str, t.Any]]

# Deprecated for removal after 2024-12-01. amazon.aws 9 still has them, amazon.aws 10 does not.
REMOVED_ALIASES = {
    *("ec2_access_key", "ec2_secret_key", "security_token", "aws_security_token", "access_token"),
    *("ec2_url", "s3_url", "endpoint", "boto_profile", "ec2_region"),
}
REMOVED_VARIABLES = {
    *("EC2_ACCESS_KEY", "EC2_SECRET_KEY", "EC2_SECURITY_TOKEN", "AWS_SECURITY_TOKEN"),
    *("EC2_URL", "S3_URL", "EC2_REGION"),
}
# AWSPluginBase reads these options, but the doc fragments of amazon.aws lack them in some versions.
UNDOCUMENTED = {"aws_config", "validate_certs", "aws_ca_bundle", "max_attempts"}
OURS = {"assume_role_arn", "max_attempts"}


def merged(*parts: str) -> Options:
    """Return the options of parts of doc fragments, merged as Ansible merges them."""
    options: Options = {}
    for part in parts:
        for name, option in yaml.safe_load(part)["options"].items():
            options[name] = {**option, **options.get(name, {})}
    return options


def shape(option: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return what an argument spec or a documentation specifies of an option, apart from texts and variables."""
    return {
        "type": option.get("type", "str"),
        "elements": option.get("elements"),
        "default": option.get("default"),
        "choices": list(option.get("choices", [])),
        "required": option.get("required", False),
        "aliases": sorted(set(option.get("aliases", [])) - REMOVED_ALIASES),
    }


def shapes(options: t.Mapping[str, t.Mapping[str, t.Any]]) -> dict[str, dict[str, t.Any]]:
    return {name: shape(option) for name, option in options.items()}


def variables(option: t.Mapping[str, t.Any]) -> list[str]:
    """Return the environment variables in an option's description."""
    return re.findall(r"\bE\((\w+)\)", " ".join(option["description"]))


def without_removed(names: t.Iterable[str]) -> list[str]:
    return [name for name in names if name not in REMOVED_VARIABLES]


OF_MODULES = merged(ModuleDocFragment.DOCUMENTATION, ModuleDocFragment.MODULES)
OF_PLUGINS = merged(ModuleDocFragment.DOCUMENTATION, ModuleDocFragment.PLUGINS)
THEIRS = merged(
    common.ModuleDocFragment.PLUGINS, region.ModuleDocFragment.PLUGINS, assume_role.ModuleDocFragment.PLUGINS
)


def test_modules_document_the_argument_spec_of_amazon_aws() -> None:
    documented = shapes(OF_MODULES)
    for ours in OURS:
        del documented[ours]
    assert documented == shapes(aws_argument_spec())


def test_descriptions_list_the_variables_that_the_argument_spec_reads() -> None:
    for name, option in aws_argument_spec().items():
        _strategy, *read = option.get("fallback", (None, []))
        # boto3 itself reads the endpoint of STS.
        found = [variable for variable in variables(OF_MODULES[name]) if variable != "AWS_ENDPOINT_URL_STS"]
        assert found == without_removed(read[0]), name


def test_plugins_document_the_options_of_amazon_aws() -> None:
    documented = shapes(OF_PLUGINS)
    assert {name: documented.get(name) for name in THEIRS} == shapes(THEIRS)
    assert set(documented) - set(THEIRS) <= UNDOCUMENTED
    ours_and_modules = {name: option for name, option in documented.items() if name not in OURS}
    assert ours_and_modules == {name: shape(OF_MODULES[name]) for name in ours_and_modules}


def test_plugins_read_the_variables_that_amazon_aws_reads() -> None:
    for name, option in OF_PLUGINS.items():
        read = [source["name"] for source in option.get("env", [])]
        if name in THEIRS:
            assert read == without_removed(source["name"] for source in THEIRS[name].get("env", [])), name
        # boto3 itself reads the others, such as AWS_DEFAULT_REGION.
        assert read == variables(option)[: len(read)], name
