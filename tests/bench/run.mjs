/**
 * `npm run bench -- [--quick] [--json] [--keep] [--only a,b] [--touchpoints n] [--customers n] [--profile folder]`
 *
 * Measures, prints, asserts nothing about time: it fails only where something is broken.
 */
import { doorBatches, doorSingle } from './scenarios/doors.mjs';
import { endToEnd, loadPlatform } from './scenarios/end-to-end.mjs';
import { eventAppend } from './scenarios/event-append.mjs';
import { importOnlineRetail } from './scenarios/import-online-retail.mjs';
import { profileByPhone } from './scenarios/profile-by-phone.mjs';
import { rebuild } from './scenarios/rebuild.mjs';
import { rss } from './scenarios/rss.mjs';
import { openSession } from './session.mjs';

/** In this order: those on the loaded platform first, then it is stopped and the others have the machine to themselves. */
const onThePlatform = { end_to_end: endToEnd, rss, profile_by_phone: profileByPhone, rebuild };
const alone = {
  door_batches: doorBatches,
  door_single: doorSingle,
  event_append: eventAppend,
  import_online_retail: importOnlineRetail,
};

const sizes = {
  full: {
    touchpoints: 1_000_000,
    customers: 20_000,
    profileSeconds: 20,
    doorBatches: 400_000,
    doorSingle: 60_000,
    appendsMany: 100_000,
    appendsFew: 4_000,
  },
  /** As many touchpoints a customer as in full: with fewer, first meetings would be most of what is measured. */
  quick: {
    touchpoints: 60_000,
    customers: 1_200,
    profileSeconds: 4,
    doorBatches: 50_000,
    doorSingle: 8_000,
    appendsMany: 20_000,
    appendsFew: 1_000,
  },
};
/** What does not fit into a minute. */
const notQuick = ['import_online_retail'];

const scenarios = { ...onThePlatform, ...alone };
const { bench: common, broke, runAll, end } = openSession({ name: 'bench', scenarios, sizes, notQuick });
const endings = [];
let loading;
const bench = Object.assign(common, {
  atEnd: (ending) => endings.push(ending),
  /** The platform after the load of `end_to_end`, which runs once, for whoever comes first. */
  loaded: () => (loading ??= loadPlatform(bench)),
});

await runAll(onThePlatform);
for (const ending of endings) await ending().catch((error) => broke('the platform did not end well', error));
bench.drop('platform');
await runAll(alone);
process.exitCode = end();
