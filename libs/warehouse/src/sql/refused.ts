/** A refusal in ClickHouse's terms. */
export class Refused extends Error {
  constructor(
    readonly code: number,
    readonly type: string,
    message: string,
  ) {
    super(message);
    this.name = 'Refused';
  }
}
