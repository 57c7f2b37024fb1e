// Copyright: Contributors to stackfleet.servicecatalog
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Runs one operation with the AWS SDK for JavaScript v3.
// Standard input: {"modules", "service", "operation", "parameters", "client"} as JSON, where modules is the node_modules
// folder and client holds the options of the client. Standard output: {"response"} or {"error", "message"} as JSON.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const PACKAGES = {
  cloudformation: ["@aws-sdk/client-cloudformation", "CloudFormationClient"],
  servicecatalog: ["@aws-sdk/client-service-catalog", "ServiceCatalogClient"],
};

const call = JSON.parse(readFileSync(0, "utf8"));
const require = createRequire(path.join(call.modules, "anchor.js"));
const [name, clientName] = PACKAGES[call.service];
const sdk = require(name);
const client = new sdk[clientName]({ maxAttempts: 1, ...call.client });
let result;
try {
  const response = await client.send(new sdk[`${call.operation}Command`](call.parameters));
  delete response.$metadata;
  result = { response };
} catch (error) {
  result = { error: error.name, message: error.message };
}
process.stdout.write(JSON.stringify(result));
