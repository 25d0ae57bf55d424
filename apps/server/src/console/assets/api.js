/** No answer came, or none of the platform's: what a gateway says for it is no JSON. */
const unreachable = () => Object.assign(new Error('no answer'), { status: 0 });

/** The answer to a GET, or its error with `status` (0: there was none), `code` and `remedy`. */
export const ask = async (path) => {
  const response = await fetch(path, { headers: { accept: 'application/json' } }).catch(() =>
    Promise.reject(unreachable()),
  );
  const body = await response.json().catch(() => Promise.reject(unreachable()));
  if (!response.ok)
    throw Object.assign(new Error(body.error?.message ?? response.statusText), {
      status: response.status,
      code: body.error?.code,
      remedy: body.error?.remedy,
    });
  return body;
};
