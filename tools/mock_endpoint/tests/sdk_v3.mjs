// Copyright: Contributors to stackfleet.servicecatalog
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Runs one operation with the AWS SDK for JavaScript v3.
// In: {"modules", "service", "operation", "parameters", "client"} as JSON on standard input, where modules is the
// node_modules folder and client is what the client is made with. Out: {"answer"} or {"error", "message"} as JSON.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const PACKAGES = {
  cloudformation: ["@aws-sdk/client-cloudformation", "CloudFormationClient"],
  servicecatalog: ["@aws-sdk/client-service-catalog", "ServiceCatalogClient"],
};

const asked = JSON.parse(readFileSync(0, "utf8"));
const require = createRequire(path.join(asked.modules, "anchor.js"));
const [name, clientName] = PACKAGES[asked.service];
const sdk = require(name);
const client = new sdk[clientName]({ maxAttempts: 1, ...asked.client });
let told;
try {
  const answer = await client.send(new sdk[`${asked.operation}Command`](asked.parameters));
  delete answer.$metadata;
  told = { answer };
} catch (error) {
  told = { error: error.name, message: error.message };
}
process.stdout.write(JSON.stringify(told));
