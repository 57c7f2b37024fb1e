// Copyright: Contributors to stackfleet.servicecatalog
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Tests the reports that render.yml writes. ROLLOUT_REPORT_PAGES is their folder. If ROLLOUT_REPORT_SCREENSHOTS is set,
// screenshots are written to this folder.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { chromium } from "playwright-core";

const PAGES = process.env.ROLLOUT_REPORT_PAGES;
const SCREENSHOTS = process.env.ROLLOUT_REPORT_SCREENSHOTS;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const HOSTILE = /<\/script><\/title><\/noscript><!--<img src=x onerror=hurt=2>/;

const folder = mkdtempSync(join(tmpdir(), "browser-"));
const opened = new Map();

/** Returns a browser with or without scripts, with a color scheme and a new profile. */
const browser = async (colorScheme, javaScriptEnabled = true) => {
  const key = `${colorScheme}-${javaScriptEnabled}`;
  if (!opened.has(key)) {
    const options = {
      executablePath: process.env.BROWSER,
      args: ["--no-sandbox", "--disable-background-networking", "--no-first-run"],
      bypassCSP: false,
      colorScheme,
      javaScriptEnabled,
    };
    opened.set(key, await chromium.launchPersistentContext(join(folder, key), options));
  }
  return opened.get(key);
};

/** Opens a page, runs the steps, and checks that the page sent no requests and logged no messages. */
const visit = async (name, { width = 1280, colorScheme = "light", scripts = true }, steps) => {
  const page = await (await browser(colorScheme, scripts)).newPage();
  const url = pathToFileURL(join(PAGES, `${name}.html`)).href;
  const [requests, messages] = [[], []];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => messages.push(message.text()));
  page.on("pageerror", (error) => messages.push(String(error)));
  try {
    await page.setViewportSize({ width, height: 844 });
    await page.goto(url);
    await steps(page);
    assert.deepEqual(requests, [url]);
    assert.deepEqual(messages, []);
  } finally {
    await page.close();
  }
};

const shown = (page) => page.locator("#shown").textContent();
const waitForShown = (page, text) =>
  page.waitForFunction((wanted) => document.querySelector("#shown").textContent === wanted, text);

before(() => assert.ok(PAGES, "ROLLOUT_REPORT_PAGES must be set to the folder of the pages"));
after(async () => {
  for (const context of opened.values()) await context.close();
  rmSync(folder, { recursive: true, force: true });
});

test("a large fleet loads quickly", () =>
  visit("fleet", {}, async (page) => {
    assert.equal(await page.locator(".product").count(), 3);
    assert.equal(await page.locator(".scroll td").count(), 3 * 200 * 17);
    assert.equal(await shown(page), "All 10,200 shown");
    const timing = await page.evaluate(() => ({
      loaded: performance.timing.domContentLoadedEventEnd - performance.timing.navigationStart,
      painted: performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
    }));
    console.log(`ready after ${timing.loaded} ms, first paint after ${Math.round(timing.painted)} ms`);
    assert.ok(timing.loaded < 5000, `ready only after ${timing.loaded} ms`);
  }));

test("filters", () =>
  visit("fleet", {}, async (page) => {
    await page.fill("#find", "210987654321");
    await waitForShown(page, "51 of 10,200 shown");
    await page.fill("#find", "210987654321 EU-");
    await waitForShown(page, "15 of 10,200 shown");
    await page.fill("#find", "no such target");
    await waitForShown(page, "0 of 10,200 shown");
    assert.equal(await page.getByText("Nothing here fits the filter.").count(), 3);
    await page.fill("#find", "");
    await waitForShown(page, "All 10,200 shown");
    await page.check("#behind");
    await page.waitForFunction(() => document.querySelectorAll(".scroll td.current").length === 0);
    const behind = await page.locator(".scroll td.outdated, .scroll td.inoperable, .scroll td.other").count();
    assert.equal(await shown(page), `${behind} of 10,200 shown`);
    await page.uncheck("[name=status][value=OUTDATED]");
    await page.waitForFunction(() => document.querySelectorAll(".scroll td.outdated").length === 0);
    assert.deepEqual(new Set(await page.locator(".scroll td[tabindex]").allTextContents()), new Set(["I", "?"]));
  }));

test("accounts are sorted by stack instances that are not current, or by number", () =>
  visit("fleet", {}, async (page) => {
    const behind = await page.locator("#product-1 .scroll tbody tr").evaluateAll((lines) =>
      lines.map((line) => line.querySelectorAll(".outdated, .inoperable, .other").length),
    );
    assert.ok(behind[0] > behind.at(-1));
    assert.deepEqual(behind, behind.toSorted((one, other) => other - one));
    await page.selectOption("#sort", "account");
    await page.waitForFunction(() => {
      const numbers = [...document.querySelectorAll("#product-1 .scroll tbody th")].map((head) => head.textContent);
      return numbers.length === 200 && String(numbers) === String(numbers.toSorted());
    });
  }));

test("reasons are available with the keyboard", () =>
  visit("fleet", {}, async (page) => {
    await page.check("#behind");
    await page.waitForFunction(() => document.querySelectorAll(".scroll td.current").length === 0);
    await page.focus("#product-1 .scroll td[tabindex='0']");
    const detail = page.locator("#product-1 .matrix .detail");
    assert.match(await detail.textContent(), /^\d{12} \S+ (OUTDATED|INOPERABLE), .*recorders is reached\.$/);
    const before = await detail.textContent();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    assert.notEqual(await detail.textContent(), before);
    assert.equal(await page.locator("#product-1 .scroll td[tabindex='0']").count(), 1);
    await page.focus("#product-1 summary");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#product-1 details:not([open])");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#product-1 .behind tbody tr");
    const listed = await page.locator("#product-1 .behind tbody tr").count();
    assert.equal(listed, await page.locator("#product-1 .scroll td[tabindex]").count());
  }));

test("HTML, scripts and templates in values are escaped", async () => {
  for (const scripts of [true, false]) {
    await visit("hostile", { scripts }, async (page) => {
      assert.match(await page.title(), HOSTILE);
      assert.match(await page.locator("h1").textContent(), /\{\{ 6 \* 7 \}\} \$\{hurt\}/);
      assert.match(await page.locator("h2").textContent(), HOSTILE);
      assert.equal(await page.locator("img").count(), 0);
      assert.equal(await page.locator("script").count(), 2);
      if (!scripts) {
        assert.match(await page.locator(".behind td").last().textContent(), HOSTILE);
        return;
      }
      assert.equal(await page.evaluate(() => window.hurt), undefined);
      await page.locator(".scroll td").focus();
      assert.match(await page.locator(".matrix .detail").textContent(), HOSTILE);
      await page.waitForSelector(".behind");
      assert.match(await page.locator(".behind td").last().textContent(), HOSTILE);
      assert.equal(await page.locator(".scroll td").textContent(), "?");
    });
  }
});

test("the content security policy blocks everything else", async () => {
  const page = await (await browser("light")).newPage();
  await page.goto(pathToFileURL(join(PAGES, "empty.html")).href);
  const blocked = await page.evaluate(async () => {
    const directives = [];
    document.addEventListener("securitypolicyviolation", (event) => directives.push(event.effectiveDirective));
    document.head.append(Object.assign(document.createElement("script"), { textContent: "window.hurt = 1" }));
    document.body.append(Object.assign(new Image(), { src: "https://example.invalid/" }));
    document.body.insertAdjacentHTML("beforeend", '<p style="color: red" onclick="hurt()">');
    document.querySelector("p[onclick]").click(); // newer versions of Chromium check the handler on first use
    await fetch("https://example.invalid/").catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 100));
    return [directives.sort(), window.hurt];
  });
  const expected = ["connect-src", "img-src", "script-src-attr", "script-src-elem", "style-src-attr"];
  assert.deepEqual(blocked, [expected, undefined]);
  await page.close();
});

test("an empty report", () =>
  visit("empty", {}, async (page) => {
    assert.match(await page.locator("main").textContent(), /There are no stack instances\./);
    assert.equal(await page.locator(".tools").isVisible(), false);
  }));

test("without scripts, stack instances that are not current are listed", () =>
  visit("fleet", { scripts: false }, async (page) => {
    assert.equal(await page.locator(".tools").isVisible(), false);
    assert.equal(await page.locator("#product-2 .behind").count(), 0);
    assert.ok((await page.locator("#product-1 .behind tbody tr").count()) > 50);
    assert.match(await page.locator("#product-0 .message").textContent(), /The last update failed/);
  }));

test("in print, the list of stack instances that are not current is open", () =>
  visit("fleet", {}, async (page) => {
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    await page.emulateMedia({ media: "print" });
    assert.ok((await page.locator("#product-1 .behind tbody tr").count()) > 50);
    assert.equal(await page.locator(".tools").isVisible(), false);
  }));

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 390]) {
    test(`accessibility: ${colorScheme}, ${width} px`, async () => {
      for (const name of ["fleet", "hostile", "empty"]) {
        await visit(name, { width, colorScheme }, async (page) => {
          if (SCREENSHOTS) await page.screenshot({ path: join(SCREENSHOTS, `${name}-${colorScheme}-${width}.png`) });
          if (name === "fleet") {
            await page.fill("#find", "2109"); // checking 10,200 cells would take minutes
            if (width < 1024) await page.click("#product-1 summary");
            await page.waitForSelector("#product-1 .behind tr");
            await page.locator("#product-1 .scroll td.outdated").first().click();
            if (SCREENSHOTS) {
              const path = join(SCREENSHOTS, `${name}-${colorScheme}-${width}-full.png`);
              await page.screenshot({ path, fullPage: true });
            }
          }
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(overflow <= 0, `${name} is ${overflow} px too wide`);
          await page.evaluate(AXE);
          const { violations } = await page.evaluate(() => globalThis.axe.run());
          const grave = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
          assert.deepEqual(grave.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), []);
        });
      }
    });
  }
}
