export interface SelfSigned {
  readonly key: string;
  readonly certificate: string;
  readonly keystore: string;
}

export const selfSigned: (dir: string) => SelfSigned;
