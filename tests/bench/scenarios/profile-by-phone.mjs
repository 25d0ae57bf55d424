import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { batchesOf, phoneOf } from '../load/touchpoints.mjs';
import { requestsOf } from '../load/requests.mjs';
import { sendAll } from '../load/send.mjs';
import { drained } from '../process/drained.mjs';

const READS_PER_S = 200;
const READERS = 16;
const WARM_S = 2;

/**
 * The whole customer by phone number, while touchpoints of the same customers come in at half of the rate that was
 * sustained end to end. Reads begin by the clock, whether or not the ones before have been answered.
 */
export const profileByPhone = async (bench) => {
  const loaded = await bench.loaded();
  const { platform, keys, customers, byPhone, rate } = loaded;
  const half = rate / 2;
  const seconds = bench.size.profileSeconds;
  bench.say(`profile by phone, while ${Math.round(half)} touchpoints a second come in`);
  const { batches } = batchesOf({
    touchpoints: Math.ceil((half * (seconds + WARM_S)) / 100) * 100,
    customers,
    batch: 100,
    run: 'p',
    seed: 11,
  });
  const requests = requestsOf(batches, { port: platform.port, keys });
  let over = false;
  const load = sendAll(requests, { port: platform.port, connections: 8, perSecond: half, until: () => over });
  await sleep(WARM_S * 1_000);
  const times = await readsFor(seconds, platform.port, byPhone).finally(() => (over = true));
  const { sent, seconds: lasted } = await load;
  times.sort((a, b) => a - b);
  const percentile = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  bench.say(`${times.length} reads beside ${Math.round(sent / lasted)} touchpoints a second`);
  bench.report({ name: 'profile_by_phone_p50', value: percentile(0.5), unit: 'ms' });
  bench.report({ name: 'profile_by_phone_p99', value: percentile(0.99), unit: 'ms' });
  loaded.touchpoints += sent;
  await drained(platform, loaded.touchpoints);
};

const readsFor = async (seconds, port, customers) => {
  const agent = new Agent({ keepAlive: true, maxSockets: READERS });
  const times = [];
  const underWay = new Set();
  const began = performance.now();
  try {
    for (let n = 0; n < seconds * READS_PER_S; n++) {
      const due_ms = (n * 1_000) / READS_PER_S - (performance.now() - began);
      if (due_ms > 0.5) await sleep(due_ms);
      if (underWay.size >= 4 * READERS) await Promise.race(underWay);
      const read = readOne(agent, port, phoneOf(customers[(n * 7_919) % customers.length])).then(
        (ms) => void times.push(ms),
      );
      underWay.add(read);
      read.finally(() => underWay.delete(read)).catch(() => undefined);
    }
    await Promise.all(underWay);
  } finally {
    agent.destroy();
  }
  return times;
};

/** From asking to the last byte, in ms; a customer who is not found is a failure. */
const readOne = (agent, port, phone) =>
  new Promise((resolve, reject) => {
    const began = performance.now();
    const asked = request(
      { agent, port, host: '127.0.0.1', path: `/v1/customers?phone=${encodeURIComponent(phone)}` },
      (response) => {
        if (response.statusCode !== 200) reject(new Error(`a profile was answered ${response.statusCode}`));
        response
          .on('error', reject)
          .on('end', () => resolve(performance.now() - began))
          .resume();
      },
    );
    asked.on('error', reject).end();
  });
