# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: stack_instances
version_added: 1.0.0
short_description: List the stack instances of provisioned products
description:
  - List the accounts and Regions that Service Catalog provisioned products of type C(CFN_STACKSET) are deployed to, and
    the status of each stack instance.
  - The lookup returns the same list as M(stackfleet.servicecatalog.stack_instance_info), for use in expressions and
    templates.
  - A stack instance must match all filters to be returned.
  - The list is complete, or the lookup fails.
author:
  - stackfleet contributors (@stackfleet)
options:
  _terms:
    description:
      - IDs of provisioned products, or their names if O(identify_by=name).
      - If you specify no terms, O(provisioned_product_ids) and O(provisioned_product_names) select the products. If you
        do not specify these either, the lookup lists all products of type C(CFN_STACKSET).
      - If you specify an empty list as a term, or loop over an empty list with
        C(with_stackfleet.servicecatalog.stack_instances), it selects no product. You can therefore pass the result of
        another task or lookup. Pass it as one term. If you unpack an empty list with C(*), no term remains.
    type: list
    elements: str
  identify_by:
    description:
      - Whether the terms are IDs or names.
    type: str
    choices:
      id: Terms are IDs of provisioned products.
      name: Terms are names of provisioned products.
    default: id
  as_of:
    description:
      - Whether to return one dictionary instead of the list of stack instances. Its keys are C(stack_instances),
        C(provisioned_products), C(summary) and C(as_of).
      - C(stack_instances), C(provisioned_products) and C(summary) have the same form as the return values of
        M(stackfleet.servicecatalog.stack_instance_info).
      - C(as_of) is the time at which the list was requested from AWS, in UTC and in ISO 8601 format. With
        O(cache=true), it shows the age of the result.
    type: bool
    default: false
extends_documentation_fragment:
  - stackfleet.servicecatalog._query
  - stackfleet.servicecatalog._query.listing
  - stackfleet.servicecatalog._products
  - stackfleet.servicecatalog._cache
  - stackfleet.servicecatalog._connection
  - stackfleet.servicecatalog._connection.plugins
notes:
  - Ansible evaluates a lookup on the controller, once for each host and task that uses its value. Set O(cache=true) to
    share one listing between them.
  - Use C(query), or C(lookup) with C(wantlist=true), to always get a list. Without C(wantlist=true), C(lookup) does not
    return a list if there is only one stack instance.
seealso:
  - module: stackfleet.servicecatalog.provisioned_product_info
    description: Find provisioned products by status, type or tag.
  - module: stackfleet.servicecatalog.stack_instance_info
    description: List stack instances in a task, with counts and the status of the products.
"""

EXAMPLES = r"""
# These examples do not set authentication details. See the options for the environment variables that you can use.

- name: Count the stack instances of two products that are not current
  ansible.builtin.debug:
    msg: "{{ query('stackfleet.servicecatalog.stack_instances', 'pp-a1b2c3d4e5f6g', 'pp-h7i8j9k0l1m2n',
      not_current=true, region='eu-west-1') | length }} stack instances are not current"

- name: Show the accounts that are current in one Region, and select the product by name
  ansible.builtin.debug:
    msg: "{{ query('stackfleet.servicecatalog.stack_instances', 'guardrails', identify_by='name', statuses=['CURRENT'],
      regions=['us-east-1'], region='eu-west-1') | map(attribute='account') }}"

- name: Loop over the outdated stack instances of all products
  ansible.builtin.debug:
    msg: "{{ item.provisioned_product_name }} is outdated in {{ item.account }}, {{ item.region }}"
  loop: "{{ query('stackfleet.servicecatalog.stack_instances', all_products=true, statuses=['OUTDATED'],
    region='eu-west-1') }}"

- name: Write a file on each host, with one cached listing for all of them
  ansible.builtin.copy:
    content: "{{ query('stackfleet.servicecatalog.stack_instances', 'pp-a1b2c3d4e5f6g', region='eu-west-1', cache=true,
      cache_timeout=300) | to_nice_json }}"
    dest: ~/guardrails.json
    mode: "0644"

- name: Show how many stack instances are current, and when they were listed
  ansible.builtin.debug:
    msg: "{{ fleet.summary.current }} of {{ fleet.summary.total }} were current at {{ fleet.as_of }}"
  vars:
    fleet: "{{ lookup('stackfleet.servicecatalog.stack_instances', 'pp-a1b2c3d4e5f6g', as_of=true, cache=true,
      region='eu-west-1') }}"

- name: Show the suspended accounts, which only CloudFormation reports
  ansible.builtin.debug:
    msg: "{{ query('stackfleet.servicecatalog.stack_instances', 'pp-a1b2c3d4e5f6g', source='cloudformation',
      detailed_statuses=['SKIPPED_SUSPENDED_ACCOUNT'], region='eu-west-1') | map(attribute='account') | unique }}"
"""

RETURN = r"""
_list:
  description:
    - The stack instances, sorted by provisioned product, account and Region. The list contains each of them once.
    - Empty if there are no stack instances, or if filters exclude all of them.
    - With O(as_of=true), the list contains one dictionary with other keys, as described there.
  type: list
  elements: dict
  contains:
    # Part: stack_instance
    provisioned_product_id:
      description: ID of the provisioned product.
      returned: always
      type: str
      sample: pp-a1b2c3d4e5f6g
    provisioned_product_name:
      description: Name of the provisioned product. V(null) if you selected it by ID and its name was not requested.
      returned: always
      type: str
      sample: guardrails
    account:
      description: AWS account of the stack instance.
      returned: always
      type: str
      sample: "210987654321"
    region:
      description: AWS Region of the stack instance.
      returned: always
      type: str
      sample: eu-west-1
    stack_instance_status:
      description:
        - Status of the stack instance in Service Catalog.
        - C(CURRENT) means that the stack instance is up to date.
        - C(OUTDATED) means that the last operation failed, was stopped, is pending or skipped the stack instance. The
          detailed status distinguishes these cases.
        - C(INOPERABLE) means that a deletion failed and left the stack in an unstable state. Delete the stack instance
          with C(RetainStacks), and then delete the stack manually.
        - AWS can add other statuses in the future, which are returned unchanged.
      returned: always
      type: str
      sample: CURRENT
    stack_id:
      description: ARN of the stack. V(null) if the stack instance has no stack, for example in a suspended account.
      returned: when read from CloudFormation
      type: str
      sample: >-
        arn:aws:cloudformation:eu-west-1:210987654321:stack/StackSet-SC-123456789012-pp-a1b2c3d4e5f6g/6a1b2c3d
    stack_set_id:
      description: ID of the stack set. V(null) if CloudFormation does not report it.
      returned: when read from CloudFormation
      type: str
      sample: SC-123456789012-pp-a1b2c3d4e5f6g:0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f
    detailed_status:
      description:
        - Detailed status of the stack instance, C(PENDING), C(RUNNING), C(SUCCEEDED), C(FAILED), C(CANCELLED),
          C(INOPERABLE), C(SKIPPED_SUSPENDED_ACCOUNT) or C(FAILED_IMPORT).
        - V(null) if CloudFormation does not report it. AWS can add other statuses in the future.
      returned: when read from CloudFormation
      type: str
      sample: FAILED
    status_reason:
      description: Explanation of the status from CloudFormation. V(null) if there is no explanation.
      returned: when read from CloudFormation
      type: str
      sample: "Account 210987654321 should have 'AWSCloudFormationStackSetExecutionRole' role."
    organizational_unit_id:
      description: ID of the organizational unit that was targeted. V(null) if the account was targeted directly.
      returned: when read from CloudFormation
      type: str
      sample: ou-abcd-1a2b3c4d
    drift_status:
      description: Drift status, C(DRIFTED), C(IN_SYNC), C(NOT_CHECKED), C(UNKNOWN) or V(null).
      returned: when read from CloudFormation
      type: str
      sample: NOT_CHECKED
    last_drift_check_timestamp:
      description: Time of the last drift detection in UTC, in ISO 8601 format. V(null) if drift was not detected yet.
      returned: when read from CloudFormation
      type: str
      sample: "2026-01-15T08:00:00+00:00"
    last_operation_id:
      description: ID of the last stack set operation. V(null) if CloudFormation does not report it.
      returned: when read from CloudFormation
      type: str
      sample: 5e1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f
    account_name:
      description: Name of the account in AWS Organizations. V(null) if the organization does not contain the account.
      returned: with O(describe_accounts=true)
      type: str
      sample: payments-prod
    account_state:
      description:
        - State of the account in AWS Organizations, such as C(ACTIVE), C(SUSPENDED), C(PENDING_CLOSURE) or C(CLOSED).
          V(null) if the organization does not contain the account.
      returned: with O(describe_accounts=true)
      type: str
      sample: ACTIVE
    organizational_unit_path:
      description:
        - Names of the organizational units of the account, from the top down and separated by slashes. A slash in a
          name is replaced with an underscore.
        - Empty if the account is directly in the root. V(null) if the organization does not contain the account.
      returned: with O(describe_accounts=true)
      type: str
      sample: Workloads/Payments
    # End of part: stack_instance
"""

import functools
import time
import typing as t
from datetime import datetime, timezone
from importlib.util import find_spec

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import OptionError, ServiceCatalogError
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import Query, parse
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read.stack_instances import Listing
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils import _options
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache import cache
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache.entry import CachedListing

if t.TYPE_CHECKING:
    from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._connection import LookupConnection

# Ansible evaluates these, but leaves them among the options in some forms.
_KEYWORDS = frozenset({"allow_unsafe", "errors", "wantlist"})


class LookupModule(LookupBase):
    def run(self, terms: list[t.Any], variables: dict[str, t.Any] | None = None, **kwargs: t.Any) -> list[t.Any]:
        given = {name: value for name, value in kwargs.items() if name not in _KEYWORDS}
        try:
            direct = _options.converted(given, Query)
            self.set_options(var_options=self._resolved(variables or {}), direct=direct)
            _options.refuse_unknown(str(self.ansible_name), self.option_definitions, given)
            # A loop (with_) without items has no options. Its empty list selects nothing.
            query = self._query([[]] if not terms and not given and _is_loop(kwargs) else terms)
            listing = self._list(query)
        except ServiceCatalogError as e:
            self._display.vvv(e.traceback)
            # The message is complete; Ansible would append each cause to it.
            raise AnsibleLookupError(str(e)) from None
        for warning in listing.warnings:
            self._display.warning(warning)
        return [_with_time(listing, query)] if self.get_option("as_of") else listing.stack_instances

    def _resolved(self, variables: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """Return the variables that set options, with their templates resolved. Ansible passes them unresolved."""
        names = {entry["name"] for option in self.option_definitions.values() for entry in option.get("vars", ())}
        found = {name: variables[name] for name in names if name in variables}
        return {name: self._templar.template(value) for name, value in found.items()} if self._templar else found

    def _query(self, terms: list[t.Any]) -> Query:
        options = self.get_options()
        return parse(Query, {**options, **self._products(terms, options)})

    def _list(self, query: Query) -> CachedListing:
        options = self.get_options()
        connection = _Connection(str(self.ansible_name), options)
        if not options["cache"]:
            return connection.read(query)
        return cache.cached_listing(options, query, connection, self._display.warning)

    def _products(self, terms: list[t.Any], options: dict[str, t.Any]) -> dict[str, t.Any]:
        """Return the option that the terms belong to. Terms that are empty lists select nothing."""
        name = f"provisioned_product_{options['identify_by']}s"
        if not terms:
            return {}
        if options[name] is not None:
            raise OptionError(f"{name} cannot be combined with terms that are {options['identify_by']}s")
        return {name: self._flatten(terms)}


class _Connection:
    """A connection that is made when it is first used, as importing boto3 takes longer than reading the cache."""

    def __init__(self, name: str, options: dict[str, t.Any]) -> None:
        self._name = name
        self._options = options

    def identify(self) -> str:
        """Return who the requests are made as."""
        return self._made.identify()

    def read(self, query: Query, progress: t.Callable[[], None] | None = None) -> CachedListing:
        """Read a listing, and call ``progress`` after each response."""
        self._made.progress = progress
        # A listing is as old as its first page.
        began = time.time()
        listing = self._made.list_stack_instances(query)
        required = listing.query.required_accounts
        accounts = None if required is None else sorted(required)
        return CachedListing(listing.stack_instances, listing.warnings, listing.provisioned_products, accounts, began)

    @functools.cached_property
    def _made(self) -> LookupConnection:
        from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._connection import LookupConnection

        return LookupConnection(self._name, self._options)


def _with_time(listing: CachedListing, query: Query) -> dict[str, t.Any]:
    """Return the dictionary of ``as_of``."""
    complete = Listing(listing.stack_instances, listing.provisioned_products, listing.warnings, [], query)
    return {
        "stack_instances": listing.stack_instances,
        "provisioned_products": listing.provisioned_products,
        "summary": complete.summary,
        "as_of": datetime.fromtimestamp(listing.began, timezone.utc).isoformat(timespec="seconds"),
    }


def _is_loop(given: t.Mapping[str, t.Any]) -> bool:
    """Return whether Ansible evaluates the lookup as ``with_``.

    Raises:
        OptionError: This version of Ansible does not show that.
    """
    if "wantlist" in given:
        return True  # of ansible-core 2.18, which removes it in all other forms
    if find_spec("ansible._internal") is None:
        return False  # ansible-core 2.18
    try:
        from ansible._internal._templating._jinja_plugins import _LookupContext

        context = _LookupContext.current(optional=True)
        return context is not None and context.invoked_as_with
    except (AttributeError, ImportError):
        raise OptionError("Specify terms, or set all_products=true to list all products") from None
