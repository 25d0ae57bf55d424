/** ClickHouse's VarUInt (LEB128): seven bits a byte, the lowest first, and where it ends. */
export const varUInt = (bytes: Buffer, from: number): { readonly value: number; readonly end: number } => {
  let value = 0;
  for (let at = from, shift = 0; ; at++, shift += 7) {
    const byte = bytes.readUInt8(at);
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return { value, end: at + 1 };
  }
};
