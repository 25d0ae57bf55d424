import { request as httpRequest } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { ownSqlDoor } from '../controls/sql-door.js';
import { unpacked } from '../controls/unpacked.js';

const door = ownSqlDoor();
const sql = 'SELECT throwIf(number = 300000) AS x, number FROM numbers(400000)';

interface Heard {
  readonly tag: string;
  readonly bytes: Buffer;
  readonly isWhole: boolean;
}

/** What comes of an answer until it ends or breaks. */
const heard = (query: string, headers: Record<string, string>): Promise<Heard> =>
  new Promise((resolve, reject) => {
    httpRequest(`${door.url}?${query}`, { method: 'POST', headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('error', () => {});
      answer.once('close', () =>
        resolve({
          tag: String(answer.headers['x-clickhouse-exception-tag']),
          bytes: Buffer.concat(parts),
          isWhole: answer.complete,
        }),
      );
    })
      .once('error', reject)
      .end(sql);
  });

describe('an answer that fails midway', () => {
  test.each([
    ['plain', '', {}, (bytes: Buffer) => bytes],
    ['gzip', '', { 'Accept-Encoding': 'gzip' }, gunzipSync],
    ['ClickHouse’s blocks', 'compress=1', {}, unpacked],
  ] as const)('says why as ClickHouse does, and is not whole (%s)', async (_, query, headers, read) => {
    const { tag, bytes, isWhole } = await heard(query, headers);
    expect(isWhole).toBe(false);
    const text = read(bytes).toString();
    expect(text).toMatch(/^0\t0\n0\t1\n/);
    const [, told, length] =
      new RegExp(`\\n\\r\\n__exception__\\r\\n${tag}\\r\\n([^]*\\n)(\\d+) ${tag}\\r\\n__exception__\\r\\n$`).exec(
        text,
      ) ?? [];
    expect(told).toMatch(/^Code: 395\. DB::Exception: .*\(FUNCTION_THROW_IF_VALUE_IS_NON_ZERO\)/);
    expect(Number(length)).toBe(Buffer.byteLength(told ?? ''));
  });

  test('is an exception from the start to whoever waits for its end, while it is small', async () => {
    expect(await door.ask(sql, { wait_end_of_query: '1' })).toMatchObject({ status: 500, code: 395 });
    const whole = await door.ask('SELECT number FROM numbers(200000)', { wait_end_of_query: '1' });
    expect(whole).toMatchObject({ status: 200, text: Array.from({ length: 200_000 }, (_, i) => `${i}\n`).join('') });
  });
});
