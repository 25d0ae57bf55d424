/** Whole HTTP requests as bytes, so that making them costs nothing while the clock runs. */
export const requestsOf = (batches, { port, keys }) =>
  batches.map(({ channel, count, body }) => {
    const head =
      `POST /v1/touchpoints HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${keys[channel]}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    return { count, bytes: Buffer.concat([Buffer.from(head), body]) };
  });
