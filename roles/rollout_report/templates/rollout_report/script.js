// Makes the matrices. What comes from AWS is only ever set as textContent, never as HTML.
"use strict";
(() => {
  const LETTERS = { CURRENT: "C", OUTDATED: "O", INOPERABLE: "I" };
  const $ = (selector, within = document) => within.querySelector(selector);
  const products = JSON.parse($("#data").textContent);
  const tools = $(".tools");
  const ROOMY = matchMedia("(min-width: 64rem)");

  const element = (name, className = "", text = "") => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  };
  const number = (count) => count.toLocaleString("en");
  const kind = (status) => (Object.hasOwn(LETTERS, status) ? status.toLowerCase() : "other");
  const letter = (status) => (Object.hasOwn(LETTERS, status) ? LETTERS[status] : "?");
  const heading = (text, scope) => {
    const made = element("th");
    made.scope = scope;
    made.append(element("span", "", text));
    return made;
  };

  /** What the tools ask for, as a test for one row of a product. */
  const asked = () => {
    const words = $("#find").value.toLowerCase().split(/\s+/).filter(Boolean);
    const statuses = new Set([...tools.querySelectorAll("[name=status]:checked")].map((box) => box.value));
    const onlyBehind = $("#behind").checked;
    return (product, row) =>
      statuses.has(product.status[row]) &&
      !(onlyBehind && product.status[row] === "CURRENT") &&
      words.every((word) => product.account[row].includes(word) || product.region[row].includes(word));
  };

  /** The rows that are shown, by account and Region; accounts in the order that was asked for. */
  const arrange = (product, rows) => {
    const accounts = new Map();
    const regions = new Set();
    for (const row of rows) {
      if (!accounts.has(product.account[row])) accounts.set(product.account[row], new Map());
      accounts.get(product.account[row]).set(product.region[row], row);
      regions.add(product.region[row]);
    }
    const behind = ([, cells]) => [...cells.values()].filter((row) => product.status[row] !== "CURRENT").length;
    const byAccount = ([one], [other]) => (one < other ? -1 : 1);
    const byBehind = (one, other) => behind(other) - behind(one) || byAccount(one, other);
    const order = $("#sort").value === "behind" ? byBehind : byAccount;
    return { accounts: [...accounts].sort(order), regions: [...regions].sort() };
  };

  const matrix = (product, rows, label) => {
    const { accounts, regions } = arrange(product, rows);
    const table = element("table");
    table.setAttribute("role", "grid");
    table.setAttribute("aria-label", `Status by account and Region: ${label}`);
    const head = table.createTHead().insertRow();
    head.append(heading("Account", "col"), ...regions.map((region) => heading(region, "col")));
    const body = table.createTBody();
    for (const [account, cells] of accounts) {
      const line = body.insertRow();
      line.append(heading(account, "row"));
      for (const region of regions) {
        const cell = line.insertCell();
        const row = cells.get(region);
        if (row === undefined) continue;
        cell.className = kind(product.status[row]);
        cell.textContent = letter(product.status[row]);
        cell.tabIndex = -1;
        cell.row = row;
      }
    }
    const first = $("td[tabindex]", table);
    if (first) first.tabIndex = 0; // one stop for the Tab key; arrow keys go on from there
    return table;
  };

  /** What one cell stands for, as one line below the matrix. */
  const tell = (product, cell, line) => {
    const row = cell.row;
    if (row === undefined) return;
    const words = [product.status[row], product.detail[row]].filter(Boolean).join(", ");
    line.replaceChildren(
      element("b", "", `${product.account[row]} ${product.region[row]}`),
      ` ${words}${product.reason[row] ? `: ${product.reason[row]}` : ""}`,
    );
  };

  const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

  /** Moves the focus to the next cell in the direction of an arrow key, over places that are empty. */
  const move = (event) => {
    const step = STEPS[event.key];
    let cell = event.target.closest("td");
    if (!step || !cell) return;
    event.preventDefault();
    const body = cell.closest("tbody");
    let [line, column] = [cell.parentNode.sectionRowIndex, cell.cellIndex];
    do {
      line += step[0];
      column += step[1];
      cell = body.rows[line]?.cells[column];
    } while (cell && cell.row === undefined);
    if (cell?.row !== undefined) cell.focus();
  };

  const list = (product, rows) => {
    const table = element("table", "behind");
    const head = table.createTHead().insertRow();
    head.append(...["Account", "Region", "Status", "Reason"].map((text) => heading(text, "col")));
    const body = table.createTBody();
    for (const row of rows) {
      const line = body.insertRow();
      line.insertCell().textContent = product.account[row];
      line.insertCell().textContent = product.region[row];
      const badge = element("span", `badge ${kind(product.status[row])}`, letter(product.status[row]));
      badge.setAttribute("aria-hidden", "true");
      line.insertCell().append(badge, ` ${product.status[row]} ${product.detail[row] ?? ""}`);
      line.insertCell().textContent = product.reason[row] ?? "";
    }
    return table;
  };

  /** The list of what is not current; it is only made when somebody opens it. */
  const details = (product, rows) => {
    const made = element("details");
    made.append(element("summary", "", `${number(rows.length)} not current, one by one`));
    made.addEventListener("toggle", () => made.open && made.fill());
    made.fill = () => {
      if (made.childElementCount > 1) return;
      const frame = element("div", "list");
      frame.tabIndex = 0; // what scrolls must be in reach of the keyboard
      frame.setAttribute("role", "group");
      frame.setAttribute("aria-label", "What is not current");
      frame.append(list(product, rows));
      made.append(frame);
    };
    return made;
  };

  const show = (product, section, wanted) => {
    const place = $(".matrix", section);
    const wasOpen = $("details", place)?.open;
    const rows = product.status.map((_, row) => row).filter((row) => wanted(product, row));
    const behind = rows.filter((row) => product.status[row] !== "CURRENT");
    place.hidden = product.status.length === 0;
    if (rows.length === 0) {
      place.replaceChildren(element("p", "detail", "Nothing here fits the filter."));
      return 0;
    }
    const scroll = element("div", "scroll");
    const line = element("p", "detail", "Point at a cell, tap it, or move with the arrow keys, to see what it stands for.");
    line.setAttribute("aria-live", "polite");
    scroll.append(matrix(product, rows, $("h2", section).textContent));
    for (const event of ["focusin", "mouseover", "click"]) {
      scroll.addEventListener(event, ({ target }) => tell(product, target, line));
    }
    scroll.addEventListener("focusin", ({ target }) => {
      if (target.row === undefined) return;
      $("[tabindex='0']", scroll).tabIndex = -1;
      target.tabIndex = 0;
    });
    scroll.addEventListener("keydown", move);
    const aside = element("div");
    aside.append(line);
    if (behind.length > 0) {
      const listed = details(product, behind);
      // There is room for it beside the matrix, unless it were so long that the page would be slow.
      listed.open = wasOpen ?? (ROOMY.matches && behind.length <= 500);
      aside.append(listed);
    }
    place.replaceChildren(scroll, aside);
    return rows.length;
  };

  const sections = document.querySelectorAll(".product");
  const total = products.reduce((sum, product) => sum + product.status.length, 0);
  const showAll = () => {
    const wanted = asked();
    const shown = products.reduce((sum, product, index) => sum + show(product, sections[index], wanted), 0);
    $("#shown").textContent = shown === total ? `All ${number(total)} shown` : `${number(shown)} of ${number(total)} shown`;
  };

  let pause;
  tools.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(showAll, 80);
  });
  tools.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("beforeprint", () => {
    for (const listed of document.querySelectorAll("details")) {
      listed.fill();
      listed.open = true;
    }
  });
  tools.hidden = total === 0;
  showAll();
})();
