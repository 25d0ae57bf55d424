import { type Chance, chance } from './chance.js';
import * as words from './words.js';

/** How somebody deals with the shop over the years. */
export type LifeCourse = 'loyal' | 'seasonal' | 'one_time' | 'churned' | 'win_back' | 'prospect' | 'newcomer';

/** Somebody who does not exist. */
export interface Person {
  readonly index: number;
  readonly course: LifeCourse;
  readonly name: string;
  readonly gender: 'female' | 'male';
  readonly birthday: string;
  readonly occupation: string;
  readonly province: string;
  readonly city: string;
  readonly language: 'zh-CN' | 'en';
  readonly memberNo: string;
  readonly phone: string;
  readonly email: string;
  readonly cookie: string;
  readonly devices: readonly [string, ...string[]];
  readonly app: string;
  readonly openid: string;
  readonly unionid: string;
  readonly favourite: (typeof words.catalogue)[number];
  /** 0.4 to 8: how much this person spends beside the average. */
  readonly purse: number;
  readonly usesApp: boolean;
  readonly inCommunity: boolean;
  /** Has told the app who they are on WeChat, so that the community knows them, too. */
  readonly boundWechat: boolean;
  readonly owner: string;
}

const courses: readonly (readonly [LifeCourse, number])[] = [
  ['loyal', 12],
  ['seasonal', 15],
  ['one_time', 24],
  ['churned', 17],
  ['win_back', 6],
  ['prospect', 15],
  ['newcomer', 11],
];

/** Devices that stand in shops: whoever comes by logs in on them. */
export const kioskDevices = ['kiosk-shanghai-01', 'kiosk-guangzhou-01', 'kiosk-chengdu-01'] as const;

/**
 * 17400 to 17405 are valid Chinese numbers set aside for satellite telephones; nobody orders pans from one. Consecutive
 * numbers are spread, so that they look like numbers.
 */
const phoneOf = (index: number): string => {
  const n = (index * 2_654_435 + 104_729) % 6_000_000;
  return `1740${Math.floor(n / 1_000_000)}${String(n % 1_000_000).padStart(6, '0')}`;
};

export const personOf = (seed: number, index: number): Person => {
  const c = chance(seed, 'person', index);
  const course = c.weighted(courses);
  const gender = c.happens(0.54) ? 'female' : 'male';
  const zh = c.happens(0.82);
  const [family, given] = zh
    ? [c.pick(words.zhFamilyNames), c.pick(words.zhGivenNames[gender])]
    : [c.pick(words.enFamilyNames), c.pick(words.enGivenNames[gender])];
  const [province, city] = c.pick(words.cities);
  const number = String(100_000 + index);
  const iPhone = c.happens(0.45);
  return {
    index,
    course,
    name: zh ? `${family}${given}` : `${given} ${family}`,
    gender,
    birthday: dayOf(c),
    occupation: c.pick(words.occupations),
    province,
    city,
    language: zh ? 'zh-CN' : 'en',
    memberNo: `M${number}`,
    // Some couples share one telephone.
    phone: phoneOf(index % 97 === 1 ? index - 1 : index),
    email: zh
      ? `${words.pinyin[family] ?? 'user'}${number}@example.cn`
      : `${given}.${family}${number}@example.com`.toLowerCase(),
    cookie: `ck-${c.hex(16)}`,
    devices: c.happens(0.2) ? [`dev-${c.hex(16)}`, `dev-${c.hex(16)}`] : [`dev-${c.hex(16)}`],
    app: iPhone ? 'iOS 3.2' : 'Android 3.1',
    openid: `o${c.hex(27)}`,
    unionid: `u${c.hex(27)}`,
    favourite: c.pick(words.catalogue),
    purse: Math.min(8, Math.max(0.4, Math.exp(0.9 * c.bell()))),
    usesApp: c.happens(course === 'one_time' ? 0.3 : 0.65),
    inCommunity: c.happens(0.28),
    boundWechat: c.happens(0.6),
    owner: `agent-${c.between(1, 24)}`,
  };
};

const dayOf = (c: Chance): string =>
  `${c.between(1955, 2005)}-${String(c.between(1, 12)).padStart(2, '0')}-${String(c.between(1, 28)).padStart(2, '0')}`;
