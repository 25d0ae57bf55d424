import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { channelNamed, loadChannels, readChannelFile } from '@tributary/intake';
import { dataFile } from '../data-sets.js';
import { type Findings, unless } from '../findings.js';
import { inFlight } from '../in-flight.js';
import { agreementDifferences, agreementOf, agreementText } from '../partition.js';
import { type Platform } from '../platform/platform.js';

interface Named {
  readonly type: string;
  readonly value: string;
}

const text = ({ type, value }: Named): string => `${type}=${value}`;

/** Today's customer of each identifier; one look-up each. */
const customersOf = async (
  platform: Platform,
  identifiers: readonly Named[],
): Promise<ReadonlyMap<string, string>> => {
  const distinct = [...new Map(identifiers.map((each) => [text(each), each])).values()];
  const profiles = await inFlight(8, distinct, ({ type, value }) => platform.byIdentifier(type, value));
  return new Map(distinct.map((each, i) => [text(each), profiles[i]?.customerId ?? `nobody ${text(each)}`]));
};

export interface Session {
  readonly id: string;
  readonly visitor: string;
  /** When it ended, ms. */
  readonly at: number;
  /** What the touchpoint carries. */
  readonly identifiers: readonly Named[];
}

/** Sessions as a channel file reads them, with the visitor who really had them. */
export const readSessions = async (channel: 'airbnb_sessions' | 'airbnb_sessions_composed'): Promise<readonly Session[]> => {
  const path = dataFile('airbnb_sessions/airbnb-session-data.txt.gz');
  const lines = gunzipSync(readFileSync(path)).toString().trim().split('\n').slice(1);
  const visitors = new Map(lines.map((line) => line.split('|')).map(([visitor = '', id = '']) => [id, visitor]));
  const sessions: Session[] = [];
  for await (const { items } of readChannelFile(channelNamed(channel, loadChannels()), path))
    for (const { envelope } of items)
      sessions.push({
        id: envelope.messageId,
        visitor: visitors.get(envelope.messageId) ?? '',
        at: Number(envelope.occurredAt),
        identifiers: envelope.identifiers,
      });
  return sessions;
};

/** Whose each session is, by the platform (each identifier on it must say the same), beside whose it was. */
export const checkSessions = async (
  platform: Platform,
  channel: 'airbnb_sessions' | 'airbnb_sessions_composed',
  findings: Findings,
): Promise<void> => {
  const sessions = await readSessions(channel);
  const customers = await customersOf(
    platform,
    sessions.flatMap(({ identifiers }) => identifiers),
  );
  const holder = (identifier: Named | undefined): string => (identifier && customers.get(text(identifier))) ?? 'nobody';
  const agreement = agreementOf(
    new Map(sessions.map(({ id, identifiers }) => [id, holder(identifiers[0])])),
    new Map(sessions.map(({ id, visitor }) => [id, visitor])),
  );
  const astray = sessions.filter(({ identifiers }) => new Set(identifiers.map(holder)).size > 1);
  const loggedIn = sessions.filter(({ identifiers }) => identifiers.some(({ type }) => type === 'visitor')).length;
  findings.add(
    channel === 'airbnb_sessions'
      ? 'sessions resolve to their visitors'
      : 'composed sessions (late log-in) resolve to their visitors',
    agreement.records,
    [
      ...agreementDifferences(agreement),
      ...unless(agreement.groups, 630, 'visitors'),
      ...unless(astray.length, 0, 'sessions whose identifiers belong to different customers'),
    ],
    `${agreementText(agreement)}; ${loggedIn.toLocaleString('en')} sessions name the visitor`,
  );
};

/** Site users of the three sites, by the account that holds them. */
export const checkCommunity = async (platform: Platform, findings: Findings): Promise<void> => {
  const users = gunzipSync(readFileSync(dataFile('stackexchange_meta/users.csv.gz')))
    .toString()
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))
    .map(([site = '', user = '', account = '']) => ({ siteUser: `${site}/${user}`, account }))
    // Each site's own robot: no account, so three users of three.
    .filter(({ account }) => account !== '-1');
  const siteUser = (value: string): Named => ({ type: 'site_user', value });
  const account = (value: string): Named => ({ type: 'account_id', value: `stackexchange:${value}` });
  const customers = await customersOf(
    platform,
    users.flatMap((user) => [siteUser(user.siteUser), account(user.account)]),
  );
  const agreement = agreementOf(
    new Map(users.map((user) => [user.siteUser, customers.get(text(siteUser(user.siteUser))) ?? ''])),
    new Map(users.map((user) => [user.siteUser, user.account])),
  );
  const bySize = new Map<string, number>();
  for (const user of users) bySize.set(user.account, (bySize.get(user.account) ?? 0) + 1);
  const across = [...bySize.values()].filter((n) => n > 1).length;
  const astray = users.filter(
    (user) => customers.get(text(siteUser(user.siteUser))) !== customers.get(text(account(user.account))),
  );
  findings.add(
    'users of three sites resolve to their accounts',
    agreement.records,
    [
      ...agreementDifferences(agreement),
      ...unless(across, 236, 'accounts across sites'),
      ...unless(astray.length, 0, 'users whose account is another customer'),
    ],
    `${agreementText(agreement)}; ${across} accounts on several sites`,
  );
};
