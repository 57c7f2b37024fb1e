# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""With values of any kind for any option, the outcome is a result, or one message before the first request."""

from __future__ import annotations

import importlib
import json
import typing as t
from contextlib import suppress
from pathlib import Path
from unittest.mock import MagicMock

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.plugins.loader import action_loader, cache_loader, inventory_loader, lookup_loader
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule, aws_argument_spec
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackfleet.servicecatalog import plugins
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import OptionError
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import (
    Connection,
    Query,
    Selection,
    argument_spec,
    as_given,
)
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.wait_options import WaitOptions
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._options import converted
from ansible_collections.stackfleet.servicecatalog.tests.unit.fuzz import values
from ansible_collections.stackfleet.servicecatalog.tests.unit.fuzz.world import (
    NAME,
    Outcome,
    World,
    inventory_of,
    lookup,
    module,
    require_message,
    said,
)
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Response,
    assumed_role,
    detail,
    json_response,
    page,
    stack_set,
    stack_set_page,
    summary_of,
)

ANSIBLES = {"strict", "compose", "groups", "keyed_groups", "leading_separator", "use_extra_vars", "plugin"}
CONNECTION = {name for option, spec in aws_argument_spec().items() for name in (option, *spec.get("aliases", []))}
WAIT_SPEC = {**aws_argument_spec(), **argument_spec(Selection, WaitOptions, Connection)}
MODULES = sorted(file.stem for file in (Path(plugins.__path__[0]) / "modules").glob("*.py"))


def module_and_spec(name: str) -> tuple[t.Any, dict[str, t.Any]]:
    """Return a module, and the argument spec that it passes to Ansible."""
    found = importlib.import_module(f"{plugins.__name__}.modules.{name}")
    with pytest.MonkeyPatch.context() as patch:
        made = MagicMock(side_effect=SystemExit)
        patch.setattr(AnsibleAWSModule, "__init__", made)
        with pytest.raises(SystemExit):
            found.main()
    return found, {**aws_argument_spec(), **made.call_args.kwargs["argument_spec"]}


def options_of(names: t.Iterable[t.Any], any_value: st.SearchStrategy[t.Any]) -> st.SearchStrategy[dict[str, t.Any]]:
    """Draw one or a few options, most of them of this collection, and often with a product to select."""
    own = sorted(set(names) - CONNECTION - ANSIBLES)
    name = st.sampled_from(own) | st.sampled_from(sorted(names))
    drawn = st.dictionaries(name, any_value, min_size=1, max_size=3)
    if "provisioned_product_ids" not in own:
        return drawn
    return st.builds(
        lambda one, more: {**one, **more}, st.sampled_from([{}, {"provisioned_product_ids": ["pp-a"]}]), drawn
    )


def respond(operation: str, parameters: dict[str, t.Any]) -> Response:
    """Return a response in which everything exists."""
    product = parameters.get("Id") or "pp-a"
    return {
        "DescribeRecord": json_response(
            RecordDetail={"RecordId": product, "Status": "SUCCEEDED", "ProvisionedProductId": "pp-a"}
        ),
        "DescribeProvisioningArtifact": json_response(
            ProvisioningArtifactDetail={"Id": parameters.get("ProvisioningArtifactId", "pa-a"), "Name": "v1"}
        ),
        "ListStackInstancesForProvisionedProduct": page([1]),
        "DescribeProvisionedProduct": json_response(
            ProvisionedProductDetail=detail(
                product,
                parameters.get("Name") or "a",
                Arn="arn:aws:servicecatalog:eu-west-1:123456789012:x/y",
                ProductId="prod-a",
                ProvisioningArtifactId="pa-a",
            )
        ),
        "SearchProvisionedProducts": json_response(ProvisionedProducts=[detail("pp-a", "a")]),
        "DescribeStackSet": stack_set("mine", None),
        "ListStackInstances": stack_set_page(
            summary_of(
                int(parameters.get("StackInstanceAccount", 1)), parameters.get("StackInstanceRegion", "eu-west-1")
            )
        ),
        "AssumeRole": assumed_role("ASSUMED"),
    }[operation]


def require_result_or_message(
    aws: World, options: t.Iterable[str], run: t.Callable[[], Outcome], takes: t.Callable[[], t.Any]
) -> None:
    """Require the outcome of one example.

    Args:
        aws: The scripted AWS.
        options: The names of the options.
        run: Runs the plugin.
        takes: Does what Ansible does with the options before the plugin. Messages of Ansible about options, and those
            of amazon.aws about the connection, can have any form.
    """
    try:
        takes()
    except AnsibleError:
        assert run().error
        return
    except Exception:
        return  # Ansible itself fails before any code of the collection
    aws.begin(respond)
    outcome = run()
    if outcome.error is None:
        return
    # A wait that has polled may fail, and Ansible makes groups after the listing.
    if not ANSIBLES & set(options) and not (outcome.result or {}).get("polls"):
        assert aws.requests == []
    if not (ANSIBLES | CONNECTION) & set(options):
        assert "exception" not in (outcome.result or {})
        require_message(outcome.error)


@pytest.mark.parametrize("name", MODULES)
@given(data=st.data())
def test_modules(aws: World, name: str, data: st.DataObject) -> None:
    which, spec = module_and_spec(name)
    # Ansible passes JSON in UTF-8 to a module.
    options = data.draw(options_of(spec, values.JSON_IN_UTF8))

    def takes() -> None:
        own = {option: one for option, one in spec.items() if option not in aws_argument_spec()}
        if messages := ArgumentSpecValidator(spec).validate(as_given(options, own)).error_messages:
            raise AnsibleError(messages[0])

    require_result_or_message(aws, options, lambda: module(which, options), takes)


@given(data=st.data())
def test_the_action(aws: World, data: st.DataObject) -> None:
    options = data.draw(options_of(WAIT_SPEC, values.JINJA))
    task = Task.load({"action": "stackfleet.servicecatalog.wait_for_rollout"})
    own = argument_spec(Selection, WaitOptions, Connection)

    def action() -> t.Any:
        task.args = as_given(options, own)
        made = action_loader.get(
            "stackfleet.servicecatalog.wait_for_rollout",
            task=task,
            connection=MagicMock(has_native_async=False),
            play_context=MagicMock(),
            loader=DataLoader(),
            templar=MagicMock(),
            shared_loader_obj=MagicMock(),
        )
        made._execute_module = lambda **run: {"failed": True, "msg": "No."}
        return made

    def run() -> Outcome:
        try:
            return Outcome(action().run(None, {}))
        except AnsibleError as e:
            return Outcome(error=said(e))

    require_result_or_message(aws, options, run, lambda: action().validate_argument_spec(argument_spec=WAIT_SPEC))


@given(data=st.data())
def test_the_lookup(aws: World, data: st.DataObject) -> None:
    names = set(lookup_loader.get(NAME).option_definitions) - {"_terms"}
    options = data.draw(options_of(names, values.JINJA))
    terms = data.draw(st.lists(values.JINJA, max_size=2) | st.just(["pp-a"]))

    def takes() -> None:
        with suppress(OptionError):  # the message of which must be one of the lookup
            lookup_loader.get(NAME).set_options(direct=converted(options, Query))

    require_result_or_message(aws, options, lambda: lookup(terms, **options), takes)


@given(data=st.data())
def test_the_inventory(aws: World, folder: Path, data: st.DataObject) -> None:
    names = set(inventory_loader.get(NAME).option_definitions)
    options = data.draw(options_of(names, values.FILES))
    file = folder / "x.stack_instances.yml"
    try:
        if data.draw(st.booleans()):
            text = yaml.dump({"plugin": NAME, **options}, allow_unicode=True)
        else:
            text = json.dumps({"plugin": NAME, **options}, default=str)
    except (RecursionError, ValueError):
        return  # no file can contain it
    file.write_bytes(text.encode("utf-8", "surrogatepass"))

    def takes() -> None:
        plugin = inventory_loader.get(NAME)
        plugin.loader = DataLoader()
        with suppress(OptionError):
            plugin._read_config_data(str(file))

    require_result_or_message(aws, options, lambda: inventory_of(file), takes)


@given(data=st.data())
def test_the_cache_plugin(aws: World, folder: Path, data: st.DataObject) -> None:
    name = "stackfleet.servicecatalog.private_jsonfile"
    options = data.draw(options_of(["_uri", "_prefix", "_timeout"], values.FILES))
    try:
        cache_loader.get(name, _uri=str(folder)).set_options(direct=options)
    except Exception:
        return  # Ansible itself refuses it, or fails
    try:
        plugin = cache_loader.get(name, **{"_uri": str(folder), **options})
        try:
            plugin.set("key", {"a": 1})
        except (OSError, ValueError):
            return  # not a valid file name; the caller reports it
        assert plugin.get("key") == {"a": 1}
    except AnsibleError as e:
        require_message(said(e))
