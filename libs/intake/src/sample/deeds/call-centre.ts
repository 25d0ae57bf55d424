import { type JsonObject } from '../../channel/model.js';
import { type Chance } from '../chance.js';
import { type Deed } from '../life-course.js';
import { type Person } from '../people.js';
import * as words from '../words.js';
import { type Maker, type Setting } from './deed.js';
import { byPhone, member } from './named.js';

const ticketId = (p: Person, { n, prefix }: Setting) => `${prefix}T${100_000 + p.index}-${n}`;

const contact = (c: Chance, person: Person, most_s: number): JsonObject => ({
  direction: 'inbound',
  topic: c.pick(words.topics),
  duration_s: c.between(40, most_s),
  outcome: c.pick(words.outcomes),
  agent: person.owner,
  summary: c.pick(words.callSummaries),
});

/** The call centre tells of calls, chats and tickets. */
export const callCentre = {
  call: (p, c) => ['call_held', byPhone(p, c), contact(c, p, 1200)],
  chat: (p, c) => ['chat_held', [member(p)], contact(c, p, 1800)],
  ticket_open: (p, c, s) => [
    'ticket_opened',
    byPhone(p, c),
    { ticketId: ticketId(p, s), topic: c.pick(words.topics), priority: c.pick(words.priorities), via: 'phone' },
  ],
  ticket_update: (p, c, s) => [
    'ticket_updated',
    byPhone(p, c),
    { ticketId: ticketId(p, s), status: '处理中', priority: c.pick(words.priorities), reopened: false },
  ],
  ticket_close: (p, c, s) => [
    'ticket_closed',
    byPhone(p, c),
    { ticketId: ticketId(p, s), resolution: c.pick(words.outcomes), withinSla: c.happens(0.85) },
  ],
  csat: (p, c) => [
    'survey_answered',
    byPhone(p, c),
    {
      survey: 'csat',
      score: c.weighted([
        [5, 45],
        [4, 28],
        [3, 12],
        [2, 8],
        [1, 7],
      ]),
      about: '400 热线',
      comment: c.happens(0.2) ? c.pick(words.praise) : null,
    },
  ],
} satisfies Readonly<Partial<Record<Deed, Maker>>>;
