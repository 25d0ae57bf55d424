import { words } from './words.js';

let language = 'en';

/** `en` or `zh`. */
export const languageNow = () => language;
export const useLanguage = (chosen) => {
  language = chosen;
};

export const say = (key) => words[language][key] ?? words.en[key] ?? key;

// Names come from data: `constructor` is in every object, and no word of ours.
const wordIn = (map, name) => (Object.hasOwn(map, name) ? map[name] : undefined);
/** What a name out of the data is called, by a list of words; itself where there is no word for it. */
export const spoken = (map, name) =>
  wordIn(words[language][map], name) ?? wordIn(words.en[map], name) ?? name.replaceAll('_', ' ');

/** Chinese sets its own marks, as wide as its characters. */
export const listed = (parts) => parts.join(say('comma'));
export const labelled = (name, text) => `${name}${say('colon')}${text}`;
export const withAside = (text, aside) => `${text}${say('opens')}${aside}${say('closes')}`;

/** Whoever reads Chinese has asked for English. A browser in a POSIX locale calls its language `en-US@posix`, which is none. */
const english = () => {
  try {
    return navigator.language.startsWith('zh') ? 'en' : Intl.getCanonicalLocales(navigator.language)[0];
  } catch {
    return 'en';
  }
};
const locale = () => (language === 'zh' ? 'zh-CN' : english());

export const number = (value) => new Intl.NumberFormat(locale()).format(value);
export const percent = (share) =>
  new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: 0 }).format(share);
/** As it is without a currency. */
export const money = (text, currency) =>
  currency
    ? new Intl.NumberFormat(locale(), { style: 'currency', currency, currencyDisplay: 'narrowSymbol' }).format(text)
    : text;
export const day = (text) =>
  text ? new Intl.DateTimeFormat(locale(), { dateStyle: 'medium' }).format(new Date(text)) : '–';
export const moment = (text) =>
  text ? new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(text)) : '–';
export const span = (seconds) => {
  const [d, h, m] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  if (d > 0) return `${d} ${say('days')} ${h} ${say('hours')}`;
  if (h > 0) return `${h} ${say('hours')} ${m} ${say('minutes')}`;
  return m > 0 ? `${m} ${say('minutes')}` : `${seconds} ${say('seconds')}`;
};
