import { EngineError, StoreFull } from '@tributary/kernel';

/** What a caller is told when a request is not done. It names fields and shapes, never values. */
export interface RefusalBody {
  readonly error: {
    readonly code: string;
    readonly message: string;
    /** Where: a JSON path of the body, a query parameter, a header; `null`: the request as a whole. */
    readonly field: string | null;
    readonly remedy: string;
  };
}

/** A request that is refused for a reason the caller can act on. Anything else that is thrown is our bug: 500. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly remedy: string,
    readonly field: string | null = null,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = 'Refusal';
  }

  get body(): RefusalBody {
    return { error: { code: this.code, message: this.message, field: this.field, remedy: this.remedy } };
  }
}

export const invalid = (field: string, message: string, remedy: string, code = 'invalid_request'): Refusal =>
  new Refusal(400, code, message, remedy, field);

export const notFound = (message: string, remedy: string): Refusal => new Refusal(404, 'not_found', message, remedy);

/** Seconds after which a caller may try again, by what stands in the way. */
export const RETRY_AFTER_S = { busy: '1', engine: '5', full: '30' } as const;

/** Input must not be let go of before the warehouse has it. */
export const notLoaded = (): Refusal =>
  new Refusal(
    503,
    'not_loaded',
    'the warehouse has not loaded what was taken; nothing of that was dropped',
    'see that the loader runs and catches up (lag.facts of /v1/status), then ask again',
    null,
    { 'retry-after': RETRY_AFTER_S.full },
  );

/** The engine behind the door failed: nothing was accepted for sure, and the same request may be sent again. */
export const refusalOfEngine = (error: EngineError): Refusal => {
  if (error instanceof StoreFull)
    return new Refusal(
      503,
      'store_full',
      'the store has no space left; nothing was accepted',
      'free disk space, then send the same request again',
      null,
      {
        'retry-after': RETRY_AFTER_S.full,
      },
    );
  if (error.failure === 'fatal')
    return new Refusal(
      500,
      'engine_failed',
      'the store failed; nothing was accepted',
      'see the server log; keep the data and send it again later',
    );
  return new Refusal(
    503,
    'engine_unavailable',
    error.failure === 'unknown'
      ? 'the answer of the store was lost'
      : 'the store is away or busy; nothing was accepted',
    'send the same request again; message ids make a repeat harmless',
    null,
    { 'retry-after': RETRY_AFTER_S.engine },
  );
};

/** Fastify's own errors (`FST_ERR_…`) and Nest's exceptions carry a status. */
const statusOf = (error: unknown): number | undefined => {
  if (typeof error !== 'object' || error === null) return undefined;
  const { statusCode, status } = error as { statusCode?: unknown; status?: unknown };
  const code = statusCode ?? status;
  return typeof code === 'number' && code >= 400 && code <= 599 ? code : undefined;
};

/** Their messages may quote the request, so each status has a text of ours. */
const byStatus: Readonly<Record<number, readonly [code: string, message: string, remedy: string]>> = {
  400: [
    'bad_request',
    'the request could not be read',
    'check that its body is whole and valid JSON; /docs shows the form of each request',
  ],
  404: ['not_found', 'there is nothing at this address', 'see /docs for all routes'],
  405: ['method_not_allowed', 'this address does not take this method', 'see /docs for all routes'],
  408: ['request_timeout', 'the request took too long to arrive', 'send it again, in smaller batches'],
  413: ['body_too_large', 'the body is larger than this door takes', 'send smaller batches; see /docs for the limits'],
  414: [
    'address_too_long',
    'a part of the address is longer than this server takes',
    'check the id: /docs shows the form of each address',
  ],
  415: [
    'unsupported_media_type',
    'the content type is not one that this door takes',
    'send JSON with content-type: application/json',
  ],
  431: ['headers_too_large', 'the headers are larger than 16 KB', 'send what is long in the body'],
  503: ['stopping', 'the server is stopping', 'send the same request again in some seconds'],
};

const badAddress = new Refusal(
  400,
  'bad_address',
  'the address is not percent-encoded UTF-8',
  'encode what stands in it, each byte of UTF-8 as %xy',
);

/** The refusal that an error means; `undefined` for a bug of ours. */
export const refusalOf = (error: unknown): Refusal | undefined => {
  if (error instanceof Refusal) return error;
  if (error instanceof EngineError) return refusalOfEngine(error);
  const status = statusOf(error);
  if (status === undefined || status === 500) return undefined;
  if ((error as { readonly code?: unknown }).code === 'FST_ERR_BAD_URL') return badAddress;
  const [code, message, remedy] = byStatus[status] ?? (byStatus[400] as readonly [string, string, string]);
  return new Refusal(
    status,
    code,
    message,
    remedy,
    null,
    status === 503 ? { 'retry-after': RETRY_AFTER_S.engine } : {},
  );
};

export const internalError = new Refusal(
  500,
  'internal_error',
  'something failed on our side',
  'send the request again; if it fails again, report it with the time of the request',
);
