/** A port that nobody listens on now, at an address of this machine (127.0.0.1 unless told). */
export const freePort: (host?: string) => Promise<number>;
