import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { knownTraits } from '@tributary/contracts';
import { openTestServer, own } from '../testing/test-server.js';

const assets = new URL('./assets/', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, assets), 'utf8');
/** What the browser runs, as far as it needs no document. */
const load = async <T>(file: string) => (await import(new URL(file, assets).href)) as T;

const { words } = await load<{ words: Record<'en' | 'zh', Record<string, unknown>> }>('words.js');
const { useLanguage, spoken, number } = await load<{
  useLanguage(chosen: 'en' | 'zh'): void;
  number(value: number): string;
  spoken(map: string, name: string): string;
}>('language.js');
beforeEach(() => useLanguage('zh'));

const inChinese = (key: string): string => words.zh[key] as string;

describe('the page', () => {
  test('says everything in both languages', () => {
    const scripts = readdirSync(assets).filter((file) => file.endsWith('.js'));
    const said = [
      ...read('page.html').matchAll(/data-say="(\w+)"/g),
      ...scripts.flatMap((file) => [...read(file).matchAll(/(?:say|ofAll)\('(\w+)'\)/g)]),
    ].map(([, key]) => key as string);
    expect(said.length).toBeGreaterThan(40);
    for (const key of said)
      for (const language of ['en', 'zh'] as const) expect(Object.keys(words[language])).toContain(key);
    expect(Object.keys(words.zh).sort()).toEqual(Object.keys(words.en).sort());
  });

  test('has a Chinese word for each trait that profiles know', () => {
    for (const name of Object.keys(knownTraits))
      expect(words.zh['traitNames']).toHaveProperty(name, expect.stringMatching(/\p{Script=Han}/u));
  });

  test('tells in the timeline what kind of survey a score is of', async () => {
    const { brief } = await load<{ brief(detail: object): string }>('brief.js');
    expect(brief({ survey: 'ces', score: 2, about: null })).toBe('CES 2');
    expect(brief({ about: 'tea', rating: 4, maxRating: 5 })).toBe('4');
  });

  test('tells in the timeline what was bought, what was done in sum, and which stages were withdrawn later', async () => {
    const { brief } = await load<{ brief(detail: object): string }>('brief.js');
    expect(brief({ orderId: 'A1', amount: '30.00', currency: 'CNY' })).toBe('A1 · ¥30.00');
    expect(brief({ orderId: 'A1', amount: 300_000, currency: 'CNY' })).toBe('A1 · ¥30.00');
    const counts = [2, 3].map((count) => ({ type: 'page_viewed', count }));
    expect(brief({ counts })).toBe(`${spoken('types', 'page_viewed')} × 5`);
    const growth = { to: 'growth', withdrawn: true };
    expect(brief({ transitions: [growth, { to: 'exit' }] })).toBe('离开');
    expect(brief({ transitions: [growth] })).toBe(`${spoken('stages', 'growth')}（${inChinese('withdrawn')}）`);
    const many = Array.from({ length: 12 }, () => ({ to: 'exit' }));
    expect(brief({ transitions: many })).toBe(['…', ...Array<string>(10).fill('离开')].join('、'));
  });

  test('sets the marks of its language', async () => {
    const { listed, labelled } = await load<{
      listed(parts: readonly string[]): string;
      labelled(name: string, text: string): string;
    }>('language.js');
    expect(labelled('档案更新', listed(['下单', '付款']))).toBe('档案更新：下单、付款');
    useLanguage('en');
    expect(labelled('profile updated', listed(['order placed', 'order paid']))).toBe(
      'profile updated: order placed, order paid',
    );
  });

  test('explains a stage by its word, and an amount by its currency’s code', async () => {
    const { inWords } = await load<{ inWords(path: string, value: unknown, currency?: string | null): string }>(
      'explain.js',
    );
    expect(inWords('lifecycle.relationship.stage', 'exit')).toBe('离开');
    expect(inWords('lifecycle.tier.stage', null)).toBe('–');
    expect(inWords('traits.name', 'exit')).toBe('exit');
    expect(inWords('value.net', '30.00', 'CNY')).toBe('¥30.00 CNY');
    expect(inWords('value.net', '30.00', 'JPY')).toBe('¥30 JPY');
    expect(inWords('value.net', '0.00', null)).toBe('0.00');
    expect(inWords('value.purchases', 3, null)).toBe('3');
  });

  test('speaks of a name that is in every object as of any other that it has no word for', () => {
    for (const name of ['constructor', 'toString', '__proto__'])
      expect(spoken('stages', name)).toBe(name.replaceAll('_', ' '));
    expect(spoken('stages', 'growth')).toBe((words.zh['stages'] as Record<string, string>)['growth']);
  });

  test.each([
    ['de-DE', '1.234'],
    ['zh-CN', '1,234'],
    // As Chromium says it in a POSIX locale: no language tag, at which Intl throws.
    ['en-US@posix', '1,234'],
  ])('writes numbers in English for a browser in %s as %s', (language, written) => {
    useLanguage('en');
    const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
    Object.defineProperty(globalThis, 'navigator', { value: { language }, configurable: true });
    try {
      expect(number(1234)).toBe(written);
    } finally {
      if (before) Object.defineProperty(globalThis, 'navigator', before);
      else Reflect.deleteProperty(globalThis, 'navigator');
    }
  });

  test('tells what a customer spent in each currency, and that days are of all of them', async () => {
    type Card = readonly [title: string, rows: readonly (readonly [name: string, text: string | null])[]];
    const { worthOf } = await load<{ worthOf(worth: object): readonly Card[] }>('worth.js');
    const worth = { currency: 'JPY', net: '70', gross: '80', purchases: 3, purchaseDays: 2, averageOrder: '27' };
    const told = (others: object) => worthOf({ ...worth, lastPurchase: null, recencyDays: 1, others });
    const names = ([title, rows]: Card) => [title, ...rows.map(([name]) => name)];
    const own = ['net', 'gross', 'purchases'].map(inChinese);
    const days = ['purchaseDays', 'averageOrder', 'lastPurchase', 'recencyDays'].map(inChinese);
    expect(told({}).map(names)).toEqual([[inChinese('value'), ...own, ...days]]);
    const inAll = (name: string) => `${name}（${inChinese('anyCurrency')}）`;
    const [purchaseDays = '', averageOrder = '', lastPurchase = '', recencyDays = ''] = days;
    const both = told({ CNY: { purchases: 2, gross: '9.00', net: '8.00' } });
    expect(both.map(names)).toEqual([
      [
        `${inChinese('value')} · JPY`,
        ...own,
        inAll(purchaseDays),
        averageOrder,
        inAll(lastPurchase),
        inAll(recencyDays),
      ],
      [`${inChinese('value')} · CNY`, ...own],
    ]);
    expect(both[1]?.[1].map(([, text]) => text)).toEqual(['¥8.00', '¥9.00', '2']);
  });

  test('shows the strongest identifiers of many, the nearest traits, and how many others there are', async () => {
    interface Lists {
      shortened(rows: readonly unknown[]): { readonly rows: readonly unknown[]; readonly leftOut: number };
      strongestFirst(identifiers: readonly unknown[], types: readonly string[]): readonly unknown[];
      nearestFirst(traits: readonly unknown[]): readonly unknown[];
    }
    const { shortened, strongestFirst, nearestFirst } = await load<Lists>('lists.js');
    const cookies = Array.from({ length: 9 }, (_, i) => ({ type: 'cookie', value: `c${i}` }));
    const [phone, theirs] = [
      { type: 'phone', value: '1' },
      { type: 'of_their_own', value: 'x' },
    ];
    const types = ['member_no', 'phone', 'cookie'];
    expect(strongestFirst([theirs, ...cookies, phone], types)).toEqual([phone, ...cookies, theirs]);
    const traits = ['avatar', 'phone', 'name'].map((name) => [name, name]);
    expect(nearestFirst(traits)).toEqual(['name', 'phone', 'avatar'].map((name) => [name, name]));
    expect(shortened(cookies)).toEqual({ rows: cookies, leftOut: 0 });
    expect(shortened([...cookies, phone])).toEqual({ rows: cookies.slice(0, 8), leftOut: 2 });
  });

  describe('looks for a customer by any kind of identifier', () => {
    /** `known`: what each type answers; all others that the value is none of theirs. */
    const findIn = async (known: Readonly<Record<string, object>>, text: string) => {
      const asked: string[] = [];
      const ask = (path: string): Promise<object> => {
        asked.push(path);
        const type = new URL(path, 'http://x').searchParams.get('identifier_type') ?? 'id';
        const answer = known[type] ?? { status: 400, code: 'invalid_identifier' };
        return 'status' in answer ? Promise.reject(answer) : Promise.resolve(answer);
      };
      const { findByAny } = await load<{
        findByAny(text: string, types: readonly string[], asking: typeof ask): Promise<object>;
      }>('find.js');
      return { found: await findByAny(text, ['member_no', 'phone', 'cookie'], ask), asked };
    };

    test('of whom the strongest counts', async () => {
      const known = { member_no: { status: 404 }, phone: { of: 'phone' }, cookie: { of: 'cookie' } };
      const { found, asked } = await findIn(known, '139 0000');
      expect(found).toEqual({ of: 'phone' });
      expect(asked).toContain('/v1/customers?identifier_type=phone&identifier_value=139+0000');
    });

    test('and says that there is nobody, or what else was wrong', async () => {
      await expect(findIn({ phone: { status: 404 } }, 'x')).rejects.toMatchObject({ status: 404 });
      await expect(findIn({ cookie: { status: 503 } }, 'x')).rejects.toMatchObject({ status: 503 });
    });

    test('or by the id of a customer itself', async () => {
      const { found, asked } = await findIn({ id: { of: 'id' } }, `c_${'0'.repeat(32)}`);
      expect(found).toEqual({ of: 'id' });
      expect(asked).toEqual([`/v1/customers/c_${'0'.repeat(32)}`]);
    });
  });

  test('says in its own language that an identifier cannot be one', async () => {
    const { saidOf } = await load<{ saidOf(error: object): string }>('said-of.js');
    expect(saidOf({ status: 400, code: 'invalid_identifier', message: 'm', remedy: 'r' })).toBe(
      inChinese('noSuchValue'),
    );
    expect(saidOf({ status: 404, message: 'm' })).toBe(inChinese('nobody'));
    expect(saidOf({ status: 503, message: 'm', remedy: 'r' })).toBe('m — r');
  });

  test('tells a platform that does not answer from an answer that it cannot show', async () => {
    const { saidOf } = await load<{ saidOf(error: object): string }>('said-of.js');
    const { ask } = await load<{ ask(path: string): Promise<unknown> }>('api.js');
    const told = async (answer: () => Promise<unknown>) => {
      const fetching = jest.spyOn(globalThis, 'fetch').mockImplementation(answer as typeof fetch);
      const said = await ask('/v1/status').then(() => 'nothing', saidOf);
      fetching.mockRestore();
      return said;
    };
    expect(await told(() => Promise.reject(new TypeError('Failed to fetch')))).toBe(inChinese('unreachable'));
    expect(await told(async () => new Response('<h1>502</h1>', { status: 502 }))).toBe(inChinese('unreachable'));
    const logged = jest.spyOn(console, 'error').mockImplementation(() => {});
    const fault = new TypeError('undefined is not a function');
    expect(saidOf(fault)).toBe(inChinese('broken'));
    expect(logged).toHaveBeenCalledWith(fault);
    logged.mockRestore();
  });

  test('lets the keyboard reach what scrolls, and nothing stands outside its landmarks', () => {
    const html = read('page.html');
    expect(html).toMatch(/<div class="scrolls" role="group" tabindex="0" aria-labelledby="channels-title">\s*<table>/);
    expect(html).toMatch(/<main>\s*<p id="notice"/);
  });

  test('is served whole, with nothing that its policy forbids', async () => {
    const it = await openTestServer();
    for (const page of ['/', '/docs']) {
      const { body, headers } = await it.server.fastify.inject({ url: page, headers: own });
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(body).not.toMatch(/<script(?![^>]*src=)|<style|\sstyle=|\son\w+=/);
      for (const [, url = ''] of body.matchAll(/(?:src|href)="(\/[^"]*)"/g))
        expect((await it.server.fastify.inject({ url, headers: own })).statusCode).toBe(200);
    }
    // What a script imports is served, too.
    for (const file of readdirSync(assets))
      for (const [, part = ''] of read(file).matchAll(/from '\.\/([\w-]+\.js)'/g))
        expect((await it.server.fastify.inject({ url: `/console/${part}`, headers: own })).statusCode).toBe(200);
    for (const none of ['nothing.js', '..%2fconsole.controller.ts'])
      expect((await it.server.fastify.inject({ url: `/console/${none}`, headers: own })).statusCode).toBe(404);
    const first = await it.server.fastify.inject({ url: '/console/page.js', headers: own });
    const again = await it.server.fastify.inject({
      url: '/console/page.js',
      headers: { ...own, 'if-none-match': String(first.headers['etag']) },
    });
    expect(again.statusCode).toBe(304);
    await it.close();
  });
});
