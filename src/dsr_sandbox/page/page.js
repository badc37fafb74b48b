// The page: tabs for the tables of the base and for Segment, the form, the clock and the destinations.
import { Grid, element } from "./grid.js";
import { addRow, changeCell, moveClock, putDestinations, readState } from "./world.js";

const DAEMONS = new Set([
  "Submitted", "Status", "Status note", "Regulation ID", "Segment status", "Submitted at", "Completed at", "Due by",
  "Submit by", "Receipt summary", "Receipt", "Request", "Destination", "Sources", "Finished at", "Error", "What to do",
]);
// As in a view that staff would make for themselves: who, what to tick, and what became of it.
const FIRST = [
  "Authenticated", "Hold", "Retry", "Submitted", "Request", "Destination", "Status", "Follow-up", "What to do",
  "Follow-up note", "Status note", "Request type", "Law", "Received at", "Due by", "Submit by", "Extended until",
  "Extension reason",
];
const BEHAVIOURS = ["finish", "fail", "unsupported", "partial", "invalid", "hang"];
const SEGMENT = "segment";
const by = (id) => document.getElementById(id);
const grid = new Grid(by("grid"), save);

let state = null;
let chosen = null;

function tables() {
  return state.airtable.bases[state.base_id].tables;
}

function requestsTable() {
  return tables().find((table) => table.name === "Requests") ?? tables()[0];
}

async function save(record, column, value) {
  await attempt(() => changeCell(chosen, record.id, column.id, value));
  await refresh();
}

async function attempt(action) {
  try {
    await action();
    say("");
    return true;
  } catch (error) {
    say(`That did not work: ${error.message}`);
    return false;
  }
}

function say(words) {
  by("said").textContent = words;
}

async function refresh() {
  try {
    state = await readState();
    by("trouble").hidden = true;
  } catch {
    by("trouble").textContent = "The sandbox does not answer. Trying again …";
    by("trouble").hidden = false;
    return;
  }
  showClock();
  showTabs();
  showForm();
  showDestinations();
  grid.show(chosen === SEGMENT ? segmentTable() : airtableTable(tables().find((table) => table.id === chosen)));
}

function showClock() {
  by("now").textContent = state.clock.now.replace("T", " ").slice(0, 19) + " UTC";
  by("now").dateTime = state.clock.now;
  if (document.activeElement !== by("freeze")) by("freeze").checked = state.clock.frozen;
}

function showTabs() {
  const wanted = tables().map((table) => [table.id, table.name, table.records.length]);
  wanted.push([SEGMENT, "Segment", state.segment.regulations.length]);
  if (!wanted.some(([id]) => id === chosen)) chosen = wanted[0][0];
  const host = by("tabs");
  if (host.dataset.ids !== String(wanted.map(([id]) => id))) {
    host.dataset.ids = String(wanted.map(([id]) => id));
    host.replaceChildren(...wanted.map(([id]) => tab(id)));
  }
  wanted.forEach(([id, name, count], index) => {
    const button = host.children[index];
    button.firstChild.textContent = name;
    button.lastChild.textContent = count;
    button.setAttribute("aria-selected", String(id === chosen));
    button.tabIndex = id === chosen ? 0 : -1;
  });
  by("grid").setAttribute("aria-labelledby", `tab-${chosen}`);
}

function tab(id) {
  const choose = () => {
    chosen = id;
    refresh();
  };
  const attributes = { role: "tab", type: "button", id: `tab-${id}`, "aria-controls": "grid", onclick: choose };
  return element("button", { ...attributes, onkeydown: moveTab }, element("span"), element("span", { class: "count" }));
}

function moveTab(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const all = [...by("tabs").children];
  const next = all[(all.indexOf(event.currentTarget) + step + all.length) % all.length];
  next.focus();
  next.click();
}

function airtableTable(table) {
  const primary = table.fields[0];
  const labels = new Map(tables().flatMap((t) => t.records.map((r) => [r.id, r.fields[t.fields[0].name] ?? r.id])));
  return {
    id: table.id,
    name: table.name,
    nothing: table === requestsTable() ? "No requests yet. Add one with the form." : "Nothing here yet.",
    columns: inView(table.fields).map((field) => ({
      id: field.id,
      name: field.name,
      type: field.type,
      choices: field.options?.choices?.map((option) => option.name) ?? [],
      theirs: DAEMONS.has(field.name),
      editable: !DAEMONS.has(field.name),
    })),
    records: table.records.map((record) => ({
      id: record.id,
      label: String(record.fields[primary.name] ?? record.id),
      cells: Object.fromEntries(table.fields.map((field) => [field.id, shown(field, record.fields[field.name], labels)])),
    })),
  };
}

function inView([primary, ...others]) {
  const placed = others.map((field) => [(FIRST.indexOf(field.name) + FIRST.length + 1) % (FIRST.length + 1), field]);
  return [primary, ...placed.sort((a, b) => a[0] - b[0]).map(([, field]) => field)];
}

function shown(field, value, labels) {
  if (field.type !== "multipleRecordLinks" || !value) return value;
  return value.map((id) => String(labels.get(id) ?? id));
}

const COLUMNS = [
  ["id", "Regulation", "text"], ["type", "Type", "text"], ["subjects", "Subjects", "list"],
  ["status", "Status", "word"], ["destinations", "Destinations", "list"], ["created", "Created", "dateTime"],
  ["finished", "Finished", "dateTime"],
];

function segmentTable() {
  return {
    id: SEGMENT,
    name: "Regulations in Segment",
    nothing: "Segment has received nothing yet.",
    columns: COLUMNS.map(([id, name, type]) => ({ id, name, type, theirs: true, editable: false })),
    records: state.segment.regulations.map((one) => ({ id: one.id, label: one.id, cells: regulationCells(one) })),
  };
}

function regulationCells(one) {
  const behind = one.streamStatus.flatMap((stream) => stream.destinationStatus);
  return {
    id: one.id,
    type: one.type,
    subjects: one.subjects.slice(0, 5).concat(one.subjects.length > 5 ? `and ${one.subjects.length - 5} more` : []),
    status: one.overallStatus,
    destinations: behind.map((destination) => `${destination.name}: ${destination.status}`),
    created: one.createdAt,
    finished: one.finishedAt ?? undefined,
  };
}

function showForm() {
  const table = requestsTable();
  by("add-id").previousElementSibling.textContent = table.fields[0].name;
  offer("add-type", table, "Request type", "— (Delete)");
  offer("add-law", table, "Law", "—");
}

function offer(id, table, name, nothing) {
  const field = table.fields.find((one) => one.name === name);
  by(`${id}-field`).hidden = !field;
  const choices = field?.options.choices.map((option) => option.name) ?? [];
  if (by(id).dataset.choices === String(choices)) return;
  by(id).dataset.choices = String(choices);
  const options = choices.map((choice) => element("option", { value: choice }, choice));
  by(id).replaceChildren(element("option", { value: "" }, nothing), ...options);
}

by("add").addEventListener("submit", async (event) => {
  event.preventDefault();
  const table = requestsTable();
  const fields = { [table.fields[0].id]: by("add-id").value };
  if (by("add-type").value) fields["Request type"] = by("add-type").value;
  if (by("add-law").value) fields.Law = by("add-law").value;
  if (!(await attempt(() => addRow(table.id, fields)))) return;
  say(`Added ${by("add-id").value}.`);
  by("add-id").value = "";
  by("add-id").focus();
  chosen = table.id;
  refresh();
});

for (const button of document.querySelectorAll("[data-advance]")) {
  button.addEventListener("click", async () => {
    await attempt(() => moveClock({ advance: Number(button.dataset.advance) }));
    refresh();
  });
}

by("freeze").addEventListener("change", async (event) => {
  await attempt(() => moveClock({ freeze: event.target.checked }));
  refresh();
});

function showDestinations() {
  const { destinations, sources } = state.segment;
  const shape = JSON.stringify(destinations);
  const host = by("destinations");
  if (host.dataset.shape === shape || host.contains(document.activeElement)) return;
  host.dataset.shape = shape;
  host.replaceChildren(...destinations.map((one, index) => destination(one, index, sources)));
}

function destination(one, index, sources) {
  const all = state.segment.destinations;
  const options = BEHAVIOURS.map((name) => element("option", { value: name }, name));
  const select = element("select", { "aria-label": `What ${one.name} does` }, ...options);
  select.value = one.behaviour;
  select.addEventListener("change", () => replace(all.with(index, { ...one, behaviour: select.value }), select));
  const remove = element("button", { type: "button", class: "quiet", "aria-label": `Remove ${one.name}` }, "×");
  remove.addEventListener("click", () => replace(all.toSpliced(index, 1), remove));
  const source = sources.find((known) => known.id === one.source)?.name ?? one.source;
  const title = element("span", { class: "title" }, one.name, element("small", {}, source));
  return element("li", {}, title, select, remove);
}

async function replace(destinations, focused) {
  focused?.blur();
  await attempt(() => putDestinations(destinations));
  refresh();
}

by("connect").addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = by("connect-name").value;
  by("connect-name").value = "";
  await replace([...state.segment.destinations, { name }]);
});

async function keepFresh() {
  if (!document.hidden) await refresh();
  setTimeout(keepFresh, 1000);
}

keepFresh();
