import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadIdentityRules, loadLifecycleRules, makeIdentify, openCatalogue } from '@tributary/contracts';
import { openEmbedded } from '@tributary/embedded';
import { openProfiles } from '@tributary/query';
import { eventOrder } from './event-order.mjs';

const PAGE = 2_000;

/** What the stopped platform left in its data folder, read through the ports. */
export const readRecord = async (dataDir) => {
  const secrets = JSON.parse(await readFile(join(dataDir, 'secrets.json'), 'utf8'));
  const [masterKey, lookupKey] = [secrets.masterKey, secrets.lookupKey].map((text) => Buffer.from(text, 'base64'));
  const store = await openEmbedded({ dir: dataDir, masterKey });
  try {
    const catalogue = openCatalogue();
    const identityRules = loadIdentityRules({ lookupKey });
    const identify = makeIdentify({ lookupKey, rules: identityRules });
    const clock = { now: () => Date.now() };
    const profiles = openProfiles({
      ...store,
      catalogue,
      identify,
      identityRules,
      lifecycleRules: loadLifecycleRules(),
      clock,
    });
    const [census] = await store.documents.get('checkpoint', ['census']);
    const counts = JSON.parse(census.body);
    const channels = Object.keys(counts.channels);
    return {
      census: counts,
      touchpoints: await touchpointsOf(store.log, catalogue, channels),
      quarantined: await quarantinedOf(store.log, channels),
      events: await eventOrder(store.events),
      customers: await customersOf(profiles),
      feed: (await recordsOf(store.log, 'profile-events')).map(({ offset, value }) => ({
        position: `0:${offset}`,
        id: JSON.parse(new TextDecoder().decode(value)).id,
      })),
      subjectOf: (type, value) => identify(type, value).subject,
    };
  } finally {
    await store.close();
  }
};

const recordsOf = async (log, topic) => {
  const found = [];
  for (const { partition, begin } of await log.partitions(topic))
    for (let from = begin; ;) {
      const page = await log.read({ topic, partition }, from, PAGE);
      if (page.length === 0) break;
      found.push(...page);
      from = page[page.length - 1].offset + 1;
    }
  return found;
};

/** Every touchpoint in the log once, as it first came in; and how many records there are. */
const touchpointsOf = async (log, catalogue, channels) => {
  const first = new Map();
  const records = {};
  for (const channel of channels) {
    const found = await recordsOf(log, `touchpoints.${channel}`);
    records[channel] = found.length;
    for (const { value } of found) {
      const { messageId, type, identifiers, payload } = catalogue.decode(value);
      const key = `${channel}\0${messageId}`;
      if (!first.has(key))
        first.set(key, { channel, type, subjects: identifiers.map(({ subject }) => subject), payload });
    }
  }
  return { first, records };
};

const quarantinedOf = async (log, channels) => {
  const texts = [];
  for (const channel of channels)
    for (const { value } of await recordsOf(log, `quarantine.${channel}`))
      texts.push(Buffer.from(JSON.parse(new TextDecoder().decode(value)).bytes, 'base64').toString());
  return texts;
};

const customersOf = async (profiles) => {
  const found = [];
  for (let after; ;) {
    const page = await profiles.list({ limit: 200, ...(after === undefined ? {} : { after }) });
    if (page.length === 0) break;
    for (const { customerId } of page) {
      const { subjects, value, activity } = await profiles.get(customerId);
      found.push({ id: customerId, subjects, value, touchpoints: activity.touchpoints });
    }
    after = page[page.length - 1].customerId;
  }
  return found;
};
