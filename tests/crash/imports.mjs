import { createReadStream, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';
import { loadChannels, readChannelFile } from '@tributary/intake';
import { startCli } from './server-process.mjs';

const realRetail = fileURLToPath(new URL('../../../shared/data/online_retail', import.meta.url));

/** Sessions of visitors on devices that take turns: behaviour, and evidence that joins. */
const sessionsFile = (path, chance, first, rows) => {
  const lines = [
    'id_visitor|id_session|dim_session_number|dim_user_agent|dim_device_app_combo|ds|ts_min|ts_max|did_search|sent_message|sent_booking_request',
  ];
  for (let i = 0; i < rows; i++) {
    const visitor = `visitor-${first}-${chance.below(Math.ceil(rows / 40))}`;
    const day = `2025-0${chance.between(1, 9)}-${chance.between(10, 28)}`;
    lines.push(
      [
        visitor,
        `session-${first}-${i}`,
        i,
        'Crash/1.0',
        chance.pick(['iPhone', 'Android', 'Web', 'Tablet']),
        day,
        `${day} 10:00:00`,
        `${day} 10:${chance.between(10, 59)}:00`,
        chance.below(2),
        0,
        0,
      ].join('|'),
    );
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
};

/** Invoice lines, several of which make one order; some rows that nobody can understand. */
const retailFile = (path, chance, first, invoices) => {
  const lines = ['InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country'];
  for (let i = 0; i < invoices; i++) {
    const [customer, day] = [chance.happens(0.05) ? '' : 900_000 + chance.below(invoices / 3), chance.between(10, 28)];
    for (let n = chance.between(1, 12); n > 0; n--)
      lines.push(
        [
          `7${first}${String(i).padStart(5, '0')}`,
          `S${chance.below(99)}`,
          '"A ""crash"" lamp, red"',
          chance.between(1, 9),
          `2011-05-${day} 12:00:00`,
          `${chance.below(9)}.${chance.between(10, 99)}`,
          customer,
          'France',
        ].join(','),
      );
    if (chance.happens(0.01))
      lines.push(`8${first}${String(i).padStart(5, '0')},S1,broken,many,2011-05-10 12:00:00,1.00,900001,France`);
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
};

/** The first lines of the real set, where it is there. */
const realRetailFile = async (path, rows) => {
  const source = ['online_retail.csv.gz', 'online_retail.csv'].map((name) => join(realRetail, name)).find(existsSync);
  if (source === undefined) return false;
  const bytes = createReadStream(source);
  const lines = [];
  for await (const line of createInterface({ input: source.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes })) {
    lines.push(line);
    if (lines.length > rows) break;
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
  return true;
};

/** Imports files one after the other with the CLI; a command that was killed is given again, word for word. */
export class Imports {
  problems = [];
  finished = [];
  interrupted = 0;
  hasRealData = true;
  #current = null;
  #made = 0;
  #process = null;

  constructor({ folder, dataDir, oracle, chance, logFile }) {
    Object.assign(this, { folder, dataDir, oracle, chance, logFile });
    mkdirSync(folder, { recursive: true });
  }

  /** The file whose turn it is; what it holds is sent from now on, as far as the oracle knows. */
  async #next() {
    const { chance } = this;
    const n = 10 + this.#made++;
    let channel = ['airbnb_sessions', 'online_retail'][n % 2];
    let path = join(this.folder, `${channel}-${n}.csv`);
    if (n === 11) {
      path = join(this.folder, 'online_retail.csv');
      this.hasRealData = await realRetailFile(path, 25_000);
      if (!this.hasRealData) retailFile(path, chance, n, 4_000);
    } else if (channel === 'online_retail') retailFile(path, chance, n, 3_000);
    else sessionsFile(path, chance, n, 15_000);
    const touchpoints = [];
    for await (const { items } of readChannelFile(loadChannels().get(channel), path))
      for (const { envelope } of items) touchpoints.push({ channel, messageId: envelope.messageId });
    this.oracle.sending(touchpoints);
    this.#current = { channel, path, touchpoints };
  }

  get isRunning() {
    return this.#process?.isRunning ?? false;
  }

  get current() {
    return this.#current?.channel ?? null;
  }

  /** Begins the next file, or goes on with the one that was interrupted. */
  async start() {
    if (this.#current === null) await this.#next();
    const { channel, path, touchpoints } = this.#current;
    const process = startCli(['import', channel, path, '--json', '--quiet', '--data', this.dataDir], this.logFile);
    this.#process = process;
    void process.ended.then(({ code, out }) => {
      if (code !== 0) return void (this.interrupted += 1);
      this.oracle.acknowledged(touchpoints);
      const { rows, covered, quarantined, ignored } = JSON.parse(out);
      const accounted = covered + quarantined + ignored;
      if (accounted !== rows) this.problems.push(`${channel}: of ${rows} rows ${accounted} are accounted for`);
      this.finished.push(channel);
      this.#current = null;
    });
  }

  async kill() {
    await this.#process?.kill();
  }

  /** Resolves when the file in hand has been taken to its end. */
  async finish() {
    for (let tries = 0; this.#current !== null; tries++) {
      if (tries === 3)
        return void this.problems.push(`the import into ${this.#current.channel} does not come to its end`);
      await this.start();
      await this.#process.ended;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
