/** The key file of a data folder, as the server's `AccessKeys` keeps it. */
export interface AccessKeys {
  create(grant: Grant): Promise<{ readonly key: string; readonly info: KeyInfo }>;
  /** By the id that `list` gives; answers whether there was such a key. */
  revoke(id: string): Promise<boolean>;
  list(): readonly KeyInfo[];
}

export type Grant =
  { readonly kind: 'write'; readonly channel: string } | { readonly kind: 'role'; readonly role: 'read' | 'admin' };

export interface KeyInfo {
  readonly id: string;
  readonly grant: Grant;
  readonly createdAt: string;
}

export type OpenAccessKeys = (dataDir: string) => Promise<AccessKeys>;
