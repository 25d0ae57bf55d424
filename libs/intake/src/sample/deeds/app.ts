import { type Deed } from '../life-course.js';
import { kioskDevices } from '../people.js';
import { type Maker } from './deed.js';
import { inApp, member } from './named.js';
import { page } from './page.js';

/** The app tells of its sessions and screens. */
export const app = {
  session: (p, c, s) => [
    'session_ended',
    c.happens(0.85) ? inApp(p, c) : [['device', p.devices[0]]],
    {
      sessionId: `${s.prefix}S${p.index}-${s.n}`,
      duration_s: c.between(20, 1500),
      app: p.app,
      searched: c.happens(0.4),
      messaged: c.happens(0.05),
      booked: false,
    },
  ],
  screen: (p, c) => ['page_viewed', inApp(p, c), page(p, c)],
  bind_wechat: (p) => [
    'traits_stated',
    [member(p), ['device', p.devices[0]], ['wechat_unionid', p.unionid]],
    { traits: { wechat: `wx-${p.memberNo.toLowerCase()}` }, interests: [] },
  ],
  kiosk: (p, c, s) => [
    'session_ended',
    [member(p), ['device', kioskDevices[p.index % kioskDevices.length] ?? kioskDevices[0]]],
    {
      sessionId: `${s.prefix}K${p.index}-${s.n}`,
      duration_s: c.between(20, 300),
      app: 'kiosk',
      searched: true,
      messaged: false,
      booked: false,
    },
  ],
} satisfies Readonly<Partial<Record<Deed, Maker>>>;
