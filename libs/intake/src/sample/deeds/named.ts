import { type Chance } from '../chance.js';
import { type Person } from '../people.js';
import { type Named } from './deed.js';

/** The same number in the ways in which people and systems write it. */
export const asWritten = (phone: string, c: Chance): string =>
  c.weighted([
    [phone, 60],
    [`+86${phone}`, 20],
    [`${phone.slice(0, 3)} ${phone.slice(3, 7)} ${phone.slice(7)}`, 14],
    [phone.replace(/\d/g, (d) => String.fromCharCode(d.charCodeAt(0) + 0xfee0)), 6],
  ]);

export const member = (p: Person): readonly [string, string] => ['member_no', p.memberNo];
export const onWeb = (p: Person): Named => [member(p), ['cookie', p.cookie]];
export const inApp = (p: Person, c: Chance): Named => [member(p), ['device', c.pick(p.devices)]];
export const onWechat = (p: Person): Named =>
  p.boundWechat
    ? [
        ['wechat_unionid', p.unionid],
        ['wechat_openid', p.openid],
      ]
    : [['wechat_openid', p.openid]];
export const byPhone = (p: Person, c: Chance): Named => [['phone', asWritten(p.phone, c)]];
