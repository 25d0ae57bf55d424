export const installKcat: () => { readonly kcat: string; readonly env: NodeJS.ProcessEnv };
