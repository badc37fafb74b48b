// Works a base with Airtable's own JavaScript client and prints what it saw as one JSON object.
// Arguments: endpoint URL, token, base id. The table "Requests" must be empty.
import Airtable from 'airtable';

const [endpointUrl, apiKey, baseId] = process.argv.slice(2);
const NAME = 'User identifier';
const base = new Airtable({ endpointUrl, apiKey, noRetryIfRateLimited: true }).base(baseId);
const table = base('Requests');
const seen = {};

const failure = async (promise) => {
  try {
    await promise;
  } catch (error) {
    return { error: error.error, message: error.message, statusCode: error.statusCode };
  }
  return null;
};

const pagesOf = async (options) => {
  const pages = [];
  await table.select(options).eachPage((records, next) => {
    pages.push(records.map((record) => record.get(NAME)));
    next();
  });
  return pages;
};

// One record, from its creation to its end.
const one = await table.create({ [NAME]: 'one', Authenticated: true }, { typecast: false });
seen.created = one.fields;
seen.found = (await table.find(one.id)).fields;
seen.updated = (await table.update(one.id, { Law: 'GDPR' })).fields;
seen.replaced = (await table.replace(one.id, { [NAME]: 'uno' })).fields;
seen.saved = (await (await table.find(one.id)).patchUpdate({ Hold: true })).fields;
seen.destroyed = (await table.destroy(one.id)).id === one.id;

// Many records, as many as one call of this client takes.
const many = await table.create(Array.from({ length: 10 }, (_, n) => ({ fields: { [NAME]: `u-${n}` } })));
seen.createdMany = many.map((record) => record.get(NAME));
const changes = many.slice(0, 3).map(({ id }) => ({ id, fields: { Hold: true } }));
seen.updatedMany = (await table.update(changes)).map((record) => record.fields);
const replacements = many.slice(0, 2).map(({ id }, n) => ({ id, fields: { [NAME]: `r-${n}` } }));
seen.replacedMany = (await table.replace(replacements)).map((record) => record.fields);

// Lists: pages, filters, order, and the POST that a long filter needs.
seen.pages = await pagesOf({ pageSize: 4, sort: [{ field: NAME, direction: 'desc' }] });
seen.filtered = await pagesOf({ filterByFormula: "AND({Hold}, {User identifier} = 'u-2')", fields: [NAME] });
seen.firstPage = (await table.select({ maxRecords: 1, view: 'Grid view' }).firstPage()).map((r) => r.get(NAME));
const long = `AND({User identifier} != '${'x'.repeat(16_000)}')`;
seen.byPost = await pagesOf({ filterByFormula: long, pageSize: 6, sort: [{ field: NAME }] });
seen.asText = (await table.select({
  cellFormat: 'string', timeZone: 'Europe/Berlin', userLocale: 'de', filterByFormula: '{Hold}',
}).all()).map((record) => record.fields);

// The client has no upsert of its own, but passes the parameter on.
const upserted = await table.update(
  [{ fields: { [NAME]: 'u-9', Law: 'CCPA' } }, { fields: { [NAME]: 'new' } }],
  { performUpsert: { fieldsToMergeOn: [NAME] } },
);
seen.upserted = upserted.map((record) => ({ fields: record.fields, old: record.id === many[9].id }));

// Linked records, in a table named by its id or with a space in its name.
const receipt = await base('Receipts').create({ Receipt: 'a', Request: [many[0].id] });
seen.linked = (await table.find(many[0].id)).get('Receipts')[0] === receipt.id;

// Errors, as the client maps them.
seen.errors = {
  unknownField: await failure(table.create({ Nope: 1 })),
  badValue: await failure(table.create({ Hold: 'perhaps' })),
  badFormula: await failure(table.select({ filterByFormula: '((' }).all()),
  unknownRecord: await failure(table.find('rec00000000000009')),
  unknownTable: await failure(base('Nothing').select().all()),
  unknownBase: await failure(new Airtable({ endpointUrl, apiKey }).base('appUnknown0000001')('T').select().all()),
  unknownInBatch: await failure(table.destroy([many[1].id, 'rec00000000000009'])),
  badToken: await failure(new Airtable({ endpointUrl, apiKey: 'patWrong' }).base(baseId)('Requests').select().all()),
};

seen.destroyedMany = (await table.destroy(many.map(({ id }) => id))).length;
seen.left = (await table.select().all()).map((record) => record.get(NAME));

console.log(JSON.stringify(seen));
