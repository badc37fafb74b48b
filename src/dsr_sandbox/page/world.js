// The sandbox as the page sees it: everything is read from the control plane, rows are written as staff write them.

let access = null;

async function call(method, path, body, headers = {}) {
  const options = { method, headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(body) };
  const response = await fetch(path, body === undefined ? { method, headers } : options);
  const content = await response.json();
  if (!response.ok) throw new Error(reason(content, response.status));
  return content;
}

function reason(content, status) {
  const error = content.error ?? content.errors?.[0];
  return error?.message ?? error?.type ?? (typeof error === "string" ? error : `Status ${status}`);
}

export async function readState() {
  const state = await call("GET", "/_sandbox/state");
  access = { base: state.base_id, token: state.settings.DSR_SYNC_AIRTABLE__TOKEN };
  return state;
}

function callAirtable(method, path, body) {
  const headers = { Authorization: `Bearer ${access.token}`, "X-Sandbox-Page": "1" };
  return call(method, `/v0/${access.base}/${path}`, body, headers);
}

export const addRow = (table, fields) => callAirtable("POST", table, { fields });

export const changeCell = (table, record, field, value) =>
  callAirtable("PATCH", `${table}/${record}`, { fields: { [field]: value } });

export const moveClock = (change) => call("POST", "/_sandbox/clock", change);

export const putDestinations = (destinations) => call("PUT", "/_sandbox/destinations", destinations);
