import { afterEach, describe, expect, it } from '@jest/globals';
import { type Profile } from '@tributary/domain';
import { type Profiles } from '@tributary/query';
import { openTestServer, own } from '../testing/test-server.js';

const id = `c_${'a'.repeat(32)}`;
const ann = { customerId: id } as Profile;

let close: () => Promise<void>;
afterEach(() => close());

const asking = async (known: Partial<Profiles>, rebuilding?: () => Promise<boolean>) => {
  const it = await openTestServer({ profiles: known, ...(rebuilding && { deps: { rebuilding } }) });
  close = it.close;
  return async (url: string) => {
    const { statusCode, headers, body } = await it.server.fastify.inject({ url, headers: own });
    const { error } = JSON.parse(body) as { readonly error?: { readonly code: string } };
    return [statusCode, error?.code, headers['tributary-profiles'], headers['retry-after']];
  };
};

const reads = [
  '/v1/customers?phone=13912345678',
  `/v1/customers/${id}`,
  `/v1/customers/${id}/timeline`,
  `/v1/customers/${id}/explain?path=value.net`,
];

describe('while profiles are rebuilt', () => {
  it.each(reads)('who is not found is not said to be nobody: %s', async (url) => {
    const ask = await asking({}, async () => true);
    expect(await ask(url)).toEqual([503, 'profiles_rebuilding', 'rebuilding', '5']);
  });

  it('who is found is answered, and the answer says what it is made of', async () => {
    const ask = await asking({ get: async () => ann, list: async () => [] }, async () => true);
    expect(await ask(`/v1/customers/${id}`)).toEqual([200, undefined, 'rebuilding', undefined]);
    expect(await ask('/v1/customers')).toEqual([200, undefined, 'rebuilding', undefined]);
    expect(await ask('/v1/customers?limit=none')).toEqual([400, 'invalid_request', undefined, undefined]);
  });

  it('it is looked when all was read: a loss in between is seen', async () => {
    let isLost = false;
    const get = async () => {
      isLost = true;
      return undefined;
    };
    const ask = await asking({ get }, async () => isLost);
    expect((await ask(`/v1/customers/${id}`))[0]).toBe(503);
  });
});

describe('when profiles are whole', () => {
  it.each([['over an engine', async () => false] as const, ['beside the events', undefined] as const])(
    'nobody is nobody: %s',
    async (_, rebuilding) => {
      const ask = await asking({}, rebuilding);
      for (const url of reads) expect(await ask(url)).toEqual([404, 'not_found', undefined, undefined]);
    },
  );
});
