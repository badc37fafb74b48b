// Asks for one page with retries switched off and prints the error that Airtable's own client makes of the answer.
import Airtable from 'airtable';

const [endpointUrl, apiKey, baseId] = process.argv.slice(2);
const base = new Airtable({ endpointUrl, apiKey, noRetryIfRateLimited: true }).base(baseId);

try {
  await base('Requests').select().firstPage();
  console.log(JSON.stringify(null));
} catch (error) {
  console.log(JSON.stringify({ error: error.error, statusCode: error.statusCode }));
}
