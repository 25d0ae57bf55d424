import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { knownTraits } from '@tributary/contracts';
import { openTestServer, own } from '../testing/test-server.js';

const read = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8');
const { words } = (await import(new URL('./words.js', import.meta.url).href)) as {
  words: Record<'en' | 'zh', Record<string, unknown>>;
};

describe('the page', () => {
  test('says everything in both languages', () => {
    const said = [
      ...read('./page.html').matchAll(/data-say="(\w+)"/g),
      ...read('./page.js').matchAll(/say\('(\w+)'\)/g),
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

  test('tells in the timeline what kind of survey a score is of', () => {
    const [source = ''] = /const brief = [\s\S]*?\n};\n/.exec(read('./page.js')) ?? [];
    const brief = new Function(`${source} return brief;`)() as (detail: object) => string;
    expect(brief({ survey: 'ces', score: 2, about: null })).toBe('CES 2');
    expect(brief({ about: 'tea', rating: 4, maxRating: 5 })).toBe('4');
  });

  test('explains a stage by its word', () => {
    const [source = ''] = /const inWords = [\s\S]*?;\n/.exec(read('./page.js')) ?? [];
    const same = (text: unknown) => text;
    const inWords = new Function('spoken', 'explained', `${source} return inWords;`)(
      (map: string, name: string) => (words.zh[map] as Record<string, string>)[name],
      same,
    ) as (path: string, value: unknown) => unknown;
    expect(inWords('lifecycle.relationship.stage', 'exit')).toBe('离开');
    expect(inWords('lifecycle.tier.stage', null)).toBeNull();
    expect(inWords('traits.name', 'exit')).toBe('exit');
  });

  test('speaks of a name that is in every object as of any other that it has no word for', () => {
    const [source = ''] = /const wordIn = [\s\S]*?const spoken = [\s\S]*?;\n/.exec(read('./page.js')) ?? [];
    const make = new Function('words', 'language', `${source} return spoken;`);
    const spoken = make(words, 'zh') as (map: string, name: string) => unknown;
    for (const name of ['constructor', 'toString', '__proto__'])
      expect(spoken('stages', name)).toBe(name.replaceAll('_', ' '));
    expect(spoken('stages', 'growth')).toBe((words.zh['stages'] as Record<string, string>)['growth']);
  });

  test('tells what a customer spent in each currency, and that days are of all of them', () => {
    const [source = ''] = /const profileView = [\s\S]*?\n};\n/.exec(read('./page.js')) ?? [];
    const titles = (others: object): string[] => {
      const shown: string[] = [];
      const facts = (title: string, rows: [string, unknown][]): void => {
        if (title.startsWith('value')) shown.push(title, ...rows.map(([name]) => name));
      };
      const same = (text: unknown) => text;
      // What the page calls, each of which answers what it is given.
      const asked = 'make say value money number day standing timelineList closeCustomer titleOf'.split(' ');
      const lists = 'shortened strongestFirst nearestFirst'.split(' ');
      const view = new Function(...asked, ...lists, 'facts', 'shown', `${source} return profileView;`)(
        ...[...asked, ...lists].map(() => same),
        facts,
        {},
      ) as (profile: object) => void;
      view({
        value: { currency: 'JPY', recencyDays: 1, others },
        activity: { channels: {} },
        traits: {},
        identifiers: [],
        subjects: [],
      });
      return shown;
    };
    const own = ['net', 'gross', 'purchases'];
    expect(titles({})).toEqual(['value', ...own, 'purchaseDays', 'averageOrder', 'lastPurchase', 'recencyDays']);
    expect(titles({ CNY: { purchases: 2, gross: '9.00', net: '8.00' } })).toEqual([
      ...['value · JPY', ...own, 'purchaseDays (anyCurrency)', 'averageOrder', 'lastPurchase (anyCurrency)'],
      ...['recencyDays (anyCurrency)', 'value · CNY', ...own],
    ]);
  });

  test('shows the strongest identifiers of many, and how many others there are', () => {
    const [source = ''] = /const MOST_SHOWN = [\s\S]*?const nearestFirst = [\s\S]*?;\n/.exec(read('./page.js')) ?? [];
    const made = new Function(
      'say',
      'number',
      'status',
      'make',
      'showCustomer',
      `let shown = {}; ${source} return { shortened, strongestFirst, nearestFirst };`,
    );
    let drawn = 0;
    const lists = made(
      (key: string) => key,
      (n: number) => n,
      { identifierTypes: ['member_no', 'phone', 'cookie'] },
      (_tag: string, properties: object) => properties,
      () => drawn++,
    ) as Record<string, (...rows: readonly unknown[]) => unknown>;
    const cookies = Array.from({ length: 9 }, (_, i) => ({ type: 'cookie', value: `c${i}` }));
    const [phone, own] = [
      { type: 'phone', value: '1' },
      { type: 'of_their_own', value: 'x' },
    ];
    expect(lists['strongestFirst']?.([own, ...cookies, phone])).toEqual([phone, ...cookies, own]);
    expect(
      lists['nearestFirst']?.([
        ['avatar', 'a'],
        ['phone', '1'],
        ['name', 'n'],
      ]),
    ).toEqual([
      ['name', 'n'],
      ['phone', '1'],
      ['avatar', 'a'],
    ]);
    expect(lists['shortened']?.('identifiers', cookies)).toEqual(cookies);
    const short = lists['shortened']?.('identifiers', [...cookies, phone]) as [string, { onclick(): void }][];
    expect(short.slice(0, 8)).toEqual(cookies.slice(0, 8));
    expect(short.slice(8)).toEqual([['others', expect.objectContaining({ textContent: 2, title: 'showAll' })]]);
    // Whoever wants to see them does.
    short[8]?.[1].onclick();
    expect(drawn).toBe(1);
    expect(lists['shortened']?.('identifiers', [...cookies, phone])).toEqual([...cookies, phone]);
    expect(lists['shortened']?.('traits', [...cookies, phone])).toHaveLength(9);
  });

  describe('looks for a customer by any kind of identifier', () => {
    const [source = ''] = /const isCustomerId = [\s\S]*?;\n/.exec(read('./page.js')) ?? [];
    const [finding = ''] = /const findBy = [\s\S]*?\n};\n/.exec(read('./page.js')) ?? [];
    /** `known`: what each type answers; all others that the value is none of theirs. */
    const findIn = (known: Readonly<Record<string, object>>) => {
      const asked: string[] = [];
      const ask = (path: string): Promise<object> => {
        asked.push(path);
        const type = new URL(path, 'http://x').searchParams.get('identifier_type') ?? 'id';
        const answer = known[type] ?? { status: 400, code: 'invalid_identifier' };
        return 'status' in answer ? Promise.reject(answer) : Promise.resolve(answer);
      };
      const find = new Function('ask', 'status', `${source} ${finding} return findByAny;`)(ask, {
        identifierTypes: ['member_no', 'phone', 'cookie'],
      }) as (text: string) => Promise<object>;
      return { find, asked };
    };

    test('of whom the strongest counts', async () => {
      const { find, asked } = findIn({ member_no: { status: 404 }, phone: { of: 'phone' }, cookie: { of: 'cookie' } });
      expect(await find('139 0000')).toEqual({ of: 'phone' });
      expect(asked).toContain('/v1/customers?identifier_type=phone&identifier_value=139+0000');
    });

    test('and says that there is nobody, or what else was wrong', async () => {
      await expect(findIn({ phone: { status: 404 } }).find('x')).rejects.toMatchObject({ status: 404 });
      await expect(findIn({ cookie: { status: 503 } }).find('x')).rejects.toMatchObject({ status: 503 });
    });

    test('or by the id of a customer itself', async () => {
      const { find, asked } = findIn({ id: { of: 'id' } });
      expect(await find(`c_${'0'.repeat(32)}`)).toEqual({ of: 'id' });
      expect(asked).toEqual([`/v1/customers/c_${'0'.repeat(32)}`]);
    });
  });

  test('says in its own language that an identifier cannot be one', () => {
    const [source = ''] = /const saidOf = [\s\S]*?\n};\n/.exec(read('./page.js')) ?? [];
    const saidOf = new Function('say', `${source} return saidOf;`)((key: string) => key) as (error: object) => string;
    expect(saidOf({ status: 400, code: 'invalid_identifier', message: 'm', remedy: 'r' })).toBe('noSuchValue');
    expect(saidOf({ status: 404, message: 'm' })).toBe('nobody');
    expect(saidOf({ status: 503, message: 'm', remedy: 'r' })).toBe('m — r');
  });

  test('lets the keyboard reach what scrolls, and nothing stands outside its landmarks', () => {
    const html = read('./page.html');
    expect(html).toMatch(/<div class="scrolls" role="group" tabindex="0" aria-labelledby="channels-title">\s*<table>/);
    expect(html).toMatch(/<main>\s*<p id="notice"/);
  });

  test('names the currency of an amount that it explains, by its code', () => {
    const [source = ''] = /const money = [\s\S]*?;\n/.exec(read('./page.js')) ?? [];
    const [short = ''] = /const shortJson = [\s\S]*?const explained = .*\n/.exec(read('./page.js')) ?? [];
    const made = new Function('locale', `${source} ${short} return explained;`);
    const explained = made(() => 'zh-CN') as (value: unknown, currency: string | null) => string;
    expect(explained('30.00', 'CNY')).toBe('¥30.00 CNY');
    expect(explained('30.00', 'JPY')).toBe('¥30 JPY');
    expect([explained('0.00', null), explained(3, null), explained(null, null)]).toEqual(['0.00', '3', '–']);
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
    const first = await it.server.fastify.inject({ url: '/console/page.js', headers: own });
    const again = await it.server.fastify.inject({
      url: '/console/page.js',
      headers: { ...own, 'if-none-match': String(first.headers['etag']) },
    });
    expect(again.statusCode).toBe(304);
    await it.close();
  });
});
