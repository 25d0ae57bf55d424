import { type IncomingMessage } from 'node:http';
import { requestHeader } from './request-header.js';

export interface Credentials {
  readonly user: string;
  readonly password: string;
  /** Nothing was said about who asks. */
  readonly absent: boolean;
}

/** Who asks: Basic, `X-ClickHouse-User` and `-Key`, or `user` and `password` in the address, as ClickHouse takes them. */
export const credentialsOf = (request: IncomingMessage, query: URLSearchParams): Credentials => {
  const basic = /^Basic ([A-Za-z0-9+/=_-]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (basic !== undefined) {
    const text = Buffer.from(basic, 'base64').toString();
    const colon = text.indexOf(':');
    return colon < 0
      ? { user: text, password: '', absent: false }
      : { user: text.slice(0, colon), password: text.slice(colon + 1), absent: false };
  }
  const bearer = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return { user: 'default', password: bearer, absent: false };
  const user = requestHeader(request, 'x-clickhouse-user') ?? query.get('user') ?? undefined;
  const password = requestHeader(request, 'x-clickhouse-key') ?? query.get('password') ?? undefined;
  return { user: user ?? 'default', password: password ?? '', absent: user === undefined && password === undefined };
};
