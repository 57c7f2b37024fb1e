#!/usr/bin/env bash
# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# List the stack instances of a product with the AWS CLI: one call for each page, one line for each stack instance.
set -euo pipefail

next=()
while :; do
    page=$(aws servicecatalog list-stack-instances-for-provisioned-product --provisioned-product-id "$1" \
        --page-size 20 "${next[@]}" --output text \
        --query '[StackInstances[].[Account, Region, StackInstanceStatus], [[NextPageToken]]][]')
    echo "${page%$'\n'*}"
    token=${page##*$'\n'}
    [ "$token" != None ] || break
    next=(--page-token "$token")
done
