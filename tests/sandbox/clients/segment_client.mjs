// Every call of Segment's official TypeScript client, unchanged, against the address in argv; prints one JSON object.
import sdk from "@segment/public-api-sdk-typescript";

const [, , basePath, token, websiteId, shopId] = process.argv;
const api = sdk.configureApis(token).deletionAndSuppresion;
api.basePath = basePath;

const data = async (call) => (await call).body.data;
const refusal = async (call) => {
  try {
    await call;
    return { statusCode: 200 };
  } catch (error) {
    return { statusCode: error.statusCode, type: error.body?.errors?.[0]?.type ?? null };
  }
};

const order = { regulationType: "SUPPRESS_WITH_DELETE", subjectType: "USER_ID", subjectIds: ["user-1", 'Zoë "q" +/&='] };
const suppress = { regulationType: "SUPPRESS_ONLY", subjectType: "USER_ID", subjectIds: ["user-2"] };
const object = { regulationType: "SUPPRESS_ONLY", subjectType: "OBJECT_ID", subjectIds: ["o"], collection: "orders" };

const workspace = await data(api.createWorkspaceRegulation(order));
const source = await data(api.createSourceRegulation(websiteId, suppress));
const cloud = await data(api.createCloudSourceRegulation(shopId, object));

const all = await data(api.listWorkspaceRegulations({ count: 1000 }));
const pages = [];
let cursor = "MA==";
while (cursor) {
  const page = await data(api.listWorkspaceRegulations({ count: 2, cursor }));
  pages.push(page.regulations.map((regulation) => regulation.id));
  cursor = page.pagination.next;
}
const filtered = await data(
  api.listWorkspaceRegulations({ count: 10 }, "INITIALIZED", ["SUPPRESS_WITH_DELETE", "DELETE_ONLY"]),
);
const ofSource = await data(api.listRegulationsFromSource(websiteId, { count: 10 }, "INITIALIZED", ["SUPPRESS_ONLY"]));

const bad = sdk.configureApis("wrong").deletionAndSuppresion;
bad.basePath = basePath;

process.stdout.write(
  JSON.stringify({
    created: [workspace.regulateId, source.regulateId, cloud.regulateId],
    regulation: (await data(api.getRegulation(workspace.regulateId))).regulation,
    all: all.regulations,
    pages,
    filtered: filtered.regulations.map((regulation) => regulation.id),
    ofSource: ofSource.regulations.map((regulation) => regulation.id),
    suppressed: await data(api.listSuppressions({ count: 10 })),
    refusals: {
      removed: await refusal(api.deleteRegulation(workspace.regulateId)),
      unknown: await refusal(api.getRegulation("a/b c?d")),
      invalid: await refusal(api.createWorkspaceRegulation({ ...order, subjectIds: [] })),
      token: await refusal(bad.getRegulation(workspace.regulateId)),
    },
  }),
);
