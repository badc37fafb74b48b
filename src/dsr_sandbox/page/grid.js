// A grid that is refreshed in place: only cells whose value changed are touched, and never the one being edited.

const TONES = {
  "Needs attention": "amber", "On hold": "gray", Submitted: "blue", "In progress": "cyan", "Follow-up needed": "orange",
  Completed: "green", Failed: "red", Waiting: "gray", Running: "cyan", Finished: "green", "Partly finished": "amber",
  "Not supported": "orange", Invalid: "red", Needed: "orange", Done: "green", INITIALIZED: "blue", RUNNING: "cyan",
  FINISHED: "green", PARTIAL_SUCCESS: "amber", FAILED: "red", NOT_SUPPORTED: "orange", INVALID: "red",
};

// Columns of days and of times in UTC: the control for each, and how a cell's value and the control's go into one another.
const DATES = {
  date: { control: "date", enter: (value) => value, leave: (typed) => typed },
  dateTime: { control: "datetime-local", enter: (value) => value.slice(0, 16), leave: (typed) => `${typed}:00.000Z` },
};

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

const chip = (word) => element("span", { class: `chip ${TONES[word] ?? "plain"}` }, word);

export class Grid {
  // `save(record, column, value)` writes a cell and resolves when it is written.
  constructor(host, save) {
    this.host = host;
    this.save = save;
    this.shape = "";
  }

  // A table is {name, columns: [{id, name, type, choices, editable, theirs}], records: [{id, label, cells}]}.
  show(table) {
    const shape = JSON.stringify([table.id, table.columns]);
    if (shape !== this.shape) this.build(table, shape);
    this.empty.hidden = table.records.length > 0;
    const gone = new Map(this.rows);
    table.records.forEach((record, position) => {
      gone.delete(record.id);
      const row = this.rows.get(record.id) ?? this.addRow(record);
      if (this.body.children[position] !== row) this.body.insertBefore(row, this.body.children[position] ?? null);
      row.firstChild.textContent = position + 1;
      table.columns.forEach((column, index) => this.update(row.children[index + 1], column, record));
    });
    for (const [id, row] of gone) {
      row.remove();
      this.rows.delete(id);
    }
  }

  build(table, shape) {
    this.shape = shape;
    this.rows = new Map();
    this.body = element("tbody");
    const heads = table.columns.map((column, index) =>
      element("th", { scope: "col", class: `${column.theirs ? "theirs" : ""} ${index ? "" : "first"}` }, column.name),
    );
    const head = element("tr", {}, element("th", { class: "number", scope: "col", "aria-label": "Row" }), ...heads);
    this.empty = element("p", { class: "empty" }, table.nothing);
    const caption = element("caption", {}, table.name);
    const grid = element("table", {}, caption, element("thead", {}, head), this.body);
    this.host.replaceChildren(element("div", { class: "scroll" }, grid, this.empty));
    this.table = table;
  }

  addRow(record) {
    const cells = this.table.columns.map((column, index) =>
      element(index ? "td" : "th", { "data-label": column.name, ...(index ? {} : { scope: "row", class: "first" }) }),
    );
    const row = element("tr", {}, element("td", { class: "number" }), ...cells);
    this.rows.set(record.id, row);
    return row;
  }

  update(cell, column, record) {
    const value = record.cells[column.id];
    const shown = JSON.stringify([value, record.label]) ?? "";
    if (cell.dataset.shown === shown || cell.dataset.saving || cell.contains(document.activeElement)) return;
    const isNews = cell.dataset.shown !== undefined;
    cell.dataset.shown = shown;
    cell.classList.toggle("void", value === undefined || value === false || value === "");
    cell.classList.toggle("long", column.type === "multilineText");
    cell.replaceChildren(...this.content(cell, column, record, value));
    if (isNews) mark(cell, "news");
  }

  content(cell, column, record, value) {
    const label = `${column.name} of ${record.label}`;
    const write = (wanted) => this.write(cell, column, record, wanted);
    if (column.type === "checkbox") return [checkbox(label, value, write)];
    if (column.editable && column.type === "singleSelect") return [choice(label, column.choices, value, write)];
    if (column.editable && column.type === "multilineText") return [text(label, value, write, true)];
    if (column.editable && column.type === "singleLineText") return [text(label, value, write, false)];
    if (column.editable && DATES[column.type]) return [date(label, column.type, value, write)];
    if (value === undefined) return [];
    if (column.type === "singleSelect" || column.type === "word") return [chip(value)];
    if (Array.isArray(value)) return value.map((word) => element("span", { class: "chip plain" }, word));
    if (column.type === "dateTime") return [moment(value)];
    return [String(value)];
  }

  async write(cell, column, record, value) {
    cell.dataset.saving = "1";
    try {
      await this.save(record, column, value);
    } finally {
      delete cell.dataset.saving;
      cell.dataset.shown = "?";
    }
  }
}

function checkbox(label, value, write) {
  const box = element("input", { type: "checkbox", "aria-label": label });
  box.checked = value === true;
  box.addEventListener("change", () => {
    write(box.checked);
    box.blur();
  });
  return box;
}

function choice(label, choices, value, write) {
  const options = ["", ...choices].map((name) => element("option", { value: name }, name));
  const select = element("select", { "aria-label": label, class: `choice ${TONES[value] ?? "plain"}` }, ...options);
  select.value = value ?? "";
  select.addEventListener("change", () => {
    write(select.value || null);
    select.blur();
  });
  return select;
}

// Always a text area, so that a long identifier wraps; in a column of single lines Enter ends the editing.
function text(label, value, write, multiline) {
  const input = element("textarea", { "aria-label": label, class: "text", rows: 1 });
  input.value = value ?? "";
  input.addEventListener("change", () => write(input.value || null));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") input.value = value ?? "";
    if (event.key === "Escape" || (event.key === "Enter" && !multiline)) input.blur();
  });
  return input;
}

// Written when it is left, or at Enter: while a year is typed, each of its digits makes a date.
function date(label, type, value, write) {
  const { control, enter, leave } = DATES[type];
  const input = element("input", { type: control, "aria-label": label, class: "date" });
  const before = value ? enter(value) : "";
  input.value = before;
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") input.value = before;
    if (event.key === "Escape" || event.key === "Enter") input.blur();
  });
  input.addEventListener("blur", () => {
    if (input.value !== before) write(input.value ? leave(input.value) : null);
  });
  return input;
}

function moment(iso) {
  const [day, time] = iso.replace("Z", "").split("T");
  return element("time", { datetime: iso }, `${day} ${time.slice(0, 5)}`);
}

function mark(cell, name) {
  cell.classList.remove(name);
  void cell.offsetWidth; // restarts the animation
  cell.classList.add(name);
}
