import { type FastifyRequest } from 'fastify';

/** Whether the answer is to list what was accepted, too. */
export const isVerbose = (request: FastifyRequest): boolean => {
  const { verbose } = request.query as { verbose?: unknown };
  return verbose !== undefined && verbose !== 'false' && verbose !== '0';
};

/** Quoted back only if it is a short text: it is the producer's handle on its own item. */
export const handleOf = <N extends string>(item: unknown, name: N): { readonly [K in N]?: string } => {
  const handle = typeof item === 'object' && item !== null ? (item as Record<string, unknown>)[name] : undefined;
  return typeof handle === 'string' && handle.length <= 256
    ? ({ [name]: handle } as { readonly [K in N]: string })
    : {};
};
