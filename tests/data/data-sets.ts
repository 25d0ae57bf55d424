import { join } from 'node:path';

/** The real sets lie beside the repository, not in it. */
export const dataDir = join(import.meta.dirname, '..', '..', '..', 'shared', 'data');

export const dataFile = (name: string): string => join(dataDir, name);

/** One import command, and the account that it must give; row counts as in data/README.md. */
export interface ImportPlan {
  readonly channel: string;
  readonly files: readonly string[];
  readonly rows: number;
  readonly touchpoints: number;
  /** Rows that the channel file leaves out, by its own words. */
  readonly ignored: Readonly<Record<string, number>>;
}

export const fiveSets: readonly ImportPlan[] = [
  {
    channel: 'online_retail',
    files: ['online_retail/online_retail.csv.gz'],
    rows: 541_909,
    // 25,900 invoices, less those that are no customer's business: see the rules.
    touchpoints: 23_799,
    ignored: {
      'stock corrected, without price or customer': 2_108,
      "bad debt adjusted in the shop's own books": 3,
    },
  },
  {
    channel: 'servicenow_incidents',
    files: ['servicenow_incidents/incident_event_log.zip'],
    rows: 141_712,
    // The first row of an incident is its ticket and the contact by which it came.
    touchpoints: 174_987,
    ignored: {},
  },
  {
    channel: 'stackexchange_meta',
    files: ['users', 'posts', 'comments', 'votes', 'badges'].map((name) => `stackexchange_meta/${name}.csv.gz`),
    rows: 4_270 + 2_615 + 4_989 + 5_468 + 9_545,
    touchpoints: 26_887,
    ignored: {},
  },
  {
    channel: 'airbnb_sessions',
    files: ['airbnb_sessions/airbnb-session-data.txt.gz'],
    rows: 7_756,
    touchpoints: 7_756,
    ignored: {},
  },
  { channel: 'cdnow', files: ['cdnow/CDNOW_master.txt.gz'], rows: 69_659, touchpoints: 69_659, ignored: {} },
];

/** Shares its device ids with `airbnb_sessions`, and so has a data folder of its own. */
export const composedSessions: ImportPlan = {
  channel: 'airbnb_sessions_composed',
  files: ['airbnb_sessions/airbnb-session-data.txt.gz'],
  rows: 7_756,
  touchpoints: 7_756,
  ignored: {},
};

/** A tenth of the master file, line for line: nothing in it is new. */
export const cdnowSample: ImportPlan = {
  channel: 'cdnow',
  files: ['cdnow/CDNOW_sample.txt'],
  rows: 6_919,
  touchpoints: 6_919,
  ignored: {},
};
