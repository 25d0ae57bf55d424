/** What the CLI needs of `startRole` of the server; loaded only when a role is started in this process. */
export const roles = ['collector', 'processor', 'projector', 'loader', 'api'] as const;
export type Role = (typeof roles)[number];

export interface RoleOptions {
  readonly role: Role;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly dataDir: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly quiet: boolean;
  /** Aborted while it starts: it gives up waiting for engines. */
  readonly signal: AbortSignal;
}

export interface RunningRole {
  readonly url: string;
  /** Rejects when it cannot go on. */
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

export type StartRole = (options: RoleOptions) => Promise<RunningRole>;
