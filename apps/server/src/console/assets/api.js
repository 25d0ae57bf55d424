/** The answer to a GET, or its error with `status`, `code` and `remedy`. */
export const ask = async (path) => {
  const response = await fetch(path, { headers: { accept: 'application/json' } });
  const body = await response.json();
  if (!response.ok)
    throw Object.assign(new Error(body.error?.message ?? response.statusText), {
      status: response.status,
      code: body.error?.code,
      remedy: body.error?.remedy,
    });
  return body;
};
